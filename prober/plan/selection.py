"""Chooses which credentials each route gets. Pure."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING

from prober.model import Depth, Effect, Family
from prober.plan.credentials import (
    LADDER,
    everything_at_once,
)
from prober.plan.own_credentials import own_credentials
from prober.plan.variant_template import only_opens_session

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator

    from prober.model import Carrier, Credential, Profile, Route
    from prober.plan.credential_template import CredentialTemplate
    from prober.plan.credential_values import CredentialValues

SMALL_GUARD = 6  # a guard with at most so many routes gets all credentials at each
LADDER_ROUTES = 3  # a larger guard gets all credentials at so many routes
DOOR_ROUTES = 2  # of one method and path, so many routes get all credentials, whatever they send there
_SESSIONS = frozenset({Family.COOKIE, Family.BEARER})  # of guards that look for a session or a token
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
        chosen += guarded if len(guarded) <= SMALL_GUARD else _spread(guarded)[:most]
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
    few = [route for guarded in by_guard.values() for route in _spread(guarded)[:LADDER_ROUTES]]
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


def writing_representatives(routes: Iterable[Route], representatives: frozenset[Route]) -> frozenset[Route]:
    """Choose the first route of each guard, at each service, that writes, besides the one that represents it."""
    first: dict[tuple[str, str], Route] = {}
    for route in routes:
        if route.method not in {"GET", "HEAD", "OPTIONS"} and route not in representatives:
            first.setdefault((route.guard, route.service), route)
    return frozenset(first.values())


def signed_representatives(routes: Iterable[Route]) -> frozenset[Route]:
    """Choose the first route of each guard, at each service, that takes a body: it may be one of signed messages."""
    first: dict[tuple[str, str], Route] = {}
    for route in routes:
        if route.payload.content:
            first.setdefault((route.guard, route.service), route)
    return frozenset(first.values())


def _spread(routes: Iterable[Route]) -> list[Route]:
    """Sort routes: those that cannot change data if they are open come first, in turn from each surface."""
    turn: Counter[str] = Counter()
    ranked = []
    for route in sorted(routes, key=lambda route: (route.effect is not Effect.NONE, route.effect is Effect.ACTS)):
        ranked.append((route.effect is not Effect.NONE, route.method != "GET", turn[route.surface], route))
        turn[route.surface] += 1
    return [route for *_, route in sorted(ranked, key=lambda entry: entry[:3])]


def credentials_at(
    route: Route,
    profile: Profile,
    depth: Depth,
    made: CredentialValues,
    *,
    chosen: bool,
    represents_guard: bool,
    signs: bool,
) -> Iterator[Credential]:
    """Give the credentials for this route: `chosen` ones get more than the core, and one of each guard still more."""
    families, carriers = families_of(route, profile), carriers_of(route, profile)
    yield _made(LADDER[0], made)
    if not families and not carriers:
        return
    if depth is Depth.QUICK:
        if chosen:
            yield everything_at_once(families, made, carriers)
        return
    yield from own_credentials(carriers, made, depth, chosen=chosen, represents_guard=represents_guard)
    if not families:
        return
    of_sessions = not _SESSIONS.isdisjoint(families) and (represents_guard or depth is Depth.DEEP)
    for entry in LADDER[1:]:
        by_family = entry.family in families and not entry.sessions_only
        has_key = bool(made.key_headers) and entry.family is Family.API_KEY  # the user says that there are keys
        fits = by_family or (of_sessions and (entry.of_sessions or entry.sessions_only or has_key))
        represents = represents_guard if entry.signing_key is None else signs
        wanted = _is_wanted(entry, families, depth, chosen=chosen, represents_guard=represents)
        if fits and (wanted or (has_key and represents_guard and entry.depth is Depth.STANDARD)):
            yield _made(entry, made)


@lru_cache(maxsize=256)
def _made(entry: CredentialTemplate, values: CredentialValues) -> Credential:
    """Make a credential once in a run: a signature costs as much as a request does."""
    return entry.make(values)


def _is_wanted(
    entry: CredentialTemplate, families: tuple[Family, ...], depth: Depth, *, chosen: bool, represents_guard: bool
) -> bool:
    first = families[0]
    is_standard, is_deep = entry.depth is Depth.STANDARD, depth is Depth.DEEP
    if entry.once_a_guard:
        # No JWT opens what is compared as text, unless a session opens it too.
        by_secret = first in {Family.SECRET, Family.API_KEY} and Family.COOKIE not in families
        return (represents_guard and not (by_secret and entry.family is Family.BEARER)) or (chosen and is_deep)
    if entry.few:
        return represents_guard and (is_standard or is_deep)
    everywhere = first in entry.core or (is_deep and is_standard)
    of_sessions = (entry.of_sessions or entry.sessions_only) and represents_guard
    return everywhere or ((chosen or of_sessions) and (is_standard or is_deep))
