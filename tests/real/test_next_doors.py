"""The prober against Next.js and Auth.js with one door open: that door is found, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from tests.real.next_apps import BOTH, MODES, App, broken

pytestmark = [pytest.mark.real, pytest.mark.timeout(600)]  # the first test of a version installs and builds it

LEAK, TOLD, DRIFT = ("leak", "granted"), ("leak", "disclosed"), ("drift", "handler-reached")
TWINS = [
    pytest.param("me-open", "standard", "me: GET /api/me [anonymous]", LEAK, id="me-open"),
    pytest.param("me-password-post-open", "quick", "me: POST /api/me/password [anonymous]", LEAK, id="acting-route-open"),
    pytest.param("knowledge-post-late", "standard", "knowledge: POST /api/knowledge [bogus-bearer]", DRIFT, id="body-before-guard"),
    pytest.param("admin-users-open", "quick", "admin: GET /api/admin/users [anonymous]", LEAK, id="admin-api-open"),
    pytest.param("admin-users-page-open", "quick", "admin-pages: GET /admin/users [anonymous]", LEAK, id="admin-page-open"),
    pytest.param("settings-org-page-open", "standard", "pages: GET /settings/org [anonymous]", LEAK, id="page-open"),
    pytest.param("pages-open", "standard", "pages: GET /settings/tokens [anonymous]", LEAK, id="middleware-open"),
    pytest.param("org-members-open", "standard", "members: GET /api/org/members [anonymous]", LEAK, id="members-open"),
    pytest.param("machines-pair-post-open", "standard", "pairing: POST /api/machines/pair [anonymous]", LEAK, id="pairing-open"),
    pytest.param("pairing-tells-key", "standard", "pairing: POST /api/machines/pair [anonymous]", TOLD, id="pairing-tells-key"),
    pytest.param("migrate-undefined", "standard", "migrate: POST /api/migrate [bearer-undefined]", LEAK, id="migrate-undefined"),
]  # fmt: skip


@pytest.mark.parametrize(("defect", "depth", "caught_by", "found"), TWINS)
@pytest.mark.parametrize("app", BOTH)
def test_broken_twin_is_caught_and_nothing_else_is(
    app: App, defect: str, depth: str, caught_by: str, found: tuple[str, str], probe_next: Any
) -> None:
    run = probe_next(app, broken(defect), depth=depth)
    assert run.told == (1, found[0])
    assert caught_by in run.amiss()
    assert run.routes() == {(caught_by.partition(" [")[0], *found)}


@pytest.mark.parametrize("app", BOTH)
def test_guard_that_takes_any_bearer_is_a_leak_to_a_bogus_one_only(app: App, probe_next: Any) -> None:
    run = probe_next(app, broken("any-bearer"))
    assert run.told == (1, "leak")
    assert run.said(id="me: GET /api/me [bogus-bearer]") == {("leak", "granted", 200)}
    assert run.said(id="me: GET /api/me [anonymous]") == {("locked", "as-promised", 401)}
    assert run.said(id="me: GET /api/me [bogus-cookie]") == {("locked", "as-promised", 401)}
    assert {f["guard"] for f in run.found() if f["verdict"] != "locked"} == {"session", "admin", "org-role"}


@pytest.mark.parametrize("app", BOTH)
def test_only_variants_find_middleware_that_lets_prefetches_pass(app: App, probe_next: Any) -> None:
    pages = {"/", "/settings/tokens", "/settings/audit", "/settings/projects"}
    run = probe_next(app, broken("pages-prefetch"), depth="deep", surfaces=("health", "pages"))
    assert run.verdicts() == {f"pages: GET {page} [anonymous] rsc-prefetch": "leak" for page in pages}
    assert run.told == (1, "leak")


@pytest.mark.parametrize("app", BOTH)
def test_query_that_skips_the_middleware_is_found_at_standard(app: App, probe_next: Any) -> None:
    run = probe_next(app, broken("pages-query"))
    tokens = "pages: GET /settings/tokens [anonymous]"
    assert run.said(id=f"{tokens} middleware-subrequest") == {("leak", "granted", 200)}
    assert run.said(id=tokens) == {("locked", "as-promised", 307)}
    assert run.told == (1, "leak")


@pytest.mark.parametrize("app", BOTH)
def test_password_sign_in_that_takes_any_password_is_a_leak(app: App, probe_next: Any) -> None:
    environment = MODES["credentials"] | {"BROKEN": "any-password"}
    run = probe_next(app, environment, profile="credentials", surfaces=("health", "auth", "login"))
    assert run.verdicts() == {"login: POST /api/auth/callback/admin-credentials [anonymous]": "leak"}
    assert run.told == (1, "leak")


@pytest.mark.parametrize("app", BOTH)
def test_sign_out_without_a_csrf_token_is_a_leak(app: App, probe_next: Any) -> None:
    run = probe_next(app, broken("no-csrf"), surfaces=("health", "auth"))
    assert run.said(id="auth: POST /api/auth/signout [anonymous]") == {("leak", "granted", 302)}
    assert run.told == (1, "leak")


@pytest.mark.parametrize(
    ("environment", "told", "found"),
    [
        pytest.param(MODES["oauth"], (0, "locked"), ("locked", "as-promised", 401), id="healthy"),
        pytest.param(broken("migrate-session-secret"), (1, "leak"), ("leak", "granted", 200), id="broken"),
    ],
)
@pytest.mark.parametrize("app", BOTH)
def test_session_secret_that_opens_the_migrations_is_a_leak(
    app: App, environment: dict[str, str], told: tuple[int, str], found: tuple[str, str, int], probe_next: Any
) -> None:
    hold = ("--hold", "session-secret=env:SESSION_SECRET")
    run = probe_next(app, environment, *hold, surfaces=("health", "auth", "migrate"))
    with_the_secret = "migrate: POST /api/migrate [session-secret]"
    assert run.told == told
    assert run.said(id=with_the_secret) == {found}
    assert run.amiss().keys() <= {with_the_secret}
