"""Has a door opened, by what is known so far? Asked during a run, so that nothing more is sent through it. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.judge.matching import kept
from prober.judge.verdicts import opened_by
from prober.model import Answered

if TYPE_CHECKING:
    from prober.judge.controls import ServiceControls
    from prober.model import Outcome, Probe


def grants(probe: Probe, outcome: Outcome, controls: ServiceControls) -> bool:
    """Say whether the judge would call it a grant, by what is known so far; a route that acts gets nothing more."""
    if not isinstance(outcome, Answered) or not probe.promise.refuses:
        return False
    if probe.variant is None and kept(probe.promise, outcome, controls.service):
        return False
    return opened_by(probe, outcome, controls) is not None
