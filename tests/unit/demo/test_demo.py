"""The demo's locks: they lock, the right key opens them, and each mode answers as the facts say."""

from __future__ import annotations

import dataclasses
import socket
import threading
from typing import TYPE_CHECKING

import httpx
import pytest

from prober.definitions.document import parse_document
from prober.definitions.surface import parse_surface
from prober.demo.app import build, shipped_surfaces
from prober.demo.guards import GUARDS
from prober.demo.keys import is_key, make_secrets
from prober.demo.server import Demo, running
from prober.demo.state import Limiter, Mode, Settings, new_state
from prober.errors import DefinitionError, UsageError
from tests.support.demo_client import CREDENTIALS, DEV_SHIM, OAUTH, UNCONFIGURED, bearer, cookie, web

if TYPE_CHECKING:
    from prober.model import Surface

pytestmark = pytest.mark.integration

NOT_CONFIGURED = "/signin?error=auth_not_configured"


# --- modes ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mode", "path", "status", "location"),
    [
        pytest.param(OAUTH, "/api/healthz", 200, None, id="health"),
        pytest.param(UNCONFIGURED, "/api/readyz", 200, None, id="ready-when-unconfigured"),
        pytest.param(OAUTH, "/", 307, "/signin", id="home-with-sign-in"),
        pytest.param(CREDENTIALS, "/", 307, "/signin", id="home-with-password"),
        pytest.param(DEV_SHIM, "/", 200, None, id="home-in-shim"),
        pytest.param(UNCONFIGURED, "/", 307, NOT_CONFIGURED, id="home-unconfigured"),
        pytest.param(OAUTH, "/api/knowledge", 401, None, id="api-with-sign-in"),
        pytest.param("credentials+oauth", "/api/knowledge", 401, None, id="api-with-both"),
        pytest.param(DEV_SHIM, "/api/knowledge", 200, None, id="api-in-shim"),
        pytest.param(UNCONFIGURED, "/api/knowledge", 503, None, id="api-unconfigured"),
        pytest.param(OAUTH, "/api/admin/users", 401, None, id="admin-api-says-401-to-strangers"),
        pytest.param(OAUTH, "/admin", 307, "/signin", id="admin-page"),
        pytest.param(UNCONFIGURED, "/admin/users", 307, NOT_CONFIGURED, id="admin-page-unconfigured"),
        pytest.param(OAUTH, "/settings/tokens", 307, "/signin?callbackUrl=%2Fsettings%2Ftokens", id="settings"),
        pytest.param(OAUTH, "/signin", 200, None, id="sign-in-page"),
        pytest.param(DEV_SHIM, "/signin", 307, "/", id="no-sign-in-in-shim"),
        pytest.param(UNCONFIGURED, "/signin", 200, None, id="sign-in-page-unconfigured"),
        pytest.param(OAUTH, "/api/nonesuch", 404, None, id="nowhere-in-api"),
        pytest.param(OAUTH, "/nonesuch", 404, None, id="nowhere"),
        pytest.param(OAUTH, "/docs/", 308, "/docs", id="slash-at-the-end"),
    ],
)
def test_each_mode_answers_strangers_as_the_facts_say(
    demos: dict[str, Demo], mode: str, path: str, status: int, location: str | None
) -> None:
    with web(demos[mode]) as client:
        answer = client.get(path)
    assert (answer.status_code, answer.headers.get("location")) == (status, location)
    assert answer.headers["x-powered-by"] == "Next.js"


def test_refusals_are_in_the_application_s_words(demos: dict[str, Demo]) -> None:
    with web(demos[OAUTH]) as signed_out, web(demos[UNCONFIGURED]) as unconfigured:
        assert signed_out.get("/api/me").json() == {"error": "not_signed_in"}
        assert unconfigured.get("/api/me").json()["error"].startswith("auth_not_configured — set ")


def test_page_that_is_not_there_names_its_path(demos: dict[str, Demo]) -> None:
    with web(demos[OAUTH]) as client:
        answer = client.get("/api/nonesuch-123")
    assert "/api/nonesuch-123" in answer.text
    assert answer.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize("mode", [DEV_SHIM, UNCONFIGURED])
