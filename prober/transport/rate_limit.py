"""Limits and repeats: when a request may go out, and when it goes out again. It knows no verdicts.

What counts as somebody else's answer is told by the caller; only those, and no answer at all, are worth another try.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, replace
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from tenacity import AsyncRetrying, RetryCallState, retry_if_result

from prober.model import Answered, Unanswered
from prober.transport.adaptive_rate import AdaptiveRate
from prober.transport.backoff import Backoff

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from prober.model import Request

FIRST_PAUSE = 0.2  # seconds before the second attempt; doubled for each further one
LONGEST_PAUSE = 5.0
MOST_RESTS = 5  # for one request; or of a service, without an answer in between: then it is left alone
ALIVE = 3  # answers of its own, after which a service whose proxy says 503 is thought to be limited, and not away
SHARED_LIMIT = 20  # a smaller allowance belongs to one route (three resets an hour) and says nothing of the others
_EPOCH = 1_000_000_000  # a reset larger than this is a date, not a number of seconds
_NUMBER = re.compile(r"[0-9]{1,15}")  # a longer one is nonsense, and no float
# Both spellings of the IETF's drafts: `"name";r=9;t=60`, and `limit=10, remaining=9, reset=60` before.
_FIELD = re.compile(r"\b(limit|remaining|reset|q|r|t)\s*=\s*([0-9]{1,15})")


class RetryReason(StrEnum):
    """What an answer asks of the pace: all but the application's own failure may go out again."""

    GATEWAY = "gateway"
    BUSY = "busy"  # somebody in front says 503: a limit, perhaps, unless the application is away
    REFUSED = "refused"  # the same of one that would not have passed it on
    THROTTLE = "throttle"
    FAILED = "failed"  # the application's own failure: final, but a sign of strain


_PERHAPS = frozenset({RetryReason.BUSY, RetryReason.REFUSED})
_NEVER_CAME = frozenset({RetryReason.THROTTLE, RetryReason.REFUSED})
_IN_FRONT = frozenset({RetryReason.GATEWAY, *_PERHAPS})


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """The clocks and the sleep that pacing needs; tests pass their own."""

    now: Callable[[], float]
    wall: Callable[[], float]
    sleep: Callable[[float], Awaitable[None]]


