"""Does a cookie that is handed out to strangers open the door? A client that keeps cookies presents it, as browsers do.

And does any value of such a cookie? A guard may look only whether it is there.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from prober.engine.procedures.follow import followed
from prober.judge.handed_out import cookies_set_by, may_be_session
from prober.model import Answered, Effect, PlannedProcedure, Procedure

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from prober.model import Outcome, Probe, ProcedureSession, Reply, Request, Route, RouteRequests

BOGUS_VALUES = ("lockdown-probe", "true")


def plan_route(route: Route, requests: RouteRequests) -> Iterable[PlannedProcedure]:
    """Plan it once for each guard, at a route that only reads."""
    reads = route.method == "GET" and route.effect is Effect.NONE
    if reads and requests.represents_guard and requests.plain.promise.refuses and not requests.plain.promise.skip:
        yield PlannedProcedure(probe=replace(requests.plain, cost=4))


async def present_cookies(probe: Probe, session: ProcedureSession) -> Outcome:
    """Ask without a credential, with what strangers were given, and with other values; the first success counts."""
    request = probe.request
    refusal = await session.fetch(request)
    onward = followed(request, refusal) if isinstance(refusal, Answered) else None
    if onward is not None:
        request, refusal = onward, await session.fetch(onward)
    if not isinstance(refusal, Answered) or refusal.succeeded:
        return refusal
    given = {**await session.handed_out(request), **cookies_set_by(refusal)}
    if not given:
        return refusal
    with_given = await _present(given, request, session)
    if isinstance(with_given, Answered) and with_given.succeeded:
        return with_given
    names = [name for name in given if may_be_session(name)]
    for value in BOGUS_VALUES if names else ():
        reply = await _present(dict.fromkeys(names, value), request, session)
        if isinstance(reply, Answered) and reply.succeeded:
            return reply
    return with_given


async def _present(cookies: Mapping[str, str], request: Request, session: ProcedureSession) -> Reply:
    jar = "; ".join(f"{name}={value}" for name, value in cookies.items())
    return await session.fetch(replace(request, headers=(*request.headers, ("Cookie", jar))))


REFUSAL_COOKIE = Procedure(
    name="refusal-cookie",
    about="The route is asked without a credential, then with the cookies that its refusal, the front page and the "
    "open routes hand out, and then with other values of those. Once for each guard, at a route that only reads: one "
    "request where no cookie is handed out, four where one is.",
    catches="a session that is handed out to everybody, and a guard that looks only whether such a cookie is there",
    source="measured: an anonymous session that is created before the guard looks",
    only_deep=False,
    at_once=True,
    run=present_cookies,
    plan_route=plan_route,
)
