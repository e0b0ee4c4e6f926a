"""Routes that a source, or a description of an API, has; and how they compare with those that probes know. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from prober.audit.source.handlers import Lock
from prober.audit.source.known_names import PUBLIC_PAGES
from prober.audit.source.nextjs_routes import ANY, matches, weight

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prober.audit.source.audit import Page, SourceAudit
    from prober.audit.source.handlers import Door
    from prober.model import Route

_UNPROBED = frozenset({"HEAD", "OPTIONS"})  # HEAD goes by GET, and a preflight is for everybody


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovered:
    """A route that is there, and what can be guessed of its lock: guarded, unless it is said to be public."""

    method: str
    path: str  # as ':id', ':rest+' for one segment or more, ':rest*' for any number
    guard: str
    file: str
    line: int
    why: str
    fix: str
    mutates: bool = False  # also a GET
    validates: bool = False  # what it is sent must fit a schema
    every_method: bool = False  # one function for all of them

    @property
    def name(self) -> str:
        """Method and path."""
        return f"{self.method} {self.path}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """What the source has and what the probes know, side by side."""

    known: tuple[Discovered, ...]
    probed: tuple[Discovered, ...]
    unprobed: tuple[Discovered, ...]  # unknown to the probes
    gone: tuple[Route, ...]  # unknown to the source


def discovered_in(audit: SourceAudit) -> tuple[Discovered, ...]:
    """Give the routes of a source: handlers by their methods, and pages."""
    found = [route for door in audit.doors if door.path is not None for route in _of_door(door)]
    found += [_of_page(page) for page in audit.pages]
    return tuple(dict.fromkeys(found))


def _of_door(door: Door) -> list[Discovered]:
    every = door.method == ANY
    methods = [door.method or ANY] if not every else list(door.methods) or ["GET"]
    return [
        Discovered(
            method=method, path=door.path or "/", guard=_guard(door), file=door.file, line=door.line,
            why=f"A stranger reaches {method} {door.path}; in the source: {_said(door)}.",
            fix=f"Await a guard in {door.file} before anything else.",
            mutates=door.mutates, validates=door.validates, every_method=every,
        )
        for method in methods
        if method not in _UNPROBED
    ]  # fmt: skip


def _said(door: Door) -> str:
    said = {Lock.OK: "guarded", Lock.UNGUARDED: "no guard is passed first", Lock.UNKNOWN: "its guard cannot be told"}
    return "public" if door.public else said[door.lock]


def _guard(door: Door) -> str:
    if door.public:
        return "public"
    if any("admin" in guard.lower() for guard in door.guards):
        return "admin"
    return "migration-secret" if (door.path or "").endswith("/migrate") else "session"


def _of_page(page: Page) -> Discovered:
    place = page.place
    guard = "public" if place.path in PUBLIC_PAGES else "session-page"
    if any("admin" in name.lower() for name in page.guards):
        guard = "admin-page"
    return Discovered(
        method="GET", path=place.path, guard=guard, file=place.file, line=1,
        why=f"A stranger reads the page {place.path}.", fix=f"Redirect strangers in {place.file} itself.",
    )  # fmt: skip


def compare(
    discovered: Iterable[Discovered], routes: Iterable[Route], *, service: str = "web", base_path: str = ""
) -> Coverage:
    """Compare what is there with what is probed; a route of the probes goes with the most exact one of the source."""
    known = tuple(discovered)
    probed: set[Discovered] = set()
    gone: list[Route] = []
    for route in routes:
        if route.service != service:
            continue
        found = _served_by(known, route.method, route.path) or (
            _served_by(known, route.method, route.path[len(base_path) :] or "/")
            if base_path and route.path.startswith(base_path)
            else None
        )
        if found is None:
            gone.append(route)
        else:
            probed.add(found)
    return Coverage(
        known=known,
        probed=tuple(one for one in known if one in probed),
        unprobed=tuple(one for one in known if one not in probed),
        gone=tuple(gone),
    )


def _served_by(known: Iterable[Discovered], method: str, path: str) -> Discovered | None:
    asked = "GET" if method == "HEAD" else method
    serving = [one for one in known if matches(one.path, path)]
    if not serving:
        return None
    best = min(weight(one.path) for one in serving)
    exact = [one for one in serving if weight(one.path) == best]
    same = next((one for one in exact if one.method == asked), None)
    return same or next((one for one in exact if one.every_method or asked == "OPTIONS"), None)
