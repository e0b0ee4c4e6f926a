"""Sends a plan: who is there at all, the deadline, and what goes out again. It judges nothing.

What comes back is recorded as it comes, so that an interruption leaves it readable.
"""

from __future__ import annotations

import asyncio
from importlib.util import find_spec
from typing import TYPE_CHECKING

from prober.engine.client import Client
from prober.engine.control_checks import ControlChecks
from prober.engine.handed_out_cookies import HandedOutCookies
from prober.engine.other_ids import with_ids_that_fit
from prober.engine.procedure_session import Session
from prober.engine.procedures.registry import PROCEDURES
from prober.engine.readiness import Readiness
from prober.engine.second_looks import ask_about_passing, ask_again, confirm_leaks
from prober.engine.sending_order import Units, is_bounded, only_to, units_of
from prober.engine.spread import spread
from prober.engine.unit_sender import ENOUGH_GRANTS, UnitSender
from prober.engine.waiting_units import WaitingUnits
from prober.judge.served import served_surfaces
from prober.model import Probe, Reason, Unsent
from prober.transport.body import ReadingOn
from prober.transport.daemon_threads import DaemonThreadPool
from prober.transport.http import Connection
from prober.transport.rate_limit import FEW_AT_ONCE

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence

    from prober.engine.sending_order import Entry, Unit
    from prober.engine.settings import RunSettings
    from prober.judge.observations import Observations
    from prober.model import Outcome, Plan, ProcedureSession
    from prober.transport.network import Network
    from prober.transport.rate_limit import Clock

    Run = Callable[[Probe, ProcedureSession], Awaitable[Outcome]]

NOT_SURE = "not sent: the request could change data, and nothing shows that this surface is served (declare it)"


