"""Has a door opened, by what is known so far? Asked during a run, so that nothing more is sent through it. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.judge.difference import is_nothing_new
from prober.judge.match import kept, target_of
from prober.judge.places import is_sign_in_place
from prober.judge.redirects import is_same_path
from prober.judge.soft import soft_refusal
from prober.model import Answered

if TYPE_CHECKING:
    from prober.judge.controls import ServiceControls
    from prober.model import Outcome, Probe


def grants(probe: Probe, outcome: Outcome, controls: ServiceControls) -> bool:
    """Say whether the door seems to have opened, by what is known so far; a route that acts gets nothing more."""
    service = controls.service
    if not isinstance(outcome, Answered) or not probe.promise.refuses:
        return False
    if kept(probe.promise, outcome, service):
        return False
    if outcome.succeeded:
        nothing = is_nothing_new if probe.variant else soft_refusal
        return not nothing(probe, outcome, controls)
    redirect = target_of(outcome, service, probe.request.target)
    if redirect is None:
        return False
    url, on_origin = redirect
    return on_origin and not is_sign_in_place(url, service.host) and not is_same_path(url, probe)
