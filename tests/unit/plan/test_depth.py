"""Which credentials each depth presents, and where."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from prober.model import (
    Depth,
    Effect,
    Kind,
)
from prober.plan.body_keys import body_key_names
from prober.plan.credentials import LADDER
from prober.plan.selection import LADDER_ROUTES, QUICK_ROUTES, SMALL_GUARD
from tests.support.plan_texts import GUARDS, LADDERS, PROFILE, STRANGERS, credentials_by_route, everything

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.model import Plan, Profile, Surface


@pytest.mark.parametrize("profile", ["oauth", "credentials+oauth", "unconfigured", "dev-shim"])
def test_quick_sends_nothing_at_all_to_each_route_and_a_bogus_credential_to_each_guard(
    profile: str, plan_of: Callable[..., Plan]
) -> None:
    plan = plan_of(profile=profile, depth=Depth.QUICK)
    guards = {probe.route.name: probe.route.guard for probe in everything(plan)}
    bare = {guard for guard, families in plan.profile.presents.items() if not families}
    seen = credentials_by_route(plan)
    assert seen.keys() == guards.keys()
    assert {tuple(presented) for presented in seen.values()} == {("anonymous",), ("anonymous", "bogus")}
    routes = Counter(guards.values())
    bogus = Counter(guards[name] for name, presented in seen.items() if "bogus" in presented)
    assert bogus == {
        guard: number if number <= SMALL_GUARD else min(number, QUICK_ROUTES)
        for guard, number in routes.items() if guard not in bare
    }  # fmt: skip


def test_where_only_some_routes_of_a_guard_get_a_credential_they_are_of_many_surfaces_and_harmless(
    plan_of: Callable[..., Plan],
) -> None:
    plan = plan_of(depth=Depth.QUICK)
    bogus = [p.route for p in plan.probes if p.credential.name == "bogus" and p.route.guard == "session"]
    assert len(bogus) == QUICK_ROUTES
    assert len({route.surface for route in bogus}) >= QUICK_ROUTES - 2
    assert {(route.method, route.effect) for route in bogus} == {("GET", Effect.NONE)}


def test_quick_presents_every_kind_that_fits_in_one_request(
    routes_of: Callable[..., Surface], profile_of: Callable[[str], Profile], plan_of: Callable[..., Plan]
) -> None:
    plan = plan_of([routes_of("GET /x", guard="job")], profile_of(PROFILE), depth=Depth.QUICK)
    [bogus] = [probe for probe in plan.probes if probe.credential.name == "bogus"]
    sent = Counter(name for name, _ in bogus.request.headers)
    assert sent["x-vercel-cron"] == 1
    assert sent["Authorization"] == 1
    assert sent["Cookie"] == 1
    assert "X-API-Key" not in sent


@pytest.mark.parametrize(
    ("guard", "core"),
    [
        pytest.param("secret", ["anonymous", "bogus-bearer", "bearer-undefined", "bearer-two-spaces"], id="secret"),
        pytest.param("bearer", ["anonymous", "bogus-bearer"], id="bearer"),
        pytest.param("cookie", ["anonymous", "bogus-bearer", "bogus-cookie"], id="cookie"),
        pytest.param(
            "api-key",
            ["anonymous", "bogus-bearer", "bearer-undefined", "bogus-api-key", "api-key-undefined", "token-scheme"],
            id="api-key",
        ),
        pytest.param(
            "job", ["anonymous", "bogus-bearer", "bearer-undefined", "bearer-two-spaces", "cron-headers"], id="job"
        ),
        pytest.param("public", ["anonymous"], id="public"),
        pytest.param(
            "session",
            ["anonymous", "bogus-bearer", "bearer-undefined", "bearer-two-spaces"],
            id="guard-that-says-nothing",
        ),
    ],
)
def test_standard_presents_the_core_of_its_family_at_every_route(
    guard: str,
    core: list[str],
    routes_of: Callable[..., Surface],
    profile_of: Callable[[str], Profile],
    plan_of: Callable[..., Plan],
) -> None:
    routes = routes_of(*(f"GET /r{number}" for number in range(SMALL_GUARD + 1)), guard=guard)
    seen = credentials_by_route(plan_of([routes], profile_of(PROFILE)))
    assert seen[f"made: GET /r{SMALL_GUARD}"] == core


WHOLE_LADDERS = {guard: [e.name for e in STRANGERS if e.family in families] for guard, families in GUARDS.items()}


@pytest.mark.parametrize("guard", LADDERS)
def test_standard_presents_the_whole_ladder_at_every_route_of_a_small_guard(
    guard: str, routes_of: Callable[..., Surface], profile_of: Callable[[str], Profile], plan_of: Callable[..., Plan]
) -> None:
    routes = routes_of(*(f"GET /r{number}" for number in range(SMALL_GUARD)), guard=guard)
    seen = credentials_by_route(plan_of([routes], profile_of(PROFILE)))
    assert seen == {f"made: GET /r{number}": LADDERS[guard] for number in range(SMALL_GUARD)}
    assert SMALL_GUARD == 6


@pytest.mark.parametrize("guard", LADDERS)
def test_standard_presents_the_whole_ladder_at_three_routes_of_a_large_guard(
    guard: str, routes_of: Callable[..., Surface], profile_of: Callable[[str], Profile], plan_of: Callable[..., Plan]
) -> None:
    routes = routes_of(*(f"GET /r{number}" for number in range(SMALL_GUARD + 1)), guard=guard)
    seen = credentials_by_route(plan_of([routes], profile_of(PROFILE)))
    whole = [name for name, presented in seen.items() if presented == LADDERS[guard]]
    assert whole == ["made: GET /r0", "made: GET /r1", "made: GET /r2"]
    assert len(whole) == LADDER_ROUTES


@pytest.mark.parametrize("guard", LADDERS)
def test_deep_presents_the_standard_ladder_at_every_route_and_the_whole_one_at_three_of_a_large_guard(
    guard: str, routes_of: Callable[..., Surface], profile_of: Callable[[str], Profile], plan_of: Callable[..., Plan]
) -> None:
    routes = routes_of(*(f"GET /r{number}" for number in range(SMALL_GUARD + 1)), guard=guard)
    seen = credentials_by_route(plan_of([routes], profile_of(PROFILE), depth=Depth.DEEP))
    few = {f"made: GET /r{number}": WHOLE_LADDERS[guard] for number in range(LADDER_ROUTES)}
    others = {f"made: GET /r{number}": LADDERS[guard] for number in range(LADDER_ROUTES, SMALL_GUARD + 1)}
    assert seen == few | others
    assert len(WHOLE_LADDERS[guard]) > len(LADDERS[guard])


@pytest.mark.parametrize("guard", LADDERS)
def test_deep_presents_the_whole_ladder_at_every_route_of_a_small_guard(
    guard: str, routes_of: Callable[..., Surface], profile_of: Callable[[str], Profile], plan_of: Callable[..., Plan]
) -> None:
    routes = routes_of(*(f"GET /r{number}" for number in range(SMALL_GUARD)), guard=guard)
    seen = credentials_by_route(plan_of([routes], profile_of(PROFILE), depth=Depth.DEEP))
    assert seen == {f"made: GET /r{number}": WHOLE_LADDERS[guard] for number in range(SMALL_GUARD)}


def test_deep_presents_only_the_kinds_that_fit(
    routes_of: Callable[..., Surface], profile_of: Callable[[str], Profile], plan_of: Callable[..., Plan]
) -> None:
    surfaces = [routes_of("GET /b", guard="bearer"), routes_of("GET /p", guard="public")]
    seen = credentials_by_route(plan_of(surfaces, profile_of(PROFILE), depth=Depth.DEEP))
    assert seen == {
        "made: GET /b": [e.name for e in STRANGERS if e.family in {None, "bearer"}],
        "made: GET /p": ["anonymous"],
    }


def test_deep_sends_all_that_standard_sends_and_more(plan_of: Callable[..., Plan]) -> None:
    standard, deep = plan_of(), plan_of(depth=Depth.DEEP)
    assert {probe.id for probe in standard.probes} < {probe.id for probe in deep.probes}
    names = {probe.credential.name for probe in everything(deep) if probe.credential.kind is not Kind.HELD}
    assert names == {entry.name for entry in STRANGERS} | set(body_key_names())
    assert {e.name for e in LADDER if e.depth is Depth.DEEP}.isdisjoint(p.credential.name for p in everything(standard))


def test_whole_ladder_of_a_large_guard_goes_where_an_open_door_costs_least(
    surface_of: Callable[[str], Surface], profile_of: Callable[[str], Profile], plan_of: Callable[..., Plan]
) -> None:
    rest = ", guard: bearer, why: w, fix: f}"
    acts = "".join(f"  - {{route: DELETE /d{n}/:id, effect: acts, inert: impossible-id{rest}\n" for n in range(4))
    repeats = f"  - {{route: POST /again, effect: repeats{rest}\n"
    reads = "".join(f"  - {{route: GET /g{n}{rest}\n" for n in range(2))
    surface = surface_of(f"surface: made\nabout: A.\nroutes:\n{acts}{repeats}{reads}")
    seen = credentials_by_route(plan_of([surface], profile_of(PROFILE)))
    whole = {name for name, presented in seen.items() if len(presented) > 2}
    assert whole == {"made: GET /g0", "made: GET /g1", "made: POST /again"}


def test_anonymous_comes_first_at_every_route(plan_of: Callable[..., Plan]) -> None:
    assert {presented[0] for presented in credentials_by_route(plan_of()).values()} == {"anonymous"}


def test_each_depth_costs_more_and_quick_stays_cheap(plan_of: Callable[..., Plan]) -> None:
    quick, standard, deep = (plan_of(depth=depth).requests for depth in Depth)
    assert quick < 250 < standard < 1000 < deep < 6000
