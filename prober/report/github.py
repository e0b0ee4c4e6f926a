"""The report as annotations of a GitHub workflow: one workflow command a line, which a step prints."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.model import ExitStatus
from prober.report.grouping import (
    WORST_FIRST,
    bad_routes,
    fails,
    file_and_line,
    result_groups,
    service_sentences,
    since_of,
)
from prober.report.questions import NOT_ASKED, PUBLIC
from prober.report.summary import headline, last_line

if TYPE_CHECKING:
    from prober.report.shape import FindingRecord, Record

MOST = 10  # annotations of each level: GitHub shows no more for a step
_LONGEST = 2000  # characters of a message, which GitHub shows in full; other formats have the evidence
_TOOL = "lockdown-prober"


def render_github(record: Record) -> str:
    """Annotate each route that is not locked, worst first: an error if the run fails by it, else a warning."""
    errors: list[str] = []
    warnings = [
        _line("warning", sentence, title=f"NO VERDICT {name}") for name, sentence in service_sentences(record).items()
    ]
    for verdict in WORST_FIRST:
        for route, group in bad_routes(record, verdict).items():
            failing = any(fails(finding, record) for finding in group)
            (errors if failing else warnings).append(_route("error" if failing else "warning", route, group))
    nothing_checked = record["exit_status"] != ExitStatus.LOCKED and not errors and not warnings
    level = "error" if nothing_checked else "notice"
    questions = [f"{PUBLIC} {one['route']} {one['answers'] or NOT_ASKED}" for one in record["questions"]]
    sentence = "\n".join(filter(None, (headline(record), last_line(record), *questions)))
    lines = [_line(level, sentence, title=_TOOL), *_capped("error", errors), *_capped("warning", warnings)]
    return "".join(f"{line}\n" for line in lines)


def _route(level: str, route: str, group: list[FindingRecord]) -> str:
    first = group[0]
    since = since_of(group)
    texts = [
        *([f"since {since}"] if since else []),
        *map(str, result_groups(group)),
        f"why: {first['why']}",
        f"fix: {first['fix']}",
        f"reproduce: {first['curl']}",
    ]
    file, line = file_and_line(first["source"])
    return _line(level, "\n".join(texts), title=f"{first['verdict'].upper()} {route}", file=file, line=str(line))


def _capped(level: str, lines: list[str]) -> list[str]:
    """Keep the annotations that GitHub shows; if there are more, the last one says how many."""
    if len(lines) <= MOST:
        return lines
    first_lines = lines[: MOST - 1]
    message = (
        f"{len(lines) - len(first_lines)} more routes are not shown here: see the step's summary, or the JSON report"
    )
    return [*first_lines, _line(level, message, title=_TOOL)]


def _line(level: str, message: str, **properties: str) -> str:
    property_text = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    short = message if len(message) <= _LONGEST else f"{message[:_LONGEST]}…"
    return f"::{level} {property_text}::{_data(short)}"


def _data(text: str) -> str:
    """Escape what the runner unescapes, in the reverse order (actions/toolkit, command.ts)."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
