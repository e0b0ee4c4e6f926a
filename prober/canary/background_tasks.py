"""Small tasks that run beside the schedule of a watch."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable


class BackgroundTasks:
    """Holds what was started until it is done: a task that nobody holds may be collected while it runs."""

    def __init__(self) -> None:
        """Start with none."""
        self._tasks: set[asyncio.Future[None]] = set()

    def start(self, work: Awaitable[None]) -> None:
        """Start a task."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def finish(self, *, within: float | None) -> None:
        """Wait until all are done, for so many seconds at most, None for no limit."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=within)
