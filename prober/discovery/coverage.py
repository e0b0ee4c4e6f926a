"""Compares the routes of a source, or of an API description, with those of the probes. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from prober.audit.source.handler_status import GuardStatus
from prober.audit.source.known_names import PUBLIC_PAGES
from prober.audit.source.nextjs_routes import ANY, matches, weight

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prober.audit.source.audit import SourceAudit
    from prober.audit.source.findings import Page
    from prober.audit.source.handler_analyzer import Handler
    from prober.model import Route

_CATCH_ALL = "It is a catch-all: it answers every path that no other route has. Add the paths that matter."
_NOT_PROBED = frozenset({"HEAD", "OPTIONS"})  # HEAD is served by GET, and a preflight is public


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovered:
    """A route of the source, with its probable guard: guarded, unless it is declared public."""

    method: str
    path: str  # ':id', ':rest+' for one segment or more, ':rest*' for any number
    guard: str
    file: str
    line: int
    why: str
    fix: str
    mutates: bool = False  # also a GET
    validates: bool = False  # its input must match a schema
    every_method: bool = False  # one function for all methods
    secured: bool = False  # its description asks for a credential
    carriers: tuple[str, ...] = ()  # where its description says that the credential stands, as `presents` writes it
    csrf: str = ""  # the page whose form has the token that it needs against forged requests
    websocket: bool = False  # it also takes the upgrade to a WebSocket
    repeats: bool = False  # would do what happens anyway
    control: str = ""  # what it proves about its service
    comments: tuple[str, ...] = ()  # lines above it in a file

    @property
    def name(self) -> str:
        """Method and path."""
        return f"{self.method} {self.path}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """The routes of the source, compared with those of the probes."""

    known: tuple[Discovered, ...]
    probed: tuple[Discovered, ...]
    unprobed: tuple[Discovered, ...]  # in the source, without a probe
    gone: tuple[Route, ...]  # probed, but not in the source
    caught: tuple[Route, ...] = ()  # of those, what the source only serves as one of all paths of a catch-all


def discovered_in(audit: SourceAudit) -> tuple[Discovered, ...]:
    """Give the routes of a source: its handlers, one for each method, and its pages."""
    routes = [route for handler in audit.handlers if handler.path is not None for route in _routes_of_handler(handler)]
    routes += [_route_of_page(page) for page in audit.pages]
    return tuple(dict.fromkeys(routes))


def _routes_of_handler(handler: Handler) -> list[Discovered]:
    every = handler.method == ANY
    methods = [handler.method or ANY] if not every else list(handler.methods) or ["GET"]
    return [
        Discovered(
            method=method, path=handler.path or "/", guard=_guard(handler), file=handler.file, line=handler.line,
            why=f"Anyone can reach {method} {handler.path}; in the source: {_status_text(handler)}.",
            fix=f"Await a guard in {handler.file} before anything else.",
            mutates=handler.mutates, validates=handler.validates, every_method=every,
            comments=(_CATCH_ALL,) if is_catch_all(handler.path or "/") else (),
        )
        for method in methods
        if method not in _NOT_PROBED
    ]  # fmt: skip


def _status_text(handler: Handler) -> str:
    texts = {
        GuardStatus.OK: "guarded",
        GuardStatus.UNGUARDED: "no guard runs first",
        GuardStatus.UNKNOWN: "its guard is unknown",
    }
    return "public" if handler.public else texts[handler.status]


def _guard(handler: Handler) -> str:
    if handler.public:
        return "public"
    if any("admin" in guard.lower() for guard in handler.guards):
        return "admin"
    return "migration-secret" if (handler.path or "").endswith("/migrate") else "session"


def route_without_guard(method: str, path: str, *, file: str, line: int = 1) -> Discovered:
    """Give a route of which nothing but its place is known, and where that was written."""
    name = f"{method} {path}"
    return Discovered(
        method=method, path=path, guard="", file=file, line=line,
        why=f"Anyone can reach {name}.", fix=f"Refuse unauthenticated requests before the handler of {name} runs.",
    )  # fmt: skip


def websocket_route(path: str, *, file: str) -> Discovered:
    """Give a route to which something opens WebSockets."""
    return replace(route_without_guard("GET", path, file=file), websocket=True)


def _route_of_page(page: Page) -> Discovered:
    route_file = page.route_file
    guard = "public" if route_file.path in PUBLIC_PAGES else "session-page"
    if any("admin" in name.lower() for name in page.guards):
        guard = "admin-page"
    return Discovered(
        method="GET", path=route_file.path, guard=guard, file=route_file.file, line=1,
        why=f"Anyone can read the page {route_file.path}.",
        fix=f"Redirect unauthenticated requests in {route_file.file} itself.",
    )  # fmt: skip


def compare(
    discovered: Iterable[Discovered], routes: Iterable[Route], *, service: str = "web", base_path: str = ""
) -> Coverage:
    """Compare the source with the probes; a probed route matches the most specific route of the source.

    What a catch-all does with a path cannot be told from its file: it does not show that the path is served. The
    catch-all of a library is public, and known.
    """
    known = tuple(discovered)
    probed: set[Discovered] = set()
    gone: list[Route] = []
    caught: list[Route] = []
    for route in routes:
        if route.service != service:
            continue
        source_route = _served_by(known, route.method, route.path) or (
            _served_by(known, route.method, route.path[len(base_path) :] or "/")
            if base_path and route.path.startswith(base_path)
            else None
        )
        if source_route is None:
            gone.append(route)
            continue
        probed.add(source_route)
        if source_route.guard != "public" and _catches(source_route.path, route.path):
            caught.append(route)
    return Coverage(
        known=known,
        probed=tuple(route for route in known if route in probed),
        unprobed=tuple(route for route in known if route not in probed),
        gone=tuple(gone),
        caught=tuple(caught),
    )


def is_catch_all(path: str) -> bool:
    """Say whether a pattern ends in any number of segments, or has no literal segment at all."""
    parts = [part for part in path.split("/") if part]
    return bool(parts) and (parts[-1].endswith(("+", "*")) or all(part.startswith(":") for part in parts))


def _catches(pattern: str, path: str) -> bool:
    """Say whether a pattern serves a path as a catch-all: a parameter stands for what the path writes out."""
    parts, written = ([part for part in one.split("/") if part] for one in (pattern, path))
    if not is_catch_all(pattern):
        return False
    named = [part for index, part in enumerate(written) if parts[min(index, len(parts) - 1)].startswith(":")]
    return any(not part.startswith(":") for part in named)


def _served_by(known: Iterable[Discovered], method: str, path: str) -> Discovered | None:
    requested_method = "GET" if method == "HEAD" else method
    serving = [route for route in known if matches(route.path, path)]
    if not serving:
        return None
    best = min(weight(route.path) for route in serving)
    exact = [route for route in serving if weight(route.path) == best]
    same = next((route for route in exact if route.method == requested_method), None)
    return same or next((route for route in exact if route.every_method or requested_method == "OPTIONS"), None)
