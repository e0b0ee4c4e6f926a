"""Guards of one kind that are many have the whole ladder at one route each, and each rung at one of the others."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from prober.model import Depth
from prober.plan.credentials import LADDER
from prober.plan.selection import LADDER_ROUTES, SMALL_GUARD
from prober.plan.shares import WHOLE_LADDERS, shares_of
from tests.support.plan_texts import LADDERS, credentials_by_route

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.model import Plan, Profile, Surface

    RoutesOf = Callable[..., Surface]

GUARDS = ("session", "admin", "owner", "team")
PROFILE = "profile: p\nabout: A.\npresents: {" + ", ".join(f"{guard}: [cookie, bearer]" for guard in GUARDS) + "}\n"
ANSWERS = "guards: {session: 401, admin: [401, 403], owner: 403, team: 401}\n"
CORE = ["anonymous", "bogus-bearer", "bogus-cookie"]


@pytest.fixture(scope="module")
def seen(
    routes_of: RoutesOf, profile_of: Callable[[str], Profile], plan_of: Callable[..., Plan]
) -> Callable[..., dict[str, list[str]]]:
    """Give what is presented at each route of three guards of one kind, each with as many routes."""

    def presented(routes: int, *, answers: str = ANSWERS, **options: object) -> dict[str, list[str]]:
        surfaces = [routes_of(*(f"GET /{guard}{n}" for n in range(routes)), guard=guard) for guard in GUARDS]
        return credentials_by_route(plan_of(surfaces, profile_of(PROFILE + answers), **options))

    return presented


def test_each_guard_has_the_whole_ladder_at_one_route(seen: Callable[..., dict[str, list[str]]]) -> None:
    by_route = seen(SMALL_GUARD + 1)
    whole = [name for name, presented in by_route.items() if presented == LADDERS["cookie"]]
    assert whole == ["made: GET /admin0", "made: GET /owner0", "made: GET /session0", "made: GET /team0"]


def test_each_rung_goes_to_one_of_the_other_chosen_routes(seen: Callable[..., dict[str, list[str]]]) -> None:
    by_route = seen(SMALL_GUARD + 2)
    others = {name: presented for name, presented in by_route.items() if presented != LADDERS["cookie"]}
    rungs = Counter(name for presented in others.values() for name in presented if name not in CORE)
    assert rungs == dict.fromkeys(set(LADDERS["cookie"]) - set(CORE), 1)
    with_rungs = {name for name, presented in others.items() if presented != CORE}
    assert with_rungs <= {f"made: GET /{guard}{n}" for guard in GUARDS for n in range(1, LADDER_ROUTES)}
    assert len(with_rungs) > 3


def test_deep_shares_nothing(seen: Callable[..., dict[str, list[str]]]) -> None:
    deep = seen(SMALL_GUARD + 1, depth=Depth.DEEP)
    assert [name for name, presented in deep.items() if not set(LADDERS["cookie"]) <= set(presented)] == []


def test_guards_of_one_kind_with_few_routes_have_it_everywhere(seen: Callable[..., dict[str, list[str]]]) -> None:
    by_route = seen(WHOLE_LADDERS // len(GUARDS))
    assert set(map(tuple, by_route.values())) == {tuple(LADDERS["cookie"])}


def test_of_what_takes_no_credential_there_is_nothing_to_share(routes_of: RoutesOf) -> None:
    routes = routes_of(*(f"GET /{n}" for n in range(WHOLE_LADDERS + 1))).routes
    assert shares_of(routes, frozenset(routes), frozenset(), lambda _: None) == {}
    assert len(shares_of(routes, frozenset(routes), frozenset(), lambda _: "kind")) == WHOLE_LADDERS


def test_services_share_nothing(
    surface_of: Callable[[str], Surface], profile_of: Callable[[str], Profile], plan_of: Callable[..., Plan]
) -> None:
    entry = "  - {{route: GET /{service}{n}, guard: session, service: {service}, why: w, fix: f}}\n"
    each = "".join(entry.format(n=n, service=service) for n in range(LADDER_ROUTES + 1) for service in ("web", "mcp"))
    profile = profile_of(PROFILE + ANSWERS)
    seen = credentials_by_route(plan_of([surface_of("surface: s\nabout: A.\nroutes:\n" + each)], profile))
    assert {tuple(presented) for presented in seen.values()} == {tuple(LADDERS["cookie"])}


def test_the_ladder_is_what_is_shared_and_not_what_goes_to_every_route(plan_of: Callable[..., Plan]) -> None:
    """Each name of the ladder is sent at standard wherever it was before it was shared: at every guard."""
    plan = plan_of(whole=True)
    of_sessions = {"session", "admin", "org-role"}
    names = {entry.name for entry in LADDER if entry.name in LADDERS["cookie"]}
    for_each = {(probe.route.guard, probe.credential.name) for probe in plan.probes if probe.variant is None}
    assert {(guard, name) for guard in of_sessions for name in names} <= for_each
