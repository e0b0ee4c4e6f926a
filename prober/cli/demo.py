"""`prober demo`: run a small deployment on this machine, in any mode, with any defect."""

from __future__ import annotations

import importlib.util
import os
import subprocess
from typing import TYPE_CHECKING

import click

from prober.cli.completers import doors_of_demo, modes
from prober.errors import UsageError, install_of
from prober.model import ExitStatus

if TYPE_CHECKING:
    from prober.demo.server import Demo

NEEDS = ("jwt", "starlette", "uvicorn")
WEB_PORT, MCP_PORT = 3000, 3100


def extra_installed() -> None:
    """Say how to get the demo where its libraries are not there."""
    if any(importlib.util.find_spec(name) is None for name in NEEDS):
        raise UsageError("the demo needs the extra 'demo'", fix=install_of("demo"))


@click.command("demo", context_settings={"ignore_unknown_options": False})
@click.option(
    "--mode",
    default="oauth",
    show_default=True,
    metavar="MODE",
    help="The auth mode that it runs in.",
    shell_complete=modes,
)
@click.option(
    "--open", "doors", multiple=True, metavar="DOOR", help="Open this door in it.", shell_complete=doors_of_demo
)
@click.option("--list", "listing", is_flag=True, help="List the doors that can be opened.")
@click.option("--port", type=click.IntRange(0, 65535), help="Of the service 'web' [default: 3000, or any for COMMAND].")
@click.option("--mcp-port", type=click.IntRange(0, 65535), help="Of the service 'mcp' [default: 3100, or any].")
@click.argument("command_line", nargs=-1, metavar="[-- COMMAND ...]", type=click.UNPROCESSED)
def command(
    mode: str, doors: tuple[str, ...], port: int | None, mcp_port: int | None, command_line: tuple[str, ...],
    *, listing: bool,
) -> int:  # fmt: skip
    """Run a small deployment on this machine: until it is interrupted, or while COMMAND runs.

    COMMAND finds BASE_URL and MCP_URL in its environment, and its exit status is given on.
    """
    extra_installed()
    from prober.demo.doors import DOORS, door_named  # noqa: PLC0415 - its libraries are an extra
    from prober.demo.server import running, serve_forever  # noqa: PLC0415

    if listing:
        for door in DOORS.values():
            click.echo(f"{door.name}  ({', '.join(door.modes)})\n    {door.about}")
        return ExitStatus.LOCKED
    opened = [door_named(name) for name in doors]
    if command_line:
        with running(mode, doors=opened, web_port=port or 0, mcp_port=mcp_port or 0) as demo:
            return _run_beside(demo, command_line)
    serve_forever(
        mode,
        doors=opened,
        web_port=WEB_PORT if port is None else port,
        mcp_port=MCP_PORT if mcp_port is None else mcp_port,
        started=_say,
    )
    return ExitStatus.LOCKED


def _run_beside(demo: Demo, command_line: tuple[str, ...]) -> int:
    urls = {"BASE_URL": demo.web_url, "MCP_URL": demo.mcp_url}
    urls |= {f"PROBER_{name}": url for name, url in urls.items()}  # also where a prober.yaml names services
    try:
        return subprocess.run(command_line, env={**os.environ, **urls}, check=False).returncode  # noqa: S603 - the user's own
    except OSError as error:
        raise UsageError(f"cannot run '{command_line[0]}': {error.strerror}", fix="check the command") from None


def _say(demo: Demo) -> None:
    click.echo(f"web  {demo.web_url}\nmcp  {demo.mcp_url}\nmode {demo.mode}; end it with Ctrl-C")
    click.echo(f"\n  prober run --profile {demo.mode} --base-url {demo.web_url} --mcp-url {demo.mcp_url}")
