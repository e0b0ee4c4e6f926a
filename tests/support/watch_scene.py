"""A watch with a clock of its own, and runs that are given as letters."""

from __future__ import annotations

import asyncio
import heapq
import json
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

from prober.canary import sql
from prober.canary.delivery import Delivery
from prober.canary.history import History
from prober.canary.history_thread import HistoryThread, Schedule, WatchClock
from prober.canary.receivers import DeliveryFailure, Receiver
from prober.canary.times import stamp
from prober.canary.watch import StartedRun, Watch
from prober.model import Reason, Verdict
from prober.report.record import record

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from prober.model import Finding, Report
    from prober.report.shape import Record

START = 1_795_000_000.0
EVERY = 300.0


class Time:
    """A clock that goes on when nothing else can: to the next moment for which somebody sleeps."""

    def __init__(self) -> None:
        self.at = 0.0
        self._sleeping: list[tuple[float, int, asyncio.Future[None]]] = []
        self._order = count()

    async def sleep(self, seconds: float) -> None:
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleeping, (self.at + seconds, next(self._order), woken))
        await woken

    async def turn(self, until: float) -> None:
        while True:
            for _ in range(60):
                await asyncio.sleep(0)
            self._sleeping = [entry for entry in self._sleeping if not entry[2].done()]
            heapq.heapify(self._sleeping)
            if not self._sleeping or self._sleeping[0][0] > until:
                self.at = max(self.at, until)
                return
            at, _, woken = heapq.heappop(self._sleeping)
            self.at = max(self.at, at)
            woken.set_result(None)

    @property
    def clock(self) -> WatchClock:
        return WatchClock(now=lambda: self.at, wall=lambda: START + self.at, sleep=self.sleep, chance=lambda: 0.5)


class Straight(HistoryThread):
    """Asks without a thread, so that a test's clock knows when all is done; and fails when it is told to."""

    broken = 0

    async def ask(self, call: Callable[[History], Any]) -> Any:
        await asyncio.sleep(0)
        if self.broken:
            self.broken -= 1
            raise OSError("no space left on device")
        return call(self._history)

    async def close(self, *, within: float) -> None:
        """Left open, for the test to read."""


@dataclass
class Scene:
    """A watch and all that it met."""

    time: Time
    history: History
    store: Straight
    make: Callable[[str, float], Record]
    runs: str = ""
    takes: float = 1.0
    confirm: int = 2
    remind: float = 0.0
    deaf: bool = False
    reload: Callable[[], None] = lambda: None
    ping: Callable[[], Awaitable[str | None]] | None = None
    beside: Any = None
    began: list[float] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    messages: list[dict[str, Any]] = field(default_factory=list)
    under_way: int = 0
    most_under_way: int = 0

    def begin(self) -> StartedRun:
        n = len(self.began)
        self.began.append(self.time.at)
        letter = (self.runs[n] if n < len(self.runs) else self.runs[-1]) if self.runs else "L"
        at = START + self.time.at
        if letter == "b":
            raise KeyError("in the plan")

        async def send() -> None:
            self.under_way += 1
            self.most_under_way = max(self.under_way, self.most_under_way)
            try:
                await self.time.sleep(self.takes)
            finally:
                self.under_way -= 1
            if letter == "c":
                raise ZeroDivisionError("a secret of the deployment's")

        def taken() -> Record:
            found = self.make(letter, at)
            found["run"] = f"r{n}"
            return found

        return StartedRun(id=f"r{n}", send=send, record=taken, requests=lambda: 7)

    async def deliver(self, message: str) -> DeliveryFailure | None:
        if self.deaf:
            return DeliveryFailure(why="answered 500")
        self.messages.append(json.loads(message))
        return None

    def watch(self) -> Watch:
        delivery = Delivery(self.store, [Receiver(key="r", shown="r", deliver=self.deliver)], self.time.clock, log=self.said.append)  # fmt: skip
        schedule = Schedule(every=EVERY, remind=self.remind, confirm=self.confirm, keep=90 * 86_400)
        return Watch(
            self.store, delivery, self.time.clock, schedule, begin=self.begin, reload=self.reload, place="web http://h",
            log=self.said.append, detail=self.said.append, ping=self.ping, beside=self.beside,
        )  # fmt: skip

    async def until(self, seconds: float, watch: Watch | None = None) -> int:
        """Watch for so long, and stop it then."""
        watch = watch or self.watch()
        task = asyncio.ensure_future(watch.forever())
        await self.time.turn(self.time.at + seconds)
        watch.stop()
        await self.time.turn(self.time.at + 2)
        assert task.done()
        return task.result()

    def run(self, seconds: float) -> int:
        return asyncio.run(self.until(seconds))

    @property
    def told(self) -> list[str]:
        return [message["title"].partition(": web")[0] for message in self.messages]

    def states(self) -> list[tuple[object, object]]:
        return [(row[3], row[4]) for row in reversed(self.history.rows(sql.LAST_RUNS))]

    def beats(self, kind: str) -> list[tuple[object, object]]:
        return [(row[2], row[3]) for row in reversed(self.history.rows(sql.BEATS_SINCE)) if row[1] == kind]


VERDICTS = {
    "L": (Verdict.LOCKED, Reason.AS_PROMISED),
    "!": (Verdict.LEAK, Reason.GRANTED),
    "~": (Verdict.DRIFT, Reason.BROKEN),
    "x": (Verdict.UNREACHABLE, Reason.REFUSED),
}


@pytest.fixture
def scene(tmp_path: Path, finding_of: Callable[..., Finding], report_of: Callable[..., Report]) -> Scene:
    def make(letter: str, at: float) -> Record:
        made = report_of(finding_of(*VERDICTS[letter], "so it was"), started_at=stamp(at), release=f"1.{round(at - START) // 3600}")  # fmt: skip
        return record(made)

    history = History.to_write(str(tmp_path / "h.db"))
    return Scene(time=Time(), history=history, store=Straight(history), make=make)
