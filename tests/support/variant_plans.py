"""Plans at depth deep for tests of variants."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from prober.definitions.service import parse_service
from prober.engine.procedures.page_values import filled
from prober.model import BUILD_ID, Answered, Depth, Request
from prober.transport.http import Connection
from prober.transport.network import Network

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.model import Plan, Probe, Profile, Surface

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
    "src/middleware:src/middleware:src/middleware:pages/_middleware:pages/docs/_middleware"
)

# The request line, and the lines that stand in the head besides those of the plain request. A query of its own is
# written as ~: ?lockdown-probe=<the run>-<the name>.
STATE_TREE = '["",{"children":["docs",{"children":["read-me",{"children":["__PAGE__",{},null,"refetch"]}]}]}]'
TOLD = ("X-Forwarded-Uri", "X-Envoy-Original-Path", "X-Original-URI", "X-Forwarded-Path")  # of the path, to a guard
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
    "rsc-prefetch": ("GET /docs/read-me~", ("Purpose: prefetch", "Sec-Purpose: prefetch", "X-Moz: prefetch")),
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
        "GET /docs/read-me~", tuple(f"{name}: /api/health" for name in TOLD),
    ),
    "forwarded-uri-guarded": (
        "GET /lockdown-probe-0123abcd~", tuple(f"{name}: /docs/read-me" for name in TOLD),
    ),
    "next-internals": (
        "GET /docs/read-me~",
        ("x-matched-path: /api/health", "x-invoke-path: /api/health", "x-middleware-rewrite: /api/health"),
    ),
    "middleware-next": ("GET /docs/read-me~", ("x-middleware-next: 1", f"Next-Action: {'0' * 42}")),
    # another method
    "head": ("HEAD /docs/read-me~", ()),
    "options": ("OPTIONS /docs/read-me~", ()),
    "method-override": (
        "GET /docs/read-me~",
        (
            "X-HTTP-Method-Override: HEAD", "X-Method-Override: HEAD", "X-HTTP-Method: HEAD",
            "X-Forwarded-Method: OPTIONS", "X-Original-Method: OPTIONS",
        ),
    ),
}  # fmt: skip


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


# --- where it is worth a request --------------------------------------------------------------------------------------

# What is left where the path has no other spelling.
AT_THE_ROOT = {
    "middleware-subrequest", "absolute-form", "next-locale", "rsc", "rsc-prefetch", "rsc-segment-prefetch", "rsc-refetch", "nextjs-data",
    "forwarded-for-loopback", "other-addresses-loopback", "underscore-forwarded-for", "forwarded-proto-http",
    "forwarded-host", "foreign-host", "foreign-origin", "original-url-open", "original-url-guarded",
    "forwarded-uri-open", "forwarded-uri-guarded", "next-internals", "middleware-next", "head", "options",
    "method-override",
}  # fmt: skip