class RateLimiter:
    """Holds requests back: to a rate, while a service asks for rest, and before its allowance runs out."""

    def __init__(self, clock: Clock, *, deadline: float, concurrency: int, rate: float | None) -> None:
        """`deadline` is on the world's clock; `rate` is requests a second, None for as fast as answers come."""
        self._clock = clock
        self.deadline = deadline
        self._reserve = concurrency
        self._gap = 1 / rate if rate else 0.0
        self._next = 0.0
        self._held: dict[str, float] = {}
        self._rests: dict[str, int] = {}
        self._strain: dict[str, Backoff] = {}
        self._sustained: dict[str, AdaptiveRate] = {}
        self._next_of: dict[str, float] = {}
        self._seen_alive: dict[str, int] = {}

    @property
    def over(self) -> bool:
        """Say whether the deadline has passed."""
        return self._clock.now() >= self.deadline

    def has_given_up(self, service: str) -> bool:
        """Say whether this service has done nothing but throttle for so long that asking again is no use."""
        return self._rests.get(service, 0) >= MOST_RESTS

    async def turn(self, service: str) -> bool:
        """Wait for leave to send; False when the deadline comes first, or the service is left alone."""
        while not self.has_given_up(service):
            now = self._clock.now()
            ready = max(self._held.get(service, 0.0), self._next, self._next_of.get(service, 0.0))
            if ready >= self.deadline or now >= self.deadline:
                return False
            if ready <= now:
                self._next = max(self._next, now) + self._gap
                if service in self._sustained:
                    self._next_of[service] = max(self._next_of.get(service, 0.0), now) + self._sustained[service].gap
                return True
            await self._clock.sleep(ready - now)
        return False

    def seen_alive(self, service: str) -> None:
        """Note that the application itself has answered: a proxy's 503 may be a limit from here on."""
        self._seen_alive[service] = self._seen_alive.get(service, 0) + 1

    def rest(self, service: str, answer: Answered) -> None:
        """Rest for as long as a throttled answer asks, and each time in a row for twice as long at least."""
        now = self._clock.now()
        if now < self._held.get(service, 0.0):
            return  # sent before the rest began: it is counted already
        rests = self._rests[service] = self._rests.get(service, 0) + 1
        longer = 2.0 ** (rests - 1)
        said = _rest(answer, wall=self._clock.wall())
        if said is None:
            self._sustained.setdefault(service, AdaptiveRate()).bitten(now)
        self.hold(service, longer if said is None else max(said, longer) if rests > 1 else said)

    def learn(self, service: str, answer: Answered, *, failed: bool = False, was_refused: bool = False) -> None:
        """Rest before the allowance that an answer tells of runs out, and while the service is under strain.

        As many requests may be under way as the reserve.
        """
        self._rests.pop(service, None)
        if not failed and service in self._sustained:
            self._sustained[service].answered(was_refused=was_refused)
        if self._clock.now() >= self._held.get(service, 0.0):
            strain = self._strain.setdefault(service, Backoff())
            self.hold(service, strain.rest_after(answer.elapsed_ms, failed=failed))
        allowance = _allowance(answer, wall=self._clock.wall())
        if allowance is None:
            return
        limit, remaining, reset = allowance
        if remaining < self._reserve and (limit is None or limit >= SHARED_LIMIT):
            self.hold(service, reset)

    def hold(self, service: str, seconds: float) -> None:
        """Send nothing more to this service for so long; a rest past the deadline is not taken."""
        until = self._clock.now() + seconds
        if until < self.deadline:
            self._held[service] = max(self._held.get(service, 0.0), until)

    def _asks_for_too_long(self, answer: Answered) -> bool:
        """Say whether a throttled answer asks to be left alone past the deadline."""
        return self._clock.now() + (_rest(answer, wall=self._clock.wall()) or 0.0) >= self.deadline

    def _is_limit(self, service: str, asks: RetryReason | None) -> bool:
        is_alive = self._seen_alive.get(service, 0) >= ALIVE
        return asks is RetryReason.THROTTLE or (asks in _PERHAPS and is_alive)

    async def send(
        self,
        request: Request,
        exchange: Callable[[Request], Awaitable[Answered | Unanswered]],
        *,
        attempts: int,
        repeatable: bool,
        again: Callable[[Answered], RetryReason | None],
    ) -> Answered | Unanswered | None:
        """Send until the application answers, within the attempts and the deadline; None when it never went out."""
        sent = 0
        refused = False
        last: Answered | Unanswered | None = None

        async def once() -> Answered | Unanswered | None:
            nonlocal sent, last, refused
            if not await self.turn(request.service):
                return last  # what came before still holds; None when the request never went out
            outcome = await exchange(request)
            sent += 1
            last = replace(outcome, attempts=sent)
            if isinstance(outcome, Answered):
                if self._is_limit(request.service, again(outcome)):
                    self.rest(request.service, outcome)
                    refused = True
                else:
                    failed = again(outcome) is not None
                    self.learn(request.service, outcome, failed=failed, was_refused=refused)
            return last

        def worth_another(outcome: Answered | Unanswered | None) -> bool:
            if isinstance(outcome, Answered):
                asks = again(outcome)
                never_came = asks in _NEVER_CAME and self._is_limit(request.service, asks)
                return never_came or (repeatable and asks in _IN_FRONT)
            return isinstance(outcome, Unanswered) and (repeatable or not outcome.arrived)

        def enough(state: RetryCallState) -> bool:
            outcome = state.outcome.result() if state.outcome else None
            if isinstance(outcome, Answered) and self._is_limit(request.service, again(outcome)):
                hopeless = self.has_given_up(request.service) or self._asks_for_too_long(outcome)
                return state.attempt_number >= MOST_RESTS or hopeless or self.over
            return state.attempt_number >= attempts or self.over

        return await AsyncRetrying(
            retry=retry_if_result(worth_another), stop=enough, wait=_pause, sleep=self._clock.sleep,
            retry_error_callback=lambda _: last,
        )(once)  # fmt: skip


def _pause(state: RetryCallState) -> float:
    return float(min(FIRST_PAUSE * 2 ** (state.attempt_number - 1), LONGEST_PAUSE))


def _rest(answer: Answered, *, wall: float) -> float | None:
    """How long a throttled answer asks us to rest; None where it does not say."""
    said = (answer.header("retry-after") or "").strip()
    if _NUMBER.fullmatch(said):
        return float(said)
    if said:
        try:
            return max(parsedate_to_datetime(said).timestamp() - wall, 0.0)
        except (ValueError, OverflowError):
            pass  # neither seconds nor a date: as if it did not say
    allowance = _allowance(answer, wall=wall)
    return max(allowance[2], 1.0) if allowance else None


def _allowance(answer: Answered, *, wall: float) -> tuple[int | None, int, float] | None:
    """Read (limit, remaining, seconds to the reset) from x-ratelimit-* or the IETF's RateLimit fields."""
    remaining = _number(answer, "x-ratelimit-remaining", "ratelimit-remaining")
    reset = _number(answer, "x-ratelimit-reset", "ratelimit-reset")
    limit = _number(answer, "x-ratelimit-limit", "ratelimit-limit")
    if remaining is None:
        told = f"{answer.header('ratelimit-policy') or ''} {answer.header('ratelimit') or ''}"
        fields = {name: int(number) for name, number in _FIELD.findall(told)}
        limit = fields.get("limit", fields.get("q"))
        remaining = fields.get("remaining", fields.get("r"))
        reset = fields.get("reset", fields.get("t"))
    if remaining is None or reset is None:
        return None
    return limit, remaining, float(max(reset - wall, 0) if reset > _EPOCH else reset)


def _number(answer: Answered, *names: str) -> int | None:
    return next((found for name in names if (found := _as_number(answer.header(name))) is not None), None)


def _as_number(text: str | None) -> int | None:
    found = _NUMBER.match(text.strip()) if text else None
    return int(found.group()) if found else None


async def sleep(seconds: float) -> None:
    """Sleep for real."""
    await asyncio.sleep(seconds)
