"""Can a known account be told from an unknown one? The comparison of `enumeration`, within what a limit leaves."""

from __future__ import annotations

import random
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from prober.engine.procedures.csrf import with_csrf
from prober.engine.procedures.ended_early import ended_early
from prober.engine.procedures.request_comparison import Compared, compare, compare_once
from prober.model import Category, Observed, PlannedProcedure, Procedure, ProcedureResult, Request
from prober.plan.body_keys import made_up
from prober.plan.held_secrets import KNOWN_EMAIL

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from prober.model import Limit, Outcome, Probe, ProcedureSession, Reply, Route, RouteRequests

    Send = Callable[[Request], Awaitable[Reply]]

MOST_REQUESTS = 96  # of a comparison
MOST_PAIRS = 20  # of a comparison's block; there are two, and some requests before them
FEWEST_PAIRS = 15  # in fewer, a difference of 200 ms would be missed too often
NOT_TIMED = 16  # requests of a comparison that no clock is held to
ONE_PAIR = 3  # requests that a limit must leave: the plain probe, and one of each account


async def _compare(probe: Probe, send: Send, shuffle: random.Random) -> Outcome:
    limit = probe.route.limit
    pairs = _pairs_within(limit)
    if limit is not None and limit.most < ONE_PAIR:
        detail = f"its limit of {limit.most} leaves too few requests to compare anything"
        return ProcedureResult(observed=Observed.TOO_FEW_REQUESTS, detail=detail, requests=0)
    arms: list[Request] = []
    for request in (probe.request, *probe.others):
        ready = await with_csrf(request, send)
        if not isinstance(ready, Request):
            return ready
        arms.append(ready)
    plain, other = arms
    if pairs is None:
        return _result(await compare_once(plain, other, send))
    found: Compared = await compare(plain, other, send, pairs=pairs, shuffle=shuffle, clock=time.monotonic)
    if found.failed is not None:
        return ended_early(found.failed, found.requests)
    if found.tellable and not (found.by or "").startswith("time"):
        # A page that picks one of two forms at random would be told apart by chance, but hardly twice.
        again = await compare(plain, other, send, pairs=0, shuffle=shuffle, clock=time.monotonic)
        found = again if again.failed is not None or not again.tellable else found
    return _result(found, "" if pairs else "; its limit leaves too few requests to compare times")


def _result(found: Compared, but: str = "") -> Outcome:
    """Give what a comparison came to; `but` is what it left out where nothing tells the two apart."""
    if found.failed is not None:
        return ended_early(found.failed, found.requests)
    if found.tellable:
        detail = f"a known address can be distinguished from an unknown one by {found.by}"
        return ProcedureResult(observed=Observed.DISTINGUISHABLE, detail=detail, requests=found.requests)
    return ProcedureResult(observed=Observed.INDISTINGUISHABLE, detail=found.detail + but, requests=found.requests)


def _pairs_within(limit: Limit | None) -> int | None:
    """Give how many timed pairs a limit leaves; 0 when only answers can be compared, None when one pair of those."""
    if limit is None:
        return MOST_PAIRS
    if limit.most < NOT_TIMED:
        return None
    pairs = min((limit.most - NOT_TIMED) // 4, MOST_PAIRS)
    return pairs if pairs >= FEWEST_PAIRS else 0


def _plan(route: Route, requests: RouteRequests) -> Iterable[PlannedProcedure]:
    if route.indistinguishable is not None:
        plain, other = requests.plain, requests.with_payload(route.indistinguishable)
        unknown = plain.request if route.well_formed is None else requests.with_payload(made_up(route.well_formed))
        cost = MOST_REQUESTS if _pairs_within(route.limit) is not None else 2 + (route.csrf is not None)
        probe = replace(plain, request=unknown, others=(other,), cost=cost, is_beyond_inert=True)
        yield PlannedProcedure(probe=probe, needs=(KNOWN_EMAIL,))


async def _run(probe: Probe, session: ProcedureSession) -> Outcome:
    return await _compare(probe, session.send, random.Random(session.run))  # noqa: S311 - an order, and no secret


ACCOUNT_ENUMERATION = Procedure(
    name="comparison",
    category=Category.ACCOUNTS,
    about="It sends the same request for a known and for an unknown account, and compares status, headers, body and, "
    "where the limit leaves enough requests, the time. At most 96 requests, one after the other; one pair where a "
    "limit leaves fewer than 16, and none where it leaves fewer than three.",
    catches="an answer, or the time it takes, that distinguishes a known account from an unknown one",
    source="OWASP, testing for account enumeration",
    only_deep=True,
    run=_run,
    plan_route=_plan,
)
