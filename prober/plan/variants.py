"""The same request dressed otherwise: what must not open a door that is locked without it. One entry each. Pure.

A variant is judged by its difference from the plain request, so that it is only worth sending where that is refused.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import quote

from prober.model import BUILD_ID, Depth, Effect, Request, Variant

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prober.model import JsonValue, Promise, Route, Service

NOBODY = "lockdown-probe.invalid"  # RFC 2606: no such host, ever
LOOPBACK = "127.0.0.1"
# One value for every affected line of Next.js, 12 to 15, with the middleware at the root or under src/.
_SUBREQUEST = ":".join(("middleware",) * 5 + ("src/middleware",) * 5 + ("pages/_middleware",))
_READS = frozenset({"GET", "HEAD", "OPTIONS"})
_HARMLESS = frozenset({Effect.NONE, Effect.REPEATS})


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What a variant may be made of: the service, an open path of it, one where nothing is, and the run's nonce."""

    service: Service
    open_path: str
    nowhere: str
    nonce: str


Change = Callable[[Request, Ground], Request | None]  # None: this request cannot be dressed so


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One way to dress a request, and the bug that it catches.

    `reads_only` are those for GET routes; `pages_only` of them for what redirects, as middleware does;
    `own_nowhere` ones may lead anywhere, so that what they get where nothing is must be looked at too.
    """

    name: str
    catches: str
    change: Change
    reads_only: bool = False
    pages_only: bool = False
    own_nowhere: bool = False
    depth: Depth = Depth.DEEP

    def fits(self, route: Route, promise: Promise, depth: Depth) -> bool:
        """Say whether it is worth a request here, and harmless."""
        if promise.skip or not promise.refuses or (self.depth is Depth.DEEP and depth is not Depth.DEEP):
            return False
        if route.effect not in _HARMLESS and not route.inert:
            return False
        if (self.reads_only or self.pages_only) and route.method != "GET":
            return False
        return not self.pages_only or any(answer.location for answer in promise.answers)

    def dress(self, plain: Request, ground: Ground) -> Request | None:
        """Dress the request; what a cache could keep is asked for under a query of its own."""
        dressed = self.change(plain, ground)
        if dressed is None or dressed == plain:
            return None
        if dressed.method not in _READS or dressed.target.endswith("?"):
            return dressed
        joint = "&" if "?" in dressed.target else "?"
        return replace(dressed, target=f"{dressed.target}{joint}lockdown-probe={ground.nonce}-{self.name}")


def _path(change: Callable[[str], str | None]) -> Change:
    """Write the path otherwise, below the service's base path; the root has no other spelling."""

    def dressed(plain: Request, ground: Ground) -> Request | None:
        path, mark, query = plain.target.removeprefix(ground.service.base_path).partition("?")
        changed = change(path) if path != "/" else None
        return None if changed is None else replace(plain, target=ground.service.base_path + changed + mark + query)

    return dressed


def _last(change: Callable[[str], str]) -> Change:
    """Write the path's last part otherwise."""

    def changed(path: str) -> str | None:
        before, slash, last = path.rpartition("/")
        return before + slash + change(last) if last else None

    return _path(changed)


def _last_slash(by: str) -> Change:
    """Write the slash before the last part otherwise, where there is a part before it."""

    def changed(path: str) -> str | None:
        before, _, last = path.rpartition("/")
        return before + by + last if before and last else None

    return _path(changed)


def _query(pair: str) -> Change:
    """Add to the query."""
    return lambda plain, _: replace(plain, target=plain.target + ("&" if "?" in plain.target else "?") + pair)


def _headers(*headers: tuple[str, str]) -> Change:
    return lambda plain, _: replace(plain, headers=(*plain.headers, *headers))


def _naming(*names: str, open_path: bool) -> Change:
    """Ask for the guarded path and name an open one in a header, or for one where nothing is and name the guarded."""

    def dressed(plain: Request, ground: Ground) -> Request:
        named = ground.open_path if open_path else plain.target
        target = plain.target if open_path else ground.nowhere
        return replace(plain, target=target, headers=(*plain.headers, *((name, named) for name in names)))

    return dressed


def _method(method: str) -> Change:
    def dressed(plain: Request, _: Ground) -> Request:
        without = tuple((name, value) for name, value in plain.headers if name.lower() != "content-type")
        return replace(plain, method=method, headers=without, content=None, csrf=None)

    return dressed


def _absolute(plain: Request, ground: Ground) -> Request:
    service = ground.service
    host = f"[{service.host}]" if ":" in service.host else service.host
    return replace(plain, target=f"{service.scheme}://{host}:{service.port}{plain.target}")


def _page_segment(plain: Request, ground: Ground) -> Request:
    """The page's own segment, which holds its data; the tree's is handed out to anybody and tells nothing."""
    path = plain.target.removeprefix(ground.service.base_path).partition("?")[0].rstrip("/")
    headers = (("RSC", "1"), ("Next-Router-Prefetch", "1"), ("Next-Router-Segment-Prefetch", f"{path}/__PAGE__"))
    return replace(plain, headers=(*plain.headers, *headers))


