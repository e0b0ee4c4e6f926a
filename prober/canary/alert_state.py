"""The confirmed state of each finding, and what one more run changes. Pure: no clock, no network, no opinion.

A leak is confirmed at once. Whatever else is bad is confirmed when so many runs in a row have found it (`confirm`), and
nothing is closed before as many have found it locked: a lock that holds two times in three is open. What proves nothing
closes nothing: a route that was open stays open while nobody answers.
"""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from prober.canary.finding_state import BAD, FindingState, Pending, StateUpdate, Transition
from prober.canary.times import time_text
from prober.judge.baseline import change_between
from prober.model import Change, Reason, Verdict
from prober.model.finding_ids import route_of_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from prober.canary.finding_state import Moment, RunFinding

NONE_CLOSED: Mapping[str, str] = MappingProxyType({})
CRASHED = "canary: a run of the prober [crashed]"  # the finding that stands for our own bugs
STEADY = 5  # times as many runs as usual must find a route locked that was closed and opened again a short time ago
_ANSWERED = frozenset(verdict for verdict in Verdict if verdict.fails)  # what the application itself has shown
_NOT_KNOWN = frozenset({Verdict.UNPROVEN, Verdict.UNREACHABLE})


def step(
    known: Mapping[str, FindingState], seen: Iterable[RunFinding], now: Moment, *, confirm: int, whole: bool = True,
    recently_closed: Mapping[str, str] = NONE_CLOSED,
) -> StateUpdate:  # fmt: skip
    """Apply what a run found; if that is the `whole` of it, what it did not even plan is gone.

    `recently_closed` holds, by route, when one was locked again a short time ago: if it opens now, it flaps.
    """
    changed: list[FindingState] = []
    transitions: list[Transition] = []
    names: set[str] = set()
    for finding in seen:
        names.add(finding.id)
        before = known.get(finding.id)
        closed_at = recently_closed.get(route_of_id(finding.id))
        flaps = closed_at is not None and before is not None and before.verdict is Verdict.LEAK
        after, transition = _next(before, finding, now, confirm * STEADY if flaps else confirm)
        if transition is not None and transition.change is Change.OPENED and closed_at is not None:
            transition = replace(transition, detail=f"{transition.detail}; {_flaps(closed_at, confirm)}")
        if before is None and known and after is not None and transition is None:
            transition = _transition(Change.NEW, None, after, now)
        if after is not None and after != before:
            changed.append(after)
        if transition is not None:
            transitions.append(transition)
    gone = tuple(name for name in known if name not in names) if whole else ()
    changed, transitions = _by_route(known, changed, transitions, gone=gone, confirm=confirm)
    transitions += [_gone(known[name], now) for name in gone]
    return StateUpdate(states=tuple(changed), gone=gone, transitions=tuple(transitions))


def _flaps(closed_at: str, confirm: int) -> str:
    closed = time_text(closed_at)
    return f"it flaps: it was locked again at {closed}, and now {confirm * STEADY} runs in a row must find it so"


def _by_route(
    known: Mapping[str, FindingState], changed: list[FindingState], transitions: list[Transition], *,
    gone: tuple[str, ...], confirm: int,
) -> tuple[list[FindingState], list[Transition]]:  # fmt: skip
    """Close a route as a whole: while one of its probes is open, those that found it locked wait.

    One replica of several that stands open is found by another probe in each run: that is one open route, and neither
    closed nor opened again.
    """
    open_before = {route_of_id(name) for name, state in known.items() if state.verdict is Verdict.LEAK}
    after = {name: state for name, state in known.items() if name not in gone} | {state.id: state for state in changed}
    open_now = {route_of_id(name) for name, state in after.items() if state.verdict is Verdict.LEAK}
    others: list[Transition] = []
    for transition in transitions:
        route = route_of_id(transition.id)
        before = known.get(transition.id)
        closes = transition.before is Verdict.LEAK and transition.after is Verdict.LOCKED
        if closes and route in open_now and before is not None:
            locked = Pending(
                verdict=Verdict.LOCKED, reason=transition.reason, detail="", since=transition.at, runs=confirm * STEADY
            )  # fmt: skip
            after[transition.id] = replace(before, pending=locked)
        else:
            opens = transition.change is Change.OPENED and route in open_before
            others.append(replace(transition, of_open_route=True) if opens else transition)
    return [after[state.id] for state in changed], others


