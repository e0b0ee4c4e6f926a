"""One run over a fleet: loads it, chooses who is probed, probes them, and gives the record."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from prober.app.definition_cache import DefinitionCache
from prober.app.end_signals import until_done_or_ended
from prober.errors import UsageError, did_you_mean
from prober.fleet.digest import definition_files, digest_of
from prober.fleet.dispatch import Dispatcher
from prober.fleet.hosts import Hosts
from prober.fleet.inventory import Inventory, Member, parse_shard
from prober.fleet.journal import EarlierResults, Journal
from prober.fleet.local import LocalEngine, cores
from prober.fleet.plan import compares_times, is_repeatable
from prober.fleet.queue import HostQueue
from prober.fleet.record import FleetRecord, record_of
from prober.fleet.sources import load_inventory
from prober.fleet.tally import LOST, Tally
from prober.fleet.tasks import Result, WorkerSettings, settings_to_text
from prober.fleet.worker import Worker, no_verdict

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.app.options import SendOptions
    from prober.fleet.local import Engine
    from prober.fleet.options import ChoiceOptions, KeepOptions, PaceOptions

PATIENCE = 120.0  # seconds past its own deadline, after which a deployment's worker has hung


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedFleet:
    """A fleet as it was loaded, with the files of its definitions and the digest of all that results depend on."""

    inventory: Inventory
    files: tuple[str, ...]
    digest: str
    shard: str | None
    hold_for: tuple[str, ...] = ()  # origins that may have secrets, besides those that the fleet's own file gives


def load_fleet(options: ChoiceOptions) -> LoadedFleet:
    """Load the fleet, and choose the deployments that a run is for."""
    library = DefinitionCache()
    shard = None if options.shard is None else parse_shard(options.shard)
    inventory = load_inventory(
        Path(options.fleet), library, only=options.only, labels=options.label, shard=shard
    )  # fmt: skip
    files = definition_files(inventory, library)
    return LoadedFleet(
        inventory=inventory, files=files, digest=digest_of(inventory, files), shard=options.shard,
        hold_for=options.hold_for,
    )  # fmt: skip


class FleetRun:
    """One run; what it has found so far can be reported at any time."""

    def __init__(
        self, fleet: LoadedFleet, sending: SendOptions, pace: PaceOptions, keep: KeepOptions, *,
        on_result: Callable[[Result], None] = lambda _: None,
    ) -> None:  # fmt: skip
        """Open the journal; what is wrong with it is refused before anything is sent."""
        self._fleet, self._sending, self._pace, self._on_result = fleet, sending, pace, on_result
        self._records = None if keep.records is None else str(Path(keep.records).resolve())
        self._started_at = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        self._started = time.monotonic()
        self.run = secrets.token_hex(4)
        inventory = fleet.inventory
        self.tally = Tally(
            labels={member.name: member.labels for member in inventory.chosen}, at_least=inventory.at_least,
            inventory=len(inventory.members),
        )  # fmt: skip
        self._to_probe = inventory.chosen
        self._journal = self._opened_journal(keep)

    @property
    def waiting(self) -> int:
        """Count the deployments that this run is to probe."""
        return len(self._to_probe)

    def _opened_journal(self, keep: KeepOptions) -> Journal | None:
        if keep.journal is None:
            if keep.resume or keep.again:
                raise UsageError("--resume and --again need a journal to go on with", fix="give --journal FILE")
            return None
        if keep.again and not keep.resume:
            raise UsageError("--again is for a run that goes on", fix="give --resume too")
        journal = Journal(Path(keep.journal))
        try:
            if keep.resume:
                self._go_on_with(journal.resume(digest=self._fleet.digest), keep.again)
            else:
                journal.start(run=self.run, digest=self._fleet.digest)
        except BaseException:
            journal.close()
            raise
        return journal

    def _go_on_with(self, earlier: EarlierResults, again: tuple[str, ...]) -> None:
        """Take the earlier results over; what was begun is lost, unless it is harmless or asked for to do it again."""
        self.run = earlier.run
        wrong = next((name for name in again if name not in earlier.begun), None)
        if wrong is not None:
            fix = did_you_mean(wrong, earlier.begun, otherwise="name a deployment that the report calls lost")
            raise UsageError(f"--again '{wrong}' is not lost", fix=fix)
        planner = Worker(WorkerSettings(sending=self._sending, hold_for=self._fleet.hold_for))
        left: list[Member] = []
        for member in self._fleet.inventory.chosen:
            if member.name in earlier.done:
                self.tally.record(earlier.done[member.name])
            elif member.name not in earlier.begun or member.name in again or is_repeatable(planner, member):
                left.append(member)
            else:
                self.tally.record(no_verdict(member.name, LOST))
        self._to_probe = tuple(left)

    async def probe(self, engine: Engine | None = None) -> bool:
        """Probe every deployment that is left; True when a signal ended it first."""
        try:
            return await until_done_or_ended(self._probe(engine or self._local()))
        finally:
            if self._journal:
                self._journal.close()

    def _local(self) -> Engine:
        wanted = self._pace.processes or cores()
        return LocalEngine(max(1, min(wanted, len(self._to_probe))))

    async def _probe(self, engine: Engine) -> None:
        if not self._to_probe:
            return
        settings = WorkerSettings(
            sending=self._sending, sources=self._fleet.inventory.sources, hold_for=self._fleet.hold_for,
            records=self._records,
        )  # fmt: skip
        pace, sending = self._pace, self._sending
        hosts = Hosts(self._fleet.inventory.hosts, rate=pace.host_rate, looks_up=sending.proxy is None)
        dispatcher = Dispatcher(
            engine, HostQueue(at_once=pace.at_once, total_rate=pace.total_rate), hosts, journal=self._journal,
            limit=sending.deadline + sending.wait + PATIENCE, on_result=self._take, now=time.monotonic,
        )  # fmt: skip
        alone = [member for member in self._to_probe if compares_times(member)]
        beside = [member for member in self._to_probe if member not in alone]
        try:
            await engine.open(settings_to_text(settings))
            await dispatcher.run(beside, alone)
        finally:
            await engine.close()

    def _take(self, result: Result) -> None:
        self.tally.record(result)
        self._on_result(result)

    def record(self, *, interrupted: bool = False) -> FleetRecord:
        """Report what is known so far."""
        inventory = self._fleet.inventory
        return record_of(
            self.tally, fleet=inventory.fleet, run=self.run, digest=self._fleet.digest, started_at=self._started_at,
            elapsed_ms=round((time.monotonic() - self._started) * 1000), shard=self._fleet.shard,
            names=[member.name for member in inventory.members] if self._fleet.shard else [], interrupted=interrupted,
        )  # fmt: skip
