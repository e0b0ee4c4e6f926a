"""The demo's locks: they lock, the right key opens them, and each mode answers as the facts say."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import socket
import threading
from typing import TYPE_CHECKING
from urllib.parse import unquote

import httpx
import pytest

from prober.definitions.document import parse_document
from prober.definitions.surface import parse_surface
from prober.demo.answers import BUILD
from prober.demo.app import EFFECTS_PATH, build, shipped_surfaces
from prober.demo.effects import Effects
from prober.demo.guards import GUARDS
from prober.demo.keys import is_key, make_secrets
from prober.demo.server import Demo, running
from prober.demo.state import Limiter, Mode, Settings, new_state
from prober.errors import DefinitionError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prober.model import Surface

pytestmark = pytest.mark.integration

OAUTH, CREDENTIALS, DEV_SHIM, UNCONFIGURED = "oauth", "credentials", "dev-shim", "unconfigured"
INITIALIZE = {
    "jsonrpc": "2.0", "id": 1, "method": "initialize",
    "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}},
}  # fmt: skip
BOTH_TYPES = {"Accept": "application/json, text/event-stream"}
NOT_CONFIGURED = "/signin?error=auth_not_configured"


@pytest.fixture(scope="module")
def demos() -> Iterator[dict[str, Demo]]:
    """One demo in each mode, for the tests that leave nothing behind."""
    with (
        running(OAUTH) as oauth,
        running(CREDENTIALS) as credentials,
        running("credentials+oauth") as both,
        running(DEV_SHIM) as shim,
        running(UNCONFIGURED) as unconfigured,
    ):
        yield {demo.mode: demo for demo in (oauth, credentials, both, shim, unconfigured)}


def web(demo: Demo) -> httpx.Client:
    return httpx.Client(base_url=demo.web_url, trust_env=False)


def mcp(demo: Demo, token: str | None = None) -> httpx.Client:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return httpx.Client(base_url=demo.mcp_url, trust_env=False, headers=headers)


def cookie(session: str) -> dict[str, str]:
    return {"Cookie": f"authjs.session-token={session}"}


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


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


# --- Auth.js ----------------------------------------------------------------------------------------------------------


def test_csrf_cookie_seals_the_token_with_the_session_secret(demos: dict[str, Demo]) -> None:
    demo = demos[OAUTH]
    with web(demo) as client:
        answer = client.get("/api/auth/csrf")
    token, seal = unquote(answer.cookies["authjs.csrf-token"]).split("|")
    assert answer.json() == {"csrfToken": token}
    assert seal == hashlib.sha256((token + demo.secrets.session_secret).encode()).hexdigest()


def test_session_route_clears_only_the_cookie_that_is_used(demos: dict[str, Demo]) -> None:
    names = ("authjs.session-token", "__Secure-authjs.session-token", "next-auth.session-token")
    with web(demos[OAUTH]) as client:
        answer = client.get("/api/auth/session", headers={"Cookie": "; ".join(f"{name}=garbage" for name in names)})
        nobody = client.get("/api/auth/session")
    assert answer.json() is None
    assert [value.split("=")[0] for value in answer.headers.get_list("set-cookie")] == ["authjs.session-token"]
    assert "set-cookie" not in nobody.headers


@pytest.mark.parametrize(
    ("password", "with_token", "location"),
    [
        pytest.param("wrong", False, "/signin?error=MissingCSRF", id="without-its-token"),
        pytest.param("wrong", True, "/signin?error=CredentialsSignin&code=credentials", id="wrong-password"),
        pytest.param(None, False, "/signin?error=MissingCSRF", id="right-password-without-its-token"),
        pytest.param(None, True, "/", id="right-password"),
    ],
)
def test_password_sign_in_wants_token_and_password(
    demos: dict[str, Demo], password: str | None, location: str, *, with_token: bool
) -> None:
    demo = demos[CREDENTIALS]
    form = {"username": demo.secrets.admin_username, "password": password or demo.secrets.admin_password}
    with web(demo) as client:
        token = client.get("/api/auth/csrf").json()["csrfToken"]
        sent = {**form, "csrfToken": token} if with_token else form
        answer = client.post("/api/auth/callback/admin-credentials", data=sent)
    assert (answer.status_code, answer.headers["location"]) == (302, location)


def test_signing_in_gives_a_session_that_opens() -> None:
    with running(CREDENTIALS) as demo, web(demo) as client:
        form = {"username": demo.secrets.admin_username, "password": demo.secrets.admin_password}
        form["csrfToken"] = client.get("/api/auth/csrf").json()["csrfToken"]
        client.post("/api/auth/callback/admin-credentials", data=form)
        assert client.get("/api/me").status_code == 200
        assert demo.effects.sessions == 1


def test_password_sign_in_is_no_provider_in_oauth_mode(demos: dict[str, Demo]) -> None:
    with web(demos[OAUTH]) as client:
        answer = client.post("/api/auth/callback/admin-credentials", data={"username": "x"})
    assert answer.headers["location"] == "/api/auth/error?error=Configuration"


@pytest.mark.parametrize(
    ("mode", "handed_out"),
    [
        pytest.param(OAUTH, ["authjs.pkce.code_verifier"], id="oauth"),
        pytest.param("credentials+oauth", ["authjs.pkce.code_verifier"], id="both"),
        pytest.param(CREDENTIALS, [], id="without-github"),
    ],
)
def test_beginning_to_sign_in_at_github_hands_out_a_verifier_to_who_has_the_token(
    demos: dict[str, Demo], mode: str, handed_out: list[str]
) -> None:
    with web(demos[mode]) as client:
        without = client.post("/api/auth/signin/github", data={"json": "true"})
        form = {"json": "true", "csrfToken": client.get("/api/auth/csrf").json()["csrfToken"]}
        begun = client.post("/api/auth/signin/github", data=form)
        verifier = begun.cookies.get("authjs.pkce.code_verifier") or ""
    with web(demos[mode]) as client:
        assert client.get("/api/me", headers=cookie(verifier)).status_code == 401
    assert (without.headers["location"], list(without.cookies)) == ("/signin?error=MissingCSRF", [])
    assert list(begun.cookies) == handed_out


@pytest.mark.parametrize("path", ["/signin", "/nonesuch"])
def test_each_page_says_which_build_it_is_of_and_serves_no_data_beside_it(demos: dict[str, Demo], path: str) -> None:
    with web(demos[OAUTH]) as client:
        assert f'"buildId":"{BUILD}"' in client.get(path).text
        assert client.get(f"/_next/data/{BUILD}/admin/users.json").status_code == 404


def test_sign_out_and_github_callback_refuse_strangers(demos: dict[str, Demo]) -> None:
    with web(demos[OAUTH]) as client:
        assert client.post("/api/auth/signout").headers["location"] == "/signin?error=MissingCSRF"
        assert client.get("/api/auth/callback/github").headers["location"] == "/api/auth/error?error=Configuration"


# --- what the request itself must hold --------------------------------------------------------------------------------


def test_forgot_password_says_one_thing_and_mails_three_times_an_hour() -> None:
    with running(OAUTH) as demo, web(demo) as client:
        bodies = [{"email": "a@example.com"}] * 5 + [{}]
        answers = [client.post("/api/auth/forgot-password", json=body) for body in bodies]
        assert demo.effects.mails == 3
    assert {(answer.status_code, answer.text) for answer in answers} == {(200, answers[0].text)}


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        pytest.param("/api/invites/signup", {}, 400, id="invite-empty"),
        pytest.param("/api/invites/signup", {"token": "x", "name": "n", "password": "p" * 9}, 404, id="invite-unknown"),
        pytest.param("/api/machines/pair", {"code": "!"}, 400, id="pairing-outside-the-alphabet"),
        pytest.param("/api/machines/pair", {"code": "abcd"}, 404, id="pairing-unknown"),
        pytest.param("/api/auth/register", {}, 403, id="registration-without-password-mode"),
        pytest.param("/api/auth/reset-password", {"token": "x", "newPassword": "p" * 9}, 400, id="reset-unknown"),
        pytest.param("/api/onboard/claim", {}, 403, id="onboarding-off"),
        pytest.param("/api/login", {"email": "operator", "password": "x"}, 401, id="login-wrong"),
        pytest.param("/api/signup", {"email": "a@b", "password": "p" * 9}, 400, id="sign-up-without-voucher"),
    ],
)
def test_entrance_refuses_without_its_key(demos: dict[str, Demo], path: str, body: dict[str, str], status: int) -> None:
    with web(demos[OAUTH]) as client:
        assert client.post(path, json=body).status_code == status
    assert demos[OAUTH].effects.users == demos[OAUTH].effects.keys == 0


def test_entrance_opens_to_its_key_and_the_effect_is_counted() -> None:
    with running(CREDENTIALS) as demo, web(demo) as client:
        keys = demo.secrets
        person = {"email": "new@example.com", "name": "New", "password": "long enough"}
        assert client.post("/api/invites/signup", json={**person, "token": keys.invite_token}).status_code == 201
        assert client.post("/api/auth/register", json={**person, "voucher": keys.voucher}).status_code == 201
        assert client.post("/api/machines/pair", json={"code": keys.pairing_code}).json()["apiKey"]
        reset = {"token": keys.reset_token, "newPassword": "long enough"}
        assert client.post("/api/auth/reset-password", json=reset).status_code == 200
        assert client.get(f"/api/invites/{keys.invite_token}").json()["invite"]["email"]
        assert (demo.effects.users, demo.effects.keys, demo.effects.writes) == (2, 1, 1)


# --- handlers ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        pytest.param("POST", "/api/knowledge", {}, 400, id="empty-object"),
        pytest.param("POST", "/api/admin/vouchers", {"maxUses": 0}, 400, id="voucher-of-no-use"),
        pytest.param("PATCH", "/api/projects/demo-0001", {"name": ""}, 400, id="empty-name"),
        pytest.param("DELETE", "/api/tokens/00000000-0000-4000-8000-000000000000", None, 404, id="impossible-id"),
        pytest.param("POST", "/api/knowledge/nobody/promote", None, 404, id="no-body-and-impossible-id"),
        pytest.param("POST", "/api/projects/nobody/activate", None, 403, id="activate-says-403"),
        pytest.param("POST", "/api/knowledge", None, 500, id="no-json-at-all"),
    ],
)
def test_handler_behind_the_guard_rejects_inert_requests(
    demos: dict[str, Demo], method: str, path: str, body: dict[str, str] | None, status: int
) -> None:
    demo = demos[DEV_SHIM]
    with web(demo) as client:
        assert client.request(method, path, json=body).status_code == status
    assert demo.effects.total == 0


@pytest.mark.parametrize(
    ("method", "path", "body", "effect"),
    [
        pytest.param(
            "POST", "/api/knowledge", dict.fromkeys(("type", "triggerText", "ruleText"), "x"), "writes", id="w"
        ),
        pytest.param("POST", "/api/admin/vouchers", {}, "keys", id="voucher-by-empty-object"),
        pytest.param("DELETE", "/api/projects/demo-0001", None, "erasures", id="erasure"),
        pytest.param("POST", "/api/oracle", {"question": "why?"}, "spent", id="model-call"),
        pytest.param("POST", "/api/orgs/demo-org-0001/invites", {"email": "a@example.com"}, "mails", id="mail"),
    ],
)
def test_handler_does_what_a_fitting_request_asks_and_counts_it(
    method: str, path: str, body: dict[str, str] | None, effect: str
) -> None:
    with running(DEV_SHIM) as demo, web(demo) as client:
        assert client.request(method, path, json=body).is_success
        assert demo.effects.counts()[effect] == 1


def test_effects_are_shown_only_where_the_operator_asked_for_it(demos: dict[str, Demo]) -> None:
    with web(demos[OAUTH]) as client:
        assert client.get(EFFECTS_PATH).status_code == 404
    with running(OAUTH, settings=Settings(show_effects=True)) as demo, web(demo) as client:
        client.post("/api/migrate", headers=bearer(demo.secrets.migration_secret))
        assert client.get(EFFECTS_PATH).json() == {**Effects().counts(), "migrations": 1}


# --- MCP --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["POST", "GET", "DELETE", "OPTIONS", "PUT"])
def test_mcp_gate_refuses_every_method_first(demos: dict[str, Demo], method: str) -> None:
    with mcp(demos[UNCONFIGURED]) as client:
        answer = client.request(method, "/mcp")
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, -32001)
    assert answer.headers["www-authenticate"] == 'Bearer realm="brain-mcp"'


def test_mcp_session_belongs_to_the_token_that_opened_it() -> None:
    with running(OAUTH) as demo, mcp(demo, demo.secrets.mcp_token) as own, mcp(demo, demo.secrets.mcp_token_2) as other:
        opened = own.post("/mcp", json=INITIALIZE, headers=BOTH_TYPES)
        session = {**BOTH_TYPES, "Mcp-Session-Id": opened.headers["mcp-session-id"]}
        listing = {"jsonrpc": "2.0", "id": 2, "method": "tools/list", "params": {}}
        listed = own.post("/mcp", json=listing, headers=session)
        stolen = other.post("/mcp", json=listing, headers=session)
        closed = own.delete("/mcp", headers=session)
        gone = own.post("/mcp", json=listing, headers=session)
    assert json.loads(opened.text.split("data: ")[1])["result"]["protocolVersion"] == "2025-06-18"
    assert json.loads(listed.text.split("data: ")[1])["result"]["tools"]
    assert (stolen.status_code, stolen.json()["error"]["message"][:22]) == (401, "Session-token mismatch")
    assert (closed.status_code, gone.status_code) == (200, 404)


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        pytest.param({}, INITIALIZE, 406, id="without-both-types"),
        pytest.param({**BOTH_TYPES, "Content-Type": "text/plain"}, INITIALIZE, 415, id="wrong-content-type"),
        pytest.param(BOTH_TYPES, {"method": "x"}, 400, id="no-json-rpc"),
        pytest.param(BOTH_TYPES, {**INITIALIZE, "method": "tools/list"}, 400, id="without-a-session"),
        pytest.param(
            {**BOTH_TYPES, "Mcp-Session-Id": "x"}, {**INITIALIZE, "method": "ping"}, 404, id="unknown-session"
        ),
    ],
)
def test_mcp_transport_answers_a_member_by_the_sdk_s_rules(
    demos: dict[str, Demo], headers: dict[str, str], body: dict[str, object], status: int
) -> None:
    demo = demos[OAUTH]
    sent = {"Content-Type": "application/json", **headers}
    with mcp(demo, demo.secrets.mcp_token) as client:
        assert client.post("/mcp", content=json.dumps(body), headers=sent).status_code == status


def test_mcp_stream_stays_open_and_does_not_hold_up_the_end() -> None:
    with running(OAUTH) as demo, mcp(demo, demo.secrets.mcp_token) as client:
        opened = client.post("/mcp", json=INITIALIZE, headers=BOTH_TYPES)
        session = {"Accept": "text/event-stream", "Mcp-Session-Id": opened.headers["mcp-session-id"]}
        with client.stream("GET", "/mcp", headers=session) as stream:
            assert next(stream.iter_raw()) == b": still here\n\n"


def test_mcp_tells_what_is_public_and_404s_the_rest(demos: dict[str, Demo]) -> None:
    with mcp(demos[OAUTH]) as client:
        assert client.get("/health").json()["ok"] is True
        assert client.get("/").status_code == 200
        nowhere, exact = client.get("/nonesuch"), client.post("/mcp?token=x")
    assert (nowhere.status_code, nowhere.text) == (404, "Not Found")
    assert (exact.status_code, exact.text) == (404, "Not Found")


def test_paused_mcp_says_so_before_it_looks_at_the_bearer() -> None:
    with running(OAUTH, settings=Settings(mcp_enabled=False)) as demo, mcp(demo) as client:
        answer = client.post("/mcp")
    assert (answer.status_code, answer.json()["error"]["code"], answer.headers["retry-after"]) == (503, -32002, "60")


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
