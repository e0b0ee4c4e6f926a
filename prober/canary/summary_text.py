"""`prober history` as text for a terminal: open routes first, and at the end the sentence of the last run. Pure."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from prober.canary.grouping import Line, doors, lines_of
from prober.canary.messages import seen_first
from prober.canary.times import between, lasted, time_text
from prober.model import Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from prober.canary.summary import OpenRecord, OverRecord, QueuedRecord, SummaryRecord

NARROWEST = 60
_NOW = {
    "open now": {Verdict.LEAK},
    "answering unexpectedly now": {Verdict.DRIFT},
    "not checked now": {Verdict.UNPROVEN, Verdict.UNREACHABLE},
}


def render_summary(found: SummaryRecord, *, width: int = 80) -> str:
    """Lay it out for a terminal of this width."""
    blocks = [
        *_now(found["open"]),
        _mark_delivered("was open", [_over(entry) for entry in found["over"]]),
        _block("missed", [f"{time_text(beat['at'])}: {beat['detail']}" for beat in found["missed"]]),
        _block("pending alerts", [_queued(entry) for entry in found["queued"]]),
        [_last(found)],
    ]
    width = max(width, NARROWEST)
    wrapped = [[part for line in block for part in _wrapped(line, width)] for block in blocks if block]
    return "\n\n".join("\n".join(block) for block in wrapped) + "\n"


def _now(entries: Sequence[OpenRecord]) -> list[list[str]]:
    """Lay out what stands. That nothing is known to be open says little while something is not known."""
    if not entries:
        return [["open now: nothing"]]
    return [
        _mark_delivered(heading, [_open(entry) for entry in entries if entry["verdict"] in verdicts])
        for heading, verdicts in _NOW.items()
    ]


def _mark_delivered(heading: str, lines: Sequence[Line]) -> list[str]:
    return _block(heading, lines_of(lines), count=len(doors(one.id for one in lines)))


def _block(heading: str, lines: Sequence[str], *, count: int | None = None) -> list[str]:
    number = len(lines) if count is None else count
    return [f"{heading} ({number})", *(f"  {line}" for line in lines)] if lines else []


def _open(entry: OpenRecord) -> Line:
    first = seen_first(entry["since"], entry["release"], entry["release_before"])
    words = f"{entry['verdict']} for {lasted(entry['seconds'])}: {entry['detail']}; {first}"
    return Line(id=entry["id"], verdict=entry["verdict"], words=words)


def _over(entry: OverRecord) -> Line:
    at = f" (opened at {entry['opened_at_release']})" if entry["opened_at_release"] else ""
    end = {"locked": "", None: ", then no longer probed"}.get(entry["now"], f", then {entry['now']}")
    since, until = time_text(entry["since"]), time_text(entry["until"])
    words = f"{entry['was']} for {lasted(entry['seconds'])}, {since} to {until}{at}{end}"
    return Line(id=entry["id"], verdict=entry["was"], words=words)


def _queued(entry: QueuedRecord) -> str:
    why = f": {entry['failed']}" if entry["failed"] else ""
    return (
        f"to {entry['receiver'].partition(' ')[0]}, of {time_text(entry['made_at'])}, tried {entry['tries']} times{why}"
    )


def _last(found: SummaryRecord) -> str:
    last = found["last_run"]
    if last is None:
        return "no run yet"
    release = f", release {last['release']}" if last["release"] else ""
    ago = lasted(between(last["ended_at"], found["at"]))
    return f"last run {time_text(last['ended_at'])} ({ago} ago{release}): {last['said']}"


def _wrapped(line: str, width: int) -> list[str]:
    hang = " " * (len(line) - len(line.lstrip()) + 2)
    return textwrap.wrap(line, width, subsequent_indent=hang, break_on_hyphens=False, drop_whitespace=True)
