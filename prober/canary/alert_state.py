"""What stands, finding by finding, and what one more run changes of it. Pure: no clock, no network, no opinion.

A leak stands at once. Whatever else is bad stands when so many runs in a row have found it so (`confirm`), and nothing
is over before as many have found it locked: a lock that holds two times in three is open. What proves nothing ends
nothing: a door that was open stays open while nobody answers.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from prober.judge.baseline import change_between
from prober.model import Change, Reason, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

CRASHED = "canary: a run of the prober [crashed]"  # the finding that stands for our own bugs
BAD = frozenset({Verdict.LEAK, Verdict.DRIFT, Verdict.UNPROVEN, Verdict.UNREACHABLE})
_ANSWERED = frozenset({Verdict.LEAK, Verdict.DRIFT})  # what the application itself has shown
_NOT_KNOWN = frozenset({Verdict.UNPROVEN, Verdict.UNREACHABLE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What one run found of one finding."""

    id: str
    verdict: Verdict
    reason: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """When a run looked, and at which release; `before` is the release that the runs before it saw last."""

    run: str
    at: str
    release: str | None = None
    before: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """What the last runs in a row have found, and not yet often enough to stand."""

    verdict: Verdict
    reason: str
    detail: str
    since: Moment
    runs: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What stands of one finding; a verdict of None says that nothing does yet."""

    id: str
    verdict: Verdict | None
    reason: str
    detail: str
    since: Moment
    seen_at: str  # by the last run that found it so
    told_at: str | None = None  # when an alert last spoke of it
    pending: Pending | None = None

    @property
    def is_open(self) -> bool:
        """Say whether it is bad news."""
        return self.verdict in BAD


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """One change of what stands, dated by the first run that found it so."""

    id: str
    change: Change
    before: Verdict | None
    after: Verdict | None
    reason: str
    detail: str
    at: Moment
    since: str | None = None  # when what is over now had begun

    @property
    def is_news(self) -> bool:
        """Say whether somebody has to be told: what was bad, or is."""
        return bool({self.before, self.after} & BAD)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What one run changes."""

    standing: tuple[Standing, ...]  # those that are otherwise than before, to be kept
    gone: tuple[str, ...]
    shifts: tuple[Shift, ...]


def step(known: Mapping[str, Standing], seen: Iterable[Seen], now: Moment, *, confirm: int, whole: bool = True) -> Step:
    """Take in what a run found; where it is the `whole` of it, what it did not even plan is gone."""
    kept: list[Standing] = []
    shifts: list[Shift] = []
    names: set[str] = set()
    for finding in seen:
        names.add(finding.id)
        before = known.get(finding.id)
        after, shift = _next(before, finding, now, confirm)
        if before is None and known and after is not None and shift is None:
            shift = _shift(Change.NEW, None, after, now)
        if after is not None and after != before:
            kept.append(after)
        if shift is not None:
            shifts.append(shift)
    gone = tuple(name for name in known if name not in names) if whole else ()
    shifts += [_gone(known[name], now) for name in gone]
    return Step(standing=tuple(kept), gone=gone, shifts=tuple(shifts))


def reminders(known: Iterable[Standing], *, told_before: str) -> tuple[Standing, ...]:
    """Give all that is open, once an alert spoke of the first of them so long ago; else nothing."""
    still = tuple(standing for standing in known if standing.is_open)
    return still if any(s.told_at is not None and s.told_at <= told_before for s in still) else ()


def _next(before: Standing | None, seen: Seen, now: Moment, confirm: int) -> tuple[Standing | None, Shift | None]:
    stands = before.verdict if before else None
    if seen.verdict is Verdict.SKIPPED and seen.reason != Reason.WAIVED:
        return before, None  # nobody looked
    if stands in _ANSWERED and seen.verdict in _NOT_KNOWN:
        return before, None  # nobody can tell
    if before is not None and seen.verdict is stands:
        return _again(before, seen, now)
    if before is None or stands is None or not _needs_more(stands, seen):
        return _anew(before, seen, now, confirm)
    return _waits(before, seen, now, confirm)


def _needs_more(stands: Verdict, seen: Seen) -> bool:
    """A leak, and what somebody answers for, count at once; all else when it is no chance."""
    at_once = seen.verdict in {Verdict.LEAK, Verdict.SKIPPED}
    return not at_once and (stands in BAD or seen.verdict in BAD)


def _anew(before: Standing | None, seen: Seen, now: Moment, confirm: int) -> tuple[Standing, Shift | None]:
    """Of what nothing stands yet, or what counts at once."""
    first = before or Standing(id=seen.id, verdict=None, reason=seen.reason, detail="", since=now, seen_at=now.at)
    if seen.verdict in BAD and seen.verdict is not Verdict.LEAK:
        return _waits(first, seen, now, confirm)
    return _stands(first, seen, now)


def _again(before: Standing, seen: Seen, now: Moment) -> tuple[Standing, Shift | None]:
    """The same verdict as stands: for a leak, another reason is news of its own (granted, then disclosed)."""
    if not before.is_open:
        return replace(before, reason=seen.reason, detail="", pending=None), None
    after = replace(before, reason=seen.reason, detail=seen.detail, seen_at=now.at, pending=None)
    if seen.verdict is Verdict.LEAK and seen.reason != before.reason:
        return after, _shift(Change.CHANGED, before, after, now)
    return after, None


def _waits(before: Standing, seen: Seen, now: Moment, confirm: int) -> tuple[Standing, Shift | None]:
    pending = before.pending
    in_a_row = pending is not None and pending.verdict is seen.verdict
    since, runs = (pending.since, pending.runs + 1) if pending is not None and in_a_row else (now, 1)
    if runs >= confirm:
        return _stands(before, seen, since, seen_at=now.at)
    waiting = Pending(verdict=seen.verdict, reason=seen.reason, detail=seen.detail, since=since, runs=runs)
    return replace(before, pending=waiting), None


def _stands(before: Standing, seen: Seen, since: Moment, seen_at: str | None = None) -> tuple[Standing, Shift | None]:
    after = Standing(
        id=seen.id, verdict=seen.verdict, reason=seen.reason, detail=seen.detail if seen.verdict in BAD else "",
        since=since, seen_at=seen_at or since.at, told_at=before.told_at if seen.verdict in BAD else None,
    )  # fmt: skip
    change = _change(before.verdict, seen.verdict)
    return after, _shift(change, before, after, since, detail=seen.detail) if change else None


def _change(before: Verdict | None, after: Verdict) -> Change | None:
    """Name it where it is news: what was bad, or is. `prober diff` calls it the same (judge/baseline)."""
    return change_between(before, after) if before in BAD or after in BAD else None


def _shift(change: Change, before: Standing | None, after: Standing, at: Moment, *, detail: str = "") -> Shift:
    was = before.verdict if before else None
    return Shift(
        id=after.id, change=change, before=was, after=after.verdict, reason=after.reason,
        detail=after.detail or detail, at=at, since=before.since.at if before and was in BAD else None,
    )  # fmt: skip


def _gone(before: Standing, now: Moment) -> Shift:
    return Shift(
        id=before.id, change=Change.GONE, before=before.verdict, after=None, reason=before.reason,
        detail="it is no probe of the plan any more, so that nobody looks", at=now,
        since=before.since.at if before.is_open else None,
    )  # fmt: skip
