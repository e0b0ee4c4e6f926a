"""Sends a plan: who is there at all, the deadline, and what goes out again. It judges nothing.

What comes back is recorded as it comes, so that an interruption leaves it readable.
"""

from __future__ import annotations

import asyncio
from importlib.util import find_spec
from typing import TYPE_CHECKING

from prober.engine.acting_budget import MOST_GRANTS, ActingBudget
from prober.engine.client import Client
from prober.engine.control_checks import ControlChecks
from prober.engine.counterparts import ask_counterpart
from prober.engine.handed_out_cookies import HandedOutCookies
from prober.engine.other_ids import with_ids_that_fit
from prober.engine.procedure_session import Session
from prober.engine.procedures.registry import PROCEDURES
from prober.engine.readiness import Readiness
from prober.engine.second_looks import ask_again, confirm_leaks
from prober.engine.sending_order import Units, is_bounded, is_granted, only_to, units_of
from prober.engine.silence import Silence
from prober.engine.waiting_units import WaitingUnits
from prober.judge.controls import SAFE_METHODS
from prober.judge.page_of_every_path import may_be_of_every_path
from prober.judge.served import served_surfaces
from prober.model import Answered, NotFoundControl, Probe, Reason, Unsent
from prober.transport.body import ReadingOn
from prober.transport.daemon_threads import DaemonThreadPool
from prober.transport.http import Connection
from prober.transport.rate_limit import FEW_AT_ONCE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from prober.engine.sending_order import Entry, Unit
    from prober.engine.settings import RunSettings
    from prober.judge.observations import Observations
    from prober.model import Outcome, Plan
    from prober.transport.network import Network
    from prober.transport.rate_limit import Clock

NEXT_TO_ACT = 2 * MOST_GRANTS  # writes that connect while they wait for their turn: it takes two round trips
AHEAD = 2  # requests before a write at which its connection is made: each write has one of its own
MOST_HELD = 24 * 1024 * 1024  # bytes of answers, deflated: eight times what an honest deployment says

GRANTED_BEFORE = Unsent(
    reason=Reason.OPENED_ALREADY,
    detail="an earlier probe got in or failed here, and this request could change data, so no more of them were sent",
)
ENOUGH_GRANTS = Unsent(
    reason=Reason.OPENED_ALREADY,
    detail=f"{MOST_GRANTS} requests that can change data got in here, so no more of them were sent",
)
NOT_SURE = "not sent: the request could change data, and nothing shows that this surface is served (declare it)"


