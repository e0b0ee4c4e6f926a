"""What happens to the watch itself, and to no route, as the history stores it: it began, missed runs, ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.canary.times import lasted, stamp

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.canary.background_tasks import BackgroundTasks
    from prober.canary.history_thread import HistoryThread, WatchClock


class WatchEvents:
    """Writes these events to the history. One that cannot be written is logged, and the watch goes on."""

    def __init__(
        self, store: HistoryThread, clock: WatchClock, background: BackgroundTasks, *, log: Callable[[str], None]
    ) -> None:
        """Write nothing yet."""
        self._store, self._clock, self._background, self._log = store, clock, background, log

    async def record(self, kind: str, what: str, *, count: int = 1) -> None:
        """Write an event."""
        at = stamp(self._clock.wall())
        try:
            await self._store.ask(lambda history: history.add_event(kind, what, at=at, count=count))
        except Exception as error:  # noqa: BLE001 - the watch goes on without its history
            self._log(f"the history cannot be written: {str(error).partition(chr(10))[0] or type(error).__name__}")

    def note(self, kind: str, what: str) -> None:
        """Write an event in the background."""
        self._background.start(self.record(kind, what))

    async def record_start(self, *, last_end: float | None, every: float) -> None:
        """Write that the watch began, and for how long nothing was monitored if another one ended long before."""
        gap = 0.0 if last_end is None else self._clock.wall() - last_end
        await self.record("started", "the watch began")
        if last_end is not None and gap > 2 * every:
            what = f"not monitored for {lasted(gap)}, since {stamp(last_end)}"
            self._log(what)
            await self.record("missed", what, count=int(gap // every))
