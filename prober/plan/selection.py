"""Chooses the routes that tell most: of each guard, of each kind of guard, of each door. Pure."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from prober.model import Depth, Effect, Family
from prober.plan.variant_template import only_opens_session

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator

    from prober.model import Carrier, Profile, Route

SMALL_GUARD = 6  # a guard with at most so many routes gets all credentials at each
LADDER_ROUTES = 3  # a larger guard gets all credentials at so many routes
DOOR_ROUTES = 2  # of one method and path, so many routes get all credentials, whatever they send there
QUICK_ROUTES = 8  # in depth quick a larger guard gets the bogus credential at so many; all get a request without one

_USUAL_FAMILIES = (Family.SECRET, Family.BEARER, Family.COOKIE)


def families_of(route: Route, profile: Profile) -> tuple[Family, ...]:
    """Give the credential families of a route's guard; the default is a bearer, compared or verified, and a session."""
    return profile.presents.get(route.guard, _USUAL_FAMILIES)


def carriers_of(route: Route, profile: Profile) -> tuple[Carrier, ...]:
    """Give the places of its own where a route's guard looks for a credential."""
    return profile.carriers.get(route.guard, ())


def lock_of(route: Route, profile: Profile) -> Hashable:
    """Give what two routes have in common whose guards take and answer the same, whatever they are called."""
    answers = sorted((selector, str(promise)) for selector, promise in profile.guards.get(route.guard, {}).items())
    return families_of(route, profile), carriers_of(route, profile), tuple(answers)


def kind_of_guard(route: Route, profile: Profile) -> Hashable:
    """Give what guards of one kind have in common: the credentials that they take, and where; None takes none."""
    families, carriers = families_of(route, profile), carriers_of(route, profile)
    return (families, carriers) if families or carriers else None


def by_kind(routes: Iterable[Route], kind: Callable[[Route], Hashable]) -> dict[Hashable, list[Route]]:
    """Group routes by their service and the kind of their guard; those whose guard takes no credential are left out."""
    groups: dict[Hashable, list[Route]] = {}
    for route in routes:
        its_kind = kind(route)
        if its_kind is not None:
            groups.setdefault((route.service, its_kind), []).append(route)
    return groups


def chosen_routes(
    routes: Iterable[Route], depth: Depth, lock: Callable[[Route], Hashable] = lambda route: route.guard
) -> frozenset[Route]:
    """Choose the routes that get more than the core credentials; in depth quick, those that get a bogus one."""
    by_guard: dict[tuple[str, str], list[Route]] = {}
    for route in routes:
        by_guard.setdefault((route.guard, route.service), []).append(route)
    chosen: list[Route] = []
    most = QUICK_ROUTES if depth is Depth.QUICK else LADDER_ROUTES
    for guarded in by_guard.values():
        chosen += guarded if len(guarded) <= SMALL_GUARD else spread(guarded)[:most]
    return frozenset(_few_of_each_door(chosen, lock) if depth is Depth.STANDARD else chosen)


def _few_of_each_door(routes: Iterable[Route], lock: Callable[[Route], Hashable]) -> Iterator[Route]:
    """Give the first routes of each method and path: a guard of HTTP takes the same credential whatever the body is."""
    seen: Counter[Hashable] = Counter()
    for route in routes:
        door = (lock(route), route.service, route.method, route.path)
        seen[door] += 1
        if seen[door] <= DOOR_ROUTES:
            yield route


def few_of_each_guard(routes: Iterable[Route]) -> frozenset[Route]:
    """Choose what tells most of a further address: of each guard a few routes that only read, and the controls."""
    by_guard: dict[tuple[str, str], list[Route]] = {}
    readable = [route for route in routes if route.method == "GET" and route.effect is Effect.NONE]
    for route in readable:
        by_guard.setdefault((route.guard, route.service), []).append(route)
    few = [route for guarded in by_guard.values() for route in spread(guarded)[:LADDER_ROUTES]]
    return frozenset((*few, *(route for route in readable if route.control is not None)))


def guard_representatives(routes: Iterable[Route]) -> frozenset[Route]:
    """Choose the first route of each guard, at each service, that only reads, else one that only opens a session.

    Of a service that has neither, any.
    """
    every = tuple(routes)
    readable = [route for route in every if route.method == "GET" and route.effect is Effect.NONE]
    with_reads = {route.service for route in readable}
    others = [route for route in every if only_opens_session(route) or route.service not in with_reads]
    first: dict[tuple[str, str], Route] = {}
    for route in (*readable, *others):
        first.setdefault((route.guard, route.service), route)
    return frozenset(first.values())


def first_of_each_guard(routes: Iterable[Route]) -> frozenset[Route]:
    """Choose one route of each guard, at each service: one that only reads, where there is one."""
    first: dict[tuple[str, str], Route] = {}
    for route in spread(routes):
        first.setdefault((route.guard, route.service), route)
    return frozenset(first.values())


def signed_representatives(routes: Iterable[Route]) -> frozenset[Route]:
    """Choose the first route of each guard, at each service, that takes a body: it may be one of signed messages."""
    first: dict[tuple[str, str], Route] = {}
    for route in routes:
        if route.payload.content:
            first.setdefault((route.guard, route.service), route)
    return frozenset(first.values())


def spread(routes: Iterable[Route]) -> list[Route]:
    """Sort routes: those that cannot change data if they are open come first, in turn from each surface."""
    turn: Counter[str] = Counter()
    ranked = []
    for route in sorted(routes, key=lambda route: (route.effect is not Effect.NONE, route.effect is Effect.ACTS)):
        ranked.append((route.effect is not Effect.NONE, route.method != "GET", turn[route.surface], route))
        turn[route.surface] += 1
    return [route for *_, route in sorted(ranked, key=lambda entry: entry[:3])]
