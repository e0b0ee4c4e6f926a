"""A query that names public paths and ends like a static file, for a guard that searches the whole URL."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from prober.model import Depth

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.model import Plan, Profile, Surface

PROFILE = "profile: made\nabout: A.\nguards: {public: 200, session: 401}\n"
OPEN = """
surface: open
about: A.
routes:
  - {route: GET /healthz, guard: public, why: w, fix: f}
  - {route: GET /pricing, guard: public, why: w, fix: f}
"""
GUARDED = "surface: made\nabout: A.\nroutes:\n  - {{route: GET {route}, guard: session, why: w, fix: f}}\n"


@pytest.mark.parametrize(
    ("route", "before"),
    [
        pytest.param("/api/notes", "/api/notes?", id="no-query"),
        pytest.param("/api/notes?page=2", "/api/notes?", id="a-query-of-its-own"),
    ],
)
def test_url_names_what_is_open_and_ends_with_a_static_file(
    route: str, before: str, surface_of: Callable[[str], Surface], profile_of: Callable[[str], Profile],
    plan_of: Callable[..., Plan],
) -> None:  # fmt: skip
    surfaces = [surface_of(OPEN), surface_of(GUARDED.format(route=route))]
    plan = plan_of(surfaces, profile_of(PROFILE), whole=True, depth=Depth.STANDARD)
    [target] = [p.request.target for p in plan.probes if p.variant and p.variant.name == "open-path-in-query"]
    assert target.startswith(before)
    assert "=/pricing&" in target
    assert "lockdown-probe=0123abcd-" in target  # no cache keeps the answer under a real URL
    assert target.endswith((".css", ".js"))
