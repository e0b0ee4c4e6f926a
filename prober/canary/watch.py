"""The watch: runs on a schedule, one at a time, without end. Whatever a run does, the watch goes on.

It decides nothing of findings (`alert_state` does), writes no message (`messages`), and reads no clock but its own.
"""

from __future__ import annotations

import asyncio
import math
import traceback
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from prober.canary.background_tasks import BackgroundTasks
from prober.canary.crash_location import crash_location
from prober.canary.recorder import Recorder
from prober.canary.times import stamp
from prober.canary.watch_events import WatchEvents
from prober.errors import ProberError
from prober.model import ExitStatus
from prober.report.summary import last_line

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from prober.canary.delivery import Delivery
    from prober.canary.history_thread import HistoryThread, Schedule, WatchClock
    from prober.canary.snapshot import Snapshot
    from prober.report.shape import Record

MOST_JITTER = 0.1  # of an interval: many canaries that were started together need not knock together
TO_END = 1.0  # seconds that the end waits for the history, and as many for a run


@dataclass(frozen=True, slots=True, kw_only=True)
class StartedRun:
    """One run that is about to begin."""

    id: str
    send: Callable[[], Awaitable[None]]
    record: Callable[[], Record]
    requests: Callable[[], int]


class Watch:
    """A deployment under watch. It owns the beat; the run under way, and when the next is due."""

    def __init__(
        self,
        store: HistoryThread,
        delivery: Delivery,
        clock: WatchClock,
        schedule: Schedule,
        *,
        begin: Callable[[], StartedRun],
        reload: Callable[[], None],
        place: str,
        log: Callable[[str], None],
        detail: Callable[[str], None],
        ping: Callable[[], Awaitable[str | None]] | None = None,
        beside: Callable[[Callable[[], Snapshot]], Awaitable[None]] | None = None,
    ) -> None:
        """Do nothing yet. `beside` is started along with the watch and can see what is known now: a page, metrics."""
        self._store, self._delivery, self._clock, self._schedule = store, delivery, clock, schedule
        self._begin, self._reload, self._ping, self._beside = begin, reload, ping, beside
        self._log, self._detail = log, detail
        self._recorder = Recorder(store, clock, schedule, receivers=delivery.keys, place=place, log=log)
        self._stopping = asyncio.Event()
        self._under_way: asyncio.Future[None] | None = None
        self._next: float | None = None
        self._missed = 0
        self._started = clock.wall()
        self._background = BackgroundTasks()
        self._events = WatchEvents(store, clock, self._background, log=log)

    # --- what others may do -------------------------------------------------------------------------------------------

    def now(self) -> Snapshot:
        """Say what is known at this moment."""
        return self._recorder.now(started=self._started, next_run=self._next, missed=self._missed)

    @property
    def newest(self) -> str | None:
        """The latest end of a run in the history, as a time stamp; None before the first."""
        return self._recorder.newest

    def stop(self) -> None:
        """End it: a run under way is broken off, and is no verdict."""
        self._stopping.set()
        if self._under_way is not None:
            self._under_way.cancel()

    def reload(self) -> None:
        """Read the definitions anew; where they are wrong, the previous ones stay in use."""
        try:
            self._reload()
        except Exception as error:  # noqa: BLE001 - a reading of ours that fails must not end the watch either
            what = str(error) if isinstance(error, ProberError) else crash_location(error)
            self._log(f"{what}\nthe previous definitions stay in use")
            self._events.note("refused", f"definitions not reloaded: {what.splitlines()[0]}")
        else:
            self._log("the definitions were read anew")
            self._events.note("reloaded", "the definitions were read anew")

    # --- the beat -----------------------------------------------------------------------------------------------------

    async def once(self) -> int:
        """Run once, deliver the alerts, and give the run's exit status."""
        await self._recorder.open()
        status = await self._run()
        with suppress(Exception):  # what was not delivered is in the queue, or in the log
            await self._delivery.deliver()
        await self._end(None)
        return status

    async def forever(self) -> int:
        """Run at every beat until somebody stops it."""
        await self._recorder.open()
        await self._events.record_start(last_end=self._recorder.last_end, every=self._schedule.every)
        tasks = [asyncio.ensure_future(self._delivery.forever())]
        if self._beside is not None:
            tasks.append(asyncio.ensure_future(self._guarded(self._beside(self.now))))
        first, beat = self._clock.now(), 0
        while not self._stopping.is_set():
            jitter = self._clock.chance() * MOST_JITTER * self._schedule.every if beat else 0.0
            await self._until(first + beat * self._schedule.every + jitter)
            beat = await self._late(first, beat)
            if self._stopping.is_set():
                break
            self._next = None
            await self._run()
            beat += 1
        await self._end("stopped", *tasks)
        return ExitStatus.INTERRUPTED

    async def _late(self, first: float, beat: int) -> int:
        """Give the beat that it is time for, which is this one or a later; those between were missed."""
        due = max(beat, math.floor((self._clock.now() - first) / self._schedule.every))
        missed = due - beat
        if missed:
            self._missed += missed
            beats = "beat was" if missed == 1 else "beats were"
            what = f"{missed} {beats} missed: the run before took too long, or the machine slept"
            self._log(what)
            await self._events.record("missed", what, count=missed)
        return due

    async def _until(self, due: float) -> None:
        wait = due - self._clock.now()
        self._next = self._clock.wall() + max(wait, 0.0)
        if wait <= 0 or self._stopping.is_set():
            return
        sleeping = asyncio.ensure_future(self._clock.sleep(wait))
        stopping = asyncio.ensure_future(self._stopping.wait())
        try:
            await asyncio.wait({sleeping, stopping}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            sleeping.cancel()
            stopping.cancel()

    async def _run(self) -> int:
        """Run once, and keep what came of it."""
        at = self._stamp()
        made: StartedRun | None = None
        try:
            made = self._begin()
            self._under_way = asyncio.ensure_future(made.send())
            if self._stopping.is_set():
                self._under_way.cancel()
            await asyncio.wait({self._under_way})
            if self._under_way.cancelled():
                return await self._interrupted(made, at)
            self._under_way.result()
            self._under_way = None
            return await self._finished(made.record())
        except Exception as error:  # noqa: BLE001 - a bug in one run is reported, and never ends the watch
            return await self._crashed("none" if made is None else made.id, at, error)
        finally:
            self._under_way = None

    async def _finished(self, record: Record) -> int:
        self._detail(last_line(record))
        if await self._recorder.finished(record):
            self._delivery.wake()
            if self._ping is not None and not self._stopping.is_set():
                self._background.start(self._pinged(self._ping))
        return record["exit_status"]

    async def _interrupted(self, made: StartedRun, at: str) -> int:
        sent = made.requests()
        sentence = f"interrupted after {sent} {'request' if sent == 1 else 'requests'}: no verdict"
        self._log(sentence)
        await self._within(self._recorder.interrupted(made.id, at, sentence, sent))
        return ExitStatus.INTERRUPTED

    async def _crashed(self, run: str, at: str, error: Exception) -> int:
        where = crash_location(error)
        self._log(f"the run crashed: {where}")
        self._detail("".join(traceback.format_exception(error)))
        try:
            await self._recorder.crashed(run, at, where)
        except Exception as again:  # noqa: BLE001 - what cannot even be stored is logged
            self._log(f"lost: that crash: {crash_location(again)}")
        self._delivery.wake()
        return ExitStatus.BUG

    # --- besides ------------------------------------------------------------------------------------------------------

    async def _pinged(self, ping: Callable[[], Awaitable[str | None]]) -> None:
        why = await ping()
        if why is not None:
            self._log(f"ping failed: {why}")

    async def _guarded(self, task: Awaitable[None]) -> None:
        try:
            await task
        except Exception as error:  # noqa: BLE001 - a page that fails must not end the watch
            self._log(f"a background task of the watch has ended: {crash_location(error)}")

    async def _within(self, work: Awaitable[None]) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(work, TO_END)

    async def _end(self, what: str | None, *tasks: asyncio.Future[None]) -> None:
        for task in tasks:
            task.cancel()
        if what is not None:
            await self._within(self._events.record(what, "the watch ended"))
        await self._background.finish(within=TO_END if self._stopping.is_set() else None)
        await self._store.close(within=TO_END)

    def _stamp(self) -> str:
        return stamp(self._clock.wall())
