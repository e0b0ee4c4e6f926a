"""What a door is: one defect that can be opened in the demo, and the finding that is meant to catch it."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from prober.demo.state import Mode
from prober.model import Depth, Reason, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.datastructures import Headers
    from starlette.responses import Response

    from prober.demo.call import Call, Handler
    from prober.demo.state import State
    from prober.model import Route

_WEB_CONTROLS = ("health", "auth")  # whether it lives, whether sign-in works, which cookie it uses
_MCP_CONTROLS = ("mcp-health",)
_GUARD = "guard:"


@dataclass(frozen=True, slots=True, kw_only=True)
class LockedRoute:
    """What a door stands in: the route as it is locked, and the handler behind its guard."""

    guarded: Handler
    handler: Handler


if TYPE_CHECKING:
    Opens = Callable[[Call, State, LockedRoute], Response]
    Test = Callable[[Call, State], bool]
    Reads = Callable[[str, Headers], str | None]  # the target as it was sent, and the path that the router finds there


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """One defect: what is wrong, where it is put, and the finding that must come of it."""

    name: str
    about: str
    at: tuple[str, ...]  # globs over routes' names ('me: GET /api/me'), or 'guard:' and a glob over guards' names
    opens: Opens
    caught_by: str
    verdict: Verdict = Verdict.LEAK
    reason: Reason = Reason.GRANTED
    modes: tuple[Mode, ...] = (Mode.OAUTH,)
    depth: Depth = Depth.STANDARD
    allow_effects: tuple[str, ...] = ()
    hold: tuple[str, ...] = ()  # the held secrets without which no request can find it
    limits: tuple[tuple[str, int], ...] = ()  # what must be declared: of which route, how many an hour
    reads: Reads | None = None  # how the router reads a target otherwise than the guard; None: as everybody does
    methods: tuple[str, ...] = ()  # besides the route's own, those that reach its guard and its handler

    @property
    def surfaces(self) -> tuple[str, ...]:
        """The surfaces that a run needs to catch it: its own, and those whose routes are controls."""
        own = self.caught_by.partition(":")[0]
        return (own, *(_MCP_CONTROLS if own.startswith("mcp") else _WEB_CONTROLS))

    def stands_at(self, route: Route) -> bool:
        """Say whether this route is one that it opens."""
        return any(_matches(glob, route) for glob in self.at)


def _matches(glob: str, route: Route) -> bool:
    if glob.startswith(_GUARD):
        return fnmatchcase(route.guard, glob.removeprefix(_GUARD))
    return fnmatchcase(route.name, glob)


# --- ways to open one -------------------------------------------------------------------------------------------------


def unlocked(call: Call, state: State, way: LockedRoute) -> Response:
    """Run the handler as if there were no guard."""
    return way.handler(call, state)


def lets_in(test: Test) -> Opens:
    """Let in also whoever passes this test, besides those who hold the key."""

    def opens(call: Call, state: State, way: LockedRoute) -> Response:
        return way.handler(call, state) if test(call, state) else way.guarded(call, state)

    return opens


def misread_by(name: str) -> Opens:
    """Let in also whom the door of this name found a way to the route for: the guard saw another path."""
    return lets_in(lambda call, _: call.read_by == name)


def answers(handler: Handler) -> Opens:
    """Put another handler in the route's place."""

    def opens(call: Call, state: State, _way: LockedRoute) -> Response:
        return handler(call, state)

    return opens


def instead(response: Callable[[], Response]) -> Opens:
    """Answer strangers so, and let the key's holder in as ever."""

    def opens(call: Call, state: State, way: LockedRoute) -> Response:
        given = way.guarded(call, state)
        return response() if given.status_code >= 300 else given  # noqa: PLR2004 - the guard refused

    return opens


def behaves_as(change: Callable[[State], State]) -> Opens:
    """Let guard and handler run in another mode, or with another setting, than the deployment's."""

    def opens(call: Call, state: State, way: LockedRoute) -> Response:
        return way.guarded(call, change(state))

    return opens
