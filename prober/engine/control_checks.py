"""Asks the controls of a service again while a run goes on and at its end: whoever answers then may be somebody else.

A ban, a wall, a failover or a new release may begin in the middle of a run, and answer with the very status that a
guard is expected to give. Two requests out of eighty, and two at the end.
"""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from prober.engine.spread import spread
from prober.judge.control_changes import change_of
from prober.model import Answered, Control, NotFoundControl, Unanswered

if TYPE_CHECKING:
    from collections.abc import Sequence

    from prober.engine.client import Client
    from prober.judge.observations import Observations
    from prober.model import Plan, Probe, Reply
    from prober.transport.http import Connection

EVERY = 80  # answers of a service, after which its controls are asked again


class ControlChecks:
    """The second look at the controls of each service."""

    def __init__(self, plan: Plan, client: Client, *, attempts: int) -> None:
        """Ask nothing yet."""
        self._plan, self._client, self._attempts = plan, client, attempts
        self._since: Counter[str] = Counter()  # answers of a service since its controls were asked
        self._asking: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def count(self, service: str, connection: Connection, observations: Observations) -> None:
        """Take note of an answer, and ask the controls again where it is time."""
        self._since[service] += 1
        if self._since[service] < EVERY or self._asking[service].locked():
            return
        await self.ask(service, [connection], observations)

    async def ask(self, service: str, connections: Sequence[Connection], observations: Observations) -> None:
        """Ask the controls of a service again, and record whether they are still answered as at first."""
        async with self._asking[service]:
            self._since[service] = 0
            counted = observations.count
            known = ((control, observations.outcomes.get(control)) for control in self._controls_of(service))
            firsts = {control: first for control, first in known if isinstance(first, Answered)}
            replies: dict[Probe | NotFoundControl, Reply] = {}

            async def ask_again(control: Probe | NotFoundControl, connection: Connection) -> None:
                replies[control] = await self._client.exchange(control.request, connection, attempts=self._attempts)

            await spread(ask_again, firsts, connections)
            for control, first in firsts.items():
                now = replies[control]
                if not isinstance(now, (Answered, Unanswered)):
                    return  # not sent: nothing is known by it
                problem = change_of(control.request.target, first, now)
                if problem is not None:
                    observations.record_check(service, counted=counted, problem=problem)
                    return
            if firsts:
                observations.record_check(service, counted=counted, problem=None)

    def _controls_of(self, service: str) -> list[Probe | NotFoundControl]:
        """The sign of life, and a path that does not exist."""
        alive = (p for p in self._plan.probes if p.route.control is Control.ALIVE and p.variant is None)
        lost = (c for c in self._plan.not_found_controls if c.variant is None and c.request.method == "GET")
        firsts = [next((e for e in entries if e.request.service == service), None) for entries in (alive, lost)]
        return [entry for entry in firsts if entry is not None]
