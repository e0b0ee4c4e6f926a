"""Carries out the procedures of a plan, and puts what each has found out into one word. It judges nothing."""

from __future__ import annotations

import random
import time
from functools import partial
from typing import TYPE_CHECKING

from prober.engine.procedures.csrf import with_csrf
from prober.engine.procedures.enumeration import Compared, compare
from prober.engine.procedures.mcp_session_close import closing
from prober.engine.procedures.oauth_metadata import check_challenge
from prober.engine.procedures.rate_limit_burst import Burst, burst
from prober.engine.procedures.session_binding import Binding
from prober.judge.matching import broken_fact
from prober.model import Answered, Procedure, ProcedureResult, Reason, Request
from prober.transport.tcp import connected

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from prober.engine.client import Client
    from prober.model import Limit, Outcome, Probe, Reply, Service
    from prober.transport.http import Connection
    from prober.transport.network import Network

    Send = Callable[[Request], Awaitable[Reply]]

MOST_PAIRS = 20  # of a comparison's block; there are two, and some requests before them
FEWEST_PAIRS = 15  # in fewer, a difference of 200 ms would be missed too often
_REFILLS = 2.0  # seconds: a limit that lets one more in by then was not got around, it only waited
BESIDES = 16  # requests of a comparison that no clock is held to


async def learn(probe: Probe, client: Client, connection: Connection, network: Network, *, run: str) -> Outcome:
    """Carry out this probe's procedure."""

    async def send(request: Request) -> Reply:
        return await client.once(request, connection)

    service = network.services[probe.request.service]
    if probe.procedure is Procedure.CHALLENGE:
        return await check_challenge(probe.request, service, partial(_sent_and_closed, send=send))
    if probe.procedure is Procedure.BINDING:
        first, second = probe.others
        return await Binding(first, second, run, send).learn()
    if probe.procedure is Procedure.PORT:
        return await _port(probe, network, service)
    if probe.procedure is Procedure.COMPARISON:
        return await _compare(probe, send, random.Random(run))  # noqa: S311 - an order, and no secret
    return await _burst(probe, send, service)


async def _sent_and_closed(request: Request, *, send: Send) -> Reply:
    """A session that an open door hands out is closed again."""
    reply = await send(request)
    goodbye = closing(request, reply) if isinstance(reply, Answered) else None
    if goodbye is not None:
        await send(goodbye)
    return reply


# --- comparison -------------------------------------------------------------------------------------------------------


async def _compare(probe: Probe, send: Send, shuffle: random.Random) -> Outcome:
    pairs = _pairs_within(probe.route.limit)
    if pairs is None:
        most = probe.route.limit.most if probe.route.limit else 0
        said = f"its limit of {most} leaves too few requests to compare anything"
        return ProcedureResult(reason=Reason.TOO_FEW, detail=said, requests=0)
    arms: list[Request] = []
    for request in (probe.request, *probe.others):
        ready = await with_csrf(request, send)
        if not isinstance(ready, Request):
            return ready
        arms.append(ready)
    plain, other = arms
    found: Compared = await compare(plain, other, send, pairs=pairs, shuffle=shuffle, clock=time.monotonic)
    if found.failed is not None:
        return _ended_early(found.failed, found.requests)
    if found.tellable and not (found.by or "").startswith("time"):
        # A page that picks one of two forms at random would be told apart by chance, but hardly twice.
        again = await compare(plain, other, send, pairs=0, shuffle=shuffle, clock=time.monotonic)
        found = again if again.failed is not None or not again.tellable else found
    if found.failed is not None:
        return _ended_early(found.failed, found.requests)
    if found.tellable:
        said = f"a known address can be told from an unknown one by {found.by}"
        return ProcedureResult(reason=Reason.TELLABLE, detail=said, requests=found.requests)
    timed = "" if pairs else "; its limit leaves too few requests to compare times"
    return ProcedureResult(reason=Reason.AS_PROMISED, detail=found.said + timed, requests=found.requests)


def _pairs_within(limit: Limit | None) -> int | None:
    """Give how many pairs a limit leaves; 0 when only what needs no clock can be compared, None when not even that."""
    if limit is None:
        return MOST_PAIRS
    if limit.most < BESIDES:
        return None
    pairs = min((limit.most - BESIDES) // 4, MOST_PAIRS)
    return pairs if pairs >= FEWEST_PAIRS else 0


# --- port ---------------------------------------------------------------------------------------------------------


async def _port(probe: Probe, network: Network, service: Service) -> Outcome:
    port = int(probe.route.path.removeprefix(":"))
    found = await connected(network, service, port)
    if not isinstance(found, bool):
        return found
    said = f"{service.host} takes connections at port {port}" if found else f"nobody takes connections at port {port}"
    return ProcedureResult(reason=Reason.PORT_OPEN if found else Reason.AS_PROMISED, detail=said, requests=1)


# --- burst ------------------------------------------------------------------------------------------------------------


async def _burst(probe: Probe, send: Send, service: Service) -> Outcome:
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
        return _ended_early(found.failed, found.requests)
    if found.limited_after is None:
        said = f"{found.requests} requests in a row were let through, and the limit is {limit.most}"
        return ProcedureResult(reason=Reason.UNLIMITED, detail=said, requests=found.requests)
    used = f"this address's allowance is used up, for {_spell(found.until or limit.seconds)} at most"
    if found.evaded and (found.until is None or found.until > _REFILLS):
        said = f"the limit bites after {found.limited_after}, and lets in who names another X-Forwarded-For; {used}"
        return ProcedureResult(reason=Reason.LIMIT_EVADED, detail=said, requests=found.requests)
    said = f"the limit bites after {found.limited_after} (promised {limit.most}); {used}"
    return ProcedureResult(reason=Reason.AS_PROMISED, detail=said, requests=found.requests)


def _spell(seconds: float) -> str:
    return f"{round(seconds / 60)} min" if seconds >= 60 else f"{round(seconds)} s"  # noqa: PLR2004 - a minute


def _ended_early(reply: Outcome, requests: int) -> Outcome:
    if not isinstance(reply, Answered):
        return reply
    said = f"answered {reply.status} before enough was seen"
    return ProcedureResult(reason=Reason.TOO_FEW, detail=said, requests=requests)
