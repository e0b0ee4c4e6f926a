"""What came back in a run so far, and what the controls show by it. It decides nothing and sends nothing.

One object holds both for whoever asks during the run and after it: the scheduler, the live view and the conclusion.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from prober.judge.controls import ServiceControls
from prober.judge.controls_reader import ControlsReader
from prober.model import NotFoundControl

if TYPE_CHECKING:
    from prober.judge.controls import Controls
    from prober.model import Outcome, Plan, Probe


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlChange:
    """A time in which a control was answered otherwise than at first, in numbers of outcomes."""

    control: str
    since: int  # when it was last as at first
    until: int | None  # when it was so again; None: it was not
    problem: str  # how it was answered, in a sentence


class Observations:
    """The outcomes of a plan as they come, and the controls, which are up to date with them."""

    def __init__(self, plan: Plan) -> None:
        """Start with no outcome."""
        self.outcomes: dict[Probe | NotFoundControl, Outcome] = {}
        self.confirmations: dict[Probe, Outcome] = {}  # second looks at leaks
        self.counterparts: dict[str, Outcome] = {}  # by the probe's id: what an unknown path, spelled so, got
        self.openers: dict[str, str] = {}  # by the id of a variant of several headers: the one that opens alone
        self.counterpart_reads: dict[str, Outcome] = {}  # the same, by GET, where the probe is no read
        self.tls_expires: dict[str, float] = {}  # by service, in Unix time
        self.count = 0  # of the outcomes so far
        self.recorded_at: dict[Probe | NotFoundControl, int] = {}  # the number of each among them
        self.changes: dict[str, list[ControlChange]] = {}  # by service: the times in which a control was otherwise
        self._last_good: dict[tuple[str, str], int] = {}  # by control: how many there were when it last was as at first
        self.asked_again: set[Probe | NotFoundControl] = set()  # once the controls were as at first again
        self._controls = ControlsReader(plan)
        self._awaited: dict[str, set[NotFoundControl]] = {}  # unknown paths that were not answered yet, by service
        for control in plan.not_found_controls:
            self._awaited.setdefault(control.request.service, set()).add(control)

    def record(self, entry: Probe | NotFoundControl, outcome: Outcome) -> None:
        """Take in what a request came to; each is recorded once."""
        self.outcomes[entry] = outcome
        self.count += 1
        self.recorded_at[entry] = self.count
        if isinstance(entry, NotFoundControl):
            self._awaited[entry.request.service].discard(entry)
        self._controls.observe(entry, outcome)

    def record_check(
        self, service: str, control: str, *, first: int, counted: int, problem: str | None, under_way: int
    ) -> None:
        """Take in a second look at a control of a service, sent after `counted` outcomes; the first was after `first`.

        A change lasts from the last look at which that control was as at first until the next such look. Of the
        `under_way` requests that were sent meanwhile nobody knows on which side they were answered.
        """
        changes = self.changes.setdefault(service, [])
        lasting = next((change for change in changes if change.control == control and change.until is None), None)
        if problem is None:
            self._last_good[service, control] = counted
            if lasting is not None:
                changes[changes.index(lasting)] = replace(lasting, until=self.count + under_way)
        elif lasting is None:
            since = self._last_good.get((service, control), first)
            changes.append(ControlChange(control=control, since=since, until=None, problem=problem))

    def record_passing(self, service: str, *, since: int, until: int | None, problem: str) -> None:
        """Take in that somebody else has refused for a while, or to the end, unseen by the controls."""
        change = ControlChange(control="a refusal", since=since, until=until, problem=problem)
        self.changes.setdefault(service, []).append(change)

    def record_again(self, entry: Probe | NotFoundControl, outcome: Outcome) -> None:
        """Take in what an entry came to that was asked once more, in place of an answer that proved nothing."""
        self.count += 1
        self.outcomes[entry], self.recorded_at[entry] = outcome, self.count
        self.asked_again.add(entry)
        self._controls.observe(entry, outcome)

    def is_steady(self, service: str) -> bool:
        """Say whether the controls are as at first again, and have not come and gone."""
        changes = self.changes.get(service, [])
        counts = Counter(change.control for change in changes)
        return all(change.until is not None for change in changes) and max(counts.values(), default=0) < 2  # noqa: PLR2004 - twice is to and fro

    def change_at(self, entry: Probe | NotFoundControl) -> ControlChange | None:
        """Give the change of a control during which an entry was answered, None where there was none."""
        at, service = self.recorded_at.get(entry, 0), entry.request.service
        changes = self.changes.get(service, [])
        if not changes or entry in self.asked_again:
            return None
        if not self.is_steady(service):  # it came and went, or lasts: nothing after the first is known
            first = min(changes, key=lambda change: change.since)
            return first if at > first.since else None
        return next((change for change in changes if change.since < at <= (change.until or at)), None)

    def controls_for_stopping(self, service: str) -> ServiceControls:
        """What may excuse a success while the run goes on: nothing, before every unknown path was answered.

        Of some of them alone, another one than in the end may lie nearest to a route, and hide a grant.
        """
        known = self._controls.of(service)
        return known if not self._awaited.get(service) else ServiceControls(service=known.service)

    @property
    def controls(self) -> Controls:
        """What the controls show so far, of every service."""
        return self._controls.controls

    def controls_of(self, service: str) -> ServiceControls:
        """What the controls show so far, of one service."""
        return self._controls.of(service)
