"""Which routes stand for their guard: what only reads before what writes, and what takes a body where one is signed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from prober.model import Control, Effect, Payload
from prober.plan.selection import (
    LADDER_ROUTES,
    few_of_each_guard,
    first_of_each_guard,
    guard_representatives,
    signed_representatives,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from prober.model import Route, Surface

    RoutesOf = Callable[..., Surface]


def named(routes: Iterable[Route]) -> set[str]:
    return {f"{route.service} {route.method} {route.path}" for route in routes}


def test_what_reads_stands_for_its_guard_although_a_write_is_listed_first(routes_of: RoutesOf) -> None:
    routes = routes_of("POST /first", "GET /second", "GET /third").routes
    assert named(guard_representatives(routes)) == {"web GET /second"}


def test_a_service_without_reads_has_any_route_stand_for_each_guard(routes_of: RoutesOf) -> None:
    write, read = routes_of("POST /write", "GET /read").routes
    elsewhere = replace(write, service="mcp")
    assert named(guard_representatives((write, elsewhere, read))) == {"web GET /read", "mcp POST /write"}
    another_guard = replace(write, guard="another")
    assert named(guard_representatives((another_guard, read))) == {"web GET /read"}


def test_what_reads_comes_before_what_opens_a_session_of_mcp(routes_of: RoutesOf) -> None:
    post, read = routes_of("POST /mcp", "GET /mcp").routes
    opens = replace(post, effect=Effect.TRACE, quick=True, payload=Payload(content=b'{"method": "initialize"}'))
    assert named(guard_representatives((opens, read))) == {"web GET /mcp"}
    assert named(guard_representatives((opens, replace(read, guard="another")))) == {"web POST /mcp", "web GET /mcp"}


def test_a_read_that_acts_stands_for_no_guard(routes_of: RoutesOf) -> None:
    acts, reads = routes_of("GET /acts", "GET /reads").routes
    assert named(guard_representatives((replace(acts, effect=Effect.ACTS), reads))) == {"web GET /reads"}


def test_only_what_takes_a_body_stands_for_signed_messages(routes_of: RoutesOf) -> None:
    bare, full, second = routes_of("POST /bare", "POST /full", "POST /second").routes
    body = Payload(content=b"{}")
    routes = (bare, replace(full, payload=body), replace(second, payload=body))
    assert named(signed_representatives(routes)) == {"web POST /full"}
    assert signed_representatives((bare,)) == frozenset()


def test_a_further_address_is_asked_a_few_reads_of_each_guard_and_every_control(routes_of: RoutesOf) -> None:
    reads = routes_of(*(f"GET /{number}" for number in range(LADDER_ROUTES + 2)), "POST /write").routes
    last = replace(reads[LADDER_ROUTES + 1], control=Control.ALIVE)
    few = few_of_each_guard((*reads[: LADDER_ROUTES + 1], last, reads[-1]))
    assert named(few) == {*(f"web GET /{number}" for number in range(LADDER_ROUTES)), f"web GET /{LADDER_ROUTES + 1}"}


def test_the_few_of_a_guard_are_of_several_surfaces(routes_of: RoutesOf) -> None:
    one = [replace(route, surface="one") for route in routes_of(*(f"GET /{n}" for n in range(LADDER_ROUTES))).routes]
    two = [replace(route, surface="two") for route in routes_of("GET /other").routes]
    assert "web GET /other" in named(few_of_each_guard((*one, *two)))


def test_any_route_is_the_first_of_its_guard_and_what_reads_before_others(routes_of: RoutesOf) -> None:
    write, read, other = routes_of("POST /write", "GET /read", "POST /other").routes
    acts = replace(write, effect=Effect.ACTS)
    assert named(first_of_each_guard((acts, read))) == {"web GET /read"}
    assert named(first_of_each_guard((acts, replace(other, guard="another"), read))) == {
        "web GET /read",
        "web POST /other",
    }
    assert named(first_of_each_guard((acts, other))) == {"web POST /other"}
