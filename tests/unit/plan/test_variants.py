"""Variants: every one byte for byte as it arrives at a socket, where it is worth a request, and that none can act."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prober.definitions.service import (
    parse_service,
)
from prober.engine.procedures.page_values import filled
from prober.model import BUILD_ID, Answered, Depth, Kind, Reason, Request
from prober.plan.variants import OFTEN_SEEN, VARIANTS, often_seen
from prober.transport.http import Connection
from prober.transport.network import Network
from tests.support.plans import BESIDES

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.model import Plan, Probe, Profile, Surface
    from prober.plan.variant_template import VariantTemplate

PROFILE = """\
    profile: p
    about: A guard of each sort.
    presents: {page: nothing, session: nothing, either: nothing, maybe: nothing, public: nothing, no-such: nothing}
    guards:
      page: {status: 302, location: /signin}
      session: 401
      either: [401, {status: 302, location: /signin}]
      maybe: [{status: 200}, {status: 302, location: /signin}]
      public: 200
      no-such: {skip: this mode has none}
    """
HEALTH = (
    "surface: health\nabout: A.\nroutes:\n  - {route: GET /api/health, guard: public, control: alive, why: w, fix: f}\n"
)
BODY = b'{"no-such-key": 1}'
OPENS_SESSION = "effect: trace, quick: true, send: {json: {method: initialize}}"
INERT = "effect: acts, inert: {json: {no-such-key: 1}}"


@pytest.fixture(scope="session")
def deep(
    surface_of: Callable[[str], Surface], profile_of: Callable[[str], Profile], plan_of: Callable[..., Plan]
) -> Callable[..., Plan]:
    """Plan one route behind a guard, beside a health route, at depth deep."""

    def plan(
        route: str = "GET /docs/read-me", guard: str = "page", more: str = "effect: none", *, health: bool = True,
        url: str = "http://h", depth: Depth = Depth.DEEP, **options: object,
    ) -> Plan:  # fmt: skip
        said = f"  - {{route: '{route}', guard: {guard}, {more}, why: w, fix: f}}\n"
        made = surface_of(f"surface: made\nabout: A.\nroutes:\n{said}")
        surfaces = [surface_of(HEALTH), made] if health else [made]
        return plan_of(surfaces, profile_of(PROFILE), urls={"web": url}, depth=depth, **options)

    return plan


def dressed(plan: Plan) -> dict[str, Probe]:
    """The variants of a plan, by name; each once."""
    found = [(probe.variant.name, probe) for probe in plan.probes if probe.variant]
    assert len(found) == len(dict(found))
    return dict(found)


def plain(plan: Plan) -> Probe:
    [probe] = [probe for probe in plan.probes if probe.variant is None and probe.route.surface == "made"]
    return probe


# --- on the wire ------------------------------------------------------------------------------------------------------

SUBREQUEST = (
    "x-middleware-subrequest: middleware:middleware:middleware:middleware:middleware:src/middleware:src/middleware:"
    "src/middleware:src/middleware:src/middleware:pages/_middleware"
)

# The request line, and the lines that stand in the head besides those of the plain request. A query of its own is
# written as ~: ?lockdown-probe=<the run>-<the name>.
STATE_TREE = '["",{"children":["docs",{"children":["read-me",{"children":["__PAGE__",{},null,"refetch"]}]}]}]'
SENT: dict[str, tuple[str, tuple[str, ...]]] = {
    "middleware-subrequest": ("GET /docs/read-me~", (SUBREQUEST,)),
    # the path, spelled otherwise
    "trailing-slash": ("GET /docs/read-me/~", ()),
    "leading-double-slash": ("GET //docs/read-me~", ()),
    "inner-double-slash": ("GET /docs//read-me~", ()),
    "dot-segment": ("GET /./docs/read-me~", ()),
    "dot-dot-segment": ("GET /lockdown-probe/../docs/read-me~", ()),
    "encoded-dot-dot-segment": ("GET /lockdown-probe/%2e%2e/docs/read-me~", ()),
    "encoded-slash": ("GET /docs%2fread-me~", ()),
    "encoded-letter": ("GET /docs/%72ead-me~", ()),
    "upper-case": ("GET /docs/READ-ME~", ()),
    "semicolon": ("GET /docs/read-me;~", ()),
    "semicolon-parameter": ("GET /docs/read-me;x=1~", ()),
    "json-suffix": ("GET /docs/read-me.json~", ()),
    "encoded-space": ("GET /docs/read-me%20~", ()),
    "encoded-tab": ("GET /docs/read-me%09~", ()),
    "encoded-null": ("GET /docs/read-me%00~", ()),
    "backslash": ("GET /docs\\read-me~", ()),
    "bare-question-mark": ("GET /docs/read-me?", ()),
    "absolute-form": ("GET http://127.0.0.1:PORT/docs/read-me~", ()),
    "locale-prefix": ("GET /en/docs/read-me~", ()),
    # what Next.js serves of a page besides the page
    "rsc-suffix": ("GET /docs/read-me.rsc~", ()),
    "segment-suffix": ("GET /docs/read-me.segments/docs/read-me/__PAGE__.segment.rsc~", ()),
    "next-data": ("GET /_next/data/Ab_-1/docs/read-me.json~", ()),
    "next-locale": ("GET /docs/read-me?__nextLocale=en&lockdown-probe=0123abcd-next-locale", ()),
    "rsc": ("GET /docs/read-me~", ("RSC: 1",)),
    "rsc-prefetch": ("GET /docs/read-me~", ("Purpose: prefetch",)),
    "rsc-segment-prefetch": (
        "GET /docs/read-me~", ("RSC: 1", "Next-Router-Prefetch: 1", "Next-Router-Segment-Prefetch: /docs/read-me/__PAGE__"),
    ),
    "rsc-refetch": (
        "GET /docs/read-me~",
        (
            "RSC: 1",
            f"Next-Router-State-Tree: {quote(STATE_TREE, safe='')}",
        ),
    ),
    "nextjs-data": ("GET /docs/read-me~", ("x-nextjs-data: 1",)),
    # who asks, and from where
    "forwarded-for-loopback": ("GET /docs/read-me~", ("X-Forwarded-For: 127.0.0.1",)),
    "other-addresses-loopback": (
        "GET /docs/read-me~",
        (
            "Forwarded: for=127.0.0.1", "X-Real-IP: 127.0.0.1", "X-Client-IP: 127.0.0.1", "Client-IP: 127.0.0.1",
            "True-Client-IP: 127.0.0.1", "CF-Connecting-IP: 127.0.0.1", "X-Forwarded: 127.0.0.1",
            "Forwarded-For: 127.0.0.1", "X-Original-Forwarded-For: 127.0.0.1", "X-Cluster-Client-IP: 127.0.0.1",
            "X-Originating-IP: 127.0.0.1", "X-Remote-IP: 127.0.0.1", "X-Remote-Addr: 127.0.0.1",
            "X-Custom-IP-Authorization: 127.0.0.1", "X-ProxyUser-IP: 127.0.0.1", "Fastly-Client-IP: 127.0.0.1",
            "Fly-Client-IP: 127.0.0.1", "X-Azure-ClientIP: 127.0.0.1", "X-Envoy-External-Address: 127.0.0.1",
            "DO-Connecting-IP: 127.0.0.1", "X-Vercel-Forwarded-For: 127.0.0.1", "X-NF-Client-Connection-IP: 127.0.0.1",
            "X-Appengine-User-IP: 127.0.0.1", "X-Host-IP: 127.0.0.1", "X-ARR-ClientIP: 127.0.0.1",
        ),
    ),
    "underscore-forwarded-for": ("GET /docs/read-me~", ("X_Forwarded_For: 127.0.0.1",)),
    "forwarded-proto-http": ("GET /docs/read-me~", ("X-Forwarded-Proto: http",)),
    "forwarded-host": ("GET /docs/read-me~", ("X-Forwarded-Host: lockdown-probe.invalid",)),
    "foreign-host": ("GET /docs/read-me~", ()),  # the Host itself is another one: see below
    "foreign-origin": ("GET /docs/read-me~", ("Origin: https://lockdown-probe.invalid",)),
    # another path in a header
    "original-url-open": ("GET /docs/read-me~", ("X-Original-URL: /api/health", "X-Rewrite-URL: /api/health")),
    "original-url-guarded": (
        "GET /lockdown-probe-0123abcd~", ("X-Original-URL: /docs/read-me", "X-Rewrite-URL: /docs/read-me"),
    ),
    "forwarded-uri-open": (
        "GET /docs/read-me~", ("X-Forwarded-Uri: /api/health", "X-Envoy-Original-Path: /api/health"),
    ),
    "forwarded-uri-guarded": (
        "GET /lockdown-probe-0123abcd~", ("X-Forwarded-Uri: /docs/read-me", "X-Envoy-Original-Path: /docs/read-me"),
    ),
    "next-internals": (
        "GET /docs/read-me~",
        ("x-matched-path: /api/health", "x-invoke-path: /api/health", "x-middleware-rewrite: /api/health"),
    ),
    "middleware-next": ("GET /docs/read-me~", ("x-middleware-next: 1",)),
    # another method
    "head": ("HEAD /docs/read-me~", ()),
    "options": ("OPTIONS /docs/read-me~", ()),
    "method-override": ("GET /docs/read-me~", ("X-HTTP-Method-Override: HEAD", "X-Method-Override: HEAD", "X-HTTP-Method: HEAD")),
}  # fmt: skip
HOSTS = {"foreign-host": "Host: lockdown-probe.invalid"}


def test_every_variant_is_in_this_table_and_nothing_else_is() -> None:
    assert list(SENT) == [entry.name for entry in VARIANTS if entry.name not in BESIDES]


async def heard_of(requests: dict[str, Callable[[int], Request]]) -> dict[str, bytes]:
    """Send each to one server on loopback that keeps what it hears; the port is known only then, and stands as PORT."""
    heard: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await reader.readuntil(b"\r\n\r\n"):
            sizes = re.findall(rb"(?i)\r\ncontent-length: (\d+)", head)
            heard.append(head + await reader.readexactly(int(sizes[0]) if sizes else 0))
            writer.write(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
            await writer.drain()
            writer.close()
            return

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    line = Connection(
        Network(services={"web": parse_service("web", f"http://127.0.0.1:{port}")}, timeout=5.0), context=None
    )
    arrived: dict[str, bytes] = {}
    try:
        for name, request in requests.items():
            answered = await line.exchange(request(port))
            assert isinstance(answered, Answered), answered
            assert len(heard) == len(arrived) + 1
            arrived[name] = heard[-1].replace(b"127.0.0.1:%d" % port, b"127.0.0.1:PORT")
    finally:
        await line.close()
        server.close()
    return arrived


def arriving(plan: Callable[[str], Plan], names: dict[str, tuple[str, tuple[str, ...]]]) -> dict[str, bytes]:
    """What arrives of the plain request, under no name, and of each variant; what is borrowed is filled in."""

    def of(name: str) -> Callable[[int], Request]:
        def request(port: int) -> Request:
            planned = plan(f"http://127.0.0.1:{port}")
            probe = dressed(planned)[name] if name else plain(planned)
            return filled(probe.request, BUILD_ID, "Ab_-1")

        return request

    return asyncio.run(heard_of({name: of(name) for name in ("", *names)}))


@pytest.fixture(scope="module")
def arrived(deep: Callable[..., Plan]) -> dict[str, bytes]:
    return arriving(lambda url: deep(url=url), SENT)


def lines_of(raw: bytes) -> list[str]:
    head, _, body = raw.partition(b"\r\n\r\n")
    assert body == b""
    return head.decode("ascii").split("\r\n")


@pytest.mark.integration
def test_plain_request_arrives_as_planned(arrived: dict[str, bytes]) -> None:
    assert lines_of(arrived[""]) == [
        "GET /docs/read-me HTTP/1.1", "Host: 127.0.0.1:PORT", "User-Agent: test", "Accept: */*",
        "Accept-Encoding: identity", "Cache-Control: no-cache",
    ]  # fmt: skip


@pytest.mark.integration
@pytest.mark.parametrize("name", SENT)
def test_variant_arrives_byte_for_byte(name: str, arrived: dict[str, bytes]) -> None:
    line, added = SENT[name]
    first, *headers = lines_of(arrived[name])
    assert first == line.replace("~", f"?lockdown-probe=0123abcd-{name}") + " HTTP/1.1"
    common = ["User-Agent: test", "Accept: */*", "Accept-Encoding: identity", "Cache-Control: no-cache"]
    assert headers == [HOSTS.get(name, "Host: 127.0.0.1:PORT"), *common, *added]


POSTED: dict[str, tuple[str, tuple[str, ...]]] = {
    "trailing-slash": ("POST /docs/read-me/", ()),
    "encoded-dot-dot-segment": ("POST /lockdown-probe/%2e%2e/docs/read-me", ()),
    "bare-question-mark": ("POST /docs/read-me?", ()),
    "absolute-form": ("POST http://127.0.0.1:PORT/docs/read-me", ()),
    "forwarded-for-loopback": ("POST /docs/read-me", ("X-Forwarded-For: 127.0.0.1",)),
    "original-url-open": ("POST /docs/read-me", ("X-Original-URL: /api/health", "X-Rewrite-URL: /api/health")),
}


@pytest.fixture(scope="module")
def posted(deep: Callable[..., Plan]) -> dict[str, bytes]:
    names = POSTED | {"options": ("", ())}
    return arriving(lambda url: deep("POST /docs/read-me", "session", INERT, url=url), names)


@pytest.mark.integration
@pytest.mark.parametrize("name", POSTED)
def test_variant_of_a_request_with_a_body_has_that_body_and_no_query_of_its_own(
    name: str, posted: dict[str, bytes]
) -> None:
    line, added = POSTED[name]
    head, _, body = posted[name].partition(b"\r\n\r\n")
    assert body == BODY
    first, *headers = head.decode("ascii").split("\r\n")
    assert first == f"{line} HTTP/1.1"
    _, *ordinary = posted[""].partition(b"\r\n\r\n")[0].decode("ascii").split("\r\n")
    assert "Content-Type: application/json" in ordinary
    assert sorted(headers) == sorted([*ordinary, *added])


@pytest.mark.integration
def test_options_of_a_route_that_is_posted_to_has_neither_body_nor_type(posted: dict[str, bytes]) -> None:
    assert lines_of(posted["options"]) == [
        "OPTIONS /docs/read-me?lockdown-probe=0123abcd-options HTTP/1.1", "Host: 127.0.0.1:PORT", "User-Agent: test",
        "Accept: */*", "Accept-Encoding: identity", "Cache-Control: no-cache",
    ]  # fmt: skip


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
# What is left where the path has no other spelling.
AT_THE_ROOT = {
    "middleware-subrequest", "absolute-form", "next-locale", "rsc", "rsc-prefetch", "rsc-segment-prefetch", "rsc-refetch", "nextjs-data",
    "forwarded-for-loopback", "other-addresses-loopback", "underscore-forwarded-for", "forwarded-proto-http",
    "forwarded-host", "foreign-host", "foreign-origin", "original-url-open", "original-url-guarded",
    "forwarded-uri-open", "forwarded-uri-guarded", "next-internals", "middleware-next", "head", "options",
    "method-override",
}  # fmt: skip


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


# --- harmless ---------------------------------------------------------------------------------------------------------

PARTS = st.lists(st.text(alphabet="aZ09-_.~", min_size=1, max_size=5), min_size=0, max_size=4)
PATHS = st.builds(lambda parts, end: f"/{'/'.join(parts)}{end}", PARTS, st.sampled_from(["", "?a=b"]))
BASES = st.sampled_from(["http://h", "http://h/app", "https://h:8443/a/b"])
OVERRIDE = re.compile(r"method", re.IGNORECASE)
READS = {"GET", "HEAD", "OPTIONS"}


@given(path=PATHS, url=BASES)
def test_no_variant_of_a_read_is_anything_but_a_read(path: str, url: str, deep: Callable[..., Plan]) -> None:
    requests = {name: probe.request for name, probe in dressed(deep(f"GET {path}", url=url)).items()}
    assert requests.keys() >= AT_THE_ROOT
    assert {request.method for request in requests.values()} <= READS
    assert {request.content for request in requests.values()} == {None}
    headers = [pair for request in requests.values() for pair in request.headers]
    assert {value for name, value in headers if OVERRIDE.search(name)} == {"HEAD"}
    assert [request.target for request in requests.values() if "_method" in request.target] == []


@given(path=PATHS, url=BASES)
def test_every_variant_of_a_read_has_a_query_of_its_own_that_no_cache_knows(
    path: str, url: str, deep: Callable[..., Plan]
) -> None:
    targets = {name: probe.request.target for name, probe in dressed(deep(f"GET {path}", url=url)).items()}
    own = {name for name, target in targets.items() if target.endswith(f"lockdown-probe=0123abcd-{name}")}
    assert targets.keys() - own <= {"bare-question-mark"}


@given(path=PATHS, url=BASES, method=st.sampled_from(["PUT", "MKCOL", "MOVE"]))
def test_what_creates_at_the_path_it_names_is_sent_to_no_other(
    path: str, url: str, method: str, deep: Callable[..., Plan]
) -> None:
    assert dressed(deep(f"{method} {path}", "session", INERT, url=url, whole=True)) == {}


@given(path=PATHS, url=BASES, method=st.sampled_from(["POST", "PATCH", "DELETE"]))
def test_no_variant_of_what_acts_is_another_method_that_acts(
    path: str, url: str, method: str, deep: Callable[..., Plan]
) -> None:
    plan = deep(f"{method} {path}", "session", INERT, url=url)
    requests = {name: probe.request for name, probe in dressed(plan).items()}
    assert {name: request.method for name, request in requests.items() if request.method != method} == {
        "options": "OPTIONS"
    }
    assert {request.content for name, request in requests.items() if name != "options"} == {BODY}
    headers = [name for request in requests.values() for name, _ in request.headers]
    assert [name for name in headers if OVERRIDE.search(name)] == []
    unique = {name for name, request in requests.items() if "lockdown-probe=" in request.target}
    assert unique == {"options"}


@given(path=PATHS, url=BASES)
def test_every_variant_can_be_written_as_http_and_stays_below_the_base_path(
    path: str, url: str, deep: Callable[..., Plan]
) -> None:
    service = parse_service("web", url)
    requests = {name: probe.request for name, probe in dressed(deep(f"GET {path}", url=url)).items()}
    targets = {name: request.target for name, request in requests.items()}
    whole = targets.pop("absolute-form")
    assert whole.startswith(f"{service.scheme}://h:{service.port}{service.base_path}/")
    assert [target for target in targets.values() if not target.startswith(f"{service.base_path}/")] == []
    assert [target for target in targets.values() if not re.fullmatch(r"/[!-~]*", target)] == []
    said = [text for request in requests.values() for pair in request.headers for text in pair]
    assert [text for text in said if not (text.isascii() and text.isprintable())] == []


def test_what_a_mode_has_not_is_never_sent_dressed(plan_of: Callable[..., Plan]) -> None:
    plan = plan_of(profile="dev-shim", depth=Depth.DEEP)
    reasons = {skip.reason for skip in plan.skips if skip.probe.variant}
    assert reasons <= {Reason.NOT_IN_THIS_MODE, Reason.EFFECT}
    assert [probe.id for probe in plan.probes if probe.promise.skip] == []
