"""The report of a fleet as Markdown, for a step's summary or a comment: causes first, and no longer than both take."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.fleet.record import last_line
from prober.report.markdown import MOST, code, escaped_sentence
from prober.report.wording import count

if TYPE_CHECKING:
    from prober.fleet.record import FleetRecord

_NAMED = 5  # deployments of a cause
_ROOM = MOST - 500  # bytes, for all but the last line


def render_markdown(record: FleetRecord) -> str:
    """Write the verdict, the counts, what is wrong by cause, and the causes of no verdict."""
    verdict, _, rest = last_line(record).partition(":")
    parts = [f"## {verdict}: {escaped_sentence(rest.strip())}", _counts(record)]
    left = 0
    room = _ROOM - sum(len(part.encode()) for part in parts)
    for block in [*map(str, _causes(record)), *map(str, _unknown(record))]:
        room -= len(block.encode()) + 1
        if room < 0:
            left += 1
        else:
            parts.append(block)
    if left:
        parts.append(f"\n{count(left, 'cause')} left out: see the JSON report.")
    return "\n".join(parts) + "\n"


def _counts(record: FleetRecord) -> str:
    counts = {verdict: number for verdict, number in record["counts"].items() if number}
    head = "| " + " | ".join(counts) + " |\n|" + " ---: |" * len(counts)
    return f"\n{head}\n| " + " | ".join(f"{number:,}" for number in counts.values()) + " |\n"


def _causes(record: FleetRecord) -> list[str]:
    return [
        f"- **{cause['verdict']}** {code(_place(cause['surface'], cause['route']))} {cause['reason']}: "
        f"{count(cause['deployments'], 'deployment')}"
        + (f" with {code(cause['apart'])}" if cause["apart"] else "")
        + f": {_names(cause['deployments'], cause['names'])}"
        for cause in record["causes"]
    ]


def _unknown(record: FleetRecord) -> list[str]:
    return [
        f"- **no verdict** {code(group['why'])}: {count(group['deployments'], 'deployment')}: "
        f"{_names(group['deployments'], group['names'])}"
        for group in record["no_verdicts"]
    ]


def _place(surface: str, route: str) -> str:
    return f"{surface}: {route}" if surface else route


def _names(number: int, names: list[str]) -> str:
    more = f" and {number - _NAMED:,} more" if number > _NAMED else ""
    return ", ".join(map(code, names[:_NAMED])) + more
