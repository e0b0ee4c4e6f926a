"""Sets aside what somebody answers for. Pure: it says what a finding was, and never that it is locked."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from prober.model import Reason, Verdict, Waived, WaiverReport, WaiverState

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from prober.model import Finding, Waiver, WaiverScope

SOON = timedelta(days=14)
_SAID = {
    WaiverState.EXPIRED: "has expired and does not apply any more: it was valid until {expires}",
    WaiverState.UNMATCHED: "matches no probe of this plan",
    WaiverState.UNNEEDED: "is not needed: all that it covers in this run is locked",
}
_SOON = "expires on {expires}"


def waive(
    findings: Iterable[Finding], covers: Iterable[WaiverScope], *, today: date
) -> tuple[tuple[Finding, ...], tuple[WaiverReport, ...]]:
    """Set aside every bad finding that a waiver covers which is valid today (UTC); the first that covers it has it."""
    every, all_covers = tuple(findings), tuple(covers)
    valid = [cover for cover in all_covers if today <= cover.waiver.expires]
    by_id: dict[str, Waiver] = {}
    for cover in valid:
        for name in cover.ids:
            by_id.setdefault(name, cover.waiver)
    after = tuple(_waived(finding, by_id.get(finding.probe.id)) for finding in every)
    return after, tuple(_report(cover, every, after, is_valid=cover in valid) for cover in all_covers)


def _waived(finding: Finding, waiver: Waiver | None) -> Finding:
    if waiver is None or not finding.verdict.is_bad:
        return finding
    was = f"{finding.verdict}, {finding.reason}: {finding.detail}"
    return replace(
        finding,
        verdict=Verdict.SKIPPED,
        reason=Reason.WAIVED,
        rule="waived",
        detail=f"waived until {waiver.expires} by {waiver.owner} ({was}): {waiver.reason}",
        waived=Waived(waiver=waiver, verdict=finding.verdict, reason=finding.reason),
    )


def _report(
    cover: WaiverScope, before: tuple[Finding, ...], after: tuple[Finding, ...], *, is_valid: bool
) -> WaiverReport:
    verdicts = {finding.verdict for finding in before if finding.probe.id in cover.ids}
    count = sum(1 for finding in after if finding.waived and finding.waived.waiver is cover.waiver)
    return WaiverReport(cover=cover, state=_state(cover, verdicts) if is_valid else WaiverState.EXPIRED, waived=count)


def _state(cover: WaiverScope, verdicts: set[Verdict]) -> WaiverState:
    if not cover.ids:
        return WaiverState.UNMATCHED
    if any(verdict.is_bad for verdict in verdicts):
        return WaiverState.APPLIED
    return WaiverState.UNNEEDED if Verdict.LOCKED in verdicts else WaiverState.UNTRIED


def waiver_notes(reports: Iterable[WaiverReport], *, today: date) -> list[str]:
    """Say which waivers do not do what somebody believes them to do, the expired first, and which will not for long."""
    every = tuple(reports)
    notes = [_said(report, _SAID[state]) for state in _SAID for report in every if report.state is state]
    lasting = [report for report in every if report.state is not WaiverState.EXPIRED]
    return notes + [_said(report, _SOON) for report in lasting if report.cover.waiver.expires - today <= SOON]


def _said(report: WaiverReport, what: str) -> str:
    waiver = report.cover.waiver
    meant = f" (did you mean '{report.cover.nearest}'?)" if report.cover.nearest else ""
    return f"waiver '{waiver.name}'{meant} of {waiver.owner}, {waiver.source}, {what.format(expires=waiver.expires)}"
