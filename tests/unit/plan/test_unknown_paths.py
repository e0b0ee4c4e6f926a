"""Paths that do not exist: where they lie, and that no route serves them."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prober.definitions.document import parse_document
from prober.definitions.surface import parse_surface
from prober.model import (
    Depth,
    Request,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.model import Plan, Surface


def served(path: str) -> re.Pattern[str]:
    """What a router makes of a route's path: a parameter takes any one segment."""
    parts = path.partition("?")[0].split("/")
    return re.compile("/".join("[^/]+" if part.startswith(":") else re.escape(part) for part in parts))


@pytest.mark.parametrize("depth", list(Depth))
@pytest.mark.parametrize("profile", ["oauth", "dev-shim"])
def test_no_path_of_nowhere_is_served_by_a_route(
    profile: str, depth: Depth, plan_of: Callable[..., Plan], shipped_surfaces: tuple[Surface, ...]
) -> None:
    targets = [path.request.target for path in plan_of(profile=profile, depth=depth).not_found_controls]
    patterns = [served(route.path) for surface in shipped_surfaces for route in surface.routes]
    assert len(targets) > 5
    assert [target for target in targets if any(pattern.fullmatch(target) for pattern in patterns)] == []


SEGMENTS = st.lists(st.sampled_from(["api", "a", "b", ":id", ":x"]), min_size=1, max_size=4).map(tuple)


@given(st.sets(SEGMENTS, min_size=1, max_size=12))
def test_no_path_of_nowhere_is_served_by_any_set_of_routes(
    plan_of: Callable[..., Plan], paths: set[tuple[str, ...]]
) -> None:
    said = [f"/{'/'.join(path)}" for path in sorted(paths)]
    lines = "".join(f"  - {{route: 'GET {path}', guard: session, why: w, fix: f}}\n" for path in said)
    surface = parse_surface(parse_document(f"surface: s\nabout: a\nroutes:\n{lines}", file="x.yaml"))
    targets = [path.request.target for path in plan_of([surface]).not_found_controls]
    assert [target for target in targets if any(served(path).fullmatch(target) for path in said)] == []


def test_paths_of_nowhere_lie_beside_the_guarded_ones_of_each_service(plan_of: Callable[..., Plan]) -> None:
    plan = plan_of()
    seen = {(n.request.service, n.request.method, n.prefix) for n in plan.not_found_controls}
    assert {
        ("web", "GET", "/"),
        ("web", "GET", "/api/"),
        ("web", "POST", "/api/"),
        ("web", "GET", "/api/admin/"),
        ("mcp", "GET", "/"),
        ("mcp", "POST", "/"),
    } <= seen
    assert len(seen) == len(plan.not_found_controls)
    assert {n.request.target for n in plan.not_found_controls} == {
        f"{n.prefix}lockdown-probe-0123abcd" for n in plan.not_found_controls
    }


def test_path_of_nowhere_presents_nothing(plan_of: Callable[..., Plan]) -> None:
    names = {name for path in plan_of().not_found_controls for name, _ in path.request.headers}
    assert names == {"User-Agent", "Accept", "Accept-Encoding", "Cache-Control", "Content-Type"}


@pytest.mark.parametrize("depth", [Depth.QUICK, Depth.STANDARD])
def test_no_other_site_is_asked_before_depth_deep(depth: Depth, plan_of: Callable[..., Plan]) -> None:
    assert {path.variant for path in plan_of(depth=depth).not_found_controls} == {None}


def test_where_own_nowhere_may_answer_its_own_path_of_nowhere_is_asked_once_for_each_service(
    plan_of: Callable[..., Plan],
) -> None:
    plan = plan_of(depth=Depth.DEEP, urls={"web": "http://h/app", "mcp": "http://m"})
    elsewhere = [path for path in plan.not_found_controls if path.variant]
    common = (("User-Agent", "test"), ("Accept", "*/*"), ("Accept-Encoding", "identity"), ("Cache-Control", "no-cache"))
    host = ("Host", "lockdown-probe.invalid")
    hosts = {(path.prefix, path.request) for path in elsewhere if path.variant == "foreign-host"}
    assert hosts == {
        (prefix, Request(service=name, method="GET", target=target, headers=(*common, host)))
        for name, prefix, target in (
            ("web", "/app/", "/app/lockdown-probe-0123abcd"),
            ("mcp", "/", "/lockdown-probe-0123abcd"),
        )
    }
    asked = Counter((path.request.service, path.variant) for path in elsewhere)
    assert set(asked.values()) == {1}
    assert {name for _, name in asked} == {"foreign-host", "original-url-open", "forwarded-uri-open", "next-internals"}


def test_path_of_nowhere_is_below_the_base_path(
    routes_of: Callable[..., Surface], plan_of: Callable[..., Plan]
) -> None:
    plan = plan_of([routes_of("GET /api/me")], urls={"web": "http://h/app"})
    assert [path.request.target for path in plan.not_found_controls] == ["/app/api/lockdown-probe-0123abcd"]
