"""Variants: every one byte for byte as it arrives at a socket, where it is worth a request, and that none can act."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from prober.model import Depth, Kind
from prober.plan.often_seen import OFTEN_AT_WRITES, OFTEN_SEEN, often_seen
from prober.plan.variants import VARIANTS
from tests.support.variant_plans import AT_THE_ROOT, INERT, SENT, dressed, plain

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.model import Plan, Surface
    from prober.plan.variant_template import VariantTemplate

OPENS_SESSION = "effect: trace, quick: true, send: {json: {method: initialize}}"


# --- where it is worth a request --------------------------------------------------------------------------------------

READS_ONLY = {
    "locale-prefix", "rsc-suffix", "original-url-guarded", "forwarded-uri-guarded", "next-internals",
    "middleware-next", "head", "method-override",
}  # fmt: skip
PAGES_ONLY = {
    "middleware-subrequest", "segment-suffix", "next-data", "next-locale", "rsc", "rsc-prefetch",
    "rsc-segment-prefetch", "rsc-refetch", "nextjs-data",
}  # fmt: skip
ALL = set(SENT)
ANY = ALL - READS_ONLY - PAGES_ONLY
SLASHED = {"inner-double-slash", "encoded-slash", "backslash"}
LETTERED = {"encoded-letter", "upper-case"}


@pytest.mark.parametrize(
    ("route", "guard", "more", "names"),
    [
        pytest.param("GET /docs/x", "page", "effect: none", ALL, id="a-page"),
        pytest.param("GET /docs/x", "either", "effect: none", ALL, id="a-page-by-one-of-its-promises"),
        pytest.param("GET /docs/x", "session", "effect: none", ANY | READS_ONLY, id="no-page"),
        pytest.param("POST /docs/x", "session", "effect: none", ANY, id="a-post-that-does-nothing"),
        pytest.param("POST /docs/x", "page", "effect: none", ANY, id="a-post-that-redirects"),
        pytest.param("POST /docs/x", "session", INERT, ANY, id="what-acts-in-its-inert-form"),
        pytest.param("DELETE /docs/:id", "session", "effect: acts, inert: impossible-id", ANY - LETTERED, id="inert-by-its-id"),
        pytest.param("POST /docs/x", "session", "effect: repeats", ANY, id="what-repeats"),
        pytest.param("POST /docs/x", "session", "effect: trace", set(), id="what-leaves-a-trace"),
        pytest.param("POST /docs/x", "session", "effect: trace, quick: true", set(), id="what-leaves-little-a-trace"),
        pytest.param("POST /docs/x", "session", OPENS_SESSION, ANY, id="what-opens-a-session-that-is-closed-again"),
        pytest.param("GET /docs/x", "public", "effect: none", set(), id="an-open-route"),
        pytest.param("GET /docs/x", "maybe", "effect: none", set(), id="a-route-that-may-be-open"),
        pytest.param("GET /", "page", "effect: none", AT_THE_ROOT, id="the-root"),
        pytest.param("GET /", "session", "effect: none", AT_THE_ROOT - PAGES_ONLY, id="the-root-that-is-no-page"),
        pytest.param("GET /?a=/b", "page", "effect: none", AT_THE_ROOT, id="the-root-with-a-query"),
        pytest.param("GET /docs", "page", "effect: none", ALL - SLASHED, id="one-part"),
        pytest.param("GET /docs/", "page", "effect: none", ALL - SLASHED - LETTERED - {"trailing-slash"}, id="a-slash-at-its-end"),
        pytest.param("GET /docs/:id", "page", "effect: none", ALL - LETTERED, id="no-letters-in-its-last-part"),
        pytest.param("GET /docs/X", "page", "effect: none", ALL - {"upper-case"}, id="a-capital-already"),
        pytest.param("HEAD /docs/x", "session", "effect: none", ANY, id="head"),
        pytest.param("OPTIONS /docs/x", "session", "effect: none", ANY - {"options"}, id="options"),
    ],
)  # fmt: skip
def test_variants_fit(route: str, guard: str, more: str, names: set[str], deep: Callable[..., Plan]) -> None:
    assert set(dressed(deep(route, guard, more))) == names


def test_leave_to_act_is_no_leave_to_act_over_and_over(deep: Callable[..., Plan]) -> None:
    plan = deep("POST /docs/x", "session", "effect: acts", allow_effects=("*",))
    assert plain(plan).route.path == "/docs/x"
    assert dressed(plan) == {}


@pytest.mark.parametrize(
    ("depth", "guard", "names"),
    [
        pytest.param(Depth.QUICK, "page", set(), id="quick"),
        pytest.param(Depth.STANDARD, "page", {"middleware-subrequest", *OFTEN_SEEN}, id="standard-at-a-page"),
        pytest.param(Depth.STANDARD, "session", {*OFTEN_SEEN} - {"rsc"}, id="standard-elsewhere"),
        pytest.param(Depth.DEEP, "page", ALL, id="deep"),
    ],
)
def test_depths_send(depth: Depth, guard: str, names: set[str], deep: Callable[..., Plan]) -> None:
    assert set(dressed(deep(guard=guard, depth=depth))) == names


def test_what_is_often_seen_is_named_by_its_variants() -> None:
    assert set(OFTEN_SEEN) <= ALL
    assert len(set(OFTEN_SEEN)) == len(OFTEN_SEEN)


@pytest.mark.parametrize(
    ("guards", "names"),
    [(0, ()), (1, OFTEN_SEEN), (7, OFTEN_SEEN), (8, OFTEN_SEEN[:25]), (10, OFTEN_SEEN[:20]), (11, ()), (19, ())],
)
def test_the_fewer_guards_the_more_is_sent_at_standard(guards: int, names: tuple[str, ...]) -> None:
    assert often_seen(guards) == set(names)


def test_what_is_often_seen_is_sent_to_one_route_of_a_guard(
    routes_of: Callable[..., Surface], plan_of: Callable[..., Plan]
) -> None:
    plan = plan_of([routes_of("GET /docs/one", "GET /docs/two", guard="session")], depth=Depth.STANDARD)
    slashes = [probe.route.path for probe in plan.probes if probe.variant and probe.variant.name == "trailing-slash"]
    assert slashes == ["/docs/one"]


def test_what_is_often_seen_is_also_sent_to_one_route_of_a_guard_that_writes(
    surface_of: Callable[[str], Surface], plan_of: Callable[..., Plan]
) -> None:
    text = "surface: s\nabout: x.\nroutes:\n" + "".join(
        f"  - {{route: {route}, guard: session, why: w, fix: f{more}}}\n"
        for route, more in (
            ("GET /all/docs", ""), ("POST /all/docs", ", effect: acts, inert: {json: {}}"),
            ("PUT /docs/all", ", effect: acts, inert: {json: {}}"), ("PATCH /docs", ", effect: acts"),
        )
    )  # fmt: skip
    plan = plan_of([surface_of(text)], depth=Depth.STANDARD)
    sent = {(probe.request.method, probe.variant.name) for probe in plan.probes if probe.variant}
    assert {name for method, name in sent if method == "POST"} == set(OFTEN_AT_WRITES)
    assert {method for method, _ in sent} <= {"GET", "HEAD", "OPTIONS", "POST"}


def test_every_variant_is_sent_to_some_shipped_route(plan_of: Callable[..., Plan]) -> None:
    sent = Counter(probe.variant.name for probe in plan_of(depth=Depth.DEEP).probes if probe.variant)
    assert sent.keys() == ALL


def test_only_nothing_at_all_is_presented_with_a_variant(plan_of: Callable[..., Plan]) -> None:
    probes = [probe for probe in plan_of(depth=Depth.DEEP).probes if probe.variant]
    assert {(probe.credential.name, probe.credential.kind) for probe in probes} == {("anonymous", Kind.ANONYMOUS)}


def test_door_that_a_mode_has_not_is_skipped_once(plan_of: Callable[..., Plan]) -> None:
    skips = [skip.probe for skip in plan_of(profile="dev-shim", depth=Depth.DEEP).skips if skip.probe.promise.skip]
    assert skips
    assert [probe.id for probe in skips if probe.variant] == []


# --- what it is made of -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "target", "headers"),
    [
        pytest.param("trailing-slash", "/app/docs/read-me/~", (), id="its-end"),
        pytest.param("leading-double-slash", "/app//docs/read-me~", (), id="its-beginning"),
        pytest.param("inner-double-slash", "/app/docs//read-me~", (), id="its-middle"),
        pytest.param("dot-dot-segment", "/app/lockdown-probe/../docs/read-me~", (), id="a-way-up-again"),
        pytest.param("locale-prefix", "/app/en/docs/read-me~", (), id="a-prefix"),
        pytest.param("next-data", "/app/_next/data/{build-id}/docs/read-me.json~", (), id="data"),
        pytest.param("absolute-form", "http://h:80/app/docs/read-me~", (), id="a-whole-url"),
        pytest.param(
            "original-url-open", "/app/docs/read-me~",
            (("X-Original-URL", "/app/api/health"), ("X-Rewrite-URL", "/app/api/health")), id="an-open-path",
        ),
        pytest.param(
            "original-url-guarded", "/app/lockdown-probe-0123abcd~",
            (("X-Original-URL", "/app/docs/read-me"), ("X-Rewrite-URL", "/app/docs/read-me")), id="the-guarded-path",
        ),
    ],
)  # fmt: skip
def test_path_is_written_otherwise_below_the_base_path(
    name: str, target: str, headers: tuple[tuple[str, str], ...], deep: Callable[..., Plan]
) -> None:
    probe = dressed(deep(url="http://h/app"))[name]
    assert probe.request.target == target.replace("~", f"?lockdown-probe=0123abcd-{name}")
    assert probe.variant is not None
    assert probe.variant.headers == headers


def test_root_below_a_base_path_is_a_root(deep: Callable[..., Plan]) -> None:
    assert set(dressed(deep("GET /", url="http://h/app"))) == AT_THE_ROOT


@pytest.mark.parametrize(
    ("url", "target"),
    [
        pytest.param("http://h", "http://h:80/docs/read-me", id="http"),
        pytest.param("https://h", "https://h:443/docs/read-me", id="https"),
        pytest.param("http://[::1]:3000", "http://[::1]:3000/docs/read-me", id="an-address-of-ipv6"),
    ],
)
def test_absolute_form_names_the_service(url: str, target: str, deep: Callable[..., Plan]) -> None:
    probe = dressed(deep(url=url))["absolute-form"]
    assert probe.request.target == f"{target}?lockdown-probe=0123abcd-absolute-form"


def test_without_a_health_route_the_open_path_is_one_that_every_site_has(deep: Callable[..., Plan]) -> None:
    request = dressed(deep(url="http://h/app", health=False))["original-url-open"].request
    assert ("X-Original-URL", "/app/robots.txt") in request.headers


@pytest.mark.parametrize(
    ("route", "name", "target"),
    [
        pytest.param("GET /a/b?c=d/e", "trailing-slash", "/a/b/?c=d/e&lockdown-probe=0123abcd-trailing-slash", id="path"),
        pytest.param("GET /a/b?c=d/e", "encoded-slash", "/a%2fb?c=d/e&lockdown-probe=0123abcd-encoded-slash", id="slash"),
        pytest.param("GET /a/b?c=d/e", "upper-case", "/a/B?c=d/e&lockdown-probe=0123abcd-upper-case", id="letters"),
        pytest.param("GET /a/b?c=d/e", "head", "/a/b?c=d/e&lockdown-probe=0123abcd-head", id="method"),
        pytest.param("POST /a/b?c=d/e", "trailing-slash", "/a/b/?c=d/e", id="posted"),
        pytest.param(
            "GET /a/b?c=d", "next-locale", "/a/b?c=d&__nextLocale=en&lockdown-probe=0123abcd-next-locale", id="a-query-of-its-own",
        ),
    ],
)  # fmt: skip
def test_query_stays_what_it_is(route: str, name: str, target: str, deep: Callable[..., Plan]) -> None:
    assert dressed(deep(route))[name].request.target == target


def test_escape_holds_no_letter_to_encode(deep: Callable[..., Plan]) -> None:
    assert "upper-case" not in dressed(deep("GET /a/%C3%A9"))
    assert "encoded-letter" not in dressed(deep("GET /a/%C3%A9"))


def test_options_of_a_form_needs_no_token(deep: Callable[..., Plan]) -> None:
    plan = deep("POST /in", "session", "effect: none, csrf: /api/auth/csrf, send: {form: {a: b}}")
    assert plain(plan).request.csrf == "/api/auth/csrf"
    request = dressed(plan)["options"].request
    assert (request.method, request.content, request.csrf) == ("OPTIONS", None, None)


@pytest.mark.parametrize(
    ("route", "more"),
    [
        pytest.param("GET /docs/read-me", "effect: none", id="read"),
        pytest.param("POST /docs/read-me", INERT, id="posted"),
    ],
)
def test_variant_says_what_it_adds_and_with_what_it_is_compared(
    route: str, more: str, deep: Callable[..., Plan]
) -> None:
    plan = deep(route, "page", more)
    ordinary = plain(plan)
    found = dressed(plan)
    assert len(found) >= len(ANY)
    assert {(probe.plain_target, probe.place) for probe in found.values()} == {("/docs/read-me", "/docs/read-me")}
    assert {probe.id for probe in found.values()} == {f"{ordinary.id} {name}" for name in found}
    added = {
        name: tuple(pair for pair in probe.request.headers if pair not in ordinary.request.headers)
        for name, probe in found.items()
    }
    assert {name: probe.variant.headers for name, probe in found.items() if probe.variant} == added
    anywhere = {name for name, probe in found.items() if probe.variant and probe.variant.own_control}
    assert anywhere == {"foreign-host", "original-url-open", "forwarded-uri-open", "next-internals"} & set(found)


def test_plain_request_is_its_own_place(deep: Callable[..., Plan]) -> None:
    probe = plain(deep("GET /docs/read-me?a=b"))
    assert (probe.plain_target, probe.place) == ("", "/docs/read-me?a=b")


@pytest.mark.parametrize("entry", VARIANTS, ids=[entry.name for entry in VARIANTS])
def test_entry_says_what_it_catches(entry: VariantTemplate) -> None:
    assert entry.catches
    assert not entry.catches.endswith(".")
    assert entry.source
