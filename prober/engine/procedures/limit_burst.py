"""Shows whether a limit applies within the promised number of requests, and whether a forged address gets past it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from prober.engine.procedures.csrf import with_csrf
from prober.engine.procedures.ended_early import ended_early
from prober.engine.procedures.requests_until_limited import Burst, burst
from prober.judge.matching import broken_fact
from prober.model import Category, Observed, PlannedProcedure, Procedure, ProcedureResult, Request

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prober.model import Outcome, Probe, ProcedureSession, Route, RouteRequests

_REFILLS = 2.0  # seconds: a limit that lets one more in by then was not got around, it only waited


def _plan(route: Route, requests: RouteRequests) -> Iterable[PlannedProcedure]:
    if route.limit is not None and route.limit.signal is not None:
        yield PlannedProcedure(probe=replace(requests.plain, cost=route.limit.most + 2))


async def _run(probe: Probe, session: ProcedureSession) -> Outcome:
    send, service = session.send, session.service
    limit = probe.route.limit
    signal = limit.signal if limit else None
    if limit is None or signal is None:
        raise ValueError(probe.id)  # a burst is planned only for a route whose limit says how it refuses
    request = await with_csrf(probe.request, send)
    if not isinstance(request, Request):
        return request
    found: Burst = await burst(
        request, send, lambda answered: broken_fact(signal, answered, service) is None,
        most=limit.most, spoof=lambda number: f"198.51.100.{number % 254 + 1}",
    )  # fmt: skip
    if found.failed is not None:
        return ended_early(found.failed, found.requests)
    if found.limited_after is None:
        detail = f"{found.requests} requests in a row were let through, and the limit is {limit.most}"
        return ProcedureResult(observed=Observed.UNLIMITED, detail=detail, requests=found.requests)
    used = f"this address's allowance is used up, for {_spell(found.until or limit.seconds)} at most"
    if found.evaded and (found.until is None or found.until > _REFILLS):
        but = "but not to a client that sends another X-Forwarded-For"
        detail = f"the limit applies after {found.limited_after}, {but}; {used}"
        return ProcedureResult(observed=Observed.LIMIT_EVADED, detail=detail, requests=found.requests)
    detail = f"the limit applies after {found.limited_after} (expected {limit.most}); {used}"
    return ProcedureResult(observed=Observed.LIMITED, detail=detail, requests=found.requests)


def _spell(seconds: float) -> str:
    return f"{round(seconds / 60)} min" if seconds >= 60 else f"{round(seconds)} s"  # noqa: PLR2004 - a minute


LIMIT_BURST = Procedure(
    name="burst",
    category=Category.LIMIT,
    about="It sends one request more than the limit allows, then one from a forged X-Forwarded-For of a documentation "
    "network. It uses this address's allowance up, so it comes last.",
    catches="a limit that never applies, or that a forged X-Forwarded-For gets past",
    source="the lists of nomore403",
    only_deep=True,
    run=_run,
    plan_route=_plan,
)
