"""Asks one thing of the deployment: a probe, with all that it needs beforehand, or one request of a procedure.

It knows when an answer is worth another try, and judges nothing else.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from prober.engine.procedures.csrf import with_csrf
from prober.engine.procedures.digest import with_digest
from prober.engine.procedures.follow import followed, followed_variant, is_refusal_there, is_respelled
from prober.engine.procedures.mcp_session import SessionRequest, within_session
from prober.engine.procedures.mcp_session_close import closing
from prober.engine.procedures.page_values import borrow, borrows, filled
from prober.engine.procedures.secret_in_use import why_not_live
from prober.judge.attribution import APPLICATION, attribute, is_limit, is_throttle
from prober.judge.controls import SAFE_METHODS
from prober.judge.matching import matching_answer
from prober.model import Answered, Effect, Probe, Reason, Request, Unanswered, Unsent
from prober.transport.rate_limit import Clock, RateLimiter, RetryReason

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from prober.engine.settings import RunSettings
    from prober.model import NotFoundControl, Reply
    from prober.transport.http import Connection
    from prober.transport.network import Network

    Send = Callable[[Request], Awaitable[Reply]]

_BUSY = 503
_NEVER_CAME = frozenset({502, _BUSY, 504})
MOST_HOPS = 2  # of a variant that is sent from place to place
DANGEROUS = frozenset({Effect.REPEATS, Effect.ACTS})


class Client:
    """One run's way of asking. It owns the pace, and what was borrowed from the deployment so far."""

    def __init__(self, network: Network, settings: RunSettings, clock: Clock) -> None:
        """Ask nothing yet."""
        self._network, self._settings = network, settings
        self._rate_limiter = RateLimiter(
            clock, deadline=clock.now() + settings.deadline, concurrency=settings.concurrency, rate=settings.rate
        )
        self._borrowed: dict[tuple[str, str], str | Unanswered | Unsent] = {}
        self._borrowing = asyncio.Lock()
        self.requests = 0

    @property
    def learned_pace(self) -> tuple[float, float]:
        """What the services' limits have taught so far: see `RateLimiter.learned_pace`."""
        return self._rate_limiter.learned_pace

    async def ask(self, entry: Probe | NotFoundControl, connection: Connection) -> Reply:
        """Send a probe, or a path that does not exist, once it has all that it needs."""

        async def fetch(wanted: Request) -> Reply:
            return await self.exchange(wanted, connection, attempts=self._settings.attempts)

        readied = await self._readied(entry, fetch)
        within = await within_session(readied, fetch) if isinstance(readied, Request) else readied
        if not isinstance(within, SessionRequest):
            return within
        request = within.request
        reply = await self.exchange(request, connection, attempts=self._settings.attempts, entry=entry)
        if isinstance(reply, Answered):
            reply = await self._followed(entry, request, reply, connection)
        opened = closing(request, reply) if isinstance(reply, Answered) else None
        goodbye = within.goodbye or opened
        if goodbye is not None:
            await self.exchange(goodbye, connection, attempts=1)
        return reply

    async def _followed(
        self, entry: Probe | NotFoundControl, request: Request, reply: Answered, connection: Connection
    ) -> Reply:
        """Follow a redirect that decides nothing, once; what may act is sent once, wherever it leads."""
        if isinstance(entry, Probe) and entry.route.effect in DANGEROUS:
            return reply
        attempts = self._settings.attempts
        onward = followed(request, reply)
        if onward is not None:
            return await self.exchange(onward, connection, attempts=attempts, entry=entry)
        return await self._followed_variant(entry, request, reply, connection) if isinstance(entry, Probe) else reply

    async def _followed_variant(self, probe: Probe, request: Request, reply: Answered, connection: Connection) -> Reply:
        """Give what counts of a variant's redirects: a refusal at their end, else the answer for the path respelled."""
        asked, last = request, reply
        for _ in range(MOST_HOPS):
            onward = followed_variant(probe, asked, last)
            there = None if onward is None else await self.exchange(onward, connection, attempts=1, entry=probe)
            if onward is None or not isinstance(there, Answered):
                break
            if is_refusal_there(there):
                return there
            if is_respelled(onward, request):
                reply = there
            asked, last = onward, there
        return reply

    async def _readied(self, entry: Probe | NotFoundControl, fetch: Send) -> Request | Unanswered | Unsent:
        held = entry.credential if isinstance(entry, Probe) else None
        if held is not None and held.live is not None:
            why_not = await why_not_live(entry.request, held.live, held.secret, fetch)
            if why_not is not None:
                return why_not
        request = await with_csrf(entry.request, fetch)
        request = await with_digest(request, fetch) if isinstance(request, Request) else request
        word = borrows(request) if isinstance(request, Request) else None
        if word is None or not isinstance(request, Request):
            return request
        async with self._borrowing:
            key = (request.service, word)
            if key not in self._borrowed:
                base_path = self._network.services[request.service].base_path
                self._borrowed[key] = await borrow(word, request, base_path, fetch)
        value = self._borrowed[key]
        return filled(request, word, value) if isinstance(value, str) else value

    @property
    def attempts(self) -> int:
        """How often a request is sent at most."""
        return self._settings.attempts

    async def look(self, control: Request, connection: Connection, *, attempts: int) -> Reply:
        """Ask a control once more, and follow the redirect that was followed when it was asked first."""
        reply = await self.exchange(control, connection, attempts=attempts)
        onward = followed(control, reply) if isinstance(reply, Answered) else None
        return reply if onward is None else await self.exchange(onward, connection, attempts=attempts)

    async def once(self, request: Request, connection: Connection) -> Reply:
        """Send one request of a procedure, which is never sent again: how often it is sent is what it is about."""
        if not await self._rate_limiter.acquire(request.service):
            return self._cut_short(request.service)
        self.requests += 1
        return await connection.exchange(request)

    async def exchange(
        self, request: Request, connection: Connection, *, attempts: int, entry: Probe | NotFoundControl | None = None
    ) -> Reply:
        """Send one request until the application answers, within the attempts and the deadline."""

        async def once(wanted: Request) -> Answered | Unanswered:
            self.requests += 1
            outcome = await connection.exchange(wanted)
            if isinstance(outcome, Answered) and not outcome.failed and is_by_application(outcome):
                self._rate_limiter.record_application_response(wanted.service)
            return outcome

        def again(answered: Answered) -> RetryReason | None:
            promised = isinstance(entry, Probe) and matching_answer(
                entry.promise, answered, self._network.services[request.service]
            )
            if promised:
                return None
            if is_throttle(answered):
                return RetryReason.THROTTLE
            if is_limit(answered):
                return RetryReason.REFUSED
            if answered.status in _NEVER_CAME and not is_by_application(answered):
                if answered.status != _BUSY:
                    return RetryReason.GATEWAY
                return RetryReason.REFUSED if is_inert_write else RetryReason.BUSY
            return RetryReason.FAILED if answered.failed else None

        may_act = isinstance(entry, Probe) and entry.route.effect in DANGEROUS
        is_inert_write = request.method not in SAFE_METHODS and not may_act
        repeatable = request.method in SAFE_METHODS and not may_act  # a store takes what is inert by its definition
        outcome = await self._rate_limiter.send(request, once, attempts=attempts, repeatable=repeatable, classify=again)
        return outcome if outcome is not None else self._cut_short(request.service)

    def _cut_short(self, service: str) -> Unsent:
        if self._rate_limiter.has_given_up(service):
            too_much = "429 (too many requests), or a proxy's 503,"
            detail = f"not sent: the service answered {too_much} to everything, however long it was let rest"
            return Unsent(reason=Reason.THROTTLED, detail=detail)
        detail = f"not sent within the deadline of {self._settings.deadline:g} s"
        return Unsent(reason=Reason.CUT_SHORT, detail=detail)


def is_by_application(answered: Answered) -> bool:
    """Say whether it is the application that answered."""
    return attribute(answered) == APPLICATION
