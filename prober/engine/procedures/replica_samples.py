"""Do all replicas behind an address answer alike? One of an older build is met by one connection in many."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from prober.model import Answered, Category, Effect, PlannedProcedure, Procedure

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

    from prober.model import Outcome, Probe, ProcedureSession, Route, RouteRequests


def plan_samples(route: Route, requests: RouteRequests) -> Iterable[PlannedProcedure]:
    """Plan it where more than one sample is asked for, at a guarded route that only reads."""
    plain = requests.plain
    is_plain_read = route.method == "GET" and route.effect is Effect.NONE and plain.request.opening is None
    if requests.samples > 1 and is_plain_read and plain.promise.refuses and not plain.promise.skip:
        request = replace(plain.request, own_connection=True)
        yield PlannedProcedure(probe=replace(plain, request=request, cost=requests.samples))


async def send_samples(probe: Probe, session: ProcedureSession) -> Outcome:
    """Give the first success, else the answer that is like the fewest others; what is not answered ends it."""
    answers: list[Answered] = []
    for _ in range(probe.cost):
        reply = await session.send(probe.request)
        if not isinstance(reply, Answered) or reply.succeeded:
            return reply
        answers.append(reply)
    often = Counter(map(_kind, answers))
    return min(answers, key=lambda answered: often[_kind(answered)])


def _kind(answered: Answered) -> Hashable:
    """Give what two replicas of one build have in common: the status, and where a redirect leads."""
    return answered.status, (answered.header("location") or "").partition("?")[0]


REPLICA_SAMPLES = Procedure(
    name="samples",
    category=Category.REPLICA,
    about="With --samples N, the request without a credential is sent N times, each over a connection of its own, at "
    "a few routes of each guard that only read. The first success counts, else the rarest answer. It costs N requests "
    "for each of those routes.",
    catches="one replica of several behind an address that still runs a build without the guard",
    source="emissary-ingress/emissary#1461: one pod always let everybody in",
    only_deep=False,
    also_quick=True,
    run=send_samples,
    plan_route=plan_samples,
)
