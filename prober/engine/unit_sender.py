"""Sends one unit of a plan: its entries in order, the few that may change data within what a deployment may feel."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from prober.engine.acting_budget import MOST_GRANTS, ActingBudget
from prober.engine.client import DANGEROUS
from prober.engine.counterparts import ask_counterpart
from prober.engine.sending_order import is_bounded, is_granted
from prober.engine.silence import Silence
from prober.judge.controls import SAFE_METHODS
from prober.judge.page_of_every_path import may_be_of_every_path
from prober.model import Answered, Probe, Reason, Unsent
from prober.transport.rate_limit import FEW_AT_ONCE

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.engine.client import Client
    from prober.engine.control_checks import ControlChecks
    from prober.engine.sending_order import Entry, Unit
    from prober.engine.settings import RunSettings
    from prober.judge.observations import Observations
    from prober.model import Outcome, Plan
    from prober.transport.http import Connection
    from prober.transport.network import Network

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


class UnitSender:
    """Sends units, each over the connections of one worker; what comes back goes to `record`."""

    def __init__(
        self, plan: Plan, network: Network, settings: RunSettings, client: Client, checks: ControlChecks, *,
        record: Callable[[Entry, Outcome], None],
    ) -> None:  # fmt: skip
        """Send nothing yet."""
        self.plan, self._network, self._client, self._checks = plan, network, client, checks
        self.silence = Silence(client)
        self._record = record
        self._acting = ActingBudget(concurrency=min(settings.concurrency, FEW_AT_ONCE))
        self._next_to_act = asyncio.Semaphore(NEXT_TO_ACT)
        self._held = 0  # bytes of answers

    def is_spent(self, service: str) -> bool:
        """Say whether so many requests that may change data were granted that no more of them may go to a service."""
        return self._acting.is_spent(self._origin(service))

    async def send(
        self, unit: Unit, connection: Connection, observations: Observations, *, has_writes: Callable[[str], bool]
    ) -> None:
        """Send a unit; where `has_writes` says that the next one is a write to its service, connect for that too."""
        if len(unit) == 1:
            await self._send(unit, connection, observations, has_writes=has_writes, beside=None)
            return
        async with asyncio.TaskGroup() as beside:
            await self._send(unit, connection, observations, has_writes=has_writes, beside=beside)

    async def _send(
        self, unit: Unit, connection: Connection, observations: Observations, *, has_writes: Callable[[str], bool],
        beside: asyncio.TaskGroup | None,
    ) -> None:  # fmt: skip
        """Ask in order until the first grant; reads of a route without an effect go out `beside` what follows them."""
        stopped: Unsent | None = None
        for number, entry in enumerate(unit):
            if entry in observations.outcomes:
                continue
            why_not = stopped or self._why_not(entry)
            if why_not is not None:
                self._record(entry, why_not)
                continue
            service = entry.request.service
            writes = [one for one in unit[number:][: AHEAD + 1] if one.request.method not in SAFE_METHODS]
            if writes or has_writes(service):
                asyncio.get_running_loop().call_soon(connection.prepare, service, max(len(writes), 1))
            if not self.silence.is_suspected(service):
                await self._checks.count(service, connection, observations)
            if is_bounded(entry):
                granted = await self._ask_bounded(entry, connection, observations)
                stopped = GRANTED_BEFORE if granted else None
            elif beside is None or (isinstance(entry, Probe) and entry.route.effect in DANGEROUS):
                await self._ask_unbounded(entry, connection, observations)
            else:
                beside.create_task(self._ask_unbounded(entry, connection, observations))

    async def _ask_unbounded(self, entry: Entry, connection: Connection, observations: Observations) -> None:
        outcome = await self._ask(entry, connection)
        await self._ask_counterpart(entry, outcome, connection, observations)

    async def _ask_bounded(self, entry: Entry, connection: Connection, observations: Observations) -> bool:
        """Ask what may change data, once it has a place among the few; say whether it was granted."""
        service = entry.request.service
        origin = self._origin(service)
        async with self._next_to_act:
            if entry.request.method not in SAFE_METHODS:
                connection.prepare(service)
                await connection.ready(service)  # who connects must not hold one of the few places
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

    def _why_not(self, entry: Entry) -> Outcome | None:
        if self._held > MOST_HELD:
            detail = "not sent: the answers so far are larger than any honest deployment's"
            return Unsent(reason=Reason.CUT_SHORT, detail=detail)
        return self.silence.why_not(entry.request.service)

    async def _ask(self, entry: Entry, connection: Connection) -> Outcome:
        outcome = await self._client.ask(entry, connection)
        self._record(entry, outcome)
        await self.silence.notice(self.plan, entry.request.service, outcome, connection)
        self._held += outcome.size if isinstance(outcome, Answered) else 0
        return outcome

    async def _ask_counterpart(
        self, entry: Entry, outcome: Outcome, connection: Connection, observations: Observations
    ) -> bool:
        """Say whether an unknown path got the very page, so that the entry's route was not reached."""
        shown = await ask_counterpart(entry, outcome, connection, self._client, observations)
        if shown.took_a_write:
            await self._acting.count_grant(self._origin(entry.request.service))
        return shown.is_page_of_every_path
