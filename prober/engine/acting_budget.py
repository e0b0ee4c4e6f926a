"""How many requests that may act go to a service at once: an open deployment must not feel more than a few of them."""

from __future__ import annotations

import asyncio
from collections import Counter

MOST_GRANTS = 3  # requests that may act and were granted, at one service, before no more of them go there
REFUSALS_TO_TRUST = 12  # in a row, after which more than MOST_GRANTS of them may be under way at once


class ActingBudget:
    """The requests that may act, at each service: those under way, and those that were granted.

    A request that is under way may be granted, so until a service has refused many of them, only as many go out at
    once as may still be granted.
    """

    def __init__(self, *, concurrency: int) -> None:
        """Start with every service trusted to refuse none."""
        self._concurrency = concurrency
        self._changed = asyncio.Condition()
        self._under_way: Counter[str] = Counter()
        self._granted: Counter[str] = Counter()
        self._refused_in_a_row: Counter[str] = Counter()

    async def acquire(self, service: str) -> bool:
        """Wait for a place, and say whether there is one: False once too many requests were granted."""
        async with self._changed:
            await self._changed.wait_for(lambda: self._is_spent(service) or self._has_place(service))
            if self._is_spent(service):
                return False
            self._under_way[service] += 1
            return True

    async def release(self, service: str, *, granted: bool) -> None:
        """Give the place back, and count what the request came to."""
        async with self._changed:
            self._under_way[service] -= 1
            self._granted[service] += granted
            self._refused_in_a_row[service] = 0 if granted else self._refused_in_a_row[service] + 1
            self._changed.notify_all()

    async def count_grant(self, service: str) -> None:
        """Count a grant of a request that has no effect by its definition: an open store takes that for one too."""
        async with self._changed:
            self._granted[service] += 1
            self._changed.notify_all()

    def _is_spent(self, service: str) -> bool:
        return self._granted[service] >= MOST_GRANTS

    def _has_place(self, service: str) -> bool:
        left = MOST_GRANTS - self._granted[service]
        trusted = self._refused_in_a_row[service] >= REFUSALS_TO_TRUST
        return self._under_way[service] < (max(left, self._concurrency) if trusted else left)
