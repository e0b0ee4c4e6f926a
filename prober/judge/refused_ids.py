"""Did a router refuse the very id that a probe sent? Then nothing is known of the guard: another id may fit. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from prober.judge.attribution import APPLICATION
from prober.judge.facts import Facts
from prober.model import IMPOSSIBLE_ID, Answered, Effect, Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from prober.judge.observations import Observations
    from prober.model import Plan, Probe, Request

_INVALID = frozenset({400, 422})  # of a router or a handler that wants an id of another type
_NOT_FOUND = 404


def refused_ids(plan: Plan, observations: Observations) -> tuple[Probe, ...]:
    """Name the plain probes whose id was refused by its form: as an unknown path is, or as invalid.

    Only guarded routes that read and do not say what their parameters take: of a number nobody knows for sure that
    nothing has it.
    """
    return tuple(
        probe
        for probe in plan.probes
        if probe.variant is None
        and probe.procedure is None
        and probe.credential.kind is Kind.ANONYMOUS
        and probe.route.method == "GET"
        and probe.route.effect is Effect.NONE
        and probe.promise.refuses
        and IMPOSSIBLE_ID in probe.request.target
        and not probe.route.id_types
        and is_refused_id(probe, observations)
    )


def is_refused_id(probe: Probe, observations: Observations) -> bool:
    """Say whether the answer to a plain probe is about its id alone."""
    outcome = observations.outcomes.get(probe)
    if not isinstance(outcome, Answered):
        return False
    facts = Facts(probe, outcome, observations.controls_of(probe.request.service))
    if facts.expected is not None or facts.author != APPLICATION:
        return False
    return outcome.status in _INVALID or (outcome.status == _NOT_FOUND and facts.like_not_found)


def fits_better(probe: Probe, answered: Answered, observations: Observations) -> bool:
    """Say whether a probe with another id met more than a router: its guard, or what is behind it."""
    facts = Facts(probe, answered, observations.controls_of(probe.request.service))
    if facts.author != APPLICATION or answered.failed:
        return False
    return answered.status not in _INVALID and not (answered.status == _NOT_FOUND and facts.like_not_found)


def with_id(plan: Plan, chosen: Mapping[str, str]) -> Plan:
    """Give the plan with the ids that fit, by the names of their routes."""
    return replace(
        plan,
        probes=tuple(
            probe_with_id(probe, chosen[probe.route.name])
            if probe.route.name in chosen and IMPOSSIBLE_ID in probe.place
            else probe
            for probe in plan.probes
        ),
    )


def probe_with_id(probe: Probe, value: str) -> Probe:
    """Give the same probe with another id wherever it sends the impossible one."""
    return replace(
        probe,
        request=_request_with_id(probe.request, value),
        plain_target=probe.plain_target.replace(IMPOSSIBLE_ID, value),
        others=tuple(_request_with_id(other, value) for other in probe.others),
        counterpart=None if probe.counterpart is None else _request_with_id(probe.counterpart, value),
    )


def _request_with_id(request: Request, value: str) -> Request:
    headers = tuple((name, said.replace(IMPOSSIBLE_ID, value)) for name, said in request.headers)
    return replace(request, target=request.target.replace(IMPOSSIBLE_ID, value), headers=headers)
