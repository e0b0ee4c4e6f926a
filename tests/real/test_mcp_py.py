"""The prober against the official SDK of MCP for Python, before 2.0 and since, and against FastMCP."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from tests.real import installed
from tests.real.members import HOLD, KEYS, status_for_a_member
from tests.real.probing import Run, command, environment
from tests.real.running import Served, free_port

pytestmark = [pytest.mark.real, pytest.mark.timeout(600)]  # the first test of a library installs it

HERE = Path(__file__).parent / "mcp_py"
SERVERS = {"mcp": "MCP Python SDK", "fastmcp": "FastMCP"}
LIBRARIES = ["mcp-1", "mcp-2", "fastmcp-4"]
BINDING = "mcp: POST /mcp initialize [session-binding]"
LOCKED = [
    pytest.param(("mcp-1", "locked"), id="mcp-1"),
    pytest.param(("mcp-1", "locked", "json", "stateless"), id="mcp-1-stateless"),
    pytest.param(("mcp-2", "locked"), id="mcp-2"),
    pytest.param(("mcp-2", "locked", "json", "stateless"), id="mcp-2-stateless"),
    pytest.param(("fastmcp-4", "locked"), id="fastmcp"),
    pytest.param(("fastmcp-4", "locked-jwt", "json"), id="fastmcp-jwt"),
    pytest.param(("fastmcp-4", "locked", "json", "stateless"), id="fastmcp-stateless"),
]


def serving(library: str, *form: str) -> list[str]:
    """Give the command that serves with a library in this form, at PORT."""
    script = HERE / f"serve_{library.partition('-')[0]}.py"
    return [installed.python(HERE / f"{library}.txt"), str(script), "PORT", *form]


@pytest.fixture
def serve(servers: Any) -> Any:
    """Start a server in this form, once."""

    def started(library: str, *form: str) -> Served:
        package = library.partition("-")[0]
        version = installed.required(HERE / f"{library}.txt", package)
        return Served(servers.url(serving(library, *form)), SERVERS[package], version, " ".join(form))

    return started


def of_route(run: Run, route: str) -> set[tuple[str, str, int | None]]:
    return {(f["verdict"], f["reason"], f["status"]) for f in run.found() if f["id"].startswith(f"mcp: {route} [")}


# --- locked -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("depth", ["standard", "deep"])
@pytest.mark.parametrize("form", LOCKED)
def test_guard_is_locked_at_every_probe_by_its_401(
    form: tuple[str, ...], depth: str, serve: Any, probe_mcp: Any
) -> None:
    run = probe_mcp(serve(*form), depth=depth)
    assert run.amiss() == {}
    assert run.told == (0, "locked")
    assert {f["answered_by"] for f in run.found()} == {"application"}
    assert len(run.found()) >= {"standard": 100, "deep": 300}[depth]
    plain = [f for f in run.found() if f["status"] and not f["variant"]]
    # Without sessions FastMCP serves no stream at all: 405 from its router, before the guard, and nothing is open by it.
    assert {f["status"] for f in plain if f["guard"] == "mcp-token"} == {401}
    assert {f["status"] for f in plain if f["guard"] == "mcp-stream"} <= {401, 405}


@pytest.mark.parametrize("library", LIBRARIES)
def test_surface_that_is_not_served_and_not_declared_changes_nothing(library: str, serve: Any, probe_mcp: Any) -> None:
    run = probe_mcp(serve(library, "locked"), declared=False)
    assert run.told == (0, "locked")
    assert run.report["not_served"] == ["mcp-health"]
    assert run.said(id="mcp-health: GET /health [anonymous]") == {("skipped", "not-served", 404)}


# --- open -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("declared", [pytest.param(True, id="declared"), pytest.param(False, id="undeclared")])
@pytest.mark.parametrize("library", LIBRARIES)
def test_open_server_is_a_leak_to_anybody(library: str, declared: bool, serve: Any, probe_mcp: Any) -> None:  # noqa: FBT001 (a parameter of pytest's)
    run = probe_mcp(serve(library, "open"), declared=declared)
    assert run.told == (1, "leak")
    assert of_route(run, "POST /mcp initialize") == {("leak", "granted", 200)}
    assert of_route(run, "POST /mcp tools-list") == {("drift", "handler-reached", 400)}
    # Other ways to the transport are not there, and what it cannot read it refuses by itself.
    assert {f["guard"] for f in run.found() if f["verdict"] == "locked"} <= {"mcp-sibling", "mcp-unread"}
    # A check of the media type may stand before any guard, so what it refuses tells nothing of one.
    unknown = {f["id"]: f["reason"] for f in run.found() if f["verdict"] in {"unproven", "unreachable"}}
    assert unknown in ({}, {"mcp: POST /mcp plain-text [anonymous]": "not-the-guard"})


@pytest.mark.parametrize(
    ("library", "said"),
    [
        pytest.param("mcp-1", {("drift", "handler-reached", 400)}, id="mcp-1"),  # sessions are older than this request
        pytest.param("mcp-2", {("leak", "granted", 200)}, id="mcp-2"),
        pytest.param("fastmcp-4", {("leak", "granted", 200)}, id="fastmcp"),
    ],
)
def test_open_server_answers_who_asks_without_a_session(
    library: str, said: set[tuple[str, str, int]], serve: Any, probe_mcp: Any
) -> None:
    assert of_route(probe_mcp(serve(library, "open")), "POST /mcp sessionless") == said


@pytest.mark.parametrize("library", LIBRARIES)
def test_open_server_without_sessions_gives_its_tools_away(library: str, serve: Any, probe_mcp: Any) -> None:
    run = probe_mcp(serve(library, "open", "json", "stateless"))
    assert run.told == (1, "leak")
    assert of_route(run, "POST /mcp initialize") == {("leak", "granted", 200)}
    assert of_route(run, "POST /mcp tools-list") == {("leak", "granted", 200)}


@pytest.mark.parametrize("declared", [pytest.param(True, id="declared"), pytest.param(False, id="undeclared")])
@pytest.mark.parametrize("library", LIBRARIES)
def test_guard_that_takes_any_bearer_is_a_leak_to_a_bogus_one_only(
    library: str, declared: bool, serve: Any, probe_mcp: Any  # noqa: FBT001 (a parameter of pytest's)
) -> None:  # fmt: skip
    run = probe_mcp(serve(library, "any-bearer"), declared=declared)
    assert run.told == (1, "leak")
    assert run.said(id="mcp: POST /mcp initialize [bogus-bearer]") == {("leak", "granted", 200)}
    assert run.said(id="mcp: POST /mcp initialize [bearer-undefined]") == {("skipped", "opened-already", None)}
    assert run.said(id="mcp: POST /mcp initialize [basic-admin]") == {("skipped", "opened-already", None)}
    assert run.said(id="mcp: POST /mcp initialize [anonymous]") == {("locked", "as-promised", 401)}


# --- with keys of two members -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("form", "said"),
    [
        pytest.param(("mcp-1", "locked"), ("locked", "as-promised"), id="mcp-1"),
        pytest.param(("mcp-2", "locked"), ("locked", "as-promised"), id="mcp-2"),
        pytest.param(("mcp-2", "locked", "json"), ("locked", "as-promised"), id="mcp-2-json"),
        pytest.param(("fastmcp-4", "locked"), ("locked", "as-promised"), id="fastmcp"),
        pytest.param(("mcp-1", "locked", "json", "stateless"), ("skipped", "stateless"), id="mcp-1-stateless"),
        pytest.param(("mcp-2", "locked", "json", "stateless"), ("skipped", "stateless"), id="mcp-2-stateless"),
        pytest.param(("fastmcp-4", "locked", "json", "stateless"), ("skipped", "stateless"), id="fastmcp-stateless"),
        pytest.param(("mcp-1", "any-bearer"), ("leak", "not-bound"), id="mcp-1-any-bearer"),
        pytest.param(("mcp-2", "any-bearer"), ("leak", "not-bound"), id="mcp-2-any-bearer"),
    ],
)
def test_session_of_one_member_is_kept_from_another(
    form: tuple[str, ...], said: tuple[str, str], serve: Any, probe_mcp: Any
) -> None:
    served = serve(*form)
    run = probe_mcp(served, *HOLD, "--only", "* [anonymous]", "--only", "* [session-binding]")
    assert {(verdict, reason) for verdict, reason, _ in run.said(id=BINDING)} == {said}
    assert run.status == (1 if said[0] == "leak" else 0)
    assert status_for_a_member(served.url) == 200


@pytest.mark.parametrize("form", ["locked", "open", "any-bearer"])
@pytest.mark.parametrize("library", LIBRARIES)
def test_server_serves_its_members_after_a_run(library: str, form: str, serve: Any, probe_mcp: Any) -> None:
    served = serve(library, form)
    probe_mcp(served)
    assert status_for_a_member(served.url) == 200


# --- when nobody is there ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("library", LIBRARIES)
def test_server_that_comes_up_late_is_waited_for(library: str, servers: Any, tmp_path: Path) -> None:
    serves = serving(library, "locked")  # its installation is not what the prober waits for
    port = free_port()
    at = ("--profile", "oauth", "--mcp-url", f"http://127.0.0.1:{port}", "--surface", "mcp", "--wait", "20")
    with subprocess.Popen(
        command(*at), stdout=subprocess.PIPE, text=True, cwd=tmp_path, env=environment(KEYS)
    ) as waiting:
        time.sleep(1.5)
        servers.launch(serves, port=port)
        out, _ = waiting.communicate(timeout=60)
    assert Run.read(waiting.returncode, out).told == (0, "locked")
