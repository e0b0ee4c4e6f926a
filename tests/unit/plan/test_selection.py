"""Which of many routes behind one guard get more than one probe: what costs nothing first, one of each surface."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import pytest

from prober.model import Depth, Effect
from prober.plan.selection import DOOR_ROUTES, LADDER_ROUTES, QUICK_ROUTES, SMALL_GUARD, chosen_routes, lock_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.model import Profile, Route, Surface

    RoutesOf = Callable[..., Surface]


def of_surface(routes_of: RoutesOf, name: str, *routes: str, effect: Effect = Effect.NONE) -> tuple[Route, ...]:
    return tuple(replace(route, surface=name, effect=effect) for route in routes_of(*routes).routes)


def chosen(depth: Depth, *routes: Route) -> set[str]:
    return {f"{route.surface} {route.method} {route.path}" for route in chosen_routes(routes, depth)}


def test_of_a_small_guard_all_are_chosen(routes_of: RoutesOf) -> None:
    few = of_surface(routes_of, "a", *(f"GET /{n}" for n in range(SMALL_GUARD)))
    assert chosen_routes(few, Depth.STANDARD) == frozenset(few)


@pytest.mark.parametrize(("depth", "number"), [(Depth.QUICK, QUICK_ROUTES), (Depth.STANDARD, LADDER_ROUTES)])
def test_of_a_large_guard_so_many_are_chosen(depth: Depth, number: int, routes_of: RoutesOf) -> None:
    many = of_surface(routes_of, "a", *(f"GET /{n}" for n in range(20)))
    assert chosen(depth, *many) == {f"a GET /{n}" for n in range(number)}


def test_each_surface_comes_before_the_second_of_any(routes_of: RoutesOf) -> None:
    a, b, c = (of_surface(routes_of, name, *(f"GET /{name}{n}" for n in range(4))) for name in "abc")
    assert chosen(Depth.STANDARD, *a, *b, *c) == {"a GET /a0", "b GET /b0", "c GET /c0"}
    a, b, c, d = (of_surface(routes_of, name, *(f"GET /{name}{n}" for n in range(3))) for name in "abcd")
    assert chosen(Depth.QUICK, *a, *b, *c, *d) == {f"{name} GET /{name}{n}" for name in "abcd" for n in range(2)}


def test_what_costs_nothing_comes_first_and_reads_before_the_rest(routes_of: RoutesOf) -> None:
    acting = of_surface(routes_of, "b", *(f"DELETE /{n}" for n in range(6)), effect=Effect.ACTS)
    tracing = of_surface(routes_of, "t", "GET /t", effect=Effect.TRACE)
    free = of_surface(routes_of, "a", "PUT /u", "GET /g")
    assert chosen(Depth.STANDARD, *acting, *tracing, *free) == {"a GET /g", "a PUT /u", "t GET /t"}


def test_of_a_surface_what_acts_takes_its_turn_last(routes_of: RoutesOf) -> None:
    """A surface whose only cheap route stands last in its file is still tried there first."""
    a = of_surface(routes_of, "a", *(f"POST /a{n}" for n in range(4)), effect=Effect.ACTS)
    b = of_surface(routes_of, "b", *(f"POST /b{n}" for n in range(4)), effect=Effect.REPEATS)
    assert chosen(Depth.STANDARD, *a, *b, *of_surface(routes_of, "a", "POST /cheap")) == {
        "a POST /cheap", "b POST /b0", "b POST /b1",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("depth", "number"), [(Depth.QUICK, 4), (Depth.STANDARD, DOOR_ROUTES), (Depth.DEEP, 4)], ids=str
)
def test_of_what_is_sent_to_one_method_and_path_two_get_all_at_standard(
    depth: Depth, number: int, routes_of: Callable[..., Surface]
) -> None:
    [door] = of_surface(routes_of, "a", "POST /mcp")
    [beside] = of_surface(routes_of, "a", "GET /mcp")
    bodies = [replace(door, id=name) for name in ("open", "list", "call", "read")]
    assert chosen_routes([*bodies, beside], depth) == frozenset([*bodies[:number], beside])


def test_guards_of_one_door_that_promise_the_same_are_one_lock(
    surface_of: Callable[[str], Surface], profile_of: Callable[[str], Profile]
) -> None:
    entry = "  - {{route: POST /rpc, id: {name}, guard: {guard}, effect: none, why: w, fix: f}}\n"
    names = [("a", "one"), ("b", "one"), ("c", "same"), ("d", "other"), ("e", "key")]
    routes = surface_of(
        "surface: s\nabout: A.\nroutes:\n" + "".join(entry.format(name=n, guard=g) for n, g in names)
    ).routes
    profile = profile_of(
        "profile: p\nabout: A.\npresents: {key: api-key}\nguards: {one: 401, same: 401, other: 403, key: 401}\n"
    )
    chosen = chosen_routes(routes, Depth.STANDARD, partial(lock_of, profile=profile))
    assert {route.id for route in chosen} == {"a", "b", "d", "e"}
