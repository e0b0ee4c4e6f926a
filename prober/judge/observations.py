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
        self.tls_expires: dict[str, float] = {}  # by service, in Unix time
        self._controls = ControlsReader(plan)
        self._awaited: dict[str, set[NotFoundControl]] = {}  # unknown paths that were not answered yet, by service
        for control in plan.not_found_controls:
            self._awaited.setdefault(control.request.service, set()).add(control)

    def record(self, entry: Probe | NotFoundControl, outcome: Outcome) -> None:
        """Take in what a request came to; each is recorded once."""
        self.outcomes[entry] = outcome
        if isinstance(entry, NotFoundControl):
            self._awaited[entry.request.service].discard(entry)
        self._controls.observe(entry, outcome)

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
