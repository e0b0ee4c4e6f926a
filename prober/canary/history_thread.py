"""What the tasks of the watch share: the clocks, and the history, for which none of them stands still."""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from queue import SimpleQueue
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from prober.canary.history import History

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchClock:
    """The clocks, the sleep and the chance of a watch; tests pass their own."""

    now: Callable[[], float]  # that only goes on
    wall: Callable[[], float]
    sleep: Callable[[float], Awaitable[None]]
    chance: Callable[[], float]  # from 0 to 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """How often to look, how often to say what has not changed, and for how long to remember. Seconds."""

    every: float
    remind: float  # 0: never
    confirm: int
    keep: float


class HistoryThread:
    """The history, asked in a thread of its own: a disk or a server that hangs must hold up neither a beat nor the end.

    One thread for all of it, since a new one for each question would have the allocator hold memory for each.
    """

    def __init__(self, history: History) -> None:
        """Use a history that is open."""
        self._history = history
        self._asked: SimpleQueue[Callable[[], None]] = SimpleQueue()
        threading.Thread(target=self._work, name="prober-history", daemon=True).start()

    async def ask(self, call: Callable[[History], T]) -> T:
        """Ask it one thing; who stops waiting does not stop it, or nobody would know whether it was done."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[T] = loop.create_future()

        def work() -> None:
            try:
                found = partial(_settle, answer, call(self._history), None)
            except Exception as error:  # noqa: BLE001 - it is the asker's
                found = partial(_settle, answer, None, error)
            with suppress(RuntimeError):  # the loop has ended, and nobody asks any more
                loop.call_soon_threadsafe(found)

        self._asked.put(work)
        return await answer

    def _work(self) -> None:
        while True:
            self._asked.get()()

    async def close(self, *, within: float) -> None:
        """Close the history; one that hangs is left to the end of the process."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self.ask(lambda history: history.close()), within)


def _settle(answer: asyncio.Future[T], found: T | None, error: Exception | None) -> None:
    if answer.done():
        return
    if error is not None:
        answer.set_exception(error)
    else:
        answer.set_result(found)  # type: ignore[arg-type]  # None is a T where there is no error
