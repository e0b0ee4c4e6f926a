"""Says what each answer seems to mean while the run goes on. The last word is the report's: only then all is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.judge.controls import Controls, read_controls
from prober.model import NotFoundControl, Probe, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.model import Finding, Outcome, Plan

MOST_READINGS = 20  # of the controls anew, for doors that seem open: a wide-open deployment needs no more


class LiveView:
    """What is known of a run so far. It waits for the paths that do not exist, without which nothing can be told."""

    def __init__(
        self, plan: Plan, *, judge: Callable[[Probe, Outcome, Controls], Finding], tell: Callable[[Finding], None]
    ) -> None:
        """Know nothing yet."""
        self._plan, self._judge, self._tell = plan, judge, tell
        self._lost: list[tuple[NotFoundControl, Outcome]] = []
        self._found: list[tuple[Probe, Outcome]] = []
        self._told = 0
        self._controls: Controls | None = None
        self._readings = 0

    def seen(self, entry: Probe | NotFoundControl, outcome: Outcome) -> None:
        """Take an outcome in, and tell of every finding that can be told now."""
        if isinstance(entry, NotFoundControl):
            self._lost.append((entry, outcome))
        else:
            self._found.append((entry, outcome))
        if len(self._lost) < len(self._plan.nowhere):
            return
        for probe, answer in self._found[self._told :]:
            self._told += 1
            self._tell(self._finding(probe, answer))

    def _finding(self, probe: Probe, outcome: Outcome) -> Finding:
        if self._controls is None:
            self._controls = self._read()
        finding = self._judge(probe, outcome, self._controls)
        if finding.verdict is not Verdict.LEAK or self._readings >= MOST_READINGS:
            return finding
        self._readings += 1  # what looked open may be a page that an open route has shown since
        self._controls = self._read()
        return self._judge(probe, outcome, self._controls)

    def _read(self) -> Controls:
        return read_controls(self._plan, self._lost, self._found)