def reminders(known: Iterable[FindingState], *, alerted_before: str) -> tuple[FindingState, ...]:
    """Give all that is open if an alert named the first of them so long ago; else nothing."""
    still = tuple(state for state in known if state.is_open)
    return still if any(s.alerted_at is not None and s.alerted_at <= alerted_before for s in still) else ()


def _next(
    before: FindingState | None, seen: RunFinding, now: Moment, confirm: int
) -> tuple[FindingState | None, Transition | None]:
    confirmed = before.verdict if before else None
    if seen.verdict is Verdict.SKIPPED and seen.reason != Reason.WAIVED:
        return before, None  # it was not probed
    if confirmed in _ANSWERED and seen.verdict in _NOT_KNOWN:
        return before, None  # nothing is known
    if before is not None and seen.verdict is confirmed:
        return _again(before, seen, now)
    if before is None or confirmed is None or not _needs_more(confirmed, seen):
        return _anew(before, seen, now, confirm)
    return _waits(before, seen, now, confirm)


def _needs_more(confirmed: Verdict, seen: RunFinding) -> bool:
    """Say whether several runs must agree: not for a leak or a waived finding."""
    at_once = seen.verdict in {Verdict.LEAK, Verdict.SKIPPED}
    return not at_once and (confirmed in BAD or seen.verdict in BAD)


def _anew(
    before: FindingState | None, seen: RunFinding, now: Moment, confirm: int
) -> tuple[FindingState, Transition | None]:
    """Decide on a finding without a confirmed state, or one that counts at once."""
    first = before or FindingState(id=seen.id, verdict=None, reason=seen.reason, detail="", since=now, seen_at=now.at)
    if seen.verdict in BAD and seen.verdict is not Verdict.LEAK:
        return _waits(first, seen, now, confirm)
    return _confirmed(first, seen, now)


def _again(before: FindingState, seen: RunFinding, now: Moment) -> tuple[FindingState, Transition | None]:
    """Decide on the verdict that is confirmed already: for a leak, another reason is news (granted, then disclosed)."""
    if not before.is_open:
        return replace(before, reason=seen.reason, detail="", pending=None), None
    after = replace(before, reason=seen.reason, detail=seen.detail, seen_at=now.at, pending=None)
    if seen.verdict is Verdict.LEAK and seen.reason != before.reason:
        return after, _transition(Change.CHANGED, before, after, now)
    return after, None


def _waits(before: FindingState, seen: RunFinding, now: Moment, confirm: int) -> tuple[FindingState, Transition | None]:
    pending = before.pending
    in_a_row = pending is not None and pending.verdict is seen.verdict
    since, runs = (pending.since, pending.runs + 1) if pending is not None and in_a_row else (now, 1)
    if runs >= confirm:
        return _confirmed(before, seen, since, seen_at=now.at)
    waiting = Pending(verdict=seen.verdict, reason=seen.reason, detail=seen.detail, since=since, runs=runs)
    return replace(before, pending=waiting), None


def _confirmed(
    before: FindingState, seen: RunFinding, since: Moment, seen_at: str | None = None
) -> tuple[FindingState, Transition | None]:
    after = FindingState(
        id=seen.id, verdict=seen.verdict, reason=seen.reason, detail=seen.detail if seen.verdict in BAD else "",
        since=since, seen_at=seen_at or since.at, alerted_at=before.alerted_at if seen.verdict in BAD else None,
    )  # fmt: skip
    change = _change(before.verdict, seen.verdict)
    return after, _transition(change, before, after, since, detail=seen.detail) if change else None


def _change(before: Verdict | None, after: Verdict) -> Change | None:
    """Name it where it is news: what was bad, or is. `prober diff` calls it the same (judge/baseline)."""
    return change_between(before, after) if before in BAD or after in BAD else None


def _transition(
    change: Change, before: FindingState | None, after: FindingState, at: Moment, *, detail: str = ""
) -> Transition:
    was = before.verdict if before else None
    return Transition(
        id=after.id, change=change, before=was, after=after.verdict, reason=after.reason,
        detail=after.detail or detail, at=at, since=before.since.at if before and was in BAD else None,
    )  # fmt: skip


def _gone(before: FindingState, now: Moment) -> Transition:
    return Transition(
        id=before.id, change=Change.GONE, before=before.verdict, after=None, reason=before.reason,
        detail="the plan no longer has this probe", at=now,
        since=before.since.at if before.is_open else None,
    )  # fmt: skip