class Scheduler:
    """One plan's way over the network. It owns the connections and the pace; what comes back goes to `record`."""

    def __init__(
        self, plan: Plan, network: Network, settings: RunSettings, clock: Clock, *,
        record: Callable[[Entry, Outcome], None],
    ) -> None:  # fmt: skip
        """Send nothing yet; `record` gets each outcome as it comes. `plan` changes where a router takes other ids."""
        self.plan, self._network, self._settings, self._clock = plan, network, settings, clock
        self._record_outcome = record
        self._client = Client(network, settings, clock)
        self._readiness = Readiness(plan, network, settings, clock, self._client)
        self._checks = ControlChecks(plan, self._client, attempts=settings.attempts, concurrency=settings.concurrency)
        self._sender = UnitSender(plan, network, settings, self._client, self._checks, record=self._record)
        self._waiting = WaitingUnits(Units(reads=()), known=())

    @property
    def requests(self) -> int:
        """How many requests have gone out."""
        return self._client.requests

    @property
    def learned_pace(self) -> tuple[float, float]:
        """The seconds between two requests that the services' limits left, and how much longer they ask to wait."""
        return self._client.learned_pace

    async def send_all(
        self, observations: Observations, leaks: Callable[[], Sequence[Probe]], doubtful: Callable[[], Sequence[Probe]]
    ) -> None:
        """Send the controls, then every probe, then once more what `doubtful` and `leaks` name.

        What the deadline leaves has no outcome yet, and is judged so.
        """
        connections = self._connections()
        asyncio.get_running_loop().set_default_executor(DaemonThreadPool())
        try:
            async with asyncio.timeout(self._settings.deadline):
                alive = await self._send_probes(connections, observations)
                await self._run_procedures(connections, alive - self._sender.silence.gone, observations)
                await self._look_again(connections, alive, observations, leaks, doubtful)
        except TimeoutError:
            pass  # the report says of each probe that has no outcome that the deadline came first
        finally:
            await self._checks.close()
            for connection in connections:
                for name, at in connection.tls_expires.items():
                    observations.tls_expires[name] = min(at, observations.tls_expires.get(name, at))
            await asyncio.gather(*(connection.close() for connection in connections), return_exceptions=True)

    def _connections(self) -> list[Connection]:
        """Make a connection for each worker, with the TLS contexts that the plan needs; none is open yet."""
        over_tls = any(service.scheme == "https" for service in self.plan.services)
        context = self._network.context("http/1.1") if over_tls else None
        http2 = find_spec("h2") is not None and any(probe.request.offers_http2 for probe in self.plan.probes)
        http2_context = self._network.context("h2") if http2 else None
        reading_on = ReadingOn()
        return [
            Connection(self._network, context, http2_context=http2_context, reading_on=reading_on)
            for _ in range(self._settings.concurrency)
        ]

    async def _send_probes(self, connections: list[Connection], observations: Observations) -> set[str]:
        """Send the reads, with other ids if a router takes others, then what may act; give the services that are up."""
        names = sorted({probe.request.service for probe in self.plan.probes})
        looks = [asyncio.ensure_future(self._is_up(name, connections[0])) for name in names]
        units = units_of(self.plan)
        await self._prepare(connections, units.reads, names)
        up = await asyncio.gather(*looks)
        alive = {name for name, is_up in zip(names, up, strict=True) if is_up}
        await self._send_units(units, alive, connections, observations)
        fitting = await with_ids_that_fit(self.plan, observations, self._client, connections)
        if fitting is not self.plan:
            self.plan = self._sender.plan = fitting
            units = units_of(fitting)
            await self._send_units(units, alive, connections, observations)
        acting = Units(reads=tuple(self._only_served(units.acting, observations)))
        await self._send_units(acting, alive, connections, observations)
        for name in [name for name in sorted(alive) if not observations.is_steady(name)]:
            await self._checks.ask_all(name, connections, observations)  # what follows cannot be asked again
        return alive

    async def _look_again(
        self,
        connections: list[Connection],
        alive: set[str],
        observations: Observations,
        leaks: Callable[[], Sequence[Probe]],
        doubtful: Callable[[], Sequence[Probe]],
    ) -> None:
        """Ask the controls once more, then what was refused in passing, what is in doubt, and what leaks."""
        there = sorted(alive - self._sender.silence.gone)
        for name in there:
            await self._checks.ask_all(name, connections, observations)
        await ask_about_passing(observations, there, self._client, connections[0])
        again = doubtful()
        for name in there:
            await ask_again(again, name, self.plan, observations, self._client, self._checks, connections)
        await confirm_leaks(leaks(), observations, self._client, connections)

    async def _prepare(self, connections: Sequence[Connection], units: Sequence[Unit], services: Sequence[str]) -> None:
        """Let the other workers connect while the look for the application is under way, which connects first.

        Not to a deployment that is waited for: it may come up one connection at a time.
        """
        await asyncio.sleep(0)
        if self._settings.wait == 0:
            for service in services if self._checks.begins_with_two else ():
                connections[0].prepare(service)
            for connection, unit in zip(connections[1:], units[1:], strict=False):
                connection.prepare(unit[0].request.service)

    async def _is_up(self, service: str, connection: Connection) -> bool:
        """Record what the look for the application gave; where it is not there, that is every probe's outcome."""
        look = await self._readiness.wait_for(service, connection)
        for entry, outcome in look.outcomes:
            self._record(entry, outcome)
        return look.is_up

    async def _run_procedures(
        self, connections: Sequence[Connection], alive: set[str], observations: Observations
    ) -> None:
        """Find out what one request cannot show, after all else, and one after the other but for what only reads."""
        cookies = HandedOutCookies(self._client, observations)
        planned = [probe for probe in self.plan.probes if probe.procedure]
        for procedure in PROCEDURES:

            async def find_out(probe: Probe, connection: Connection, run: Run = procedure.run) -> None:
                service = self._network.services[probe.request.service]
                asked_for = bool(probe.others)  # with held secrets, which the user gave for this
                if is_bounded(probe) and not asked_for and self._sender.is_spent(service.name):
                    self._record(probe, ENOUGH_GRANTS)
                    return
                session = Session(
                    self._client, connection, self._network, service=service, run=self._settings.run, cookies=cookies
                )
                self._record(probe, await run(probe, session))

            own = [probe for probe in planned if probe.procedure == procedure.name]
            there = [probe for probe in own if probe.request.service in alive or procedure.runs_without_service]
            await spread(find_out, there, connections[: FEW_AT_ONCE if procedure.at_once else 1])

    def _record(self, entry: Entry, outcome: Outcome) -> None:
        self._record_outcome(entry, outcome)
        self._waiting.notice(entry)

    async def _send_units(
        self, units: Units, alive: set[str], connections: list[Connection], observations: Observations
    ) -> None:
        """Send what goes to a service that is there; some workers take writes first, once those may go out."""
        self._waiting = WaitingUnits(only_to(alive, units), known=observations.outcomes)
        writers = min(FEW_AT_ONCE, len(connections) // 2)
        workers = enumerate(connections, start=writers - len(connections))
        await asyncio.gather(
            *(self._work(connection, observations, writes_first=number >= 0) for number, connection in workers)
        )

    def _only_served(self, units: Iterable[Unit], observations: Observations) -> Iterator[Unit]:
        """Leave out, in sight, what may act at a surface that is neither declared nor there for sure."""
        served = served_surfaces(self.plan, observations)
        for unit in units:
            first = unit[0]
            if not isinstance(first, Probe) or (first.request.service, first.route.surface) in served:
                yield unit
                continue
            for entry in unit:
                self._record(entry, Unsent(reason=Reason.NOT_SERVED, detail=NOT_SURE))

    async def _work(self, connection: Connection, observations: Observations, *, writes_first: bool) -> None:
        """Send one unit after the other; whoever takes writes first connects for the next one ahead."""

        def has_writes(service: str) -> bool:
            return writes_first and self._waiting.has_writes(service)

        while (unit := await self._waiting.next(writes_first=writes_first)) is not None:
            await self._sender.send(unit, connection, observations, has_writes=has_writes)
