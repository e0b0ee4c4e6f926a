"""Holds a run to the inventory of its deployment. Pure: what is absent there may be missing, and nothing more.

A route that is absent there is judged all the same: one that answers is locked, a leak or drift as any other.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from prober.model import Answered, Inventory, Reason, Verdict
from prober.model.finding_ids import route_of_id

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prober.model import EarlierReport, Finding

_NAMED = 3  # routes that a note names; the findings have them all
_SHOWS_NOTHING = frozenset({Reason.MISSING, Reason.OPENS_NOTHING})  # a refused variant may be of any path
_THERE = frozenset({Verdict.LOCKED, Verdict.LEAK, Verdict.DRIFT})


def is_there(finding: Finding) -> bool:
    """Say whether the answer shows that the route is there."""
    plain = finding.probe.variant is None and isinstance(finding.outcome, Answered)
    return plain and finding.verdict in _THERE and finding.reason not in _SHOWS_NOTHING


def inventory_of(report: EarlierReport, *, by: str, at: str, file: str, earlier: Inventory | None) -> Inventory:
    """Make an inventory of a report: a route of which answers differ is neither there nor absent.

    What the report has not probed stays as the earlier inventory says.
    """
    missing: set[str] = set()
    answered: set[str] = set()
    for finding in report.findings.values():
        name = route_of_id(finding.id)
        if finding.reason == Reason.MISSING:
            missing.add(name)
        elif finding.held in _THERE and finding.reason not in _SHOWS_NOTHING:
            answered.add(name)
    there, absent = answered - missing, missing - answered
    if earlier is not None:
        told = there | absent
        there |= earlier.there - told
        absent |= earlier.absent - told
    return Inventory(
        there=frozenset(there), absent=frozenset(absent), at=at, by=by, release=report.release, file=file
    )  # fmt: skip


def hold_to_inventory(
    findings: Iterable[Finding], inventory: Inventory | None
) -> tuple[tuple[Finding, ...], tuple[str, ...]]:
    """Skip what is missing as accepted; give the findings, and notes on what has appeared and vanished since."""
    before = tuple(findings)
    if inventory is None:
        return before, ()
    after = tuple(_held(finding, inventory) for finding in before)
    skipped = {finding.probe.route.name for finding in after if finding.reason is Reason.NOT_DEPLOYED}
    vanished = _names(f for f in before if f.reason is Reason.MISSING and f.probe.route.name in inventory.there)
    appeared = _names(f for f in before if is_there(f) and f.probe.route.name in inventory.absent)
    notes = (
        f"{inventory.file}, {inventory.accepted}: {_routes(len(skipped))} absent as accepted" if skipped else None,
        f"{_listed(vanished)} missing, and in {inventory.file} there" if vanished else None,
        f"{_listed(appeared)} there, and in {inventory.file} absent: review it, and run `prober accept`"
        if appeared
        else None,
    )
    return after, tuple(filter(None, notes))


def _held(finding: Finding, inventory: Inventory) -> Finding:
    if finding.reason is not Reason.MISSING:
        return finding
    if finding.probe.route.name in inventory.there:
        return replace(finding, detail=f"{finding.detail}; it was there ({inventory.accepted})")
    if finding.probe.route.name not in inventory.absent:
        return finding
    return replace(
        finding,
        verdict=Verdict.SKIPPED,
        reason=Reason.NOT_DEPLOYED,
        rule="absent-as-accepted",
        detail=f"missing, as {inventory.accepted}",
    )


def _names(findings: Iterable[Finding]) -> list[str]:
    return list(dict.fromkeys(finding.probe.route.name for finding in findings))


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"{', '.join(names[:_NAMED])}{more} {'is' if len(names) == 1 else 'are'}"


def _routes(count: int) -> str:
    return "1 route is" if count == 1 else f"{count} routes are"
