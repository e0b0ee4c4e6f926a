"""How many requests that may act go to an origin at once: an open deployment must not feel more than a few of them."""

from __future__ import annotations

import asyncio
from collections import Counter

MOST_GRANTS = 3  # requests that may act and were granted, at one origin, before no more of them go there
REFUSALS_TO_TRUST = 12  # without a grant, after which more than MOST_GRANTS of them may be under way at once


class ActingBudget:
    """The requests that may act, at each origin: those under way, and those that were granted.

    A request that is under way may be granted, so until an origin has refused many of them, only as many go out at
    once as may still be granted.
    """

    def __init__(self, *, concurrency: int) -> None:
        """Start with every origin trusted to refuse none."""
        self._concurrency = concurrency
        self._changed = asyncio.Condition()
        self._under_way: Counter[str] = Counter()
        self._granted: Counter[str] = Counter()
        self._refused: Counter[str] = Counter()

    def is_spent(self, origin: str) -> bool:
        """Say whether so many were granted that no more may go there."""
        return self._granted[origin] >= MOST_GRANTS

    async def acquire(self, origin: str) -> bool:
        """Wait for a place, and say whether there is one: False once too many requests were granted."""
        async with self._changed:
            await self._changed.wait_for(lambda: self.is_spent(origin) or self._has_place(origin))
            if self.is_spent(origin):
                return False
            self._under_way[origin] += 1
            return True

    async def release(self, origin: str, *, granted: bool, is_plain: bool = True) -> None:
        """Give the place back, and count what the request came to; variants of one route are one refusal."""
        async with self._changed:
            self._under_way[origin] -= 1
            self._granted[origin] += granted
            self._refused[origin] += is_plain and not granted
            self._changed.notify_all()

    async def count_grant(self, origin: str) -> None:
        """Count a grant of a request that has no effect by its definition: an open store takes that for one too."""
        async with self._changed:
            self._granted[origin] += 1
            self._changed.notify_all()

    def _has_place(self, origin: str) -> bool:
        left = MOST_GRANTS - self._granted[origin]
        trusted = self._refused[origin] >= REFUSALS_TO_TRUST and not self._granted[origin]
        return self._under_way[origin] < (self._concurrency if trusted else left)
