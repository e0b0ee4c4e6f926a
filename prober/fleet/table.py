"""The report of a fleet for a terminal: causes first, then no verdicts by cause, then one line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.fleet.record import last_line
from prober.report.wording import count

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.fleet.record import FleetRecord

_NAMED = 3  # deployments of a cause
_MOST_CAUSES = 30


def render_table(record: FleetRecord, *, paint: Callable[[str, str], str] = lambda text, _: text) -> str:
    """Write what is wrong, by cause; `paint` colours a text by a verdict."""
    lines: list[str] = []
    for cause in record["causes"][:_MOST_CAUSES]:
        word = paint(f"{cause['verdict'].upper():<11}", cause["verdict"])
        place = f"{cause['surface']}: {cause['route']}" if cause["surface"] else cause["route"]
        lines += [f"{word}{place}  {cause['reason']}", _who(cause["deployments"], cause["names"], cause["apart"])]
    if record["causes"][_MOST_CAUSES:]:
        lines.append(f"{'':11}and {len(record['causes']) - _MOST_CAUSES} more causes: see --report json=PATH")
    for unknown in record["no_verdicts"]:
        word = paint(f"{'NO VERDICT':<11}", "unproven")
        lines += [f"{word}{unknown['why']}", _who(unknown["deployments"], unknown["names"], None)]
    sentence = last_line(record)
    verdict, colon, rest = sentence.partition(":")
    colour = "unproven" if record["verdict"] == "no-verdict" else record["verdict"]
    return "\n".join([*lines, *([""] if lines else []), f"{paint(verdict + colon, colour)}{rest}", ""])


def _who(number: int, names: list[str], apart: str | None) -> str:
    shown = ", ".join(names[:_NAMED]) + (f" and {number - _NAMED:,} more" if number > _NAMED else "")
    label = f", {apart}" if apart else ""
    return f"{'':11}{count(number, 'deployment')}{label}: {shown}"