def test_auth_js_without_its_secret_is_broken_and_healthz_is_not(demos: dict[str, Demo], mode: str) -> None:
    with web(demos[mode]) as client:
        answers = [client.get(f"/api/auth/{name}") for name in ("providers", "session", "csrf")]
    assert [answer.status_code for answer in answers] == [500, 500, 500]
    assert all("server configuration" in answer.json()["message"] for answer in answers)


@pytest.mark.parametrize(
    ("mode", "names"),
    [
        pytest.param(OAUTH, {"github"}, id="oauth"),
        pytest.param(CREDENTIALS, {"admin-credentials"}, id="credentials"),
        pytest.param("credentials+oauth", {"github", "admin-credentials"}, id="both"),
    ],
)
def test_providers_are_those_of_the_mode(demos: dict[str, Demo], mode: str, names: set[str]) -> None:
    with web(demos[mode]) as client:
        assert set(client.get("/api/auth/providers").json()) == names


def test_sign_in_page_asks_for_the_voucher_unless_it_is_not_required(demos: dict[str, Demo]) -> None:
    with web(demos[OAUTH]) as client:
        assert "voucher" in client.get("/signin").text
    with running(OAUTH, settings=Settings(registration_requires_voucher=False)) as demo, web(demo) as client:
        assert "voucher" not in client.get("/signin").text


def test_dev_shim_is_refused_in_production() -> None:
    with running(DEV_SHIM, settings=Settings(production=True)) as demo, web(demo) as client:
        answer = client.get("/api/me")
    assert answer.status_code == 500
    assert answer.json()["error"].startswith("dev-auth shim is refused in NODE_ENV=production")


def test_feature_that_is_off_answers_before_its_guard() -> None:
    with running(OAUTH, settings=Settings(oracle_enabled=False)) as demo, web(demo) as client:
        paused, extract = client.post("/api/oracle", json={}), client.post("/api/meetings/extract", json={})
    assert (paused.status_code, paused.json()["error"]) == (503, "oracle_paused")
    assert (extract.status_code, extract.json()["error"]["code"]) == (503, "NOT_ENABLED")


# --- methods ----------------------------------------------------------------------------------------------------------


def test_method_is_looked_at_before_the_guard(demos: dict[str, Demo]) -> None:
    with web(demos[OAUTH]) as client:
        wrong, options, head = client.delete("/api/me"), client.options("/api/me"), client.head("/api/me")
    assert wrong.status_code == 405
    assert (options.status_code, options.headers["allow"]) == (204, "GET, HEAD, OPTIONS")
    assert (head.status_code, head.content) == (401, b"")


# --- keys -------------------------------------------------------------------------------------------------------------


def test_administrator_s_session_opens_what_a_member_s_does_not(demos: dict[str, Demo]) -> None:
    demo = demos[OAUTH]
    admin, member = cookie(demo.secrets.admin_session), cookie(demo.secrets.member_session)
    with web(demo) as client:
        assert client.get("/api/me", headers=member).status_code == 200
        assert client.get("/api/admin/users", headers=member).status_code == 403
        assert client.get("/admin", headers=member).headers["location"] == "/"
        assert client.get("/api/admin/users", headers=admin).status_code == 200
        assert client.get("/admin", headers=admin).status_code == 200
        assert client.get("/settings/tokens", headers=member).status_code == 200


@pytest.mark.parametrize(
    ("path", "key"),
    [
        pytest.param("/api/migrate", "migration_secret", id="migrate"),
        pytest.param("/api/downtime/actions/reminders", "job_secret", id="reminders"),
        pytest.param("/api/ingest/heartbeat", "machine_key", id="ingest"),
    ],
)
def test_each_secret_opens_its_own_door_and_no_other(path: str, key: str) -> None:
    body = {"machineId": "demo-machine-0001"}
    with running(OAUTH) as demo, web(demo) as client:
        secrets = dataclasses.asdict(demo.secrets)
        others = [value for name, value in secrets.items() if name != key]
        refused = {
            client.post(path, json=body, headers=bearer(value)).status_code for value in [*others, "x", "undefined"]
        }
        assert demo.effects.total == 0
        opened = client.post(path, json=body, headers=bearer(secrets[key])).status_code
        assert demo.effects.total > 0
    assert refused == {401}
    assert opened == 200


