"""Sends a plan: the order, the deadline, who is there at all, and what goes out again. It judges nothing.

What comes back is recorded as it comes, so that an interruption leaves it readable.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING

from prober.engine.client import DANGEROUS, Client, is_by_application
from prober.engine.procedure_session import Session
from prober.engine.procedures.registry import PROCEDURES
from prober.judge.attribution import GATEWAY, advice_on, attribute
from prober.judge.verdicts import ends_chain
from prober.model import Answered, Control, Effect, NotFoundControl, Probe, Reason, Unanswered, Unsent
from prober.transport.daemon_threads import DaemonThreadPool
from prober.transport.http import Connection

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from prober.engine.settings import RunSettings
    from prober.judge.observations import Observations
    from prober.model import Outcome, Plan
    from prober.transport.network import Network
    from prober.transport.rate_limit import Clock

LOOK_AGAIN = 0.25  # seconds between two looks at a deployment that is coming up
READY_IN_A_ROW = 3  # good answers, before a deployment that is waited for counts as up: some flap while they start
MOST_SILENT = (
    8  # probes in a row without an answer, each with its attempts, before it is asked whether anybody is there
)
MOST_CONFIRMATIONS = 20  # of leaks, by a second look each: a wide-open deployment needs no more
MOST_HELD = 28 * 1024 * 1024  # bytes of answers, deflated: ten times what an honest deployment says

Unit = tuple[Probe | NotFoundControl, ...]


class Scheduler:
    """One plan's way over the network. It owns the connections and the pace; what comes back goes to `record`."""

    def __init__(
        self, plan: Plan, network: Network, settings: RunSettings, clock: Clock, *,
        record: Callable[[Probe | NotFoundControl, Outcome], None],
    ) -> None:  # fmt: skip
        """Send nothing yet; `record` gets each outcome as it comes."""
        self._plan, self._network, self._settings, self._clock = plan, network, settings, clock
        self._record = record
        self._client = Client(network, settings, clock)
        self._held = 0  # bytes of answers
        self._silent: dict[str, int] = {}  # by service: probes in a row without an answer
        self._gone: dict[str, Unanswered] = {}  # the services that have stopped answering
        self._looking = asyncio.Lock()

    @property
    def requests(self) -> int:
        """How many requests have gone out."""
        return self._client.requests

    async def send_all(self, observations: Observations, leaks: Callable[[], Sequence[Probe]]) -> None:
        """Send the controls, then every probe, then once more what `leaks` names when all has come back.

        What the deadline leaves has no outcome yet, and is judged so.
        """
        over_tls = any(service.scheme == "https" for service in self._plan.services)
        context = self._network.tls.context() if over_tls else None
        connections = [Connection(self._network, context) for _ in range(self._settings.concurrency)]
        asyncio.get_running_loop().set_default_executor(DaemonThreadPool())
        first = connections[0]
        try:
            async with asyncio.timeout(self._settings.deadline):
                names = sorted({probe.request.service for probe in self._plan.probes})
                up = await asyncio.gather(*(self._is_up(name, first) for name in names))
                alive = {name for name, is_up in zip(names, up, strict=True) if is_up}
                units = deque(unit for unit in _units(self._plan) if unit[0].request.service in alive)
                await asyncio.gather(*(self._work(connection, units, observations) for connection in connections))
                await self._run_procedures(first, alive - set(self._gone))
                for probe in [probe for probe in leaks() if is_read_only(probe)][:MOST_CONFIRMATIONS]:
                    observations.confirmations[probe] = await self._client.ask(probe, first)
        except TimeoutError:
            pass  # the report says of each probe that has no outcome that the deadline came first
        finally:
            for connection in connections:
                for name, at in connection.tls_expires.items():
                    observations.tls_expires[name] = min(at, observations.tls_expires.get(name, at))
            await asyncio.gather(*(connection.close() for connection in connections), return_exceptions=True)

    async def _run_procedures(self, connection: Connection, alive: set[str]) -> None:
        """Find out what one request cannot show, one after the other and after all else."""
        for procedure in PROCEDURES:
            for probe in self._plan.probes:
                if probe.procedure != procedure.name:
                    continue
                if probe.request.service not in alive and not procedure.runs_without_service:
                    continue
                service = self._network.services[probe.request.service]
                session = Session(self._client, connection, self._network, service=service, run=self._settings.run)
                self._record(probe, await procedure.run(probe, session))

    # --- is anybody there? --------------------------------------------------------------------------------------------

    async def _is_up(self, service: str, connection: Connection) -> bool:
        """Look for the application until it answers, for as long as the user waits.

        Where nobody answers, or only something in its place, that is every probe's outcome, and none of them is sent.
        """
        sign = self._sign_of_life(service)
        if sign is None:
            return True
        until = self._clock.now() + self._settings.wait
        waiting = self._settings.wait > 0
        wanted = READY_IN_A_ROW if waiting else 1
        in_a_row = 0
        while True:
            outcome = await self._client.exchange(
                sign.request, connection, attempts=1 if waiting else self._settings.attempts
            )
            up = isinstance(outcome, Answered) and is_by_application(outcome)
            ready = isinstance(outcome, Answered) and up and not (waiting and outcome.failed)
            in_a_row = in_a_row + 1 if ready else 0
            if in_a_row >= wanted or self._clock.now() + LOOK_AGAIN > until:
                break
            await self._clock.sleep(LOOK_AGAIN)
        if up:
            self._record(sign, outcome)
            return True
        others: Outcome = outcome
        if isinstance(outcome, Answered):
            who = attribute(outcome)
            reason = Reason.GATEWAY if who == GATEWAY else Reason.INTERMEDIARY
            by = "a gateway" if who == GATEWAY else who
            detail = f"not sent: {sign.request.target} got {outcome.status} from {by}; {advice_on(who)}"
            others = Unsent(reason=reason, detail=detail)
        everything: list[Probe | NotFoundControl] = [*self._plan.probes, *self._plan.not_found_controls]
        for entry in everything:
            if entry.request.service == service:
                self._record(entry, outcome if entry == sign else others)
        return False

    def _sign_of_life(self, service: str) -> Probe | NotFoundControl | None:
        """The health route where there is one, else a path that does not exist, else what can be asked without harm."""
        own = [probe for probe in self._plan.probes if probe.request.service == service]
        alive = [probe for probe in own if probe.route.control is Control.ALIVE]
        lost = [
            path for path in self._plan.not_found_controls if path.request.service == service and path.variant is None
        ]
        candidates: list[Probe | NotFoundControl] = [*alive, *lost, *filter(is_read_only, own)]
        return next(iter(candidates), None)

    # --- the probes ---------------------------------------------------------------------------------------------------

    async def _work(self, connection: Connection, units: deque[Unit], observations: Observations) -> None:
        """Take one unit after the other; those of a route that may act go one by one, and end with the first grant."""
        while units:
            granted = False
            unit = units.popleft()
            for entry in unit:
                if entry in observations.outcomes:
                    continue
                if granted:
                    detail = "an earlier probe got in, and this route can change data, so no more requests were sent"
                    self._record(entry, Unsent(reason=Reason.OPENED_ALREADY, detail=detail))
                    continue
                if self._held > MOST_HELD:
                    detail = "not sent: the answers so far are larger than any honest deployment's"
                    self._record(entry, Unsent(reason=Reason.CUT_SHORT, detail=detail))
                    continue
                gone = self._gone.get(entry.request.service)
                if gone is not None:
                    self._record(entry, gone)
                    continue
                outcome = await self._client.ask(entry, connection)
                self._record(entry, outcome)
                await self._notice_silence(entry.request.service, outcome, connection)
                self._held += outcome.size if isinstance(outcome, Answered) else 0
                granted = (
                    len(unit) > 1
                    and isinstance(entry, Probe)
                    and ends_chain(entry, outcome, observations.controls_for_stopping(entry.request.service))
                )

    async def _notice_silence(self, service: str, outcome: Outcome, connection: Connection) -> None:
        """Leave a service alone that has stopped answering: each further probe would wait for nothing, for minutes."""
        if not isinstance(outcome, Unanswered):
            self._silent.pop(service, None)
            return
        self._silent[service] = self._silent.get(service, 0) + 1
        async with self._looking:  # one look, however many workers came to nothing at once
            sign = self._sign_of_life(service)
            if sign is None or service in self._gone or self._silent.get(service, 0) < MOST_SILENT:
                return
            look = await self._client.exchange(sign.request, connection, attempts=1)
            if isinstance(look, Unanswered):
                detail = f"not sent: nobody answers any more, not even {sign.request.target} ({look.detail})"
                self._gone[service] = replace(look, detail=detail)
            self._silent.pop(service, None)


def is_read_only(probe: Probe) -> bool:
    """Say whether a second look is harmless."""
    return probe.route.effect is Effect.NONE and probe.request.method in {"GET", "HEAD"}


def _units(plan: Plan) -> list[Unit]:
    """The paths that do not exist first, then the probes; those of one route that may act stay together, in order."""
    units: list[Unit] = [(path,) for path in plan.not_found_controls]
    chains: dict[str, list[Probe]] = {}
    for probe in plan.probes:
        if probe.procedure is not None:
            continue
        if probe.route.effect in DANGEROUS:
            chains.setdefault(probe.route.name, []).append(probe)
        else:
            units.append((probe,))
    return [*units, *(tuple(chain) for chain in chains.values())]
