"""One door for each header, query and method by which a prober dresses a request otherwise.

Each door opens for one narrow cause, so that it would go uncaught if its variant were missing.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from prober.demo.door import Door, lets_in, misread_by
from prober.demo.doors_paths import FIRST, ME, PAGE
from prober.model import Depth

if TYPE_CHECKING:
    from starlette.datastructures import Headers
    from starlette.responses import Response

    from prober.demo.call import Call
    from prober.demo.door import LockedRoute, Reads, Test
    from prober.demo.state import State

_LOOPBACK = "127.0.0.1"
_OPEN_PATHS = frozenset({"/api/healthz", "/api/readyz", "/robots.txt", "/signin"})  # where the guard stands aside
_OWN_HOST = re.compile(r"(127\.0\.0\.1|\[::1\]|localhost)(:\d+)?")
_GUEST = "guest-session"
_OWN_REFERER = re.compile(r"https?://(127\.0\.0\.1|\[::1\]|localhost)(:\d+)?/")
_PREFETCH, _SEGMENT = "next-router-prefetch", "next-router-segment-prefetch"
_STATE_TREE = "next-router-state-tree"


def _says(header: str, value: str) -> Test:
    """Let in by one very header."""
    return lambda call, _: call.headers.get(header) == value


def _names_an_open_path(*headers: str) -> Test:
    """Look at the path in these headers instead of at the request's own."""
    return lambda call, _: any(call.headers.get(header) in _OPEN_PATHS for header in headers)


def _path_in(*headers: str) -> Reads:
    """Serve the path in one of these headers, wherever it was asked."""

    def reads(target: str, given: Headers) -> str | None:
        named = next((given[header] for header in headers if header in given), target)
        return None if named == target else named.partition("?")[0]

    return reads


def _navigates(call: Call, _state: State) -> bool:
    return call.headers.get("rsc") == "1" and not {_PREFETCH, _STATE_TREE} & set(call.headers)


def _prefetches_a_segment(call: Call, _state: State) -> bool:
    return call.headers.get("rsc") == "1" and _SEGMENT in call.headers


def _asks_for_the_page_alone(call: Call, _state: State) -> bool:
    return call.headers.get("rsc") == "1" and "refetch" in call.headers.get(_STATE_TREE, "")


def _has_locale(call: Call, _state: State) -> bool:
    return "__nextLocale" in call.query


def _has_flag(name: str, value: str) -> Test:
    """Let in by a parameter of the query."""
    return lambda call, _: call.query.get(name) == value


def _of_another_host(call: Call, _state: State) -> bool:
    return _OWN_HOST.fullmatch(call.headers.get("host", "")) is None


def _for_another_host(call: Call, _state: State) -> bool:
    forwarded_host = call.headers.get("x-forwarded-host")
    return forwarded_host is not None and _OWN_HOST.fullmatch(forwarded_host) is None


def _of_another_origin(call: Call, _state: State) -> bool:
    return call.headers.get("origin", "").startswith("https://")


def _is(method: str) -> Test:
    return lambda call, _: call.method == method


def _door(variant: str, test: Test, about: str, at: str = ME, *, methods: tuple[str, ...] = ()) -> Door:
    return Door(
        name=f"opened-by-{variant}", about=about, at=(at,), opens=lets_in(test), depth=Depth.DEEP, methods=methods,
        caught_by=f"{at} [anonymous] {variant}",
    )  # fmt: skip


def _rewriting(variant: str, *headers: str) -> Door:
    name = f"opened-by-{variant}"
    return Door(
        name=name, about=f"The application serves the path in {headers[0]}, and the guard before it knows another.",
        at=(ME,), reads=_path_in(*headers), opens=misread_by(name), depth=Depth.DEEP,
        caught_by=f"{ME} [anonymous] {variant}",
    )  # fmt: skip


def _comes_with(agent: str) -> Test:
    return lambda call, _: call.headers.get("user-agent", "").startswith(agent)


def _says_in(header: str, part: str) -> Test:
    """Let in by a header that holds this."""
    return lambda call, _: header in call.headers and part in call.headers[header]


def _comes_from_own_page(call: Call, _state: State) -> bool:
    return _OWN_REFERER.match(call.headers.get("referer", "")) is not None


def _names_open_path_in_query(call: Call, _state: State) -> bool:
    return any(path in _OPEN_PATHS for path in call.query.values())


def _hands_out_a_session(call: Call, state: State, way: LockedRoute) -> Response:
    if call.cookies.get(_GUEST) == "minted":
        return way.handler(call, state)
    refusal = way.guarded(call, state)
    refusal.set_cookie(_GUEST, "minted", httponly=True)
    return refusal


