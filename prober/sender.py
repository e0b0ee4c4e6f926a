"""Sends a plan: the order, the deadline, who is there at all, and what goes out again. It judges nothing.

What comes back is kept as it comes, so that an interruption leaves it readable.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from prober.judge.attribution import APPLICATION, GATEWAY, advice_on, attribute, is_throttle
from prober.judge.judge import grants
from prober.judge.match import kept
from prober.model import Answered, Control, Effect, Nowhere, Probe, Reason, Request, Unanswered, Unsent
from prober.procedures.borrowed import borrow, borrows, filled
from prober.procedures.closing import closing
from prober.procedures.sign_in import with_csrf
from prober.send.daemons import Daemons
from prober.send.pace import Again, Pace, World
from prober.send.transport import Line, Wire, tls_context

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from prober.model import Outcome, Plan

LOOK_AGAIN = 0.25  # seconds between two looks at a deployment that is coming up
READY_IN_A_ROW = 3  # good answers, before a deployment that is waited for counts as up: some flap while they start
MOST_CONFIRMATIONS = 20  # of leaks, by a second look each: a wide-open deployment needs no more
MOST_HELD = 32 * 1024 * 1024  # bytes of answers, deflated: ten times what an honest deployment says
_NEVER_CAME = frozenset({502, 503, 504})
_DANGEROUS = frozenset({Effect.REPEATS, Effect.ACTS})

Unit = tuple[Probe | Nowhere, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How a run is conducted; nothing here changes what is promised."""

    run: str
    started_at: str
    deadline: float = 300.0
    wait: float = 0.0
    attempts: int = 3
    concurrency: int = 8
    rate: float | None = None
    tolerate_drift: bool = False
    require: tuple[str, ...] = ()
    insecure: bool = False


