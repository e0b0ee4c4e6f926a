"""What differs between two reports, as text and as JSON. It counts what it is given, and decides nothing."""

from __future__ import annotations

import textwrap
from collections import Counter
from typing import TYPE_CHECKING, TypedDict

from prober.model import Change, Reason, Verdict
from prober.model.finding_ids import route_of_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from prober.model import EarlierFinding, EarlierReport, FindingDiff

SCHEMA = 1
NARROWEST = 60
MOST_IN_FULL = 3  # routes of one surface that differ in the same way, before one line names them all
_ARROW = " -> "


class SideRecord(TypedDict):
    """One of the two reports."""

    file: str
    run: str
    started_at: str
    profile: str
    depth: str
    interrupted: bool


class SideOfFinding(TypedDict):
    """What one of the reports says of a finding, in the words of its own keys."""

    verdict: str
    reason: str
    waived: str | None


class DifferenceRecord(TypedDict):
    """One finding that differs between the reports."""

    id: str
    change: str
    before: SideOfFinding | None
    after: SideOfFinding | None


class ChangesRecord(TypedDict):
    """All that differs."""

    schema: int
    before: SideRecord
    after: SideRecord
    notes: list[str]
    counts: dict[str, int]
    differences: list[DifferenceRecord]
    said: str


def changes(
    before: EarlierReport, after: EarlierReport, found: Sequence[FindingDiff], notes: Iterable[str]
) -> ChangesRecord:
    """Write the differences down."""
    counts = Counter(entry.change for entry in found)
    return ChangesRecord(
        schema=SCHEMA,
        before=_side(before),
        after=_side(after),
        notes=list(notes),
        counts={change.value: counts[change] for change in Change},
        differences=[
            DifferenceRecord(id=entry.id, change=entry.change, before=_seen(entry.before), after=_seen(entry.after))
            for entry in found
        ],
        said=_sentence(found),
    )


def render_changes(record: ChangesRecord, *, width: int = 80) -> str:
    """Lay it out for a terminal of this width: what opened first, and last one sentence."""
    width = max(width, NARROWEST)
    blocks = [[line for key, side in _sides(record) for line in _wrapped(f"{key:<7} ", side, width, hang=8)]]
    blocks += [_wrapped("note  ", note, width, hang=6) for note in record["notes"]]
    for change in Change:
        own = [entry for entry in record["differences"] if entry["change"] == change]
        if own:
            blocks.append([f"{change.value} ({len(own)})", *_lines(own, width, fold=change is not Change.OPENED)])
    blocks.append([record["said"]])
    return "\n\n".join("\n".join(block) for block in blocks) + "\n"


def _sides(record: ChangesRecord) -> list[tuple[str, str]]:
    both = (("before", record["before"]), ("after", record["after"]))
    return [(key, f"{s['file']}: run {s['run']} of {s['started_at']}, {s['profile']}, {s['depth']}") for key, s in both]


def _lines(entries: list[DifferenceRecord], width: int, *, fold: bool) -> list[str]:
    """Write a line for each route and change; where many routes of a surface differ in the same way, one for all."""
    groups: dict[tuple[str, str], dict[str, list[str]]] = {}
    for entry in entries:
        route, _, rest = entry["id"].partition(" [")
        surface = route.partition(": ")[0] if fold else route
        groups.setdefault((surface, _verdict_change(entry)), {}).setdefault(route, []).append(
            rest.removesuffix("]").replace("] ", " + ")
        )
    lines: list[str] = []
    for (surface, verdicts), routes in groups.items():
        if len(routes) > MOST_IN_FULL:
            names = ", ".join(route.removeprefix(f"{surface}: ") for route in routes)
            count = sum(map(len, routes.values()))
            lines += _wrapped(
                "  ", f"{surface}: {verdicts}, {count} findings of {len(routes)} routes: {names}", width, hang=4
            )
        else:
            for route, presented in routes.items():
                lines += _wrapped("  ", f"{route}: {verdicts} [{', '.join(presented)}]", width, hang=4)
    return lines


def _verdict_change(entry: DifferenceRecord) -> str:
    return _ARROW.join(filter(None, (_shown(entry["before"]), _shown(entry["after"]))))


def _shown(side: SideOfFinding | None) -> str | None:
    if side is None:
        return None
    return f"waived {side['waived']}" if side["waived"] else f"{side['verdict']} ({side['reason']})"


def _sentence(found: Sequence[FindingDiff]) -> str:
    """Say in one sentence whether a route is open that was not."""
    if not found:
        return "SAME: no finding differs"
    opened = {route_of_id(entry.id) for entry in found if _is_open(entry.after) and not _is_open(entry.before)}
    if opened:
        return "OPENED: " + (
            "1 route is open that was not" if len(opened) == 1 else f"{len(opened)} routes are open that were not"
        )
    return "CHANGED: no route opened; " + ("1 finding differs" if len(found) == 1 else f"{len(found)} findings differ")


def _is_open(side: EarlierFinding | None) -> bool:
    return side is not None and side.verdict is Verdict.LEAK


def _side(earlier: EarlierReport) -> SideRecord:
    return SideRecord(
        file=earlier.file, run=earlier.run, started_at=earlier.started_at, profile=earlier.profile,
        depth=earlier.depth, interrupted=earlier.interrupted,
    )  # fmt: skip


def _seen(side: EarlierFinding | None) -> SideOfFinding | None:
    if side is None:
        return None
    waived = side.verdict is not side.held
    return SideOfFinding(
        verdict=side.verdict,
        reason=Reason.WAIVED if waived else side.reason,
        waived=f"{side.held}: {side.reason}" if waived else None,
    )


def _wrapped(lead: str, text: str, width: int, *, hang: int) -> list[str]:
    return textwrap.wrap(lead + text, width, subsequent_indent=" " * hang, break_on_hyphens=False)