DOORS: tuple[Door, ...] = (
    # --- the very request, as clients send it -------------------------------------------------------------------------
    _door("as-browser", _comes_with("Mozilla/5.0 (X11"), "The guard refuses what is no browser, and browsers get in."),
    _door("as-curl", _comes_with("curl/"), "A filter of crawlers stands where the guard should, and scripts get in."),
    _door("as-health-checker", _comes_with("kube-probe/"), "Health checks pass, by the name that they give."),
    _door("as-load-balancer", _comes_with("GoogleHC/"), "The load balancer's health checks pass, by their name."),
    _door("as-elb-checker", _comes_with("ELB-HealthChecker/"), "The same, of another cloud."),
    _door("as-monitor", _comes_with("UptimeRobot/"), "A monitoring service passes, by its name."),
    _door("as-crawler", _comes_with("Mozilla/5.0 (compatible; Googlebot"), "Crawlers read what nobody else may."),
    _door(
        "middleware-subrequest-api", _says_in("x-middleware-subrequest", "middleware"),
        "The middleware that guards the API is skipped for its own header (CVE-2025-29927).",
    ),
    _door("identity-headers", _says_in("remote-user", ""), "The user's name in a header of the proxy is believed."),
    _door("own-page", _comes_from_own_page, "The application's own Referer is taken for a session."),
    _door("host-localhost", _says("host", "localhost"), "No session is needed where the host is localhost."),
    _door("from-inside", _says("x-forwarded-for", "10.0.0.1"), "The private network needs no session."),
    _door("open-path-in-query", _names_open_path_in_query, "The guard looks for a public path anywhere in the URL."),
    _door(
        "websocket", _says("upgrade", "websocket"), "The upgrade to a WebSocket never passes the guard.",
        "dashboard: GET /api/dashboard/live",
    ),
    Door(
        name="refusal-hands-out-a-session", about="The refusal sets a session cookie, and the next request gets in.",
        at=(FIRST,), opens=_hands_out_a_session, caught_by=f"{FIRST} [refusal-cookie]",
    ),
    # --- what Next.js serves of a page besides the page ---------------------------------------------------------------
    _door("next-locale", _has_locale, "?__nextLocale= skips the guard (CVE-2024-51479, Next before 14.2.15).", PAGE),
    _door("rsc", _navigates, "The guard is in the page, and a click fetches only its data.", PAGE),
    _door(
        "rsc-prefetch", _says("purpose", "prefetch"),
        "The middleware's matcher leaves prefetches out, as the documentation of Next.js has it.", PAGE,
    ),
    _door(
        "rsc-segment-prefetch", _prefetches_a_segment, "The guard knows prefetches of pages and not of segments.", PAGE
    ),
    _door(
        "rsc-refetch", _asks_for_the_page_alone, "The guard is in the layout, and this asks for the page alone.", PAGE
    ),
    _door("nextjs-data", _says("x-nextjs-data", "1"), "The guard redirects pages, and takes this for data only.", PAGE),
    # --- who asks, and from where -------------------------------------------------------------------------------------
    _door(
        "forwarded-for-loopback", _says("x-forwarded-for", _LOOPBACK),
        "This machine needs no session, and X-Forwarded-For is believed.",
    ),
    _door(
        "other-addresses-loopback", _says("x-real-ip", _LOOPBACK),
        "This machine needs no session, and X-Real-IP is believed.",
    ),
    _door(
        "underscore-forwarded-for", _says("x_forwarded_for", _LOOPBACK),
        "The proxy strips X-Forwarded-For, and the application also reads X_Forwarded_For (as in CVE-2025-64484).",
    ),
    _door("forwarded-for-loopback-ipv6", _says("x-forwarded-for", "::1"), "The same, of IPv6 alone.", FIRST),
    _door("localhost-origin", _says("origin", "http://localhost:3000"), "Pages of a developer's machine pass.", FIRST),
    _door("null-origin", _says("origin", "null"), "The guard stands aside for pages that have no origin.", FIRST),
    _door(
        "forwarded-proto-http", _says("x-forwarded-proto", "http"),
        "The guard is switched on where the connection claims to be https.",
    ),
    _door("forwarded-host", _for_another_host, "The guard is chosen by X-Forwarded-Host, and unknown hosts have none."),
    _door("foreign-host", _of_another_host, "The guard is that of one host, and the application answers to any."),
    _door("foreign-origin", _of_another_origin, "The guard stands aside for browsers' cross-origin requests."),
    _door(
        "forwarded-host-localhost", _says("x-forwarded-host", "localhost"),
        "No session is needed where a proxy names localhost, or who claims to be one.", FIRST,
    ),
    _door("host-loopback", _says("host", _LOOPBACK), "No session is needed where the host is 127.0.0.1.", FIRST),
    _door("event-stream", _says("accept", "text/event-stream"), "A stream is opened before the guard looks.", FIRST),
    _door("flags-true", _has_flag("debug", "true"), "?debug=true switches the guard off.", FIRST),
    _door("flags-1", _has_flag("admin", "1"), "?admin=1 makes an administrator.", FIRST),
    # --- another path in a header -------------------------------------------------------------------------------------
    _door(
        "original-url-open", _names_an_open_path("x-original-url", "x-rewrite-url"),
        "The guard looks at the path in X-Original-URL (CVE-2018-14773).",
    ),
    _rewriting("original-url-guarded", "X-Original-URL", "X-Rewrite-URL"),
    _door(
        "forwarded-uri-open", _names_an_open_path("x-forwarded-uri", "x-envoy-original-path"),
        "The guard looks at the path in X-Forwarded-Uri.",
    ),
    _rewriting("forwarded-uri-guarded", "X-Forwarded-Uri", "X-Envoy-Original-Path"),
    _door(
        "next-internals", _names_an_open_path("x-matched-path", "x-invoke-path"),
        "The guard believes the path that Next.js writes into a header for itself.", PAGE,
    ),
    _door(
        "middleware-next", _says("x-middleware-next", "1"),
        "The header by which middleware lets a request pass is believed from outside.", PAGE,
    ),
    # --- another method -----------------------------------------------------------------------------------------------
    _door("head", _is("HEAD"), "The guard covers GET only, and HEAD runs the same handler."),
    _door(
        "options", _is("OPTIONS"), "The guard lets every OPTIONS pass, and the handler answers it.",
        methods=("OPTIONS",),
    ),
    _door(
        "method-override", _says("x-http-method-override", "HEAD"),
        "The guard is chosen by the method in X-HTTP-Method-Override.",
    ),
)  # fmt: skip
