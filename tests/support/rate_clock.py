"""A clock that moves when somebody waits, and a limiter on it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from prober.model import Answered
from prober.transport.rate_limit import Clock, RateLimiter, RetryReason

if TYPE_CHECKING:
    from collections.abc import Iterable

NOON = 1_800_000_000.0  # by the calendar's clock; the other one starts at 0
DEADLINE = 100.0


@dataclass
class Fake:
    """A world whose time passes only while somebody sleeps."""

    time: float = 0.0
    slept: list[float] = field(default_factory=list)

    def clock(self) -> Clock:
        return Clock(now=lambda: self.time, wall=lambda: NOON + self.time, sleep=self.sleep)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        until = self.time + seconds
        await asyncio.sleep(0)
        self.time = max(self.time, until)


def a_pace(fake: Fake, *, deadline: float = DEADLINE, concurrency: int = 4, rate: float | None = None) -> RateLimiter:
    return RateLimiter(fake.clock(), deadline=deadline, concurrency=concurrency, rate=rate)


def answer(status: int, **headers: object) -> Answered:
    said = tuple((name.replace("_", "-"), str(value)) for name, value in headers.items())
    return Answered.of(status=status, headers=said, body=b"", whole=True, attempts=1, elapsed_ms=1)


def again(answered: Answered) -> RetryReason | None:
    return {429: RetryReason.THROTTLE, 502: RetryReason.GATEWAY, 503: RetryReason.BUSY, 529: RetryReason.REFUSED}.get(
        answered.status
    )


def turns(pace: RateLimiter, fake: Fake, services: Iterable[str]) -> list[tuple[bool, float]]:
    """Take a turn for each; give whether there was leave, and when."""

    async def take() -> list[tuple[bool, float]]:
        return [(await pace.acquire(service), round(fake.time, 3)) for service in services]

    return asyncio.run(take())
