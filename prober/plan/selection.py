"""Which credentials go to which route. Pure."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from prober.model import Depth, Effect, Family
from prober.plan.credentials import (
    LADDER,
    everything_at_once,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from prober.model import Credential, Profile, Route
    from prober.plan.credential_values import CredentialValues

SMALL_GUARD = 6  # a guard with at most so many routes gets the whole ladder at each
LADDER_ROUTES = 3  # a larger one at so many
QUICK_ROUTES = 8  # a larger guard gets the bogus credential of depth quick at so many; nothing at all is sent to each


def families_of(route: Route, profile: Profile) -> tuple[Family, ...]:
    """A guard that says nothing of its credentials gets those of a bearer, compared or verified, and of a session."""
    return profile.presents.get(route.guard, (Family.SECRET, Family.BEARER, Family.COOKIE))


def chosen_routes(routes: Iterable[Route], depth: Depth) -> frozenset[Route]:
    """Choose the routes that get more than the ladder's core; in depth quick, those that get a bogus credential."""
    by_guard: dict[tuple[str, str], list[Route]] = {}
    for route in routes:
        by_guard.setdefault((route.guard, route.service), []).append(route)
    chosen: list[Route] = []
    most = QUICK_ROUTES if depth is Depth.QUICK else LADDER_ROUTES
    for guarded in by_guard.values():
        chosen += guarded if len(guarded) <= SMALL_GUARD else _spread(guarded)[:most]
    return frozenset(chosen)


def _spread(routes: Iterable[Route]) -> list[Route]:
    """Where only some are chosen, those that cost nothing if the door is open come first, one of each surface."""
    turn: Counter[str] = Counter()
    ranked = []
    for route in sorted(routes, key=lambda route: (route.effect is not Effect.NONE, route.effect is Effect.ACTS)):
        ranked.append((route.effect is not Effect.NONE, route.method != "GET", turn[route.surface], route))
        turn[route.surface] += 1
    return [route for *_, route in sorted(ranked, key=lambda entry: entry[:3])]


def credentials_at(
    route: Route, profile: Profile, depth: Depth, made: CredentialValues, *, chosen: bool
) -> Iterator[Credential]:  # fmt: skip
    """Give what is presented at this route; `chosen` ones get more than the core of the ladder."""
    families = families_of(route, profile)
    yield LADDER[0].make(made)
    if not families:
        return
    if depth is Depth.QUICK:
        if chosen:
            yield everything_at_once(families, made)
        return
    for entry in LADDER[1:]:
        everywhere = families[0] in entry.core or (depth is Depth.DEEP and entry.depth is Depth.STANDARD)
        wanted = everywhere or (chosen and (entry.depth is Depth.STANDARD or depth is Depth.DEEP))
        if entry.family in families and wanted:
            yield entry.make(made)
