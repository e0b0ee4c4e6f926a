"""The prober against Next.js and Auth.js that cannot work, and are therefore shut, or open."""

from __future__ import annotations

from typing import Any

import pytest

from tests.real.next_apps import BOTH, FAIL_OPEN, GITHUB, MODES, SECRET, SURFACES, TRUST, App

pytestmark = [pytest.mark.real, pytest.mark.timeout(600)]  # the first test of a version installs and builds it

NO_SECRET = TRUST | GITHUB | {"EXPECT_SECRET": "yes"}
UNTRUSTED = SECRET | GITHUB


API = tuple(surface for surface in SURFACES if surface not in {"pages", "admin-pages"})


@pytest.mark.parametrize("depth", ["quick", "standard"])
@pytest.mark.parametrize("app", BOTH)
def test_check_at_boot_that_throws_is_no_verdict(app: App, depth: str, probe_next: Any) -> None:
    run = probe_next(app, MODES["oauth"] | {"BOOT_CHECK": "at-boot"}, depth=depth)
    assert run.told == (2, "unproven")
    assert {f["status"] for f in run.found()} <= {500, None}
    assert run.reasons() == {("unproven", "broken")}
    assert run.report["counts"]["locked"] == 0


@pytest.mark.parametrize("depth", ["quick", "standard"])
@pytest.mark.parametrize("app", BOTH)
def test_check_that_throws_at_every_route_and_at_no_other_path_is_no_verdict(
    app: App, depth: str, probe_next: Any
) -> None:
    """It stands in a module that each route needs; a path that does not exist needs none, and gets its 404."""
    run = probe_next(app, MODES["oauth"] | {"BOOT_CHECK": "when-used"}, depth=depth, surfaces=API)
    assert run.told == (2, "unproven")
    assert run.reasons() == {("unproven", "broken")}
    assert run.report["counts"]["locked"] == 0


@pytest.mark.parametrize("depth", ["quick", "standard"])
@pytest.mark.parametrize(
    "environment", [pytest.param(NO_SECRET, id="no-secret"), pytest.param(UNTRUSTED, id="host-not-trusted")]
)
@pytest.mark.parametrize("app", BOTH)
def test_guards_of_a_broken_sign_in_prove_nothing(
    app: App, environment: dict[str, str], depth: str, probe_next: Any
) -> None:
    run = probe_next(app, environment, depth=depth)
    assert run.told == (1, "drift")
    assert run.said(id="auth: GET /api/auth/providers [anonymous]") == {("drift", "broken", 500)}
    assert run.said(id="knowledge: GET /api/knowledge [anonymous]") == {("unproven", "sign-in-broken", 401)}
    assert run.said(id="pages: GET /settings/org [anonymous]") == {("unproven", "sign-in-broken", 307)}
    assert {verdict for verdict, _ in run.reasons()} == {"drift", "unproven"}


@pytest.mark.parametrize("depth", ["quick", "standard"])
def test_auth_js_that_fails_open_without_its_secret_is_a_leak(depth: str, probe_next: Any) -> None:
    """Before beta.32 its session is then an object that says so, and `if (!session)` lets it pass."""
    run = probe_next(FAIL_OPEN, NO_SECRET | {"BROKEN": "truthy-session"}, depth=depth)
    assert run.told == (1, "leak")
    assert run.said(id="me: GET /api/me [anonymous]") == {("leak", "granted", 200)}
    assert run.said(id="pages: GET /settings/org [anonymous]") == {("leak", "granted", 200)}
    assert run.said(id="pages: GET /settings/tokens [anonymous]") == {("unproven", "sign-in-broken", 307)}
