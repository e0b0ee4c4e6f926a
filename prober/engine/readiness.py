"""Looks for the application before anything is asked of it: whether anybody is there, and who."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from prober.engine.client import is_by_application
from prober.judge.attribution import advice_on, attribute
from prober.judge.declared_lock import how_to_declare, is_declared
from prober.judge.matching import matching_answer
from prober.judge.release import is_release
from prober.model import Answered, Control, Effect, Probe, Reason, Unsent
from prober.model.intermediary_names import GATEWAY

if TYPE_CHECKING:
    from prober.engine.client import Client
    from prober.engine.settings import RunSettings
    from prober.model import NotFoundControl, Outcome, Plan
    from prober.transport.http import Connection
    from prober.transport.network import Network
    from prober.transport.rate_limit import Clock

LOOK_AGAIN = 0.25  # seconds between two looks at a deployment that is coming up
MOST_FOLDERS = 4  # in which the application is looked for past a wall
READY_IN_A_ROW = 3  # good answers, before a deployment that is waited for counts as up: some flap while they start


@dataclass(frozen=True, slots=True)
class ReadinessResult:
    """What a look at a service gave: whether its application is there, and the outcomes that are known by it.

    Where it is there, that is the outcome of one entry; where it is not, of all of its entries: none is sent.
    """

    is_up: bool
    outcomes: tuple[tuple[Probe | NotFoundControl, Outcome], ...] = ()


class Readiness:
    """The look for the application of each service, for as long as the user waits."""

    def __init__(self, plan: Plan, network: Network, settings: RunSettings, clock: Clock, client: Client) -> None:
        """Ask nothing yet."""
        self._plan, self._network, self._settings, self._clock, self._client = plan, network, settings, clock, client

    async def wait_for(self, service: str, connection: Connection) -> ReadinessResult:
        """ReadinessResult for the application until it answers, and until its release is the one that is waited for."""
        sign = sign_of_life(self._plan, service)
        if sign is None:
            return ReadinessResult(is_up=True)
        until = self._clock.now() + self._settings.wait
        waiting = self._settings.wait > 0
        wanted, attempts = (READY_IN_A_ROW, 1) if waiting else (1, self._settings.attempts)
        in_a_row = 0
        while True:
            outcome = await self._client.exchange(sign.request, connection, attempts=attempts)
            answered = outcome if isinstance(outcome, Answered) else None
            up = answered is not None and (is_by_application(answered) or self._is_meant(service, answered))
            ready = up
            if answered is not None and waiting:
                ready = up and not answered.failed and self._is_release(service, answered)
            in_a_row = in_a_row + 1 if ready else 0
            if in_a_row >= wanted or self._clock.now() + LOOK_AGAIN > until:
                break
            await self._clock.sleep(LOOK_AGAIN)
        if up:
            return ReadinessResult(is_up=True, outcomes=((sign, outcome),))
        beside = await self._beside(service, sign, connection) if answered is not None else None
        if beside is not None:
            return ReadinessResult(is_up=True, outcomes=((sign, outcome), beside))
        others = _not_sent(sign, outcome) if isinstance(outcome, Answered) else outcome
        entries: list[Probe | NotFoundControl] = [*self._plan.probes, *self._plan.not_found_controls]
        own = [entry for entry in entries if entry.request.service == service]
        return ReadinessResult(
            is_up=False, outcomes=tuple((entry, outcome if entry == sign else others) for entry in own)
        )

    async def _beside(
        self, service: str, sign: Probe | NotFoundControl, connection: Connection
    ) -> tuple[Probe, Outcome] | None:
        """Give the first answer of the application in other folders, where a wall stands before some paths alone."""
        asked = {_folder(sign)}
        for probe in self._plan.probes:
            folder = _folder(probe)
            if probe.request.service != service or not is_read_only(probe) or probe.variant or folder in asked:
                continue
            asked.add(folder)
            outcome = await self._client.exchange(probe.request, connection, attempts=1)
            if isinstance(outcome, Answered) and is_by_application(outcome):
                return probe, outcome
            if len(asked) > MOST_FOLDERS:
                break
        return None

    def _is_meant(self, service: str, answered: Answered) -> bool:
        """Say whether somebody in front gives the very answer that a profile describes: that lock is tested."""
        own = self._network.services[service]
        promises = [probe.promise for probe in self._plan.probes if probe.request.service == service]
        return any(is_declared(matching_answer(promise, answered, own), answered, own) for promise in promises)

    def _is_release(self, service: str, answered: Answered) -> bool:
        """Say whether the release that is waited for answers, where the application says which does."""
        wanted, source = self._settings.release, self._settings.release_source
        if wanted is None or source is None or source.service not in {None, service}:
            return True
        return is_release(answered, wanted, source)


def sign_of_life(plan: Plan, service: str) -> Probe | NotFoundControl | None:
    """Give the health route where there is one, else a path that does not exist, else what is harmless to ask."""
    own = [probe for probe in plan.probes if probe.request.service == service]
    alive = [probe for probe in own if probe.route.control is Control.ALIVE]
    lost = [path for path in plan.not_found_controls if path.request.service == service and path.variant is None]
    candidates: list[Probe | NotFoundControl] = [*alive, *lost, *filter(is_read_only, own)]
    return next(iter(candidates), None)


def _folder(entry: Probe | NotFoundControl) -> str:
    """The first part of its path: what proxies put a wall before."""
    return entry.request.target.partition("?")[0].split("/")[1]


def is_read_only(probe: Probe) -> bool:
    """Say whether a second look is harmless."""
    return probe.route.effect is Effect.NONE and probe.request.method in {"GET", "HEAD"}


def _not_sent(sign: Probe | NotFoundControl, answered: Answered) -> Unsent:
    who = attribute(answered)
    reason = Reason.GATEWAY if who == GATEWAY else Reason.INTERMEDIARY
    by = "a gateway" if who == GATEWAY else who
    advice = "; ".join(filter(None, (advice_on(who), how_to_declare(answered))))
    detail = f"not sent: {sign.request.target} got {answered.status} from {by}; {advice}"
    return Unsent(reason=reason, detail=detail)
