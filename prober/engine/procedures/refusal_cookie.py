"""Does a cookie that a refusal sets open the door? A client that keeps cookies, as browsers do, presents it next."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from prober.engine.procedures.follow import followed
from prober.model import Answered, Effect, PlannedProcedure, Procedure

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prober.model import Outcome, Probe, ProcedureSession, Route, RouteRequests


def plan_route(route: Route, requests: RouteRequests) -> Iterable[PlannedProcedure]:
    """Plan it once for each guard, at a route that only reads."""
    reads = route.method == "GET" and route.effect is Effect.NONE
    if reads and requests.represents_guard and requests.plain.promise.refuses and not requests.plain.promise.skip:
        yield PlannedProcedure(probe=replace(requests.plain, cost=3))


async def present_cookies(probe: Probe, session: ProcedureSession) -> Outcome:
    """Ask without a credential, then with every cookie that the refusal sets; the last answer is what is judged."""
    request = probe.request
    refusal = await session.send(request)
    onward = followed(request, refusal) if isinstance(refusal, Answered) else None
    if onward is not None:
        request, refusal = onward, await session.send(onward)
    if not isinstance(refusal, Answered) or refusal.succeeded:
        return refusal
    cookies = dict(pair for name, value in refusal.headers if name == "set-cookie" and (pair := _read(value)))
    if not cookies:
        return refusal
    jar = "; ".join(f"{name}={value}" for name, value in cookies.items())
    return await session.send(replace(request, headers=(*request.headers, ("Cookie", jar))))


def _read(set_cookie: str) -> tuple[str, str] | None:
    """Give the name and the value of a cookie that is set, None for one that is cleared or that no header can hold."""
    pair, _, attributes = set_cookie.partition(";")
    name, equals, value = pair.partition("=")
    name, value = name.strip(), value.strip()
    cleared = "max-age=0" in attributes.lower().replace(" ", "")
    writable = f"{name}{value}".isascii() and f"{name}{value}".isprintable()
    return (name, value) if equals and name and value and not cleared and writable else None


REFUSAL_COOKIE = Procedure(
    name="refusal-cookie",
    about="The route is asked without a credential, and once more with the cookies that its refusal sets. Two requests "
    "for each guard, at a route that only reads.",
    catches="a refusal that hands out a session: the next request of the same client is let in",
    source="measured: an anonymous session that is created before the guard looks",
    only_deep=False,
    run=present_cookies,
    plan_route=plan_route,
)
