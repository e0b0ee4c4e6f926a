"""What the watch knows at a moment, for whoever shows it (a page, metrics): a value, so that no reader holds it up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from prober.canary.times import seconds_of
from prober.model import Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from prober.canary.finding_state import FindingState
    from prober.report.shape import Record


def name_of(record: Record) -> str:
    """Give the name of a run in the history: a random one alone may come again in so many."""
    return f"{record['run']} {record['started_at']}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """All that is known. Moments are seconds of the wall clock."""

    at: float
    started: float
    next_run: float | None  # None while a run is under way
    record: Record | None  # of the last run that finished since the watch began
    states: Mapping[str, FindingState]
    last_finished: float | None
    last_locked: float | None
    finished: int
    crashed: int
    missed: int

    @property
    def open(self) -> tuple[FindingState, ...]:
        """What stands and is bad."""
        return tuple(state for state in self.states.values() if state.is_open)

    @property
    def exposure(self) -> dict[str, float]:
        """For how many seconds a door of a surface has stood open, by surface; none of them where no leak stands."""
        since: dict[str, float] = {}
        for state in self.open:
            if state.verdict is Verdict.LEAK:
                surface = state.id.partition(": ")[0]
                since[surface] = min(since.get(surface, self.at), seconds_of(state.since.at))
        return {surface: self.at - begin for surface, begin in since.items()}
