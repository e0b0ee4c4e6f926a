"""The canary over a fleet: each deployment has its own moment, and a change counts once it is sure. No network."""

from __future__ import annotations

import asyncio
import hashlib
import heapq
from dataclasses import dataclass
from typing import TYPE_CHECKING

from prober.fleet.tasks import FleetVerdict

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable

    from prober.fleet.inventory import Member
    from prober.fleet.tasks import Result

LOOK_AGAIN = 30.0  # seconds until a deployment is probed again whose verdict has changed
LONGEST_SLEEP = 1.0  # seconds


def phase(name: str, every: float) -> float:
    """Give a deployment's moment within the interval, in seconds: by its name, so that no restart moves it."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8]) / 2**64 * every


def next_due(name: str, now: float, every: float) -> float:
    """Give the first moment from now on at which a deployment is due."""
    since = (now - phase(name, every)) % every
    return now + (every - since if since else 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A deployment whose verdict has changed; `before` is None at the first look."""

    name: str
    before: FleetVerdict | None
    after: FleetVerdict
    sentence: str

    def __str__(self) -> str:
        before = "" if self.before is None else f" (was {self.before})"
        return f"{self.after.upper()} {self.name}{before}: {self.sentence}"


class Verdicts:
    """The verdict of each deployment; another one counts when it was seen several times in a row."""

    def __init__(self, *, confirm: int) -> None:
        """Know nothing yet."""
        self._confirm = confirm
        self._known: dict[str, FleetVerdict] = {}
        self._seen: dict[str, tuple[FleetVerdict, int]] = {}

    def record(self, result: Result) -> Change | None:
        """Take a result in; the change that it makes sure, if it does."""
        known = self._known.get(result.name)
        if result.verdict is known:
            self._seen.pop(result.name, None)
            return None
        verdict, times = self._seen.get(result.name, (result.verdict, 0))
        times = times + 1 if verdict is result.verdict else 1
        self._seen[result.name] = (result.verdict, times)
        if times < self._confirm:
            return None
        del self._seen[result.name]
        self._known[result.name] = result.verdict
        if known is None and result.verdict is FleetVerdict.LOCKED:
            return None
        return Change(name=result.name, before=known, after=result.verdict, sentence=result.sentence)

    def is_unsure(self, name: str) -> bool:
        """Say whether a deployment waits for a second look."""
        return name in self._seen


class Beats:
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
        """Give deployments for ever."""
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
                await asyncio.wait_for(self._changed.wait(), max(wait, 0.001))
            except TimeoutError:
                continue