class Scheduler:
    """One plan's way over the network. It owns the connections and the pace; what comes back goes to `record`."""

    def __init__(
        self, plan: Plan, network: Network, settings: RunSettings, clock: Clock, *,
        record: Callable[[Probe | NotFoundControl, Outcome], None],
    ) -> None:  # fmt: skip
        """Send nothing yet; `record` gets each outcome as it comes. `plan` changes where a router takes other ids."""
        self.plan, self._network, self._settings, self._clock = plan, network, settings, clock
        self._record_outcome = record
        self._client = Client(network, settings, clock)
        self._readiness = Readiness(plan, network, settings, clock, self._client)
        self._checks = ControlChecks(plan, self._client, attempts=settings.attempts, concurrency=settings.concurrency)
        self._acting = ActingBudget(concurrency=min(settings.concurrency, FEW_AT_ONCE))
        self._next_to_act = asyncio.Semaphore(NEXT_TO_ACT)
        self._waiting = WaitingUnits(Units(reads=()), known=())
        self._held = 0  # bytes of answers
        self._silence = Silence(self._client)

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
        over_tls = any(service.scheme == "https" for service in self.plan.services)
        context = self._network.context("http/1.1") if over_tls else None
        http2 = find_spec("h2") is not None and any(probe.request.offers_http2 for probe in self.plan.probes)
        http2_context = self._network.context("h2") if http2 else None
        reading_on = ReadingOn()
        connections = [
            Connection(self._network, context, http2_context=http2_context, reading_on=reading_on)
            for _ in range(self._settings.concurrency)
        ]
        asyncio.get_running_loop().set_default_executor(DaemonThreadPool())
        first = connections[0]
        try:
            async with asyncio.timeout(self._settings.deadline):
                names = sorted({probe.request.service for probe in self.plan.probes})
                looks = [asyncio.ensure_future(self._is_up(name, first)) for name in names]
                units = units_of(self.plan)
                await self._prepare(connections[1:], units.reads[1:])
                up = await asyncio.gather(*looks)
                alive = {name for name, is_up in zip(names, up, strict=True) if is_up}
                await self._send_units(units, alive, connections, observations)
                fitting = await with_ids_that_fit(self.plan, observations, self._client, connections)
                if fitting is not self.plan:
                    self.plan = fitting
                    units = units_of(fitting)
                    await self._send_units(units, alive, connections, observations)
                acting = Units(reads=tuple(self._only_served(units.acting, observations)))
                await self._send_units(acting, alive, connections, observations)
                for name in [name for name in sorted(alive) if not observations.is_steady(name)]:
                    await self._checks.ask_all(name, connections, observations)  # what follows cannot be asked again
                await self._run_procedures(first, alive - self._silence.gone, observations)
                there = sorted(alive - self._silence.gone)
                for name in there:
                    await self._checks.ask_all(name, connections, observations)
                again = doubtful()
                for name in there:
                    await ask_again(again, name, self.plan, observations, self._client, self._checks, connections)
                await confirm_leaks(leaks(), observations, self._client, connections)
        except TimeoutError:
            pass  # the report says of each probe that has no outcome that the deadline came first
        finally:
            for connection in connections:
                for name, at in connection.tls_expires.items():
                    observations.tls_expires[name] = min(at, observations.tls_expires.get(name, at))
            await asyncio.gather(*(connection.close() for connection in connections), return_exceptions=True)

    async def _prepare(self, connections: Iterable[Connection], units: Iterable[Unit]) -> None:
        """Let the other workers connect while the look for the application is under way, which connects first.

        Not to a deployment that is waited for: it may come up one connection at a time.
        """
        await asyncio.sleep(0)
        if self._settings.wait == 0:
            for connection, unit in zip(connections, units, strict=False):
                connection.prepare(unit[0].request.service)

    async def _is_up(self, service: str, connection: Connection) -> bool:
        """Record what the look for the application gave; where it is not there, that is every probe's outcome."""
        look = await self._readiness.wait_for(service, connection)
        for entry, outcome in look.outcomes:
            self._record(entry, outcome)
        return look.is_up

    async def _run_procedures(self, connection: Connection, alive: set[str], observations: Observations) -> None:
        """Find out what one request cannot show, one after the other and after all else."""
        cookies = HandedOutCookies(self._client, observations)
        for procedure in PROCEDURES:
            for probe in self.plan.probes:
                if probe.procedure != procedure.name:
                    continue
                if probe.request.service not in alive and not procedure.runs_without_service:
                    continue
                service = self._network.services[probe.request.service]
                asked_for = bool(probe.others)  # with held secrets, which the user gave for this
                if is_bounded(probe) and not asked_for and self._acting.is_spent(self._origin(service.name)):
                    self._record(probe, ENOUGH_GRANTS)
                    continue
                session = Session(
                    self._client, connection, self._network, service=service, run=self._settings.run, cookies=cookies
                )
                self._record(probe, await procedure.run(probe, session))

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
        """Take one unit after the other; those that may change data go one by one, and end with the first grant."""
        while (unit := await self._waiting.next(writes_first=writes_first)) is not None:
            stopped: Unsent | None = None
            for number, entry in enumerate(unit):
                if entry in observations.outcomes:
                    continue
                why_not = stopped or self._why_not(entry)
                if why_not is not None:
                    self._record(entry, why_not)
                    continue
                service = entry.request.service
                soon = [later for later in unit[number + 1 :][:AHEAD] if later.request.method not in SAFE_METHODS]
                if soon or (writes_first and self._waiting.has_writes(service)):
                    asyncio.get_running_loop().call_soon(connection.prepare, service, max(len(soon), 1))
                if not self._silence.is_suspected(service):
                    await self._checks.count(service, connection, observations)
                if not is_bounded(entry):
                    outcome = await self._ask(entry, connection)
                    await self._ask_counterpart(entry, outcome, connection, observations)
                    continue
                granted = await self._ask_bounded(entry, connection, observations)
                stopped = GRANTED_BEFORE if granted else None

    async def _ask_bounded(
        self, entry: Probe | NotFoundControl, connection: Connection, observations: Observations
    ) -> bool:
        """Ask what may change data, once it has a place among the few; say whether it was granted."""
        service = entry.request.service
        origin = self._origin(service)
        async with self._next_to_act:
            if entry.request.method not in SAFE_METHODS:
                connection.prepare(service)
            has_place = await self._acting.acquire(origin)
        if not has_place:
            self._record(entry, ENOUGH_GRANTS)
            return False
        granted = False
        try:
            outcome = await self._ask(entry, connection)
            granted = is_granted(entry, outcome, observations)
            if not granted or (isinstance(entry, Probe) and may_be_of_every_path(entry, outcome)):
                of_every_path = await self._ask_counterpart(entry, outcome, connection, observations)
                granted = granted and not of_every_path
        finally:
            is_plain = isinstance(entry, Probe) and entry.variant is None
            await self._acting.release(origin, granted=granted, is_plain=is_plain)
        return granted

    def _origin(self, service: str) -> str:
        """Name where a service is: two services of one application share what they may feel."""
        own = self._network.services[service]
        return own.socket or f"{own.address or own.host}:{own.port}"

    def _why_not(self, entry: Probe | NotFoundControl) -> Outcome | None:
        if self._held > MOST_HELD:
            detail = "not sent: the answers so far are larger than any honest deployment's"
            return Unsent(reason=Reason.CUT_SHORT, detail=detail)
        return self._silence.why_not(entry.request.service)

    async def _ask(self, entry: Probe | NotFoundControl, connection: Connection) -> Outcome:
        outcome = await self._client.ask(entry, connection)
        self._record(entry, outcome)
        await self._silence.notice(self.plan, entry.request.service, outcome, connection)
        self._held += outcome.size if isinstance(outcome, Answered) else 0
        return outcome

    async def _ask_counterpart(
        self, entry: Probe | NotFoundControl, outcome: Outcome, connection: Connection, observations: Observations
    ) -> bool:
        """Say whether an unknown path got the very page, so that the entry's route was not reached."""
        shown = await ask_counterpart(entry, outcome, connection, self._client, observations)
        if shown.took_a_write:
            await self._acting.count_grant(self._origin(entry.request.service))
        return shown.is_page_of_every_path
