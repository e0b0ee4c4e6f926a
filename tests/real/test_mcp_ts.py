"""The prober against the official TypeScript SDK of MCP, and against its server-everything, both from npm."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.real import installed
from tests.real.members import HOLD, status_for_a_member
from tests.real.running import Served

pytestmark = [pytest.mark.real, pytest.mark.timeout(600)]  # the first test installs the SDK

HERE = Path(__file__).parent / "mcp_ts"
BINDING = "mcp: POST /mcp initialize [session-binding]"
DEPTHS = [pytest.param("standard", id="standard"), pytest.param("deep", id="deep")]
LOCKED = [
    pytest.param(("locked", "bound"), id="sessions"),
    pytest.param(("locked", "bound", "json"), id="sessions-json"),
    pytest.param(("locked", "bound", "metadata"), id="metadata"),
    pytest.param(("locked", "stateless"), id="stateless"),
]


@pytest.fixture
def serve(servers: Any) -> Any:
    """Start a server of the SDK in this form, once."""

    def started(*form: str) -> Served:
        url = servers.url(["node", str(installed.node(HERE) / "serve.js"), "PORT", *form])
        version = installed.locked(HERE, "@modelcontextprotocol/sdk")
        return Served(url, "MCP TypeScript SDK", version, " ".join(form))

    return started


@pytest.fixture
def everything(servers: Any) -> Served:
    name = "@modelcontextprotocol/server-everything"
    program = installed.node(HERE) / "node_modules" / name / "dist/index.js"
    url = servers.url(["node", str(program), "streamableHttp"], env={"PORT": "PORT"})
    return Served(url, "server-everything", installed.locked(HERE, name), "as it comes")


def binding(run: Any) -> tuple[str, str]:
    return next((f["verdict"], f["reason"]) for f in run.report["findings"] if f["id"] == BINDING)


# --- locked -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize("form", LOCKED)
def test_bearer_guard_of_the_sdk_is_locked_at_every_probe(
    form: tuple[str, ...], depth: str, serve: Any, probe_mcp: Any
) -> None:
    run = probe_mcp(serve(*form), *HOLD, depth=depth)
    assert run.amiss() == {}
    assert run.told == (0, "locked")
    assert {f["answered_by"] for f in run.found()} == {"application"}
    assert len(run.found()) >= {"standard": 100, "deep": 300}[depth]


@pytest.mark.parametrize("form", LOCKED)
def test_bearer_guard_of_the_sdk_is_locked_by_its_401(form: tuple[str, ...], serve: Any, probe_mcp: Any) -> None:
    run = probe_mcp(serve(*form))
    plain = [f for f in run.found(guard="mcp-token") if f["status"] and not f["variant"]]
    assert plain
    assert {f["status"] for f in plain} == {401}


def test_challenge_of_the_sdk_leads_to_its_metadata(serve: Any, probe_mcp: Any) -> None:
    run = probe_mcp(serve("locked", "bound", "metadata"))
    assert run.said(id="mcp: POST /mcp initialize [challenge]") == {("locked", "as-promised", None)}


def test_server_without_metadata_announces_none(serve: Any, probe_mcp: Any) -> None:
    assert probe_mcp(serve("locked", "stateless")).skipped()["not-announced"] == 1


@pytest.mark.parametrize("depth", DEPTHS)
def test_foreign_host_is_refused_before_the_guard_and_opens_nothing(depth: str, serve: Any, probe_mcp: Any) -> None:
    run = probe_mcp(serve("locked", "bound"), depth=depth)
    assert run.said(variant="foreign-host") <= {("locked", "opens-nothing", 403)}


# --- sessions ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize(
    ("form", "said"),
    [
        pytest.param(("locked", "bound"), ("locked", "as-promised"), id="bound"),
        pytest.param(("locked", "bound", "json"), ("locked", "as-promised"), id="bound-json"),
        pytest.param(("locked",), ("leak", "not-bound"), id="not-bound"),  # as the SDK's own example is written
        pytest.param(("locked", "json"), ("leak", "not-bound"), id="not-bound-json"),
        pytest.param(("locked", "stateless"), ("skipped", "stateless"), id="stateless"),
    ],
)
def test_session_of_one_member_is_kept_from_another(
    form: tuple[str, ...], said: tuple[str, str], depth: str, serve: Any, probe_mcp: Any
) -> None:
    served = serve(*form)
    run = probe_mcp(served, *HOLD, depth=depth)
    assert binding(run) == said
    assert run.status == (1 if said[0] == "leak" else 0)
    assert status_for_a_member(served.url) == 200


@pytest.mark.parametrize("depth", DEPTHS)
def test_only_the_session_is_amiss_where_only_it_is_not_bound(depth: str, serve: Any, probe_mcp: Any) -> None:
    assert set(probe_mcp(serve("locked"), *HOLD, depth=depth).amiss()) == {BINDING}


# --- broken -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("depth", DEPTHS)
def test_verifier_that_throws_is_drift_and_lets_nobody_in(depth: str, serve: Any, probe_mcp: Any) -> None:
    run = probe_mcp(serve("throws", "bound"), *HOLD, depth=depth)
    assert run.told == (1, "drift")
    assert {(verdict, reason) for verdict, reason, _ in run.amiss().values()} == {("drift", "broken")}
    assert run.said(id="mcp: POST /mcp initialize [bogus-bearer]") == {("drift", "broken", 500)}
    assert run.said(id="mcp: POST /mcp initialize [anonymous]") == {("locked", "as-promised", 401)}


# --- open -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("depth", DEPTHS)
def test_server_without_a_guard_is_a_leak_to_anybody(depth: str, serve: Any, probe_mcp: Any) -> None:
    run = probe_mcp(serve("open"), depth=depth)
    assert run.told == (1, "leak")
    assert run.said(id="mcp: POST /mcp initialize [anonymous]") == {("leak", "granted", 200)}
    assert run.said(id="mcp: POST /mcp tools-list [anonymous]") == {("drift", "handler-reached", 400)}


@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_transport_that_looks_a_session_up_is_no_path_that_is_missing(method: str, serve: Any, probe_mcp: Any) -> None:
    run = probe_mcp(serve("open"))
    assert run.said(id=f"mcp: {method} /mcp unknown-session [anonymous]") == {("drift", "handler-reached", 404)}


@pytest.mark.parametrize("depth", DEPTHS)
def test_nothing_of_an_open_server_is_called_locked(depth: str, serve: Any, probe_mcp: Any) -> None:
    run = probe_mcp(serve("open"), depth=depth)
    assert {f["guard"] for f in run.found() if f["verdict"] == "locked"} <= {"mcp-sibling", "mcp-unread"}


@pytest.mark.parametrize("depth", DEPTHS)
def test_open_server_without_sessions_gives_its_tools_away(depth: str, serve: Any, probe_mcp: Any) -> None:
    run = probe_mcp(serve("open", "stateless", "json"), depth=depth)
    assert run.told == (1, "leak")
    assert run.said(id="mcp: POST /mcp tools-list [anonymous]") == {("leak", "granted", 200)}


@pytest.mark.parametrize("depth", DEPTHS)
def test_verifier_that_takes_any_token_is_a_leak_to_a_bogus_one_only(depth: str, serve: Any, probe_mcp: Any) -> None:
    run = probe_mcp(serve("any-bearer"), depth=depth)
    assert run.told == (1, "leak")
    assert run.said(id="mcp: POST /mcp initialize [bogus-bearer]") == {("leak", "granted", 200)}
    assert run.said(id="mcp: POST /mcp initialize [anonymous]") == {("locked", "as-promised", 401)}
    assert run.said(id="mcp: POST /mcp initialize [basic-admin]") == {("skipped", "opened-already", None)}


@pytest.mark.parametrize("depth", DEPTHS)
def test_server_everything_is_open_to_everybody(depth: str, everything: Served, probe_mcp: Any) -> None:
    run = probe_mcp(everything, depth=depth)
    assert run.told == (1, "leak")
    assert run.said(id="mcp: POST /mcp initialize [anonymous]") == {("leak", "granted", 200)}
    assert run.said(id="mcp: POST /mcp batch [anonymous]") == {("leak", "granted", 200)}
    assert run.said(id="mcp: POST /mcp tools-list [anonymous]") == {("drift", "handler-reached", 400)}
    assert status_for_a_member(everything.url) == 200