class Sender:
    """One plan's way over the network. It owns the lines, the pace, and what has come back so far."""

    def __init__(self, plan: Plan, wire: Wire, terms: Terms, world: World) -> None:
        """Send nothing yet."""
        self._plan, self._wire, self._terms, self._world = plan, wire, terms, world
        self._pace = Pace(world, deadline=world.now() + terms.deadline, concurrency=terms.concurrency, rate=terms.rate)
        self.outcomes: dict[Probe | Nowhere, Outcome] = {}
        self.confirmations: dict[Probe, Outcome] = {}
        self.requests = 0
        self._held = 0
        self._borrowed: dict[tuple[str, str], str | Unanswered | Unsent] = {}
        self._borrowing = asyncio.Lock()

    async def send_all(self, leaks: Callable[[], Sequence[Probe]]) -> None:
        """Send the controls, then every probe, then once more what `leaks` names when all has come back.

        What the deadline leaves has no outcome yet, and is judged so.
        """
        over_tls = any(service.scheme == "https" for service in self._plan.services)
        context = tls_context(cacert=self._wire.cacert, insecure=self._wire.insecure) if over_tls else False
        lines = [Line(self._wire, context) for _ in range(self._terms.concurrency)]
        asyncio.get_running_loop().set_default_executor(Daemons())
        try:
            async with asyncio.timeout(self._terms.deadline):
                names = sorted({probe.request.service for probe in self._plan.probes})
                up = await asyncio.gather(*(self._is_up(name, lines[0]) for name in names))
                alive = {name for name, is_up in zip(names, up, strict=True) if is_up}
                units = deque(unit for unit in _units(self._plan) if unit[0].request.service in alive)
                await asyncio.gather(*(self._work(line, units) for line in lines))
                for probe in [probe for probe in leaks() if is_read_only(probe)][:MOST_CONFIRMATIONS]:
                    self.confirmations[probe] = await self._probe(probe, lines[0])
        except TimeoutError:
            pass  # the report says of each probe that has no outcome that the deadline came first
        finally:
            await asyncio.gather(*(line.close() for line in lines), return_exceptions=True)

    # --- is anybody there? --------------------------------------------------------------------------------------------

    async def _is_up(self, service: str, line: Line) -> bool:
        """Look for the application until it answers, for as long as the user waits.

        Where nobody answers, or only something in its place, that is every probe's outcome, and none of them is sent.
        """
        sign = self._sign_of_life(service)
        if sign is None:
            return True
        until = self._world.now() + self._terms.wait
        waiting = self._terms.wait > 0
        wanted = READY_IN_A_ROW if waiting else 1
        in_a_row = 0
        while True:
            outcome = await self._exchange(sign.request, line, attempts=1 if waiting else self._terms.attempts)
            up = isinstance(outcome, Answered) and _is_by_application(outcome)
            ready = isinstance(outcome, Answered) and up and not (waiting and outcome.failed)
            in_a_row = in_a_row + 1 if ready else 0
            if in_a_row >= wanted or self._world.now() + LOOK_AGAIN > until:
                break
            await self._world.sleep(LOOK_AGAIN)
        if up:
            self.outcomes[sign] = outcome
            return True
        others: Outcome = outcome
        if isinstance(outcome, Answered):
            who = attribute(outcome)
            reason = Reason.GATEWAY if who == GATEWAY else Reason.INTERMEDIARY
            by = "a gateway" if who == GATEWAY else who
            detail = f"not sent: {sign.request.target} was answered {outcome.status} by {by}; {advice_on(who)}"
            others = Unsent(reason=reason, detail=detail)
        everything: list[Probe | Nowhere] = [*self._plan.probes, *self._plan.nowhere]
        for entry in everything:
            if entry.request.service == service:
                self.outcomes[entry] = outcome if entry == sign else others
        return False

    def _sign_of_life(self, service: str) -> Probe | Nowhere | None:
        """The health route where there is one, else a path that does not exist, else what can be asked without harm."""
        own = [probe for probe in self._plan.probes if probe.request.service == service]
        alive = [probe for probe in own if probe.route.control is Control.ALIVE]
        lost = [path for path in self._plan.nowhere if path.request.service == service]
        candidates: list[Probe | Nowhere] = [*alive, *lost, *filter(is_read_only, own)]
        return next(iter(candidates), None)

    # --- the probes ---------------------------------------------------------------------------------------------------

    async def _work(self, line: Line, units: deque[Unit]) -> None:
        """Take one unit after the other; those of a route that may act go one by one, and end with the first grant."""
        while units:
            granted = False
            for entry in units.popleft():
                if entry in self.outcomes:
                    continue
                if granted:
                    detail = "an earlier probe opened this door, and it may act: nothing more was sent"
                    self.outcomes[entry] = Unsent(reason=Reason.OPENED_ALREADY, detail=detail)
                    continue
                if self._held > MOST_HELD:
                    detail = "not sent: the answers so far are larger than any honest deployment's"
                    self.outcomes[entry] = Unsent(reason=Reason.CUT_SHORT, detail=detail)
                    continue
                self.outcomes[entry] = outcome = await self._probe(entry, line)
                self._held += outcome.size if isinstance(outcome, Answered) else 0
                service = self._wire.services[entry.request.service]
                granted = isinstance(entry, Probe) and grants(entry, outcome, service)

    async def _probe(self, entry: Probe | Nowhere, line: Line) -> Outcome:
        async def fetch(wanted: Request) -> Outcome:
            return await self._exchange(wanted, line, attempts=self._terms.attempts)

        request = await with_csrf(entry.request, fetch)
        if isinstance(request, Request):
            request = await self._with_what_it_borrows(request, fetch)
        if not isinstance(request, Request):
            return request
        outcome = await self._exchange(request, line, attempts=self._terms.attempts, entry=entry)
        goodbye = closing(request, outcome) if isinstance(outcome, Answered) else None
        if goodbye is not None:
            await self._exchange(goodbye, line, attempts=1)
        return outcome

    async def _with_what_it_borrows(
        self, request: Request, fetch: Callable[[Request], Awaitable[Outcome]]
    ) -> Request | Unanswered | Unsent:
        word = borrows(request)
        if word is None:
            return request
        async with self._borrowing:
            key = (request.service, word)
            if key not in self._borrowed:
                base = self._wire.services[request.service].base_path
                self._borrowed[key] = await borrow(word, request, base, fetch)
        value = self._borrowed[key]
        return filled(request, word, value) if isinstance(value, str) else value

    async def _exchange(
        self, request: Request, line: Line, *, attempts: int, entry: Probe | Nowhere | None = None
    ) -> Outcome:
        async def once(wanted: Request) -> Answered | Unanswered:
            self.requests += 1
            return await line.exchange(wanted)

        def again(answered: Answered) -> Again | None:
            promised = isinstance(entry, Probe) and kept(entry.promise, answered, self._wire.services[request.service])
            if promised:
                return None
            if is_throttle(answered):
                return Again.THROTTLE
            if answered.status in _NEVER_CAME and not _is_by_application(answered):
                return Again.GATEWAY
            return Again.FAILED if answered.failed else None

        repeatable = not (isinstance(entry, Probe) and entry.route.effect in _DANGEROUS)
        outcome = await self._pace.send(request, once, attempts=attempts, repeatable=repeatable, again=again)
        if outcome is not None:
            return outcome
        if self._pace.has_given_up(request.service):
            detail = (
                "not sent: the service answered 429 (too many requests) to everything, however long it was let rest"
            )
            return Unsent(reason=Reason.THROTTLED, detail=detail)
        detail = f"not sent within the deadline of {self._terms.deadline:g} s"
        return Unsent(reason=Reason.CUT_SHORT, detail=detail)


def is_read_only(probe: Probe) -> bool:
    """Say whether a second look is harmless."""
    return probe.route.effect is Effect.NONE and probe.request.method in {"GET", "HEAD"}


def _is_by_application(answered: Answered) -> bool:
    return attribute(answered) == APPLICATION


def _units(plan: Plan) -> list[Unit]:
    """The paths that do not exist first, then the probes; those of one route that may act stay together, in order."""
    units: list[Unit] = [(path,) for path in plan.nowhere]
    chains: dict[str, list[Probe]] = {}
    for probe in plan.probes:
        if probe.route.effect in _DANGEROUS:
            chains.setdefault(probe.route.name, []).append(probe)
        else:
            units.append((probe,))
    return [*units, *(tuple(chain) for chain in chains.values())]
