"""What depth deep guesses: which requests go out, to which route of a guard, and what they look like."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from prober.model import Depth
from prober.model.well_known_keys import PLACEHOLDERS

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.model import Plan, Probe, Profile, Surface

PROFILE = """
profile: made
about: A.
presents: {session: [bearer, cookie], job: secret, machine: api-key, own: {header: X-Till-Key}}
guards: {public: 200, session: 401, job: 401, machine: 401, own: 401}
"""
ROUTES = """
surface: made
about: A.
routes:
  - {route: GET /api/notes, guard: session, why: w, fix: f}
  - {route: GET /api/lists, guard: session, why: w, fix: f}
  - {route: POST /api/run, guard: job, effect: repeats, why: w, fix: f}
  - {route: POST /api/walk, guard: job, effect: repeats, why: w, fix: f}
  - {route: POST /api/push, guard: machine, effect: none, send: {json: {q: x y, n: 1}}, why: w, fix: f}
  - {route: GET /api/till, guard: own, effect: none, why: w, fix: f}
  - {route: GET /api/cash, guard: own, effect: none, why: w, fix: f}
"""


@pytest.fixture(scope="module")
def made(
    surface_of: Callable[[str], Surface], profile_of: Callable[[str], Profile], plan_of: Callable[..., Plan]
) -> Callable[..., Plan]:
    def plan(depth: Depth = Depth.DEEP) -> Plan:
        surface = surface_of(ROUTES)
        return plan_of([surface], profile_of(PROFILE), urls={"web": "http://app.test"}, whole=True, depth=depth)

    return plan


def variant(plan: Plan, name: str) -> list[Probe]:
    return [probe for probe in plan.probes if probe.variant and probe.variant.name == name]


def routes_with(plan: Plan, credential: str) -> list[str]:
    return [
        p.route.path for p in plan.probes if p.credential.name.partition("@")[0] == credential and p.variant is None
    ]


@pytest.mark.parametrize("text", [text for text, _ in PLACEHOLDERS])
def test_each_placeholder_goes_to_one_route_of_each_guard_that_compares(text: str, made: Callable[..., Plan]) -> None:
    name = "".join(char if char.isalnum() else "-" for char in text)
    plan = made()
    assert routes_with(plan, f"placeholder-bearer-{name}") == ["/api/notes", "/api/run"]
    assert routes_with(plan, f"placeholder-key-{name}") == ["/api/push"]
    assert set(routes_with(plan, f"own-placeholder-{name}")) == {"/api/till", "/api/cash"}
    [push] = [p for p in plan.probes if p.credential.name == f"placeholder-key-{name}"]
    assert dict(push.request.headers)["X-API-Key"] == text


def test_standard_guesses_none_of_it(made: Callable[..., Plan]) -> None:
    plan = made(Depth.STANDARD)
    names = {probe.credential.name for probe in plan.probes} | {p.variant.name for p in plan.probes if p.variant}
    begins = ("placeholder", "own-placeholder", "session-s", "jwt-key-of", "jwt-with", "flags", "static-folder")
    assert [name for name in names if name.startswith(begins)] == []
    assert names.isdisjoint({"common-cookies-base64", "host-loopback", "event-stream", "text-for-json"})


@pytest.mark.parametrize(
    ("name", "target", "header"),
    [
        pytest.param("flags-true", "/api/notes?debug=true&admin=true&", None, id="true"),
        pytest.param("flags-1", "/api/notes?debug=1&admin=1&", None, id="one"),
        pytest.param("static-folder-and-back", "/static/../api/notes?", None, id="static"),
        pytest.param("next-static-folder-and-back", "/_next/static/../../api/notes?", None, id="next"),
        pytest.param("static-folder-and-back-semicolon", "/static/..;/api/notes?", None, id="semicolon"),
        pytest.param("host-loopback", "/api/notes?", ("Host", "127.0.0.1"), id="host"),
        pytest.param("forwarded-host-localhost", "/api/notes?", ("X-Forwarded-Host", "localhost"), id="forwarded"),
        pytest.param("event-stream", "/api/notes?", ("Accept", "text/event-stream"), id="stream"),
        pytest.param("middleware-next", "/api/notes?", ("Next-Action", "0" * 42), id="action"),
    ],
)
def test_a_guess_is_written_so(
    name: str, target: str, header: tuple[str, str] | None, made: Callable[..., Plan]
) -> None:
    request = variant(made(), name)[0].request
    assert request.target.startswith(target)
    assert header is None or [pair for pair in request.headers if pair[0] == header[0]] == [header]


def test_a_flag_of_next_js_is_among_them(made: Callable[..., Plan]) -> None:
    assert "&_rsc=1&" in variant(made(), "flags-1")[0].request.target


@pytest.mark.parametrize(
    ("name", "kind", "content"),
    [
        pytest.param("text-for-json", "text/plain", b'{"q": "x y", "n": 1}', id="text"),
        pytest.param("form-for-json", "application/x-www-form-urlencoded", b"q=x+y&n=1", id="form"),
    ],
)
def test_a_post_without_effect_is_sent_as_another_type(
    name: str, kind: str, content: bytes, made: Callable[..., Plan]
) -> None:
    """What stands before the guard may refuse the type itself, so that only a success counts: no unknown path is asked."""
    [probe] = variant(made(), name)
    assert [value for key, value in probe.request.headers if key.lower() == "content-type"] == [kind]
    assert (probe.request.content, probe.request.method, probe.counterpart) == (content, "POST", None)


def test_a_token_of_csrf_stands_in_a_cookie_and_in_a_header(made: Callable[..., Plan]) -> None:
    headers = dict(variant(made(Depth.STANDARD), "own-page")[0].request.headers)
    pairs = dict(pair.split("=") for pair in headers["Cookie"].split("; "))
    assert pairs["XSRF-TOKEN"] == headers["X-XSRF-TOKEN"]
    assert pairs["csrftoken"] == headers["X-CSRFToken"]
    assert pairs["csrf-token"] == headers["X-CSRF-Token"]


def test_the_name_of_a_static_file_ends_the_url(made: Callable[..., Plan]) -> None:
    """A guard that exempts static files by their ending looks at the end of the whole URL."""
    request = variant(made(Depth.STANDARD), "open-path-in-query")[0].request
    assert request.target.startswith("/api/notes?")
    assert request.target.endswith("=/_next/static/lockdown-probe.css")
