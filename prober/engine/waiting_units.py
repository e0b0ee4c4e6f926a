"""Which unit a worker takes next: reads at once, and writes beside them once a grant can be told from a refusal."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Container

    from prober.engine.sending_order import Entry, Unit, Units


class WaitingUnits:
    """The units that no worker has taken yet.

    Writes wait for the answers to unknown paths and open routes, which tell what an answer to a write means. They need
    not wait for all the rest: an open deployment feels no more of them for that.
    """

    def __init__(self, units: Units, *, known: Container[Entry]) -> None:
        """Start with all of them; `known` holds what was answered before."""
        self._reads, self._writes = deque(units.reads), deque(units.writes)
        self._awaited = {entry for entry in units.telling if entry not in known}
        self._told = asyncio.Event()
        if not self._awaited:
            self._told.set()

    def has_writes(self, service: str) -> bool:
        """Say whether the next write is one to this service."""
        return bool(self._writes) and self._writes[0][0].request.service == service

    def notice(self, entry: Entry) -> None:
        """Take note that something was answered, or will not be sent."""
        self._awaited.discard(entry)
        if not self._awaited:
            self._told.set()

    async def next(self, *, writes_first: bool) -> Unit | None:
        """Give the next unit, None at the end; it waits where only writes are left that have to wait."""
        while True:
            if self._writes and self._told.is_set() and (writes_first or not self._reads):
                return self._writes.popleft()
            if self._reads:
                return self._reads.popleft()
            if not self._writes:
                return None
            await self._told.wait()
