"""The shipped surfaces of MCP at another path than /mcp: a deployment's endpoint may be anywhere."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from prober.definitions.shipped import surface_names

if TYPE_CHECKING:
    from prober.model import Route, Surface

USUAL = "/mcp"  # as the shipped surfaces have it
_SERVICE = "mcp"


def at_mcp_path(surfaces: tuple[Surface, ...], path: str) -> tuple[Surface, ...]:
    """Move the routes of /mcp, and those below it, to this path; surfaces of one's own stay as they are."""
    if path == USUAL:
        return surfaces
    shipped = surface_names()
    return tuple(
        replace(surface, routes=_moved(surface.routes, path.rstrip("/"))) if surface.name in shipped else surface
        for surface in surfaces
    )


def _moved(routes: tuple[Route, ...], path: str) -> tuple[Route, ...]:
    moved: dict[str, Route] = {}
    for route in routes:
        rest = route.path.removeprefix(USUAL)
        is_endpoint = route.service == _SERVICE and (route.path == USUAL or route.path.startswith(f"{USUAL}/"))
        there = replace(route, path=(path + rest) or "/") if is_endpoint else route
        moved.setdefault(there.name, there)  # two may meet: /sse beside the endpoint, and below one that is the root
    return tuple(moved.values())
