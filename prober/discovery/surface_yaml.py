"""Discovered routes as a surface: YAML that the strict reader takes as it is. Pure."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prober.discovery.coverage import Discovered
    from prober.model import Route

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_KEPT = "!$&'()*+,;=:@~-._"


def render_surface(routes: Iterable[Discovered], *, name: str, about: str) -> str:
    """Give a surface of these routes, one for each method and path; of none there is no surface."""
    entries = {f"{one.method} {path}": (one, path) for one in routes for path in paths_of(one.path)}
    if not entries:
        return ""
    lines = [f"surface: {name}", f"about: {json.dumps(about, ensure_ascii=False)}", "routes:"]
    for one, path in entries.values():
        lines += ["", *_entry(one, path)] if lines[-1] != "routes:" else _entry(one, path)
    return "\n".join(lines) + "\n"


def paths_of(pattern: str) -> list[str]:
    """Give the paths to probe for a pattern; where nothing may stand for the rest, that too."""
    parts = [part for part in pattern.split("/") if part]
    if not parts or not (parts[-1].startswith(":") and parts[-1][-1] in "+*"):
        return ["/" + "/".join(_segment(part) for part in parts)]
    whole = "/" + "/".join(_segment(part) for part in parts)
    return [whole] if parts[-1][-1] == "+" else ["/" + "/".join(_segment(part) for part in parts[:-1]), whole]


def _segment(part: str) -> str:
    return part.rstrip("+*") if part.startswith(":") else quote(part, safe=_KEPT)


def _entry(one: Discovered, path: str) -> list[str]:
    said = f"{one.method} {path}".replace("'", "''")
    return [
        f"  - route: '{said}' # {_one_line(one.file)}:{one.line}",
        f"    guard: {one.guard}",
        *_effect(one, path),
        f"    why: {json.dumps(one.why, ensure_ascii=False)}",
        f"    fix: {json.dumps(one.fix, ensure_ascii=False)}",
    ]


def _effect(one: Discovered, path: str) -> list[str]:
    """Say what an open door would do. Whatever has no form that is surely inert is skipped until somebody gives one."""
    if one.method in _SAFE and not one.mutates:
        return []
    if one.method not in {*_SAFE, "DELETE"} and one.validates:
        return ["    effect: acts", "    inert: {json: []} # a list fits no schema of an object"]
    if any(part.startswith(":") for part in path.split("/")):
        return ["    effect: acts", "    inert: impossible-id"]
    return ["    effect: acts # skipped as it is: say under 'inert' what an open door would reject"]


def render_gone(routes: Iterable[Route]) -> str:
    """List as comments the routes that are probed and that the source has no more."""
    lines = [f"#   {_one_line(route.method)} {_one_line(route.path)}   ({route.source})" for route in routes]
    return "\n".join(["# These routes are probed, and the source does not have them:", *lines, ""]) if lines else ""


def _one_line(text: str) -> str:
    return "".join(char if char.isprintable() else "?" for char in text)
