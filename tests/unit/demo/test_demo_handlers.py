"""The demo's handlers, and what a request itself must hold."""

from __future__ import annotations

import json

import httpx
import pytest

from prober.demo.app import EFFECTS_PATH
from prober.demo.effects import Effects
from prober.demo.server import Demo, running
from prober.demo.state import Settings
from tests.support.demo_client import CREDENTIALS, DEV_SHIM, OAUTH, UNCONFIGURED, bearer, web

pytestmark = pytest.mark.integration

INITIALIZE = {
    "jsonrpc": "2.0", "id": 1, "method": "initialize",
    "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}},
}  # fmt: skip
BOTH_TYPES = {"Accept": "application/json, text/event-stream"}


def mcp(demo: Demo, token: str | None = None) -> httpx.Client:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return httpx.Client(base_url=demo.mcp_url, trust_env=False, headers=headers)


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
