"""Routes that the demo serves and no surface names: whoever signs in needs them, and a run borrows a cookie there."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from prober.definitions.document import parse_document
from prober.definitions.surface import parse_surface

if TYPE_CHECKING:
    from prober.model import Route

_SURFACE = """
surface: sign-in
about: Where Auth.js begins to sign somebody in.
routes:
  - {route: POST /api/auth/signin, guard: csrf, effect: none, why: w, fix: f}
  - {route: POST /api/auth/signin/github, guard: csrf, effect: none, why: w, fix: f}
  - {route: POST /api/auth/signin/admin-credentials, guard: csrf, effect: none, why: w, fix: f}
"""


@cache
def unprobed_routes() -> tuple[Route, ...]:
    """Give the routes, as a surface would name them."""
    return parse_surface(parse_document(_SURFACE, file="prober/demo/unprobed.py")).routes
