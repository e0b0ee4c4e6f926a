"""Writes discovered routes as a surface, in YAML that the strict reader accepts. Pure."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import quote

from prober.model.job_paths import is_path_of_job
from prober.model.websocket_paths import names_websocket

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prober.discovery.coverage import Discovered
    from prober.model import Route

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_UNQUOTED = "!$&'()*+,;=:@~-._"


def render_surface(routes: Iterable[Discovered], *, name: str, about: str) -> str:
    """Write a surface with one route for each method and path; empty without routes."""
    entries = {f"{route.method} {path}": (route, path) for route in routes for path in paths_of(route.path)}
    if not entries:
        return ""
    lines = [f"surface: {name}", f"about: {json.dumps(about, ensure_ascii=False)}", "routes:"]
    for route, path in entries.values():
        lines += ["", *_entry(route, path)] if lines[-1] != "routes:" else _entry(route, path)
    return "\n".join(lines) + "\n"


def paths_of(pattern: str) -> list[str]:
    """Give the paths to probe for a pattern; if its rest may be empty, the path without it too."""
    parts = [part for part in pattern.split("/") if part]
    if not parts or not (parts[-1].startswith(":") and parts[-1][-1] in "+*"):
        slash = "/" if parts and pattern.endswith("/") else ""  # where it belongs to the path, as in Django's
        return ["/" + "/".join(_segment(part) for part in parts) + slash]
    whole = "/" + "/".join(_segment(part) for part in parts)
    return [whole] if parts[-1][-1] == "+" else ["/" + "/".join(_segment(part) for part in parts[:-1]), whole]


def _segment(part: str) -> str:
    return part.rstrip("+*") if part.startswith(":") else quote(part, safe=_UNQUOTED)


def _entry(route: Discovered, path: str) -> list[str]:
    route_text = f"{route.method} {path}".replace("'", "''")
    return [
        *(f"  # {_one_line(comment)}" for comment in route.comments),
        f"  - route: '{route_text}' # {_one_line(route.file)}:{route.line}",
        f"    guard: {route.guard}",
        *([f"    control: {route.control}"] if route.control else []),
        *_effect(route, path),
        *_websocket(route, path),
        *([f"    csrf: {json.dumps(route.csrf)} # whose form has the token that writes need"] if route.csrf else []),
        f"    why: {json.dumps(route.why, ensure_ascii=False)}",
        f"    fix: {json.dumps(route.fix, ensure_ascii=False)}",
    ]


def _websocket(route: Discovered, path: str) -> list[str]:
    """Say that a guarded route takes upgrades, where its description says so or its path is named for them."""
    if route.method != "GET" or route.guard.startswith("public") or route.guard.endswith("-page"):
        return []
    return ["    websocket: true"] if route.websocket or names_websocket(path) else []


def _effect(route: Discovered, path: str) -> list[str]:
    """Write the effect; a route without a form that is surely inert is skipped until the user gives one."""
    if route.repeats:
        return ["    effect: repeats # sent until it is granted once; write acts if one run more does harm"]
    if route.method in _SAFE and not route.mutates:
        reads = route.guard == "public" or route.guard.endswith("-page") or not is_path_of_job(path)
        return (
            [] if reads else ["    effect: acts # skipped as it is: its path is a job's; write none if it only reads"]
        )
    if route.method not in {*_SAFE, "DELETE"} and route.validates:
        return ["    effect: acts", "    inert: {json: []} # a list is not valid for an object schema"]
    if any(part.startswith(":") for part in path.split("/")):
        return ["    effect: acts", "    inert: impossible-id"]
    return ["    effect: acts # skipped as it is: add under 'inert' a request that the handler would reject"]


def render_gone(routes: Iterable[Route]) -> str:
    """List as comments the routes that are probed but no longer in the source."""
    lines = [f"#   {_one_line(route.method)} {_one_line(route.path)}   ({route.source})" for route in routes]
    return "\n".join(["# These routes are probed, but the source does not have them:", *lines, ""]) if lines else ""


def _one_line(text: str) -> str:
    return "".join(char if char.isprintable() else "?" for char in text)
