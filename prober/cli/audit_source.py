"""`prober audit source`: whether every handler of a Next.js source is guarded, read in its syntax trees."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from prober.app.load import load_deployment
from prober.audit.source.audit import audit_source
from prober.audit.source.handler_status import GuardStatus
from prober.audit.source.rules import NO_ROUTE, RULES
from prober.cli.audit_report import FORMAT, choose_rules, print_findings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prober.audit.source.audit import SourceAudit

_MOST_NAMED = 5


@click.command("source")
@click.argument("folder", metavar="DIR")
@click.option(
    "--deployment",
    metavar="FILE",
    help="Where 'source' names your guards and public routes [default: ./prober.yaml, if there].",
)
@click.option("--rule", "only", metavar="GLOB", multiple=True, help="Look at these rules alone.")
@click.option("--skip", metavar="GLOB", multiple=True, help="Look at all but these rules.")
@click.option("--verbose", "-v", is_flag=True, help="Show each handler that is ok too, as JSON always does.")
@FORMAT
def command(
    folder: str, deployment: str | None, only: tuple[str, ...], skip: tuple[str, ...], format_: str, *, verbose: bool
) -> int:
    """Check that every handler in DIR is guarded before it does anything.

    It reads the routes, pages/api and server actions of each Next.js application in DIR. A handler is ok if a named
    guard lets the caller pass before the first effect, on every path. Exit status: 0 every handler is ok, 1 one is
    not or a rule is broken, 2 something is unknown, or there is no handler.
    """
    chosen = choose_rules(RULES, only, skip) | {NO_ROUTE.id}  # an audit of nothing proves nothing, whatever is skipped
    found = audit_source(Path(folder), load_deployment(deployment)[0].source)
    looked_at = [*(_each(found) if verbose or format_ == "json" else ()), _all(found), *_beside(found)]
    breaches = tuple(one for one in found.breaches if one.rule.id in chosen)
    return print_findings("source", breaches, tuple(looked_at), rules=len(chosen), format_=format_)


def _each(found: SourceAudit) -> Iterator[tuple[str, str]]:
    for door in found.handlers:
        yield door.name, f"{door.status}, {door.file}:{door.line}, {door.reason}"


def _all(found: SourceAudit) -> tuple[str, str]:
    counts = {lock: sum(door.status is lock for door in found.handlers) for lock in reversed(GuardStatus)}
    public = sum(door.public for door in found.handlers)
    told = [f"{number} {lock}" for lock, number in counts.items() if number]
    inline = sum(door.inline for door in found.handlers)
    told += [f"{public} of them public{f' ({inline} by a comment)' if inline else ''}"] if public else []
    return f"{len(found.handlers)} handlers in {found.files} files", ", ".join(told) or "none to look at"


def _beside(found: SourceAudit) -> Iterator[tuple[str, str]]:
    """Say what was not read, and what would settle what is unknown."""
    if found.left_out:
        more = f" and {len(found.left_out) - _MOST_NAMED} more" if len(found.left_out) > _MOST_NAMED else ""
        yield (
            "left out",
            f"{', '.join(found.left_out[:_MOST_NAMED])}{more}: not written by hand, or no handler needs it",
        )
    for one in found.proposals:
        handlers = f"{one.settles} {'handler' if one.settles == 1 else 'handlers'}"
        guard = f"{one.name} ({one.where})"
        yield "proposal", f"source: {{{one.line}}} settles {handlers}, if {guard} refuses unauthenticated requests"
