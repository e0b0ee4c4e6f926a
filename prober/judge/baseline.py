"""How findings differ from those of an earlier report: opened, closed, changed, new, gone. Pure."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING

from prober.model import BaselineReport, Change, EarlierFinding, FindingDiff, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from prober.model import EarlierReport, Finding


def change_between(before: Verdict | None, after: Verdict | None) -> Change | None:
    """Name what became of a verdict; None when nothing did. This is what *opened* and *closed* mean everywhere.

    Opened: it is a leak and was none. Closed: it was a leak and is locked. All else that differs has changed.
    """
    if before is after:
        return None
    if after is Verdict.LEAK:
        return Change.OPENED
    if before is Verdict.LEAK and after is Verdict.LOCKED:
        return Change.CLOSED
    return Change.CHANGED


def change_of(before: EarlierFinding | None, after: EarlierFinding | None) -> Change | None:
    """Name what became of a finding; a waiver opens and closes no route, though it changes what is said of it."""
    if before is None:
        return None if after is None else Change.NEW
    if after is None:
        return Change.GONE
    change = change_between(before.held, after.held)
    if change is None and (before.verdict, before.reason) != (after.verdict, after.reason):
        return Change.CHANGED
    return change


def is_known(before: EarlierFinding | None, after: EarlierFinding) -> bool:
    """Say whether this leak or drift was one before; a leak is not known by a drift, nor by what was waived."""
    if before is None or not after.verdict.fails:
        return False
    return before.verdict is Verdict.LEAK or before.verdict is after.verdict


def differences(before: Mapping[str, EarlierFinding], after: Mapping[str, EarlierFinding]) -> tuple[FindingDiff, ...]:
    """List what differs, in the later report's order; what is gone comes last."""
    names = dict.fromkeys((*after, *before))
    found = ((name, before.get(name), after.get(name)) for name in names)
    named = ((name, change_of(was, now), was, now) for name, was, now in found)
    return tuple(
        FindingDiff(id=name, change=change, before=was, after=now) for name, change, was, now in named if change
    )


def compare_with_baseline(
    findings: tuple[Finding, ...], earlier: EarlierReport | None, *, started_at: str, fail_on_new: bool
) -> tuple[tuple[Finding, ...], BaselineReport | None]:
    """Put the findings beside an earlier report's: how each differs from it, and since when it is as bad as it is."""
    if earlier is None:
        return findings, None
    current = {finding.probe.id: _as_earlier(finding) for finding in findings}
    differ = {entry.id: entry.change for entry in differences(earlier.findings, current)}
    marked = tuple(
        replace(f, change=differ.get(f.probe.id), since=_since(earlier, current[f.probe.id], started_at))
        for f in findings
    )
    counts = Counter(differ.values())
    return marked, BaselineReport(
        earlier=earlier,
        fail_on_new=fail_on_new,
        known=frozenset(name for name, now in current.items() if is_known(earlier.findings.get(name), now)),
        lost=sum(1 for name, was in earlier.findings.items() if was.held.fails and name not in current),
        counts={change: counts[change] for change in Change},
    )


def _as_earlier(finding: Finding) -> EarlierFinding:
    was = finding.waived or finding
    return EarlierFinding(id=finding.probe.id, verdict=finding.verdict, held=was.verdict, reason=was.reason, since=None)


def _since(earlier: EarlierReport, now: EarlierFinding, started_at: str) -> str | None:
    """Since when it is so; what the earlier report did not look at may have been so for ever."""
    before = earlier.findings.get(now.id)
    if before is None or not now.held.is_bad:
        return None
    return before.since or earlier.started_at if before.held is now.held else started_at


def baseline_notes(
    baseline: BaselineReport | None, *, profile: str, depth: str, services: Mapping[str, str]
) -> list[str]:
    """Say in what the earlier report is of something else, and how much of its bad news nobody looked for now."""
    if baseline is None:
        return []
    was, notes = baseline.earlier, []
    apart = _apart((was.profile, was.depth, was.services), (profile, depth, services))
    if apart:
        notes.append(f"the baseline {was.file} and this run are not of the same thing: {apart}")
    if baseline.lost:
        one = baseline.lost == 1
        lost = f"{baseline.lost} {'finding' if one else 'findings'} that {'is' if one else 'are'} bad in {was.file}"
        notes.append(f"{lost} {'is no probe' if one else 'are no probes'} of this run: not checked")
    return notes


def notes_of(before: EarlierReport, after: EarlierReport) -> list[str]:
    """Say why two reports may differ though nothing changed."""
    apart = _apart((before.profile, before.depth, before.services), (after.profile, after.depth, after.services))
    notes = [f"the two are not of the same thing: {apart}"] if apart else []
    if before.started_at > after.started_at:
        notes.append(f"{before.file} is the later one of the two")
    cut = [report.file for report in (before, after) if report.interrupted]
    return notes + [f"{file} is of a run that was interrupted: what it did not see seems changed" for file in cut]


def _apart(before: tuple[str, str, Mapping[str, str]], after: tuple[str, str, Mapping[str, str]]) -> str:
    (profile, depth, urls), (profile_now, depth_now, urls_now) = before, after
    names = sorted({*urls, *urls_now})
    pairs = [
        ("profile", profile, profile_now),
        ("depth", depth, depth_now),
        *((name, urls.get(name, "nowhere"), urls_now.get(name, "nowhere")) for name in names),
    ]
    return "; ".join(f"{name} {was} then, {now} now" for name, was, now in pairs if was != now)


class FailOn(StrEnum):
    """What of a difference fails `prober diff`."""

    OPENED = "opened"  # what was no leak is one
    NEW = "new"  # a leak or drift that was none before
    ANY = "any"


def fails(found: Iterable[FindingDiff], fail_on: FailOn) -> bool:
    """Say whether these differences fail; that something was waived before, or not probed, excuses nothing."""
    match fail_on:
        case FailOn.ANY:
            return any(True for _ in found)
        case FailOn.NEW:
            return any(d.after and d.after.verdict.fails and not is_known(d.before, d.after) for d in found)
        case FailOn.OPENED:
            return any(d.after and _is_leak(d.after) and not (d.before and _is_leak(d.before)) for d in found)


def _is_leak(current: EarlierFinding) -> bool:
    return current.verdict is Verdict.LEAK
