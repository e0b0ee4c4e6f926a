"""When each deployment of a fleet is due: it has a moment of its own within the interval, by its name. No network."""

from __future__ import annotations

import asyncio
import hashlib
import heapq
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable

    from prober.fleet.inventory import Member

LOOK_AGAIN = 30.0  # seconds until a deployment is probed again whose verdict has changed
LONGEST_SLEEP = 1.0  # seconds


def phase(name: str, every: float) -> float:
    """Give a deployment's moment within the interval, in seconds: by its name, so that no restart moves it."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8]) / 2**64 * every


def next_due(name: str, now: float, every: float) -> float:
    """Give the first moment from now on at which a deployment is due."""
    since = (now - phase(name, every)) % every
    return now + (every - since if since else 0.0)


class DueDeployments:
    """Gives each deployment when it is due; one that is still being probed is left out until its next moment."""

    def __init__(self, members: Iterable[Member], *, every: float, wall: Callable[[], float]) -> None:
        """Wait for the first moment of each."""
        self._members = {member.name: member for member in members}
        self._every, self._wall = every, wall
        self._due = [(next_due(name, wall(), every), name) for name in self._members]
        heapq.heapify(self._due)
        self._running: set[str] = set()
        self._changed = asyncio.Event()
        self.missed = 0

    def done(self, name: str, *, unsure: bool) -> None:
        """Take note that a deployment was probed; an unsure one is due again soon."""
        self._running.discard(name)
        if unsure:
            heapq.heappush(self._due, (self._wall() + min(LOOK_AGAIN, self._every / 2), f"{name} "))
            self._changed.set()

    async def __aiter__(self) -> AsyncIterator[Member]:
        """Give each deployment when it is due, without end."""
        while True:
            self._changed.clear()
            now = self._wall()
            while self._due and self._due[0][0] <= now:
                _, entry = heapq.heappop(self._due)
                name = entry.strip()
                if entry == name:  # its own moment, and not a second look
                    heapq.heappush(self._due, (next_due(name, now + 0.001, self._every), name))
                if name in self._running:
                    self.missed += entry == name
                    continue
                self._running.add(name)
                yield self._members[name]
            wait = min(self._due[0][0] - self._wall(), LONGEST_SLEEP) if self._due else LONGEST_SLEEP
            try:
                async with asyncio.timeout(max(wait, 0.001)):
                    await self._changed.wait()
            except TimeoutError:
                continue