def _refetch(plain: Request, ground: Ground) -> Request:
    """As the client's router asks when it has the layouts already: for the page alone, by the tree of the path."""
    path = plain.target.removeprefix(ground.service.base_path).partition("?")[0]
    tree: JsonValue = ["__PAGE__", {}, None, "refetch"]
    for part in (*reversed([part for part in path.split("/") if part]), ""):
        tree = [part, {"children": tree}]
    said = quote(json.dumps(tree, separators=(",", ":")), safe="")
    return replace(plain, headers=(*plain.headers, ("RSC", "1"), ("Next-Router-State-Tree", said)))


def _encoded_letter(last: str) -> str:
    at = next((n for n, char in enumerate(last) if char.isalpha() and "%" not in last[max(n - 2, 0) : n]), None)
    return last if at is None else f"{last[:at]}%{ord(last[at]):02x}{last[at + 1 :]}"


def _of_host(plain: Request, _: Ground) -> Request:
    return replace(plain, headers=(*plain.headers, ("Host", NOBODY)))


_REWRITES = "a front end that guards one path and an application that serves the one in this header"
_RSC = "a guard in the page that the data for the client's router is fetched without"

VARIANTS: tuple[Entry, ...] = (
    Entry(
        name="middleware-subrequest", pages_only=True, depth=Depth.STANDARD,
        change=_headers(("x-middleware-subrequest", _SUBREQUEST)),
        catches="Next.js before 12.3.5, 13.5.9, 14.2.25 and 15.2.3 skips its middleware for this (CVE-2025-29927)",
    ),
    # --- the path, spelled otherwise ----------------------------------------------------------------------------------
    Entry(name="trailing-slash", change=_path(lambda path: None if path.endswith("/") else f"{path}/"),
          catches="a guard on the exact path, and a router that forgives a slash at its end"),
    Entry(name="leading-double-slash", change=_path(lambda path: f"/{path}"),
          catches="a guard on the path's beginning, and a router that drops empty parts (CVE-2026-29087)"),
    Entry(name="inner-double-slash", change=_last_slash("//"),
          catches="the same, further inside the path (CVE-2026-33808)"),
    Entry(name="dot-segment", change=_path(lambda path: f"/.{path}"),
          catches="a guard that compares the path before its dots are resolved"),
    Entry(name="dot-dot-segment", change=_path(lambda path: f"/lockdown-probe/..{path}"),
          catches="the same, by a way down and up again"),
    Entry(name="encoded-dot-dot-segment", change=_path(lambda path: f"/lockdown-probe/%2e%2e{path}"),
          catches="the same, with dots that only the application decodes"),
    Entry(name="encoded-slash", change=_last_slash("%2f"),
          catches="a guard that sees one part where the router, decoding, sees two (CVE-2026-39406)"),
    Entry(name="encoded-letter", change=_last(_encoded_letter),
          catches="a guard that compares the path before it is decoded"),
    Entry(name="upper-case", change=_last(str.upper),
          catches="a guard that minds the case of letters, and a router that does not"),
    Entry(name="semicolon", change=_path(lambda path: f"{path};"),
          catches="a router that cuts the path at a semicolon, as servlets do"),
    Entry(name="semicolon-parameter", change=_path(lambda path: f"{path};x=1"),
          catches="the same, with a parameter behind it"),
    Entry(name="json-suffix", change=_path(lambda path: f"{path}.json"),
          catches="a router that takes a suffix for the wanted format, past a guard on the exact path"),
    Entry(name="encoded-space", change=_path(lambda path: f"{path}%20"),
          catches="a router that trims what the guard compares"),
    Entry(name="encoded-tab", change=_path(lambda path: f"{path}%09"),
          catches="the same, by another blank"),
    Entry(name="encoded-null", change=_path(lambda path: f"{path}%00"),
          catches="a router that ends the path at a null byte"),
    Entry(name="backslash", change=_last_slash("\\"),
          catches="a router that takes a backslash for a slash"),
    Entry(name="bare-question-mark", change=_path(lambda path: f"{path}?"),
          catches="a guard that compares the whole target, query and all"),
    Entry(name="absolute-form", change=_absolute,
          catches="a guard that compares the target as it was sent, which may be a whole URL"),
    Entry(name="locale-prefix", reads_only=True, change=_path(lambda path: f"/en{path}"),
          catches="a guard on the path without its language"),
    # --- what Next.js serves of a page besides the page ---------------------------------------------------------------
    Entry(name="rsc-suffix", reads_only=True, change=_path(lambda path: f"{path}.rsc"), catches=_RSC),
    Entry(name="segment-suffix", pages_only=True,
          change=_path(lambda path: f"{path}.segments{path}/__PAGE__.segment.rsc"),
          catches="Next.js before 15.5.18 and 16.2.6 serves a page's segments past its middleware (CVE-2026-44575)"),
    Entry(name="next-data", pages_only=True, change=_path(lambda path: f"/_next/data/{BUILD_ID}{path}.json"),
          catches="Next.js before 15.5.16 and 16.2.5 serves a page's data past its middleware (CVE-2026-44573)"),
    Entry(name="next-locale", pages_only=True, change=_query("__nextLocale=en"),
          catches="Next.js before 14.2.15 skips its middleware for this query (CVE-2024-51479)"),
    Entry(name="rsc", pages_only=True, change=_headers(("RSC", "1")), catches=_RSC),
    Entry(name="rsc-prefetch", pages_only=True, change=_headers(("Purpose", "prefetch")),
          catches="middleware whose matcher leaves prefetches out, and a page that is rendered for them all the same"),
    Entry(name="rsc-segment-prefetch", pages_only=True, change=_page_segment,
          catches="a guard in the middleware that a page's segment is fetched without (CVE-2026-44575)"),
    Entry(name="rsc-refetch", pages_only=True, change=_refetch,
          catches="a guard in a layout, which a client that asks for the page alone does not pass"),
    Entry(name="nextjs-data", pages_only=True, change=_headers(("x-nextjs-data", "1")), catches=_RSC),
    # --- who asks, and from where -------------------------------------------------------------------------------------
    Entry(name="forwarded-for-loopback", change=_headers(("X-Forwarded-For", LOOPBACK)),
          catches="a guard that trusts this machine, and believes whoever says to come from it"),
    Entry(name="other-addresses-loopback",
          change=_headers(
              ("X-Real-IP", LOOPBACK), ("X-Client-IP", LOOPBACK), ("True-Client-IP", LOOPBACK),
              ("CF-Connecting-IP", LOOPBACK), ("Forwarded", f"for={LOOPBACK}"),
              ("X-Original-Forwarded-For", LOOPBACK),
          ),
          catches="the same, by the other headers that carry an address"),
    Entry(name="underscore-forwarded-for", change=_headers(("X_Forwarded_For", LOOPBACK)),
          catches="the same, past a proxy that strips the header by its usual spelling (as in CVE-2025-64484)"),
    Entry(name="forwarded-proto-http", change=_headers(("X-Forwarded-Proto", "http")),
          catches="a guard that holds only where the connection is said to be https"),
    Entry(name="forwarded-host", change=_headers(("X-Forwarded-Host", NOBODY)),
          catches="a guard that is chosen by the host, and believes this header"),
    Entry(name="foreign-host", own_nowhere=True, change=_of_host,
          catches="a guard that is chosen by the host, and an application that answers to any"),
    Entry(name="foreign-origin", change=_headers(("Origin", f"https://{NOBODY}")),
          catches="a guard that stands aside for browsers' cross-origin requests"),
    # --- another path in a header -------------------------------------------------------------------------------------
    Entry(name="original-url-open", own_nowhere=True, change=_naming("X-Original-URL", "X-Rewrite-URL", open_path=True),
          catches="a guard that looks at the path in this header (CVE-2018-14773)"),
    Entry(name="original-url-guarded", reads_only=True,
          change=_naming("X-Original-URL", "X-Rewrite-URL", open_path=False), catches=_REWRITES),
    Entry(name="forwarded-uri-open", own_nowhere=True,
          change=_naming("X-Forwarded-Uri", "X-Envoy-Original-Path", open_path=True),
          catches="a guard that looks at the path in this header"),
    Entry(name="forwarded-uri-guarded", reads_only=True,
          change=_naming("X-Forwarded-Uri", "X-Envoy-Original-Path", open_path=False), catches=_REWRITES),
    Entry(name="next-internals", reads_only=True, own_nowhere=True,
          change=_naming("x-matched-path", "x-invoke-path", "x-middleware-rewrite", open_path=True),
          catches="headers that Next.js writes for itself, believed from outside"),
    Entry(name="middleware-next", reads_only=True, change=_headers(("x-middleware-next", "1")),
          catches="the header by which middleware lets a request pass, believed from outside"),
    # --- another method -----------------------------------------------------------------------------------------------
    Entry(name="head", reads_only=True, change=_method("HEAD"),
          catches="a guard on GET only, where HEAD runs the same handler"),
    Entry(name="options", change=_method("OPTIONS"),
          catches="a guard that lets every OPTIONS pass, and a handler that answers it"),
    Entry(name="method-override", reads_only=True,
          change=_headers(("X-HTTP-Method-Override", "HEAD"), ("X-Method-Override", "HEAD")),
          catches="a guard that is chosen by the method in this header"),
)  # fmt: skip


def variants_of(
    route: Route, promise: Promise, plain: Request, ground: Ground, depth: Depth
) -> Iterator[tuple[Variant, Request]]:
    """Give the variants that are worth a request, each with it."""
    for entry in VARIANTS:
        dressed = entry.dress(plain, ground) if entry.fits(route, promise, depth) else None
        if dressed is None:
            continue
        added = tuple(pair for pair in dressed.headers if pair not in plain.headers)
        variant = Variant(name=entry.name, headers=added, catches=entry.catches, own_nowhere=entry.own_nowhere)
        yield variant, dressed
