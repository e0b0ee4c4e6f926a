"""The report as annotations of a GitHub workflow: a line each, which the runner reads from what a step prints."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.model import ExitStatus
from prober.report.grouping import WORST_FIRST, bad_routes, fails, place_of, since_of, told, ways
from prober.report.summary import headline, last_line

if TYPE_CHECKING:
    from prober.report.shape import FindingRecord, Record

MOST = 10  # of each kind, which is all that GitHub shows of a step
_LONGEST = 2000  # characters of a message, which is shown whole: evidence has room in other formats
_TOOL = "lockdown-prober"


def render_github(record: Record) -> str:
    """Annotate each route that is not locked, worst first: what fails the run as an error, all else as a warning."""
    errors: list[str] = []
    warnings = [_line("warning", said, title=f"NO VERDICT {name}") for name, said in told(record).items()]
    for verdict in WORST_FIRST:
        for route, group in bad_routes(record, verdict).items():
            failing = any(fails(finding, record) for finding in group)
            (errors if failing else warnings).append(_route("error" if failing else "warning", route, group))
    unsaid = record["exit_status"] != ExitStatus.LOCKED and not errors and not warnings  # nothing at all was looked at
    word = "error" if unsaid else "notice"
    sentence = "\n".join(filter(None, (headline(record), last_line(record))))
    lines = [_line(word, sentence, title=_TOOL), *_capped("error", errors), *_capped("warning", warnings)]
    return "".join(f"{line}\n" for line in lines)


def _route(word: str, route: str, group: list[FindingRecord]) -> str:
    first = group[0]
    since = since_of(group)
    texts = [
        *([f"since {since}"] if since else []),
        *map(str, ways(group)),
        f"why: {first['why']}",
        f"fix: {first['fix']}",
        f"see: {first['curl']}",
    ]
    file, line = place_of(first["source"])
    return _line(word, "\n".join(texts), title=f"{first['verdict'].upper()} {route}", file=file, line=str(line))


def _capped(word: str, lines: list[str]) -> list[str]:
    """Keep as many as are shown; where there are more, the last says how many."""
    if len(lines) <= MOST:
        return lines
    kept = lines[: MOST - 1]
    left = f"{len(lines) - len(kept)} more routes are not shown here: see the step's summary, or the JSON report"
    return [*kept, _line(word, left, title=_TOOL)]


def _line(word: str, message: str, **properties: str) -> str:
    said = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    short = message if len(message) <= _LONGEST else f"{message[:_LONGEST]}…"
    return f"::{word} {said}::{_data(short)}"


def _data(text: str) -> str:
    """Escape as the runner unescapes (actions/toolkit, command.ts); what is decoded last is encoded first."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
