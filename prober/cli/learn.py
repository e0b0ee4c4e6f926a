"""`prober learn`: what each route of a running deployment answers a stranger. Read-only; writes nothing."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from prober.app.options import SendOptions
from prober.cli import completers
from prober.cli.command import SectionCommand
from prober.cli.options import and_these, how_to_send
from prober.cli.read_options import read_options
from prober.model import Access, ExitStatus
from prober.report.redact import harmless

if TYPE_CHECKING:
    from prober.app.learn import LearnedDeployment

SOURCES = (
    click.option("--openapi", metavar="FILE|URL", help="An OpenAPI document [default: one in DIR, or that is served].",
                 shell_complete=completers.files),
    click.option("--routes", metavar="FILE|-", shell_complete=completers.files,
                 help="What the framework's own command lists: flask routes, rails routes, show_urls and others"),
)  # fmt: skip
_HEADS = {
    Access.OPEN: "open to anyone: is this right?",
    Access.REFUSED: "refused",
    Access.SIGN_IN: "sent to sign in",
    Access.UNCLEAR: "neither open nor refused",
    Access.NOT_ASKED: "not asked, since it may change something",
    Access.ABSENT: "listed, but answered as a path that does not exist, so not in the gate",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenSources:
    """Where the user has the routes of the application: an OpenAPI document, a list of routes."""

    openapi: str | None = None
    routes: str | None = None


@click.command("learn", cls=SectionCommand)
@click.argument("url", metavar="URL")
@and_these(*SOURCES)
@how_to_send
def command(url: str, **given: object) -> int:
    """Ask a running deployment once what each route answers without credentials; `prober init URL` writes it down.

    Only GETs are sent, and a request for the tools of an MCP endpoint, without a credential.
    Exit status: 0 learned, 2 no answer.
    """
    learned = learn_deployment(url, Path(), read_options(GivenSources, given), read_options(SendOptions, given))
    if learned is None:
        return ExitStatus.NO_VERDICT
    click.echo("\n".join(harmless(line) for line in lines_of(learned)))
    click.echo(f"next: prober init {harmless(url)}")
    return ExitStatus.LOCKED


def lines_of(learned: LearnedDeployment) -> list[str]:
    """Word what was learned: a line for each route, open ones first, and the notes."""
    from prober.app.advertised_routes import UNLISTED  # noqa: PLC0415 - it is loaded by now, and not for --help

    lines: list[str] = []
    if learned.mcp is not None:
        lines.append(f"MCP endpoint: {learned.mcp.path} {learned.mcp.detail} to a request for its tools")
    for access, head in _HEADS.items():
        entries = [entry for entry in learned.routes if entry.answer.access is access]
        if access is Access.ABSENT:  # a link or a usual path that leads nowhere is nobody's list of routes
            entries = [entry for entry in entries if entry.route.file not in UNLISTED]
        lines += [f"{head}:"] if entries else []
        for entry in entries:
            detail = "" if access is Access.NOT_ASKED else f"  {entry.answer.detail}"
            lines.append(f"  {entry.route.name}{detail}  ({entry.route.file})")
    spoken = learned.mcp is not None and learned.mcp.access is Access.REFUSED
    if not spoken and not any(entry.refuses for entry in learned.routes):
        lines.append("warning: no route here refuses unauthenticated requests: no run proves anything until one does")
    return [*lines, *(f"note: {note}" for note in learned.notes)]


def learn_deployment(
    url: str, home: Path, given_sources: GivenSources, sending: SendOptions
) -> LearnedDeployment | None:
    """Learn of this deployment, with the routes that the folder or the user tells of; None where nobody answers."""
    from prober.app.anonymous_client import anonymous_client_at  # noqa: PLC0415 - see above
    from prober.app.cookie_names import cookies_in_source  # noqa: PLC0415 - few commands need it
    from prober.app.key_header_names import key_headers_in_source  # noqa: PLC0415
    from prober.app.learn import LearnOptions, NoVerdictError, learn  # noqa: PLC0415 - httpx and asyncio cost 150 ms
    from prober.app.route_sources import routes_of  # noqa: PLC0415 - the parser of sources costs 100 ms

    routes, notes = routes_of(home, openapi=given_sources.openapi, listing=given_sources.routes, cacert=sending.cacert)
    wanted = LearnOptions(
        routes=routes, notes=notes, cookies=cookies_in_source(home), key_headers=key_headers_in_source(home)
    )  # fmt: skip
    try:
        return asyncio.run(learn(anonymous_client_at(url, sending), wanted))
    except NoVerdictError as error:
        click.echo(f"NO VERDICT: {error.what}", err=True)
        return None