def test_keys_are_new_at_each_start() -> None:
    first, second = dataclasses.asdict(make_secrets()), dataclasses.asdict(make_secrets())
    assert {name for name in first if first[name] == second[name]} == {"admin_username"}


@pytest.mark.parametrize("given", [None, "", "k", "key-and-more", "undefined"])
def test_what_is_not_the_key_opens_nothing(given: str | None) -> None:
    assert is_key("key", "key")
    assert not is_key(given, "key")
    assert not is_key(given, "")


# --- limits -----------------------------------------------------------------------------------------------------------


def test_limit_is_counted_for_each_client_and_not_on_exempt_routes() -> None:
    with running(OAUTH, settings=Settings(limit_per_minute=2)) as demo, web(demo) as client:
        answers = [client.get("/api/knowledge") for _ in range(3)]
        spoofed = client.get("/api/knowledge", headers={"X-Forwarded-For": "192.0.2.1, 10.0.0.1"})
        exempt = client.get("/api/me")
    assert [answer.status_code for answer in answers] == [401, 401, 429]
    assert [answer.headers["x-ratelimit-remaining"] for answer in answers] == ["1", "0", "0"]
    assert answers[2].json()["error"] == "rate_limited"
    assert 0 < answers[2].json()["retryAfterSeconds"] <= 60
    assert spoofed.status_code == exempt.status_code == 401
    assert "x-ratelimit-limit" not in exempt.headers


def test_limiter_forgets_when_its_window_has_passed() -> None:
    now = [1000.0]
    limiter = Limiter(1, 60.0, clock=lambda: now[0])
    assert limiter.take("a").allowed
    assert not limiter.take("a").allowed
    now[0] += 60
    assert limiter.take("a").allowed


# --- routes -----------------------------------------------------------------------------------------------------------


def surface(guard: str) -> Surface:
    text = f"surface: own\nabout: x\nroutes:\n  - {{route: GET /api/own/:id, guard: {guard}, why: x, fix: x}}\n"
    return parse_surface(parse_document(text, file="own.yaml"))


def test_guard_that_nobody_wrote_is_an_error_at_start() -> None:
    with pytest.raises(DefinitionError) as raised:
        build(new_state(Mode.OAUTH, Settings()), surfaces=[surface("sesion")])
    assert str(raised.value).startswith("own.yaml:4: the demo does not know guard 'sesion'")
    assert str(raised.value).endswith("fix: did you mean 'session'?")


def test_new_route_is_served_behind_its_guard_without_a_handler_of_its_own() -> None:
    own = [surface("session")]
    with running(OAUTH, surfaces=own) as demo, web(demo) as client:
        assert client.get("/api/own/demo-0001").status_code == 401
        member = cookie(demo.secrets.member_session)
        assert client.get("/api/own/demo-0001", headers=member).status_code == 200
        assert client.get("/api/own/nobody", headers=member).status_code == 404


def test_every_guard_of_the_shipped_surfaces_is_written() -> None:
    assert {route.guard for each in shipped_surfaces() for route in each.routes} <= set(GUARDS)


# --- starting and stopping --------------------------------------------------------------------------------------------


def test_nothing_is_left_when_a_demo_ends() -> None:
    before = threading.active_count()
    with running(OAUTH) as demo:
        assert threading.active_count() == before + 1
        with web(demo) as client:
            assert client.get("/api/healthz").status_code == 200
    assert threading.active_count() == before
    with pytest.raises(httpx.ConnectError):
        httpx.get(demo.web_url, trust_env=False)


def test_unknown_mode_is_refused_with_the_nearest_one() -> None:
    with pytest.raises(UsageError, match="no mode 'oath'") as raised, running("oath"):
        pass
    assert raised.value.fix == "did you mean 'oauth'?"


def test_taken_port_is_refused_before_anything_starts() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(UsageError, match=f"cannot listen on 127.0.0.1:{port}"), running(OAUTH, web_port=port):
            pass
