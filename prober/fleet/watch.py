"""Carries a watch of a fleet out: probes what is due, keeps what changed, alerts, and keeps the reports up to date."""

from __future__ import annotations

import asyncio
import secrets
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from prober.app.end_signals import on_ending
from prober.app.watch import DEFAULT_RATE
from prober.errors import UsageError
from prober.fleet.dispatch import Dispatcher
from prober.fleet.due_times import DueDeployments
from prober.fleet.hosts import Hosts
from prober.fleet.local import LocalEngine, cores
from prober.fleet.queue import HostQueue
from prober.fleet.record import FleetRecord, record_of
from prober.fleet.recorder import FleetRecorder
from prober.fleet.run import PATIENCE
from prober.fleet.tally import Tally
from prober.fleet.tasks import WorkerSettings, settings_to_text
from prober.model import Depth

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

    from prober.app.options import SendOptions
    from prober.canary.delivery import Delivery
    from prober.canary.history_thread import HistoryThread, Schedule, WatchClock
    from prober.fleet.deployment_states import Change
    from prober.fleet.local import Engine
    from prober.fleet.options import PaceOptions
    from prober.fleet.run import LoadedFleet
    from prober.fleet.tasks import Result

BETWEEN_REPORTS = 5.0  # seconds, at least
BETWEEN_PINGS = 60.0  # seconds, at most
STALE = 2  # intervals without any result after which the watch is dead


class FleetWatch:
    """A watch of a fleet, until a signal ends it."""

    def __init__(
        self, fleet: LoadedFleet, sending: SendOptions, pace: PaceOptions, schedule: Schedule, *,
        on_change: Callable[[Change], None], on_report: Callable[[FleetRecord], None], log: Callable[[str], None],
    ) -> None:  # fmt: skip
        """Probe nothing yet; a deployment that is probed 'deep' is refused, since that bursts and leaves traces."""
        deep = next((member for member in fleet.inventory.chosen if member.depth == Depth.DEEP), None)
        if deep is not None:
            what = f"the canary never runs 'deep', as '{deep.name}' would"
            raise UsageError(what, fix="use the depth quick or standard")
        if not fleet.inventory.chosen:
            raise UsageError("no deployment is chosen", fix="see 'prober fleet plan'")
        self._fleet, self._sending, self._pace, self._schedule = fleet, sending, pace, schedule
        self._on_change, self._on_report, self._log = on_change, on_report, log
        inventory = fleet.inventory
        self._labels = {member.name: member.labels for member in inventory.chosen}
        self.tally = Tally(labels=self._labels, at_least=inventory.at_least, inventory=len(inventory.members))
        self._started, self._run = time.time(), secrets.token_hex(4)
        self._reported = float("-inf")
        self._came = time.monotonic()  # the last result
        self._latest: tuple[float, FleetRecord] | None = None

    async def forever(
        self, store: HistoryThread, delivery: Delivery, clock: WatchClock, *, engine: Engine | None = None,
        beside: Coroutine[None, None, None] | None = None, ping: Callable[[], Awaitable[str | None]] | None = None,
    ) -> None:  # fmt: skip
        """Watch until a signal asks for the end; what is being probed then is given up. `beside` runs as long."""
        ending = asyncio.Event()
        on_ending(asyncio.get_running_loop(), ending.set)
        recorder = FleetRecorder(
            store, delivery, clock, self._schedule, fleet=self._fleet.inventory.fleet, run=self._run,
            labels=self._labels, log=self._log,
        )  # fmt: skip
        await recorder.open()
        works: list[Coroutine[None, None, None]] = [recorder.forever(), delivery.forever()]
        works += [self._guarded(beside)] if beside is not None else []
        works += [self._ping_forever(ping)] if ping is not None else []
        tasks = [asyncio.ensure_future(work) for work in works]
        try:
            await self._probe(engine or LocalEngine(self._pace.processes or cores()), recorder, ending)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await recorder.end()

    async def _probe(self, engine: Engine, recorder: FleetRecorder, ending: asyncio.Event) -> None:
        """Probe what is due until the end; nothing but a bug ends it by itself."""
        inventory, pace, sending = self._fleet.inventory, self._pace, self._sending
        due = DueDeployments(inventory.chosen, every=self._schedule.every, wall=time.time)

        def take(result: Result) -> None:
            if ending.is_set():
                return  # what is given up at the end has changed nothing
            self._came = time.monotonic()
            self.tally.record(result)
            change = recorder.take(result)
            due.done(result.name, unsure=recorder.is_unsure(result.name))
            if change is not None:
                self._on_change(change)
            if change is not None or time.monotonic() - self._reported > BETWEEN_REPORTS:
                self._reported = time.monotonic()
                self._on_report(self.record())

        hosts = Hosts(
            inventory.hosts, rate=pace.host_rate, easy_rate=DEFAULT_RATE, looks_up=sending.proxy is None
        )  # fmt: skip
        dispatcher = Dispatcher(
            engine, HostQueue(at_once=pace.at_once, total_rate=pace.total_rate), hosts, journal=None,
            limit=sending.deadline + sending.wait + PATIENCE, on_result=take, now=time.monotonic,
        )  # fmt: skip
        try:
            settings = WorkerSettings(sending=sending, sources=inventory.sources, hold_for=self._fleet.hold_for)
            await engine.open(settings_to_text(settings))
            watching = asyncio.create_task(dispatcher.follow(due))
            waiting = asyncio.create_task(ending.wait())
            await asyncio.wait((watching, waiting), return_when=asyncio.FIRST_COMPLETED)
            ended = watching.done()
            for task in (watching, waiting):
                task.cancel()
            await asyncio.gather(watching, waiting, return_exceptions=True)
            if ended:
                watching.result()
        finally:
            await engine.close()

    async def _guarded(self, work: Coroutine[None, None, None]) -> None:
        try:
            await work
        except Exception as error:  # noqa: BLE001 - a page that fails must not end the watch
            self._log(f"the page has ended: {type(error).__name__}")

    async def _ping_forever(self, ping: Callable[[], Awaitable[str | None]]) -> None:
        """Ask the switch that notices when this is dead, as long as results come."""
        pause = min(BETWEEN_PINGS, self._schedule.every)
        while True:
            await asyncio.sleep(pause)
            if time.monotonic() - self._came <= max(pause, self._schedule.every) and (why := await ping()) is not None:
                self._log(f"ping failed: {why}")

    @property
    def is_alive(self) -> bool:
        """Say whether results come; else whoever keeps the watch running should start it anew."""
        return time.monotonic() - self._came < STALE * self._schedule.every + self._sending.deadline

    def shown(self) -> FleetRecord:
        """Give the report for whoever looks; it is made anew every few seconds at most."""
        now = time.monotonic()
        if self._latest is None or now - self._latest[0] > BETWEEN_REPORTS:
            self._latest = (now, self.record())
        return self._latest[1]

    def record(self) -> FleetRecord:
        """Report the last result of each deployment."""
        started = datetime.fromtimestamp(self._started, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        return record_of(
            self.tally, fleet=self._fleet.inventory.fleet, run=self._run, digest=self._fleet.digest,
            started_at=started, elapsed_ms=round((time.time() - self._started) * 1000),
        )  # fmt: skip
