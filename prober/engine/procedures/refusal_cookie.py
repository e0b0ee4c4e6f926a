"""Does a cookie that is handed out to strangers open the door? A client that keeps cookies presents it, as browsers do.

Does a browser end there that goes where it is sent, with what it is given on the way? Some front ends hand tickets
out. And does any value of such a cookie, or of a cookie or a header that the refusal names? A guard may look only
whether it is there.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from prober.engine.procedures.follow import followed, next_in_chain
from prober.judge.handed_out import cookies_set_by, may_be_session
from prober.judge.named_carriers import named_carriers
from prober.model import Answered, Category, Effect, PlannedProcedure, Procedure

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from prober.model import Outcome, Probe, ProcedureSession, Reply, Request, Route, RouteRequests

MOST_STEPS = 2  # to where tickets are handed out, and back
BOGUS_VALUES = (("lockdown-probe", "lockdown-probe"), ("true", "undefined"))  # of cookies, and of keys


def plan_route(route: Route, requests: RouteRequests) -> Iterable[PlannedProcedure]:
    """Plan it once for each guard, at a route that only reads."""
    reads = route.method == "GET" and route.effect is Effect.NONE
    if reads and requests.represents_guard and requests.plain.promise.refuses and not requests.plain.promise.skip:
        redirects = any(answer.location is not None for answer in requests.plain.promise.answers)
        yield PlannedProcedure(probe=replace(requests.plain, cost=5 if redirects else 4))


async def present_cookies(probe: Probe, session: ProcedureSession) -> Outcome:
    """Ask without a credential, with what strangers were given, and with other values; the first success counts."""
    request = probe.request
    refusal = await session.fetch(request)
    onward = followed(request, refusal) if isinstance(refusal, Answered) else None
    if onward is not None:
        request, refusal = onward, await session.fetch(onward)
    if not isinstance(refusal, Answered) or refusal.succeeded:
        return refusal
    arrived, steps = await _sent_around(request, refusal, session)
    if arrived is not None:
        return arrived
    given = {**await session.handed_out(request), **cookies_set_by(refusal)}
    with_given = await _present(given, (), request, session) if given else refusal
    if isinstance(with_given, Answered) and with_given.succeeded:
        return with_given
    named = named_carriers(refusal)
    names = [*(name for name in given if may_be_session(name)), *(name for name in named.cookies if name not in given)]
    left = max(0, probe.cost - 2 - steps)  # of what was planned for it
    for cookie, key in BOGUS_VALUES[:left] if names or named.headers else ():
        keys = [(name, key) for name in named.headers]
        reply = await _present(dict.fromkeys(names, cookie), keys, request, session)
        if isinstance(reply, Answered) and reply.succeeded:
            return reply
    return with_given


async def _sent_around(request: Request, refusal: Answered, session: ProcedureSession) -> tuple[Answered | None, int]:
    """Go where the refusal leads, as a browser does; give the route's own success that this ends in, and the steps."""
    jar, at, reply = cookies_set_by(refusal), request, refusal
    for step in range(MOST_STEPS):
        onward = next_in_chain(at, reply, session.service) if reply.redirects else None
        if onward is None:
            return None, step
        cookie = (("Cookie", "; ".join(f"{name}={value}" for name, value in jar.items())),) if jar else ()
        there = await session.fetch(replace(onward, headers=(*request.headers, *cookie)))
        if not isinstance(there, Answered):
            return None, step + 1
        if there.succeeded:
            return (there if _path_of(onward) == _path_of(request) else None), step + 1
        jar |= cookies_set_by(there)
        at, reply = onward, there
    return None, MOST_STEPS


def _path_of(request: Request) -> str:
    return request.target.partition("?")[0].rstrip("/")


async def _present(
    cookies: Mapping[str, str], keys: Iterable[tuple[str, str]], request: Request, session: ProcedureSession
) -> Reply:
    jar = "; ".join(f"{name}={value}" for name, value in cookies.items())
    cookie = (("Cookie", jar),) if jar else ()
    return await session.fetch(replace(request, headers=(*request.headers, *keys, *cookie)))


REFUSAL_COOKIE = Procedure(
    name="refusal-cookie",
    category=Category.HANDED_OUT_COOKIE,
    about="The route is asked without a credential, then with the cookies that its refusal, the front page and the "
    "open routes hand out, and then with other values of those and of the headers and cookies that the refusal names. "
    "A redirect on the same origin is followed as a browser does, at most twice. "
    "Once for each guard, at a route that only reads: one request where nothing is handed out or named, else at most "
    "four, and five where a redirect is expected.",
    catches="a session or a ticket that is handed out to everybody, and a guard that looks only whether such a cookie, "
    "or a header that its refusal or CORS names, is there",
    source="measured: an anonymous session that is created before the guard looks",
    only_deep=False,
    at_once=True,
    run=present_cookies,
    plan_route=plan_route,
)
