"""Asks the controls of a service again while a run goes on and at its end: whoever answers then may be somebody else.

A ban, a wall, a failover or a new release may begin in the middle of a run, and answer with the very status that a
guard is expected to give. One request out of forty, and at the end each control: an open one over three connections,
since one replica of several may be the one that is out.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from prober.judge.control_changes import change_of
from prober.model import Answered, Control, Depth, Effect, Kind, NotFoundControl, Request, Unanswered

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from prober.engine.client import Client
    from prober.judge.observations import Observations
    from prober.model import Plan, Probe, Reply
    from prober.transport.http import Connection

EVERY = 40  # answers of a service, after which the next of its controls is asked again
EVERY_QUICK = 80  # the same at depth quick, which may send 200 requests in all
CONNECTIONS = 3  # over which an open control is asked at the end; at depth quick over one


@dataclass(frozen=True, slots=True, eq=False)
class _Known:
    """A control, and how it was answered at first."""

    name: str
    request: Request
    first: Answered
    at: int  # the number of outcomes by then
    is_open: bool


class ControlChecks:
    """The second look at the controls of each service."""

    def __init__(self, plan: Plan, client: Client, *, attempts: int, concurrency: int) -> None:
        """Ask nothing yet; `concurrency` requests may be under way at once."""
        self._plan, self._client, self._attempts, self._under_way = plan, client, attempts, concurrency
        self._is_quick = plan.depth is Depth.QUICK
        self._since: Counter[str] = Counter()  # answers of a service since one of its controls was asked
        self._turn: Counter[str] = Counter()  # which of its controls is next
        self._dressed: dict[str, _Known | None] = {}  # by service: an unknown path with a bogus credential, at first
        self._opened: dict[str, tuple[Probe, ...]] = {}  # by service, once one of its controls was asked again
        self._looks: list[asyncio.Future[None]] = []  # at unknown paths with a bogus credential, beside the probes
        self._asking = asyncio.Lock()

    @property
    def begins_with_two(self) -> bool:
        """Say whether a request of its own goes out beside the first probe."""
        return not self._is_quick

    async def close(self) -> None:
        """Give up what is still under way."""
        for look in self._looks:
            look.cancel()
        await asyncio.gather(*self._looks, return_exceptions=True)

    async def count(self, service: str, connection: Connection, observations: Observations) -> None:
        """Take note of an answer, and ask one of the controls again where it is time."""
        if service not in self._dressed and not self._is_quick:
            self._dressed[service] = None
            self._looks.append(asyncio.ensure_future(self._see_dressed(service, connection, observations)))
            await asyncio.sleep(0)  # it goes first: who presents something bogus may be banned for it
        self._since[service] += 1
        if self._since[service] < (EVERY_QUICK if self._is_quick else EVERY) or self._asking.locked():
            return
        async with self._asking:
            self._since[service] = 0
            known = self._known(service, observations)
            if known:
                self._turn[service] += 1
                control = known[self._turn[service] % len(known)]
                counted = observations.count
                now = await self._client.look(control.request, connection, attempts=1)
                if isinstance(now, Answered):  # silence is no answer of somebody else's: `Silence` takes note of it
                    problems = _problems([(control, now)])
                    _record(problems, service, observations, counted=counted, under_way=self._under_way)

    async def ask_all(self, service: str, connections: Sequence[Connection], observations: Observations) -> None:
        """Ask every control of a service again, and record whether they are still answered as at first."""
        await asyncio.gather(*self._looks)
        async with self._asking:
            self._since[service] = 0
            known = self._known(service, observations)
            times = 1 if self._is_quick else CONNECTIONS
            asked = [control for control in known for _ in range(times if control.is_open else 1)]
            counted = observations.count
            problems = _problems(await self._ask(asked, connections))
            _record(problems, service, observations, counted=counted, under_way=0)

    async def _ask(self, controls: Sequence[_Known], connections: Sequence[Connection]) -> list[tuple[_Known, Reply]]:
        """Ask these, each connection its share; a control that is named several times is asked over several."""
        many = len(connections)

        async def over(connection: Connection, share: Sequence[_Known]) -> list[tuple[_Known, Reply]]:
            return [
                (control, await self._client.look(control.request, connection, attempts=self._attempts))
                for control in share
            ]

        shares = await asyncio.gather(*(over(one, controls[place::many]) for place, one in enumerate(connections)))
        return [answer for share in shares for answer in share]

    async def _see_dressed(self, service: str, connection: Connection, observations: Observations) -> None:
        """See how an unknown path is answered with a bogus credential: a wall may ban those who present one."""
        lost = self._lost(service)
        bogus = next(
            (
                probe.credential
                for probe in self._plan.probes
                if probe.request.service == service
                and probe.credential.kind is Kind.BOGUS
                and probe.credential.headers
                and probe.variant is None
                and not probe.procedure
            ),
            None,
        )
        if lost is None or bogus is None:
            return
        request = replace(lost.request, headers=(*lost.request.headers, *bogus.headers))
        first = await self._client.look(request, connection, attempts=self._attempts)
        if isinstance(first, Answered):
            at = observations.count
            self._dressed[service] = _Known(name="dressed", request=request, first=first, at=at, is_open=False)

    def _known(self, service: str, observations: Observations) -> list[_Known]:
        """The sign of life (else an open route), a path that does not exist, and that path with a bogus credential."""
        outcomes, at = observations.outcomes, observations.recorded_at
        opened = (
            _Known(name="alive", request=probe.request, first=first, at=at[probe], is_open=True)
            for probe in self._open_probes(service)
            if isinstance(first := outcomes.get(probe), Answered)
            and (first.succeeded or probe.route.control is Control.ALIVE)
        )
        alive = next(opened, None)
        lost = self._lost(service)
        nowhere = None if lost is None else outcomes.get(lost)
        known = [] if alive is None else [alive]
        if lost is not None and isinstance(nowhere, Answered):
            known.append(_Known(name="nowhere", request=lost.request, first=nowhere, at=at[lost], is_open=False))
        dressed = self._dressed.get(service)
        return known if dressed is None else [*known, dressed]

    def _open_probes(self, service: str) -> tuple[Probe, ...]:
        """Give those that show who answers, the sign of life first; they are looked for once, as the plan stays."""
        if service not in self._opened:
            own = [p for p in self._plan.probes if p.request.service == service and not (p.variant or p.procedure)]
            alive = [probe for probe in own if probe.route.control is Control.ALIVE]
            opened = [
                probe
                for probe in own
                if not probe.promise.refuses and probe.request.method == "GET" and probe.route.effect is Effect.NONE
                and not probe.credential.headers
            ]  # fmt: skip
            self._opened[service] = (*alive, *opened)
        return self._opened[service]

    def _lost(self, service: str) -> NotFoundControl | None:
        return next(
            (
                control
                for control in self._plan.not_found_controls
                if control.request.service == service and control.variant is None and control.request.method == "GET"
            ),
            None,
        )


def _problems(answers: Iterable[tuple[_Known, Reply]]) -> dict[_Known, str | None]:
    """Give how each control has changed, None where it has not; what was not sent tells nothing."""
    problems: dict[_Known, str | None] = {}
    for control, now in answers:
        if isinstance(now, (Answered, Unanswered)):
            problem = change_of(control.request.target, control.first, now)
            problems[control] = problems.get(control) or problem
    return problems


def _record(
    problems: dict[_Known, str | None], service: str, observations: Observations, *, counted: int, under_way: int
) -> None:
    for control, problem in problems.items():
        observations.record_check(
            service, control.name, first=control.at, counted=counted, problem=problem, under_way=under_way
        )
