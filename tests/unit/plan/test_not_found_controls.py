"""Where the paths that do not exist are laid: beside what is guarded, by the methods that are used there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from prober.plan.not_found_controls import CROWDED

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.model import Plan, Surface


@pytest.mark.parametrize(
    ("routes", "beside"),
    [
        pytest.param(["GET /x"], {("GET", "/")}, id="at-the-top"),
        pytest.param(["GET /a/x"], {("GET", "/a/")}, id="in-its-folder"),
        pytest.param(["GET /a/b/x"], {("GET", "/a/")}, id="in-the-first-folder"),
        pytest.param(["GET /a/b/x?y=/z/z"], {("GET", "/a/")}, id="a-query-has-no-folders"),
        pytest.param(["GET /x?y=/z"], {("GET", "/")}, id="a-query-at-the-top-has-none"),
        pytest.param(["GET /x?y=/z?w"], {("GET", "/")}, id="nor-has-one-with-a-second-mark"),
        pytest.param(["GET /a/:id?x=/y", "GET /b/x"], {("GET", "/b/")}, id="a-query-makes-no-other-id"),
        pytest.param(["GET /a/:id?x=/y?w", "GET /b/x"], {("GET", "/b/")}, id="nor-does-one-with-a-second-mark"),
        pytest.param(["HEAD /a/x"], {("GET", "/a/")}, id="head-is-as-get"),
        pytest.param(["OPTIONS /a/x"], {("GET", "/a/")}, id="options-is-as-get"),
        pytest.param(["POST /a/x"], {("POST", "/a/")}, id="post"),
        pytest.param(["DELETE /a/x"], {("POST", "/a/")}, id="what-may-act-is-as-post"),
        pytest.param(["GET /a/x", "PUT /a/x", "GET /b/x"], {("GET", "/a/"), ("POST", "/a/"), ("GET", "/b/")}, id="each-of-each"),
        pytest.param([f"GET /a/b/{n}" for n in range(CROWDED - 1)], {("GET", "/a/")}, id="a-folder-below-with-few"),
        pytest.param([f"GET /a/b/{n}" for n in range(CROWDED)], {("GET", "/a/"), ("GET", "/a/b/")}, id="a-folder-below-with-enough"),
        pytest.param([f"POST /a/b/{n}" for n in range(CROWDED)], {("POST", "/a/"), ("GET", "/a/b/")}, id="below-it-is-get"),
        pytest.param([f"GET /a/b/c/{n}" for n in range(CROWDED)], {("GET", "/a/"), ("GET", "/a/b/"), ("GET", "/a/b/c/")}, id="every-folder-below"),
        pytest.param(["GET /a/:id", "GET /b/x"], {("GET", "/b/")}, id="not-where-a-word-is-an-id"),
        pytest.param(["GET /a/:id/x", "GET /b/x"], {("GET", "/a/"), ("GET", "/b/")}, id="never-below-an-id"),
        pytest.param(["GET /a/:id?x=1", "GET /b/x"], {("GET", "/b/")}, id="nor-where-it-has-a-query"),
        pytest.param(["GET /:any/x", "GET /:any/:id", "GET /b/x"], {("GET", "/")}, id="an-id-as-a-folder"),
    ],
)  # fmt: skip
def test_paths_of_nowhere_are_laid(
    routes: list[str], beside: set[tuple[str, str]], routes_of: Callable[..., Surface], plan_of: Callable[..., Plan]
) -> None:
    plan = plan_of([routes_of(*routes)])
    assert {(path.request.method, path.prefix) for path in plan.not_found_controls} == beside
    assert {path.request.target for path in plan.not_found_controls} == {
        f"{folder}lockdown-probe-0123abcd" for _, folder in beside
    }


@pytest.mark.parametrize("route", ["GET /:id", "PUT /:name"])
def test_where_any_page_is_an_id_it_lies_deeper(
    route: str, routes_of: Callable[..., Surface], plan_of: Callable[..., Plan]
) -> None:
    plan = plan_of([routes_of(route, "GET /b/x")])
    targets = {path.request.target for path in plan.not_found_controls}
    assert targets == {"/lockdown-probe-0123abcd/nowhere", "/b/lockdown-probe-0123abcd"}


def test_a_path_of_nowhere_has_a_body_where_it_is_posted(
    routes_of: Callable[..., Surface], plan_of: Callable[..., Plan]
) -> None:
    plan = plan_of([routes_of("GET /a/x", "POST /a/x")])
    common = (("User-Agent", "test"), ("Accept", "*/*"), ("Accept-Encoding", "identity"), ("Cache-Control", "no-cache"))
    assert {(path.request.method, path.request.content, path.request.headers) for path in plan.not_found_controls} == {
        ("GET", None, common),
        ("POST", b"{}", (*common, ("Content-Type", "application/json"))),
    }
    assert {path.request.service for path in plan.not_found_controls} == {"web"}
