"""The alerts of a fleet: one entry for a cause, however many deployments have it. Pure.

A new cause is in an alert at once. Further deployments that have it, and those that are rid of it, are collected and
sent together after a while: what 300 deployments share is two messages, and not 300.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypedDict

from prober.canary.messages import SCHEMA
from prober.canary.times import seconds_of, time_text
from prober.fleet.deployment_states import UNKNOWN, cause_of, name_of
from prober.fleet.record import MOST_NAMES
from prober.fleet.tally import apart
from prober.model import Change, Verdict
from prober.report.redact import harmless
from prober.report.wording import count

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from prober.canary.finding_state import FindingState
    from prober.fleet.tally import Labels

LONGEST_WAIT = 3_600.0  # seconds that a deployment waits, to be in one alert with others of its cause
MOST_GROUPS = 100  # of one message
MOST_IN_TITLE = 3
MOST_LINES = 20
STILL = "still-open"
_HEADINGS = {
    Change.OPENED: "OPENED",
    Change.CLOSED: "CLOSED",
    STILL: "STILL NOT LOCKED",
    Change.GONE: "NO LONGER PROBED",
}
_WORST = (Verdict.LEAK, Verdict.DRIFT, Verdict.UNPROVEN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A cause, what became of it, and at which deployments; the worst verdict of them."""

    change: str
    cause: str
    states: tuple[FindingState, ...]

    @property
    def verdict(self) -> Verdict:
        """Give the worst verdict; of those that are locked again, the one that the alert named."""
        found = {state.verdict for state in self.states}
        return next((verdict for verdict in _WORST if verdict in found), Verdict.LOCKED)

    @property
    def names(self) -> list[str]:
        """Name the deployments."""
        return sorted(name_of(state.id) for state in self.states)


class GroupRecord(TypedDict):
    """A cause in a message."""

    change: str
    cause: str
    verdict: str
    reason: str
    detail: str
    since: str
    deployments: int
    apart: str | None
    names: list[str]


class FleetMessageRecord(TypedDict):
    """A message, as a webhook is sent it."""

    schema: int
    id: str
    level: str
    title: str
    text: str
    fleet: str
    at: str
    counts: dict[str, int]
    causes: list[GroupRecord]


def due_groups(
    states: Iterable[FindingState], *, now: float, last_alert: Mapping[str, float], wait: float, remind: float,
    inventory: frozenset[str],
) -> tuple[Group, ...]:  # fmt: skip
    """Give what an alert is due for, worst first: what is open and in no alert yet, and what was in one and is over.

    Times are in seconds. The `wait` counts from `last_alert`, when an alert last named each cause. `remind` 0: never.
    """
    groups: dict[tuple[str, str], list[FindingState]] = {}
    for state in states:
        change = _change_of(state, now=now, remind=remind, inventory=inventory)
        if change is not None and (change == STILL or last_alert.get(cause_of(state.id), float("-inf")) <= now - wait):
            groups.setdefault((change, cause_of(state.id)), []).append(state)
    found = [Group(change=change, cause=cause, states=tuple(of)) for (change, cause), of in groups.items()]
    order = (*_WORST, Verdict.LOCKED)
    return tuple(sorted(found, key=lambda group: (order.index(group.verdict), -len(group.states), group.cause)))


def _change_of(state: FindingState, *, now: float, remind: float, inventory: frozenset[str]) -> str | None:
    if name_of(state.id) not in inventory:
        return Change.GONE if state.alerted_at is not None else None
    if state.is_open and state.alerted_at is None:
        return Change.OPENED
    if not state.is_open and state.verdict is not None and state.alerted_at is not None:
        return Change.CLOSED
    is_old = state.is_open and state.alerted_at is not None and seconds_of(state.alerted_at) <= now - remind
    return STILL if remind and is_old else None


def after_alert(state: FindingState, change: str, at: str) -> FindingState | None:
    """Give what is kept of a state after an alert named it; None where nothing has to be."""
    if change in {Change.OPENED, STILL}:
        return replace(state, alerted_at=at)
    return replace(state, alerted_at=None) if state.pending is not None and change == Change.CLOSED else None


def message(
    groups: tuple[Group, ...], *, fleet: str, at: str, counts: Mapping[str, int], labels: Mapping[str, Labels],
    receiver: str, run: str,
) -> FleetMessageRecord:  # fmt: skip
    """Write the message to one receiver; its id is the same however often it is made of the same `run`."""
    entries = [_entry(group, labels) for group in groups]
    return FleetMessageRecord(
        schema=SCHEMA,
        id=hashlib.sha256(f"{receiver} {run}".encode()).hexdigest()[:32],
        level=_level(groups),
        title=f"{_title(entries)}: fleet {fleet}",
        text=_text(entries),
        fleet=fleet,
        at=at,
        counts=dict(counts),
        causes=entries[:MOST_GROUPS],
    )


def _entry(group: Group, labels: Mapping[str, Labels]) -> GroupRecord:
    first = min(group.states, key=lambda state: state.since.at)
    names = [name for name in group.names if name in labels]
    return GroupRecord(
        change=group.change, cause=harmless(group.cause), verdict=group.verdict, reason=first.reason,
        detail=harmless(first.detail), since=first.since.at, deployments=len(group.states),
        apart=apart(labels, names) if names else None, names=group.names[:MOST_NAMES],
    )  # fmt: skip


def _level(groups: tuple[Group, ...]) -> str:
    bad = [group.verdict for group in groups if group.change != Change.CLOSED]
    return "leak" if Verdict.LEAK in bad else "warning" if bad else "closed"


def _title(entries: list[GroupRecord]) -> str:
    parts = [_headline(entry) for entry in entries[:MOST_IN_TITLE]]
    more = len(entries) - MOST_IN_TITLE
    return ", ".join([*parts, f"{more} more {'cause' if more == 1 else 'causes'}"] if more > 0 else parts)


def _headline(entry: GroupRecord) -> str:
    where = f"at {count(entry['deployments'], 'deployment')}"
    if entry["change"] == Change.GONE:
        return f"{entry['cause']} is no longer probed {where}"
    if entry["cause"] == UNKNOWN:
        return f"{'verdict again' if entry['change'] == Change.CLOSED else 'no verdict'} {where}"
    if entry["change"] == Change.CLOSED:
        return f"{entry['cause']} is locked again {where}"
    became = "is still" if entry["change"] == STILL else "became" if entry["verdict"] == Verdict.LEAK else "now"
    return (
        f"{entry['cause']} {became} {'public' if entry['verdict'] == Verdict.LEAK else 'answers unexpectedly'} {where}"
    )


def _text(entries: list[GroupRecord]) -> str:
    blocks: list[str] = []
    for change, heading in _HEADINGS.items():
        lines = [_line(entry) for entry in entries if entry["change"] == change]
        more = [f"- and {len(lines) - MOST_LINES} more"] if len(lines) > MOST_LINES else []
        blocks += ["\n".join([heading, *lines[:MOST_LINES], *more])] if lines else []
    return "\n\n".join(blocks)


def _line(entry: GroupRecord) -> str:
    names, number = ", ".join(entry["names"]), entry["deployments"]
    more = f" and {number - len(entry['names']):,} more" if number > len(entry["names"]) else ""
    why = entry["detail"] or entry["reason"]
    what = f"- {entry['cause']}: {entry['verdict']}{f', {why}' if why else ''}"
    shared = f"; {entry['apart']}" if entry["apart"] else ""
    return f"{what}; at {count(number, 'deployment')} ({names}{more}){shared}; since {time_text(entry['since'])}"
