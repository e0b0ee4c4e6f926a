"""Which surfaces are there for sure: a request that may act goes to no route that only may be there. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.judge.attribution import APPLICATION
from prober.judge.facts import ABSENT, Facts
from prober.model import Answered, Control, Effect, NotFoundControl

if TYPE_CHECKING:
    from prober.judge.observations import Observations
    from prober.model import Outcome, Plan, Probe

Place = tuple[str, str]  # a service and a surface


def served_surfaces(plan: Plan, observations: Observations) -> frozenset[Place]:
    """Name the surfaces that are declared, or of which a route without an effect has answered as only a route does.

    A surface without such a route counts as served where another one is, besides a sign of life that many applications
    have, and where unknown paths refuse what may act.
    """
    places = {_place(probe) for probe in plan.probes}
    declared = {place for place in places if place[1] in plan.declared}
    readable = [probe for probe in plan.probes if probe.route.effect is Effect.NONE and probe.variant is None]
    answered = [probe for probe in readable if _is_there(probe, observations)]
    proven = {_place(probe) for probe in answered}
    applications = {probe.request.service for probe in answered if probe.route.control is not Control.ALIVE}
    lax = {
        entry.request.service
        for entry, outcome in observations.outcomes.items()
        if isinstance(entry, NotFoundControl) and is_granted_control(entry, outcome)
    }
    unreadable = places - {_place(probe) for probe in readable}
    beside = {place for place in unreadable if place[0] in applications - lax}
    return frozenset(declared | proven | beside)


def is_granted_control(control: NotFoundControl, outcome: Outcome) -> bool:
    """Say whether a path that does not exist has taken what may act: any success that is not the page of every path."""
    if control.request.method == "GET" or not isinstance(outcome, Answered):
        return False
    return outcome.succeeded and "html" not in (outcome.header("content-type") or "")


def may_have_acted(control: NotFoundControl, outcome: Outcome) -> bool:
    """Say whether a path that does not exist has taken what may act, or failed or answered oddly after it may have."""
    if control.request.method == "GET" or not isinstance(outcome, Answered):
        return False
    leads_nowhere = outcome.redirects and outcome.header("location") is None and bool(outcome.body.strip())
    return is_granted_control(control, outcome) or outcome.failed or leads_nowhere


def _is_there(probe: Probe, observations: Observations) -> bool:
    outcome = observations.outcomes.get(probe)
    if not isinstance(outcome, Answered):
        return False
    facts = Facts(probe, outcome, observations.controls_of(probe.request.service))
    if facts.author != APPLICATION:
        return False
    refused = facts.expected is not None and facts.expected.refuses and outcome.status not in ABSENT
    return refused or not (facts.like_not_found or outcome.failed)


def _place(probe: Probe) -> Place:
    return probe.request.service, probe.route.surface
