"""Brings what is queued to its receivers: each message until it is taken, the oldest first, and never a taken one.

A receiver's 2xx is written down at once. If the canary dies in between, the alert is sent again under the same id.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from prober.canary.history import History
    from prober.canary.history_thread import HistoryThread, WatchClock
    from prober.canary.receivers import DeliveryFailure, Receiver

FIRST_PAUSE = 5.0  # seconds after a first failure; doubled after each further one
LONGEST_PAUSE = 300.0  # a receiver that is back soon hears of what it missed


def pause_after(tries: int) -> float:
    """Give how long a message waits that was tried so often before."""
    return float(min(FIRST_PAUSE * 2 ** min(tries, 30), LONGEST_PAUSE))


class Delivery:
    """The way from the queue to the receivers; none of them waits for another."""

    def __init__(
        self,
        store: HistoryThread,
        receivers: Iterable[Receiver],
        clock: WatchClock,
        *,
        log: Callable[[str], None],
    ) -> None:
        """Bring nothing yet."""
        self._store, self._clock, self._log = store, clock, log
        self._queued = {receiver: asyncio.Event() for receiver in receivers}

    @property
    def keys(self) -> tuple[str, ...]:
        """Name the receivers, as the history knows them."""
        return tuple(receiver.key for receiver in self._queued)

    def wake(self) -> None:
        """Something was queued."""
        for event in self._queued.values():
            event.set()

    async def forever(self) -> None:
        """Bring each receiver what is due, and wait for more, or for what has to wait."""
        await asyncio.gather(*(self._serve(receiver) for receiver in self._queued))

    async def deliver(self) -> None:
        """Bring all that is due, once; what fails stays in the queue."""
        await asyncio.gather(*(self._bring(receiver) for receiver in self._queued), return_exceptions=True)

    async def _serve(self, receiver: Receiver) -> None:
        queued = self._queued[receiver]
        while True:
            queued.clear()
            try:
                due = await self._bring(receiver)
                wait = LONGEST_PAUSE if due is None else max(due - self._clock.wall(), 0.05)
            except Exception as error:  # noqa: BLE001 - a queue that cannot be read now is read later
                self._log(f"alerts to {receiver.shown} wait: {type(error).__name__}")
                wait = FIRST_PAUSE
            sleeping = asyncio.ensure_future(self._clock.sleep(wait))
            waking = asyncio.ensure_future(queued.wait())
            try:
                await asyncio.wait({sleeping, waking}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                sleeping.cancel()
                waking.cancel()

    async def _bring(self, receiver: Receiver) -> float | None:
        """Bring one message after the other, and say when the next is due: none is closed before it was opened.

        What fails holds up those behind it, but for a message that the receiver does not want: the others go past it.
        """
        dues: list[float] = []
        for waiting in await self._store.ask(lambda history: history.waiting(receiver.key)):
            if waiting.due > self._clock.wall():
                dues.append(waiting.due)
                if waiting.is_unwanted:
                    continue
                break
            refused = await receiver.deliver(waiting.message)
            now = self._clock.wall()
            if refused is None:
                await self._store.ask(partial(_mark_delivered, name=waiting.id, at=now))
                continue
            due = now + pause_after(waiting.tries)
            self._log(f"alert not delivered to {receiver.shown}: {refused.why}; tried again in {due - now:g} s")
            await self._store.ask(partial(_mark_failed, name=waiting.id, due=due, refused=refused))
            dues.append(due)
            if not refused.is_of_message:
                break
        return min(dues, default=None)


def _mark_delivered(history: History, *, name: str, at: float) -> None:
    history.delivered(name, at=at)


def _mark_failed(history: History, *, name: str, due: float, refused: DeliveryFailure) -> None:
    history.not_delivered(name, due=due, why=refused.why, is_unwanted=refused.is_of_message)
