"""Does a cookie that is handed out to strangers open the door? A client that keeps cookies presents it, as browsers do.

And does any value of such a cookie, or of a cookie or a header that the refusal names? A guard may look only whether it
is there.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from prober.engine.procedures.follow import followed
from prober.judge.handed_out import cookies_set_by, may_be_session
from prober.judge.named_carriers import named_carriers
from prober.model import Answered, Category, Effect, PlannedProcedure, Procedure

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from prober.model import Outcome, Probe, ProcedureSession, Reply, Request, Route, RouteRequests

BOGUS_VALUES = (("lockdown-probe", "lockdown-probe"), ("true", "undefined"))  # of cookies, and of keys


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
    with_given = await _present(given, (), request, session) if given else refusal
    if isinstance(with_given, Answered) and with_given.succeeded:
        return with_given
    named = named_carriers(refusal)
    names = [*(name for name in given if may_be_session(name)), *(name for name in named.cookies if name not in given)]
    for cookie, key in BOGUS_VALUES if names or named.headers else ():
        keys = [(name, key) for name in named.headers]
        reply = await _present(dict.fromkeys(names, cookie), keys, request, session)
        if isinstance(reply, Answered) and reply.succeeded:
            return reply
    return with_given


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
    "Once for each guard, at a route that only reads: one request where nothing is handed out or named, else at most "
    "four.",
    catches="a session that is handed out to everybody, and a guard that looks only whether such a cookie, or a header "
    "that its refusal or CORS names, is there",
    source="measured: an anonymous session that is created before the guard looks",
    only_deep=False,
    at_once=True,
    run=present_cookies,
    plan_route=plan_route,
)
