"""Rate limits and retries: when a request may be sent, and when it is sent again. Knows no verdicts.

The caller classifies responses that are not the application's; only those, and no response at all, are retried.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from prober.model import Answered, Unanswered
from prober.transport.adaptive_rate import AdaptiveRate
from prober.transport.backoff import Backoff
from prober.transport.rate_limit_headers import allowance_of, requested_pause

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from prober.model import Request

FIRST_PAUSE = 0.2  # seconds before the second attempt; doubled for each further one
LONGEST_PAUSE = 5.0
MAX_PAUSES = 5  # for one request; or for a service without a good response in between, which then gets no more requests
MIN_RESPONSES_ALIVE = (
    3  # responses of the application, after which a proxy's 503 counts as a limit, and not as an outage
)
FEW_AT_ONCE = 8  # requests in flight at a service that limits them, whatever the concurrency
SHARED_LIMIT = 20  # a smaller limit belongs to one route (three resets an hour) and says nothing about the others


class RetryReason(StrEnum):
    """Why a response slows the run down; after all but FAILED the request may be sent again."""

    GATEWAY = "gateway"
    BUSY = "busy"  # a proxy answered 503: perhaps a limit, or the application is down
    REFUSED = "refused"  # the same, from a proxy that did not pass the request on
    THROTTLE = "throttle"
    FAILED = "failed"  # the application failed: final, but a sign of overload


_POSSIBLE_LIMIT = frozenset({RetryReason.BUSY, RetryReason.REFUSED})
_NOT_PROCESSED = frozenset({RetryReason.THROTTLE, RetryReason.REFUSED})
_BY_PROXY = frozenset({RetryReason.GATEWAY, *_POSSIBLE_LIMIT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """The clocks and the sleep function that pacing needs; tests pass their own."""

    now: Callable[[], float]
    wall: Callable[[], float]
    sleep: Callable[[float], Awaitable[None]]


class RateLimiter:
    """Delays requests: to keep a rate, while a service asks to wait, and before its limit is used up."""

    def __init__(self, clock: Clock, *, deadline: float, concurrency: int, rate: float | None) -> None:
        """Set the limits; `deadline` is on `clock.now`, `rate` is requests a second, None for no limit."""
        self._clock = clock
        self.deadline = deadline
        self._reserve = min(concurrency, FEW_AT_ONCE)
        self._has_limit: set[str] = set()  # services that have shown one
        self._in_flight: dict[str, int] = {}
        self._returned = asyncio.Event()  # whenever a request has come back
        self._gap = 1 / rate if rate else 0.0
        self._next = 0.0
        self._paused_until: dict[str, float] = {}
        self._pauses_in_a_row: dict[str, int] = {}
        self._backoffs: dict[str, Backoff] = {}
        self._adaptive_rates: dict[str, AdaptiveRate] = {}
        self._next_by_service: dict[str, float] = {}
        self._application_responses: dict[str, int] = {}

    @property
    def deadline_passed(self) -> bool:
        """Say whether the deadline has passed."""
        return self._clock.now() >= self.deadline

    @property
    def learned_pace(self) -> tuple[float, float]:
        """The longest gap that any service's limit has taught, and the rest of the longest pause, both in seconds."""
        now = self._clock.now()
        gap = max((rate.gap for rate in self._adaptive_rates.values()), default=0.0)
        return gap, max((until - now for until in self._paused_until.values() if until > now), default=0.0)

    def has_given_up(self, service: str) -> bool:
        """Say whether this service has throttled so often in a row that it gets no more requests."""
        return self._pauses_in_a_row.get(service, 0) >= MAX_PAUSES

    async def acquire(self, service: str) -> bool:
        """Wait until a request may be sent; False if the deadline comes first or the service throttles too often."""
        while not self.has_given_up(service):
            now = self._clock.now()
            ready = max(self._paused_until.get(service, 0.0), self._next, self._next_by_service.get(service, 0.0))
            if ready >= self.deadline or now >= self.deadline:
                return False
            if ready <= now:
                self._next = max(self._next, now) + self._gap
                if service in self._adaptive_rates:
                    self._next_by_service[service] = (
                        max(self._next_by_service.get(service, 0.0), now) + self._adaptive_rates[service].gap
                    )
                return True
            await self._clock.sleep(ready - now)
        return False

    async def _acquire_with_place(self, service: str) -> bool:
        """Wait as `acquire` does, and where the service limits requests also until few of them are in flight."""
        while await self.acquire(service):
            in_flight = self._in_flight.get(service, 0)
            if service not in self._has_limit or in_flight < FEW_AT_ONCE:
                self._in_flight[service] = in_flight + 1
                return True
            self._returned.clear()
            await self._returned.wait()
        return False

    def _give_back(self, service: str) -> None:
        self._in_flight[service] -= 1
        self._returned.set()

    def record_application_response(self, service: str) -> None:
        """Record that the application itself has answered: after enough of them a proxy's 503 is a limit."""
        self._application_responses[service] = self._application_responses.get(service, 0) + 1

    def pause_after_throttling(self, service: str, answer: Answered) -> None:
        """Pause as long as a throttled response asks; the minimum doubles with each one in a row."""
        self._has_limit.add(service)
        now = self._clock.now()
        if now < self._paused_until.get(service, 0.0):
            return  # sent before the pause began, which counted it already
        pauses = self._pauses_in_a_row[service] = self._pauses_in_a_row.get(service, 0) + 1
        minimum = 2.0 ** (pauses - 1)
        requested = requested_pause(answer, wall=self._clock.wall())
        if requested is None:
            self._adaptive_rates.setdefault(service, AdaptiveRate()).record_throttled(now)
        self.pause(service, minimum if requested is None else max(requested, minimum) if pauses > 1 else requested)

    def record_response(
        self, service: str, answer: Answered, *, failed: bool = False, was_refused: bool = False
    ) -> None:
        """Pause before the limit that a response reports is used up, and while the service is overloaded.

        The reserve is the number of requests that may be in flight.
        """
        self._pauses_in_a_row.pop(service, None)
        if not failed and service in self._adaptive_rates:
            self._adaptive_rates[service].record_response(was_refused=was_refused)
        if self._clock.now() >= self._paused_until.get(service, 0.0):
            backoff = self._backoffs.setdefault(service, Backoff())
            self.pause(service, backoff.pause_after(answer.elapsed_ms, failed=failed))
        allowance = allowance_of(answer, wall=self._clock.wall())
        if allowance is None:
            return
        self._has_limit.add(service)
        limit, remaining, reset = allowance
        if remaining < self._reserve and (limit is None or limit >= SHARED_LIMIT):
            self.pause(service, reset)

    def pause(self, service: str, seconds: float) -> None:
        """Send nothing to this service for so many seconds; a pause past the deadline is ignored."""
        until = self._clock.now() + seconds
        if until < self.deadline:
            self._paused_until[service] = max(self._paused_until.get(service, 0.0), until)

    def _pause_exceeds_deadline(self, answer: Answered) -> bool:
        """Say whether a throttled response asks for a pause past the deadline."""
        return self._clock.now() + (requested_pause(answer, wall=self._clock.wall()) or 0.0) >= self.deadline

    def _is_limit(self, service: str, reason: RetryReason | None) -> bool:
        is_alive = self._application_responses.get(service, 0) >= MIN_RESPONSES_ALIVE
        return reason is RetryReason.THROTTLE or (reason in _POSSIBLE_LIMIT and is_alive)

    async def send(
        self,
        request: Request,
        exchange: Callable[[Request], Awaitable[Answered | Unanswered]],
        *,
        attempts: int,
        repeatable: bool,
        classify: Callable[[Answered], RetryReason | None],
    ) -> Answered | Unanswered | None:
        """Send until the application answers, within the attempts and the deadline; None if nothing was sent."""
        sent, refused, again = 0, False, False
        last: Answered | Unanswered | None = None

        async def send_once() -> Answered | Unanswered | None:
            nonlocal sent, refused, again, last
            again = False
            if not await self._acquire_with_place(request.service):
                return last  # None if the request was never sent
            try:
                outcome = await exchange(request)
            finally:
                self._give_back(request.service)
            sent += 1
            last = outcome if sent == 1 else replace(outcome, attempts=sent)
            if isinstance(outcome, Unanswered):
                worth_it, most, hopeless = repeatable or not outcome.arrived, attempts, False
            else:
                reason = classify(outcome)
                is_limit = self._is_limit(request.service, reason)
                if is_limit:
                    self.pause_after_throttling(request.service, outcome)
                    refused = True
                else:
                    failed = reason is not None
                    self.record_response(request.service, outcome, failed=failed, was_refused=refused)
                worth_it = (is_limit and reason in _NOT_PROCESSED) or (repeatable and reason in _BY_PROXY)
                most = MAX_PAUSES if is_limit else attempts
                hopeless = is_limit and (self.has_given_up(request.service) or self._pause_exceeds_deadline(outcome))
            again = worth_it and sent < most and not hopeless and not self.deadline_passed
            return last

        await send_once()
        if not again:
            return last
        from tenacity import AsyncRetrying, retry_if_result  # noqa: PLC0415 - 30 ms, of a run that has to repeat itself

        await self._clock.sleep(_pause_after(sent))
        return await AsyncRetrying(
            retry=retry_if_result(lambda _: again), wait=lambda _: _pause_after(sent), sleep=self._clock.sleep
        )(send_once)


def _pause_after(attempts: int) -> float:
    """Give the seconds before the next attempt."""
    return float(min(FIRST_PAUSE * 2 ** (attempts - 1), LONGEST_PAUSE))


async def sleep(seconds: float) -> None:
    """Sleep for real."""
    await asyncio.sleep(seconds)
