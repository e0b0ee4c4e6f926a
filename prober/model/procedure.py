"""What a procedure is: one thing to find out that takes several requests. Frozen; decides nothing.

Each is one object in a file of prober/engine/procedures, with what it costs, which probes it plans, how it runs, and
how it is explained. It says what it has seen; what that means is the judge's to say.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from prober.model.enums import Depth

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping

    from prober.model.categories import Category
    from prober.model.definition import Payload, Route, Service
    from prober.model.outcome import Outcome, Reply, Unanswered
    from prober.model.plan import Probe, Request


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteRequests:
    """What the planner knows of a route and a procedure may need: its plain probe, and other requests for it."""

    plain: Probe
    represents_guard: bool  # the first route of its guard that only reads
    samples: int  # how often the plain request is sent at one of the few routes that tell most; 1: not again
    with_secret: Callable[[str], Request]  # the plain request with a held secret, by its name
    with_payload: Callable[[Payload], Request]  # the plain request with another payload, `{known-email}` filled in


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedProcedure:
    """A probe that a procedure carries out, and the held secrets without which it is skipped."""

    probe: Probe
    needs: tuple[str, ...] = ()


class ProcedureSession(Protocol):
    """What a procedure runs with."""

    run: str  # the run's name

    @property
    def service(self) -> Service:
        """The service that the probe is for."""

    async def send(self, request: Request) -> Reply:
        """Send a request once: how often it is sent is what a procedure is about."""

    async def fetch(self, request: Request) -> Reply:
        """Send a request until the application answers: where how often it is sent proves nothing."""

    async def handed_out(self, plain: Request) -> Mapping[str, str]:
        """Give the cookies that may be sessions and that strangers were given, by name; `plain` is a request."""

    async def connects(self, port: int) -> bool | Unanswered:
        """Say whether a port of the service's host takes connections."""


def plans_nothing_for_a_route(_: Route, __: RouteRequests) -> Iterable[PlannedProcedure]:
    """Most of what is found out of a deployment as a whole needs no route."""
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Procedure:
    """One procedure. `name` stands in the ids of its probes, and so must never change."""

    name: str
    about: str  # what it sends, what it proves and what it costs, in plain sentences
    catches: str  # the bug
    source: str  # where that bug was seen
    category: Category  # in which row of docs/depth.md it stands
    only_deep: bool  # it costs too much for the standard depth
    run: Callable[[Probe, ProcedureSession], Awaitable[Outcome]]
    plan_route: Callable[[Route, RouteRequests], Iterable[PlannedProcedure]] = plans_nothing_for_a_route
    also_quick: bool = False  # planned at depth quick too, as only an option asks for it
    runs_without_service: bool = False  # also where the service itself does not answer
    at_once: bool = False  # its probes go out beside each other: each only reads, and needs nothing of the others

    def is_planned_at(self, depth: Depth) -> bool:
        """Say whether a plan of this depth has it."""
        return depth is Depth.DEEP or (not self.only_deep and (depth is Depth.STANDARD or self.also_quick))
