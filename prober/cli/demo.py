"""`prober demo`: run a small deployment on this machine, in any mode, with any defect."""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING

import click

from prober.errors import UsageError
from prober.model import ExitStatus

if TYPE_CHECKING:
    from prober.demo.server import Demo

NEEDS = ("starlette", "uvicorn")


def extra_installed() -> None:
    """Say how to get the demo where its libraries are not there."""
    if any(importlib.util.find_spec(name) is None for name in NEEDS):
        raise UsageError("the demo needs the extra 'demo'", fix="pip install 'lockdown-prober[demo]'")


@click.command("demo")
@click.option("--mode", default="oauth", show_default=True, metavar="MODE", help="The auth mode that it runs in.")
@click.option("--open", "doors", multiple=True, metavar="DOOR", help="Open this door in it.")
@click.option("--list", "listing", is_flag=True, help="List the doors that can be opened.")
@click.option("--port", type=click.IntRange(0, 65535), default=3000, show_default=True, help="Of the service 'web'.")
@click.option(
    "--mcp-port", type=click.IntRange(0, 65535), default=3100, show_default=True, help="Of the service 'mcp'."
)
def command(mode: str, doors: tuple[str, ...], port: int, mcp_port: int, *, listing: bool) -> int:
    """Run a small deployment on this machine until it is interrupted."""
    extra_installed()
    from prober.demo.doors import DOORS, door_named  # noqa: PLC0415 - its libraries are an extra
    from prober.demo.server import serve_forever  # noqa: PLC0415

    if listing:
        for door in DOORS.values():
            click.echo(f"{door.name}  ({', '.join(door.modes)})\n    {door.about}")
        return ExitStatus.LOCKED
    opened = [door_named(name) for name in doors]
    serve_forever(mode, doors=opened, web_port=port, mcp_port=mcp_port, started=_say)
    return ExitStatus.LOCKED


def _say(demo: Demo) -> None:
    click.echo(f"web  {demo.web_url}\nmcp  {demo.mcp_url}\nmode {demo.mode}; end it with Ctrl-C")
    click.echo(f"\n  prober run --profile {demo.mode} --base-url {demo.web_url} --mcp-url {demo.mcp_url}")
