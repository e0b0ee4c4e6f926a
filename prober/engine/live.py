"""Says what each answer seems to mean while a run goes on. The last word is the report's: only then all is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.model import NotFoundControl, Probe

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.judge.conclude import Judge
    from prober.judge.observations import Observations
    from prober.model import Finding, Outcome, Plan


class LiveView:
    """Reports findings as they come. It waits for the paths that do not exist, without which nothing can be told."""

    def __init__(
        self, plan: Plan, observations: Observations, *, judge: Judge, report: Callable[[Finding], None]
    ) -> None:
        """Start with nothing seen; the observations are those of the run, up to date at each call."""
        self._observations, self._judge, self._report = observations, judge, report
        self._awaited = {control for control in plan.not_found_controls if control not in observations.outcomes}
        self._waiting: list[tuple[Probe, Outcome]] = []

    def observed(self, entry: Probe | NotFoundControl, outcome: Outcome) -> None:
        """Take an outcome in that was just recorded, and report every finding that can be told now."""
        if isinstance(entry, NotFoundControl):
            self._awaited.discard(entry)
        else:
            self._waiting.append((entry, outcome))
        if self._awaited:
            return
        waiting, self._waiting = self._waiting, []
        for probe, answer in waiting:
            self._report(self._judge(probe, answer, self._observations.controls))
