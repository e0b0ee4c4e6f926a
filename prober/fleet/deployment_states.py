"""The confirmed state of each deployment of a fleet, cause by cause, by the rules of the canary (`canary/alert_state`).

The id of a state is the deployment's name, a space, and the cause; names hold no space. What is locked, and of
which no alert is open, has no state, so that a fleet of 10,000 locked deployments takes no memory.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from prober.canary.alert_state import step
from prober.canary.finding_state import RunFinding
from prober.fleet.tasks import FleetVerdict
from prober.fleet.worker import MOST_CAUSES
from prober.model import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from prober.canary.finding_state import FindingState, Moment, Transition
    from prober.fleet.tasks import Cause, Result

UNKNOWN = "no verdict"  # the cause of a deployment about which nothing is known
_WORST = (Verdict.LEAK, Verdict.DRIFT, Verdict.UNPROVEN)
_SHOWN = {
    Verdict.LEAK: FleetVerdict.LEAK, Verdict.DRIFT: FleetVerdict.DRIFT, Verdict.UNPROVEN: FleetVerdict.NO_VERDICT
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A deployment whose verdict has changed; `before` is None at the first look."""

    name: str
    before: FleetVerdict | None
    after: FleetVerdict
    sentence: str

    def __str__(self) -> str:
        before = "" if self.before is None else f" (was {self.before})"
        return f"{self.after.upper()} {self.name}{before}: {self.sentence}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What one result changes: states to be kept, ids of those to be forgotten, and what is news."""

    kept: tuple[FindingState, ...]
    gone: tuple[str, ...]
    transitions: tuple[Transition, ...]
    change: Change | None


class DeploymentStates:
    """The states of all deployments; it owns them."""

    def __init__(self, states: Iterable[FindingState] = (), *, confirm: int) -> None:
        """Start with what a history knows; a verdict other than a leak counts after `confirm` results in a row."""
        self._confirm = confirm
        self._states: defaultdict[str, dict[str, FindingState]] = defaultdict(dict)
        self._seen: set[str] = set()
        for state in states:
            self._states[name_of(state.id)][state.id] = state
            self._seen.add(name_of(state.id))

    def __iter__(self) -> Iterator[FindingState]:
        """Give every state."""
        return (state for states in self._states.values() for state in states.values())

    @property
    def names(self) -> frozenset[str]:
        """The deployments that have a state."""
        return frozenset(self._states)

    def verdict_of(self, name: str) -> FleetVerdict:
        """Give the confirmed verdict of a deployment."""
        open_ = {state.verdict for state in self._states.get(name, {}).values() if state.is_open}
        return next((_SHOWN[verdict] for verdict in _WORST if verdict in open_), FleetVerdict.LOCKED)

    def is_unsure(self, name: str) -> bool:
        """Say whether a deployment waits for a second look."""
        return any(state.pending is not None for state in self._states.get(name, {}).values())

    def record(self, result: Result, now: Moment) -> Step:
        """Take a result in."""
        name, known = result.name, self._states.get(result.name, {})
        before = self.verdict_of(name) if name in self._seen else None
        update = step(known, findings_of(result, known), now, confirm=self._confirm, whole=False)
        changed = [_with_alert_time(known.get(state.id), state) for state in update.states]
        gone = tuple(state.id for state in changed if _is_over(state))
        self.put(changed, gone)
        after = self.verdict_of(name)
        if not self.is_unsure(name) or after is not FleetVerdict.LOCKED:
            self._seen.add(name)
        change = Change(name=name, before=before, after=after, sentence=result.sentence)
        is_none = after is before or (before is None and after is FleetVerdict.LOCKED)
        states = tuple(state for state in changed if state.id not in gone)
        return Step(kept=states, gone=gone, transitions=update.transitions, change=None if is_none else change)

    def put(self, states: Iterable[FindingState], gone: Iterable[str] = ()) -> None:
        """Replace states, and forget others."""
        for state in states:
            self._states[name_of(state.id)][state.id] = state
        for name in gone:
            of_deployment = self._states[name_of(name)]
            of_deployment.pop(name, None)
            if not of_deployment:
                del self._states[name_of(name)]


def findings_of(result: Result, known: Mapping[str, FindingState]) -> list[RunFinding]:
    """Give what a result says of each cause; known ones that it does not name are locked, where it names all."""
    if result.verdict is FleetVerdict.NO_VERDICT:
        reason = result.why.partition(":")[0]
        return [RunFinding(id=f"{result.name} {UNKNOWN}", verdict=Verdict.UNPROVEN, reason=reason, detail=result.why)]
    found: dict[str, RunFinding] = {}
    for cause in result.causes:
        name = f"{result.name} {text_of(cause)}"
        finding = RunFinding(id=name, verdict=Verdict(cause.verdict), reason=cause.reason, detail="")
        if name not in found or finding.verdict is Verdict.LEAK:
            found[name] = finding
    if result.verdict is not FleetVerdict.LOCKED and not found:
        name = f"{result.name} the deployment"
        found[name] = RunFinding(id=name, verdict=Verdict(result.verdict), reason="", detail=result.sentence)
    is_cut = len(result.causes) >= MOST_CAUSES
    locked = [name for name in known if name not in found and (not is_cut or cause_of(name) == UNKNOWN)]
    return [
        *found.values(),
        *(RunFinding(id=n, verdict=Verdict.LOCKED, reason="as-promised", detail="") for n in locked),
    ]


def text_of(cause: Cause) -> str:
    """Name a cause as people read it."""
    return f"{cause.surface}: {cause.route}" if cause.surface else cause.route


def name_of(finding: str) -> str:
    """Give the deployment of a state's id."""
    return finding.partition(" ")[0]


def cause_of(finding: str) -> str:
    """Give the cause of a state's id."""
    return finding.partition(" ")[2]


def _with_alert_time(before: FindingState | None, after: FindingState) -> FindingState:
    """Keep the time of a cause's alert until one says that it is over; another verdict needs an alert of its own."""
    if before is None or before.alerted_at is None:
        return after
    is_another = after.is_open and before.is_open and after.verdict is not before.verdict
    return replace(after, alerted_at=None if is_another else before.alerted_at)


def _is_over(state: FindingState) -> bool:
    return not state.is_open and state.alerted_at is None and state.pending is None
