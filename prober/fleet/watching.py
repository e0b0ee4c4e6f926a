"""Carries a watch of a fleet out: probes what is due, says what changed, and keeps the reports up to date."""

from __future__ import annotations

import asyncio
import secrets
import signal
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from prober.app.watch import DEFAULT_RATE
from prober.errors import UsageError
from prober.fleet.dispatch import Dispatcher
from prober.fleet.hosts import Hosts
from prober.fleet.local import LocalEngine, cores
from prober.fleet.queue import HostQueue
from prober.fleet.record import FleetRecord, record_of
from prober.fleet.run import PATIENCE
from prober.fleet.tally import Tally
from prober.fleet.tasks import WorkerSettings, settings_to_text
from prober.fleet.watch import Beats, Change, Verdicts
from prober.model import Depth

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.app.options import SendOptions
    from prober.fleet.local import Engine
    from prober.fleet.options import PaceOptions
    from prober.fleet.run import LoadedFleet
    from prober.fleet.tasks import Result

BETWEEN_REPORTS = 5.0  # seconds, at least


class FleetWatch:
    """A watch of a fleet, until a signal ends it."""

    def __init__(
        self, fleet: LoadedFleet, sending: SendOptions, pace: PaceOptions, *, every: float, confirm: int,
        on_change: Callable[[Change], None], on_report: Callable[[FleetRecord], None],
    ) -> None:  # fmt: skip
        """Probe nothing yet; a deployment that is probed 'deep' is refused, since that bursts and leaves traces."""
        deep = next((member for member in fleet.inventory.chosen if member.depth == Depth.DEEP), None)
        if deep is not None:
            what = f"the canary never runs 'deep', as '{deep.name}' would"
            raise UsageError(what, fix="use the depth quick or standard")
        if not fleet.inventory.chosen:
            raise UsageError("no deployment is chosen", fix="see 'prober fleet plan'")
        self._fleet, self._sending, self._pace = fleet, sending, pace
        self._every, self._on_change, self._on_report = every, on_change, on_report
        self._verdicts = Verdicts(confirm=confirm)
        inventory = fleet.inventory
        labels = {member.name: member.labels for member in inventory.chosen}
        self.tally = Tally(labels=labels, at_least=inventory.at_least, inventory=len(inventory.members))
        self._started, self._reported, self._run = time.time(), float("-inf"), secrets.token_hex(4)

    async def forever(self, engine: Engine | None = None) -> None:
        """Watch until SIGINT or SIGTERM; what is being probed then is given up."""
        engine = engine or LocalEngine(self._pace.processes or cores())
        inventory, pace, sending = self._fleet.inventory, self._pace, self._sending
        beats = Beats(inventory.chosen, every=self._every, wall=time.time)
        ending = asyncio.Event()

        def take(result: Result) -> None:
            if ending.is_set():
                return  # what is given up at the end has changed nothing
            self.tally.record(result)
            change = self._verdicts.record(result)
            beats.done(result.name, unsure=self._verdicts.is_unsure(result.name))
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
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, ending.set)
        try:
            settings = WorkerSettings(sending=sending, sources=inventory.sources, hold_for=self._fleet.hold_for)
            await engine.open(settings_to_text(settings))
            watching = asyncio.create_task(dispatcher.follow(beats))
            waiting = asyncio.create_task(ending.wait())
            await asyncio.wait((watching, waiting), return_when=asyncio.FIRST_COMPLETED)
            ended = watching.done()
            for task in (watching, waiting):
                task.cancel()
            await asyncio.gather(watching, waiting, return_exceptions=True)
            if ended:
                watching.result()  # nothing but a bug ends it by itself
        finally:
            await engine.close()

    def record(self) -> FleetRecord:
        """Report the last result of each deployment."""
        started = datetime.fromtimestamp(self._started, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        return record_of(
            self.tally, fleet=self._fleet.inventory.fleet, run=self._run, digest=self._fleet.digest,
            started_at=started, elapsed_ms=round((time.time() - self._started) * 1000),
        )  # fmt: skip
