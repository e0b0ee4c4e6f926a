"""Generic guards, taken one by one: each is locked at a healthy application, and open doors are found. Whole runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.in_process import run_here
from tests.support.payroll import Asked, Says, answering

if TYPE_CHECKING:
    from pathlib import Path

GUARDS = {
    "bearer-api": Says(status=403, body=b'{"detail":"Not authenticated"}'),
    "cookie-api": Says(status=401, body=b'{"error":"sign in"}'),
    "page-login": Says(status=302, kind="text/html", headers=(("Location", "/accounts/login/?next=/page-login"),)),
    "basic": Says(status=401, body=b"no", kind="text/plain", headers=(("WWW-Authenticate", 'Basic realm="m"'),)),
    "mcp": Says(status=401, body=b"{}", headers=(("WWW-Authenticate", 'Bearer realm="m"'),)),
}
ROUTE = "  - {route: GET /%s, guard: %s, why: w, fix: f}\n"
SURFACES = (
    "surface: payroll\nabout: x.\nroutes:\n  - {route: GET /api/healthz, guard: open, control: alive, why: w, fix: f}\n"
    + "".join(ROUTE % (name, name) for name in GUARDS)
)
PROFILE = f"profile: own\nabout: x.\ntake: [{', '.join(GUARDS)}]\npresents: {{open: nothing}}\nguards: {{open: 200}}\n"
ROWS = Says(status=200, body=b'{"rows": [{"salary": 1}, {"salary": 2}]}')


@pytest.mark.integration
@pytest.mark.parametrize("opened", [pytest.param(None, id="healthy"), pytest.param("basic", id="open")])
def test_a_profile_of_generic_guards(opened: str | None, tmp_path: Path) -> None:
    def answer(asked: Asked) -> Says | None:
        name = asked.path.removeprefix("/")
        return ROWS if name == opened else GUARDS.get(name)

    with answering(answer) as url:
        status, worst = run_here(tmp_path, url, surface=SURFACES, profile=PROFILE)
    leaks = {path for path, (verdict, _) in worst.items() if verdict == "leak"}
    assert (status, leaks) == ((0, set()) if opened is None else (1, {"/basic"}))
    assert {f"/{name}" for name in GUARDS} <= worst.keys()


HIDDEN = """\
surface: payroll
about: x.
routes:
  - {route: GET /api/healthz, guard: open, control: alive, why: w, fix: f}
  - {route: GET /api/bonus, guard: bearer-api, why: w, fix: f}
  - {route: GET /secret-page, guard: hidden-404, admits: [witness], why: w, fix: f}
"""
HIDING = "profile: own\nabout: x.\ntake: [hidden-404, bearer-api]\npresents: {open: nothing}\nguards: {open: 200}\n"


@pytest.mark.integration
@pytest.mark.parametrize(
    ("held", "opens_to", "expected"),
    [
        pytest.param(True, "Bearer a-real-token", (0, ("locked", "as-promised")), id="a-key-shows-that-it-is-there"),
        pytest.param(False, "Bearer a-real-token", (1, ("drift", "missing")), id="no-key-was-held"),
        pytest.param(True, "Bearer another-token", (1, ("drift", "missing")), id="the-key-finds-nothing-either"),
        pytest.param(True, "", (1, ("leak", "granted")), id="open-to-all"),
    ],
)
def test_a_guard_that_hides_its_routes_needs_a_key_to_show_them(
    *, held: bool, opens_to: str, expected: tuple[int, tuple[str, str]], tmp_path: Path
) -> None:
    def answer(asked: Asked) -> Says | None:
        is_open = asked.path == "/secret-page" and asked.headers.get("authorization", "").startswith(opens_to)
        return ROWS if is_open else None

    with answering(answer) as url:
        status, worst = run_here(
            tmp_path, url, surface=HIDDEN, profile=HIDING, hold={"witness": "a-real-token"} if held else None
        )
    assert (status, worst["/secret-page"]) == expected
