"""What came back in a run so far, and what the controls show by it. It decides nothing and sends nothing.

One object holds both for whoever asks during the run and after it: the scheduler, the live view and the conclusion.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.judge.controls import ServiceControls
from prober.judge.controls_reader import ControlsReader
from prober.model import NotFoundControl

if TYPE_CHECKING:
    from prober.judge.controls import Controls
    from prober.model import Outcome, Plan, Probe


class Observations:
    """The outcomes of a plan as they come, and the controls, which are up to date with them."""

    def __init__(self, plan: Plan) -> None:
        """Start with no outcome."""
        self.outcomes: dict[Probe | NotFoundControl, Outcome] = {}
        self.confirmations: dict[Probe, Outcome] = {}  # second looks at leaks
        self.counterparts: dict[str, Outcome] = {}  # by the probe's id: what an unknown path, spelled so, got
        self.openers: dict[str, str] = {}  # by the id of a variant of several headers: the one that opens alone
        self.tls_expires: dict[str, float] = {}  # by service, in Unix time
        self.count = 0  # of the outcomes so far
        self.recorded_at: dict[Probe | NotFoundControl, int] = {}  # the number of each among them
        self.last_good: dict[str, int] = {}  # by service: how many there were when its controls last were as at first
        self.changed: dict[str, str] = {}  # by service: how its controls have changed
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

    def record_check(self, service: str, *, counted: int, problem: str | None) -> None:
        """Take in a second look at the controls of a service; the first change counts, and what was seen before it."""
        if service in self.changed:
            return
        if problem is None:
            self.last_good[service] = counted
        else:
            self.changed[service] = problem

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
