"""The prober against MCP servers that nobody here wrote: the official SDK's and FastMCP's, from PyPI."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

HERE = Path(__file__).parent / "real_mcp"
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "lockdown-prober" / "real-mcp"
PROBER = Path(sys.executable).with_name("prober")
KEY, OTHER_KEY = "a-members-own-token", "another-members-token"
HOLD = ("--hold", "mcp-token=env:FIRST", "--hold", "mcp-token-2=env:SECOND")
START_UP = 2.0  # seconds: a process of Python, on a busy machine
Report = dict[str, Any]


# --- the servers ------------------------------------------------------------------------------------------------------


def python_with(library: str) -> Path:
    """Install a library once, into a venv of its own; its name says what is in it, and a mark that all of it is."""
    wanted = HERE / f"requirements-{library}.txt"
    digest = hashlib.sha256(wanted.read_bytes()).hexdigest()[:12]
    venv = CACHE / f"{library}-py{sys.version_info.major}.{sys.version_info.minor}-{digest}"
    python, mark = venv / "bin" / "python", venv / "complete"
    CACHE.mkdir(parents=True, exist_ok=True)
    with Path(f"{venv}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # the workers of one session want the same venv
        if not mark.exists():
            shutil.rmtree(venv, ignore_errors=True)
            subprocess.run([sys.executable, "-m", "venv", venv], check=True)
            subprocess.run([python, "-m", "pip", "install", "--quiet", "--requirement", wanted], check=True)
            mark.touch()
    return python


def free_port() -> int:
    with socket.socket() as wanted:
        wanted.bind(("127.0.0.1", 0))
        return int(wanted.getsockname()[1])


class Servers:
    """Every server of this session, each started once and ended by its process."""

    def __init__(self, logs: Path) -> None:
        self._logs = logs
        self._urls: dict[tuple[str, ...], str] = {}
        self._running: list[subprocess.Popen[bytes]] = []

    def url(self, library: str, form: str, *options: str) -> str:
        """Give the URL of a server that is up."""
        key = (library, form, *options)
        if key not in self._urls:
            port = free_port()
            process, log = self.start(library, form, *options, port=port)
            self._until_up(port, process, log)
            self._urls[key] = f"http://127.0.0.1:{port}"
        return self._urls[key]

    def start(self, library: str, form: str, *options: str, port: int) -> tuple[subprocess.Popen[bytes], Path]:
        """Start a server and do not wait for it."""
        log = self._logs / f"{library}-{port}.log"
        script = HERE / f"serve_{library}.py"
        with log.open("wb") as out:
            command = [str(python_with(library)), str(script), str(port), form, *options]
            process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT)
        self._running.append(process)
        return process, log

    def _until_up(self, port: int, process: subprocess.Popen[bytes], log: Path) -> None:
        until = time.monotonic() + 60
        while process.poll() is None and time.monotonic() < until:
            with socket.socket() as attempt:
                if attempt.connect_ex(("127.0.0.1", port)) == 0:
                    return
            time.sleep(0.05)
        pytest.fail(f"the server did not come up:\n{log.read_text(errors='replace')}")

    def end_all(self) -> None:
        """End the processes that were started here, and no others."""
        for process in self._running:
            process.terminate()
        for process in self._running:
            process.wait(timeout=30)


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    started = Servers(tmp_path_factory.mktemp("servers"))
    yield started
    started.end_all()


# --- the prober -------------------------------------------------------------------------------------------------------


def command(url: str, *arguments: str) -> list[str]:
    return [str(PROBER), "run", "--profile", "oauth", "--mcp-url", url, "--format", "json", *arguments]


def environment() -> dict[str, str]:
    """Whoever runs the tests may have a deployment of their own in the environment."""
    ours = ("PROBER_", "BASE_URL", "MCP_URL")
    clean = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return {**clean, "FIRST": KEY, "SECOND": OTHER_KEY}


def probe(url: str, *arguments: str, cwd: Path) -> tuple[int, Report]:
    """Run the prober in a folder that holds no prober.yaml; give its exit status and its report."""
    done = subprocess.run(
        command(url, *arguments), capture_output=True, text=True, cwd=cwd, env=environment(), check=False
    )
    assert done.stderr == ""
    return done.returncode, json.loads(done.stdout)


def verdict_of(report: Report, probe_id: str) -> tuple[str, str, int | None]:
    return next((f["verdict"], f["reason"], f["status"]) for f in report["findings"] if f["id"] == probe_id)


def of_route(report: Report, route: str) -> set[tuple[str, str, int | None]]:
    return {
        (f["verdict"], f["reason"], f["status"])
        for f in sent(report) if f["id"].startswith(f"mcp: {route} [")
    }  # fmt: skip


def sent(report: Report) -> list[Report]:
    """What went out: neither what needs a key that was not lent, nor metadata that nobody announced."""
    return [finding for finding in report["findings"] if finding["verdict"] != "skipped"]


INITIALIZE = {
    "jsonrpc": "2.0", "id": 1, "method": "initialize",
    "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "a-member", "version": "1"}},
}  # fmt: skip


def status_for_a_member(url: str) -> int:
    """Open a session as a member does; an error raises."""
    accept = "application/json, text/event-stream"
    headers = {"Authorization": f"Bearer {KEY}", "Accept": accept, "Content-Type": "application/json"}
    request = urllib.request.Request(f"{url}/mcp", json.dumps(INITIALIZE).encode(), headers)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return int(answer.status)


# --- what it must say -------------------------------------------------------------------------------------------------

LOCKED = [
    pytest.param(("mcp", "locked"), id="mcp"),
    pytest.param(("mcp", "locked", "json", "stateless"), id="mcp-stateless"),
    pytest.param(("fastmcp", "locked"), id="fastmcp"),
    pytest.param(("fastmcp", "locked-jwt", "json"), id="fastmcp-jwt"),
    pytest.param(("fastmcp", "locked", "json", "stateless"), id="fastmcp-stateless"),
]
LIBRARIES = [pytest.param("mcp", id="mcp"), pytest.param("fastmcp", id="fastmcp")]
SURFACES = [pytest.param(("--surface", "mcp"), id="declared"), pytest.param((), id="undeclared")]


@pytest.mark.parametrize("server", LOCKED)
def test_real_guard_is_locked_at_every_probe(server: tuple[str, ...], servers: Servers, tmp_path: Path) -> None:
    status, report = probe(servers.url(*server), "--surface", "mcp", cwd=tmp_path)
    assert {f["verdict"] for f in sent(report)} == {"locked"}
    assert {f["answered_by"] for f in sent(report)} == {"application"}
    assert len(sent(report)) >= 100
    assert status == 0


@pytest.mark.parametrize("server", LOCKED)
def test_real_guard_is_locked_by_its_401(server: tuple[str, ...], servers: Servers, tmp_path: Path) -> None:
    _, report = probe(servers.url(*server), "--surface", "mcp", cwd=tmp_path)
    # Without sessions FastMCP serves no stream at all: 405 from its router, before the guard, and nothing is open by it.
    assert {f["status"] for f in sent(report) if f["guard"] == "mcp-token" and f["status"]} == {401}
    assert {f["status"] for f in sent(report) if f["guard"] == "mcp-stream"} <= {401, 405}


@pytest.mark.parametrize("library", LIBRARIES)
def test_surface_that_is_not_served_and_not_declared_changes_nothing(
    library: str, servers: Servers, tmp_path: Path
) -> None:
    status, report = probe(servers.url(library, "locked"), cwd=tmp_path)
    assert (status, report["not_served"]) == (0, ["mcp-health"])
    assert verdict_of(report, "mcp-health: GET /health [anonymous]") == ("skipped", "not-served", 404)


@pytest.mark.parametrize("arguments", SURFACES)
@pytest.mark.parametrize("library", LIBRARIES)
def test_open_server_is_a_leak_to_anybody(
    library: str, arguments: tuple[str, ...], servers: Servers, tmp_path: Path
) -> None:
    status, report = probe(servers.url(library, "open"), *arguments, cwd=tmp_path)
    assert status == 1
    assert verdict_of(report, "mcp: POST /mcp initialize [anonymous]") == ("leak", "granted", 200)
    assert of_route(report, "POST /mcp initialize") == {("leak", "granted", 200)}
    assert of_route(report, "POST /mcp sessionless") == {("leak", "granted", 200)}


@pytest.mark.parametrize("library", LIBRARIES)
def test_nothing_of_an_open_server_is_called_locked(library: str, servers: Servers, tmp_path: Path) -> None:
    _, report = probe(servers.url(library, "open"), "--surface", "mcp", cwd=tmp_path)
    assert of_route(report, "POST /mcp tools-list") == {("drift", "handler-reached", 400)}
    # Other ways to the transport are not there, and what it cannot read it refuses by itself.
    beside = {"mcp-sibling", "mcp-unread"}
    assert {f["guard"] for f in report["findings"] if f["verdict"] == "locked"} <= beside
    assert report["counts"]["unproven"] == report["counts"]["unreachable"] == 0


@pytest.mark.parametrize("library", LIBRARIES)
def test_open_server_without_sessions_gives_its_tools_away(library: str, servers: Servers, tmp_path: Path) -> None:
    status, report = probe(servers.url(library, "open", "json", "stateless"), "--surface", "mcp", cwd=tmp_path)
    assert status == 1
    assert of_route(report, "POST /mcp initialize") == {("leak", "granted", 200)}
    assert of_route(report, "POST /mcp tools-list") == {("leak", "granted", 200)}


@pytest.mark.parametrize("arguments", SURFACES)
@pytest.mark.parametrize("library", LIBRARIES)
def test_gate_that_takes_any_bearer_is_a_leak_to_a_bogus_one_only(
    library: str, arguments: tuple[str, ...], servers: Servers, tmp_path: Path
) -> None:
    status, report = probe(servers.url(library, "any-bearer"), *arguments, cwd=tmp_path)
    assert status == 1
    assert verdict_of(report, "mcp: POST /mcp initialize [bogus-bearer]") == ("leak", "granted", 200)
    assert verdict_of(report, "mcp: POST /mcp initialize [bearer-undefined]") == ("leak", "granted", 200)
    assert verdict_of(report, "mcp: POST /mcp initialize [anonymous]") == ("locked", "as-promised", 401)
    assert verdict_of(report, "mcp: POST /mcp initialize [basic-admin]") == ("locked", "as-promised", 401)


@pytest.mark.parametrize("form", ["locked", "open", "any-bearer"])
@pytest.mark.parametrize("library", LIBRARIES)
def test_server_serves_its_members_after_a_run(library: str, form: str, servers: Servers, tmp_path: Path) -> None:
    url = servers.url(library, form)
    probe(url, "--surface", "mcp", cwd=tmp_path)
    assert status_for_a_member(url) == 200


# --- with keys of two members ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("server", "verdict", "reason"),
    [
        pytest.param(("mcp", "locked"), "locked", "as-promised", id="mcp"),
        pytest.param(("mcp", "locked", "json"), "locked", "as-promised", id="mcp-json"),
        pytest.param(("fastmcp", "locked"), "locked", "as-promised", id="fastmcp"),
        pytest.param(("mcp", "locked", "json", "stateless"), "skipped", "stateless", id="mcp-stateless"),
        pytest.param(("fastmcp", "locked", "json", "stateless"), "skipped", "stateless", id="fastmcp-stateless"),
        pytest.param(("mcp", "any-bearer"), "leak", "not-bound", id="mcp-any-bearer"),
    ],
)
def test_session_of_one_member_is_kept_from_another(
    server: tuple[str, ...], verdict: str, reason: str, servers: Servers, tmp_path: Path
) -> None:
    url = servers.url(*server)
    _, report = probe(
        url, "--surface", "mcp", *HOLD, "--only", "* [anonymous]", "--only", "* [session-binding]", cwd=tmp_path
    )
    found = next(f for f in report["findings"] if f["id"] == "mcp: POST /mcp initialize [session-binding]")
    assert (found["verdict"], found["reason"]) == (verdict, reason), found["detail"]
    assert status_for_a_member(url) == 200


# --- when nobody is there ---------------------------------------------------------------------------------------------


def test_nobody_listening_is_no_verdict(tmp_path: Path) -> None:
    status, report = probe(f"http://127.0.0.1:{free_port()}", "--surface", "mcp", cwd=tmp_path)
    assert (status, report["verdict"]) == (2, "unreachable")
    assert report["counts"]["unreachable"] == len(sent(report))


def test_wait_for_a_server_that_never_comes_ends_in_time(tmp_path: Path) -> None:
    started = time.monotonic()
    status, report = probe(f"http://127.0.0.1:{free_port()}", "--surface", "mcp", "--wait", "2", cwd=tmp_path)
    assert (status, report["verdict"]) == (2, "unreachable")
    assert 1500 <= report["elapsed_ms"] < 3000
    assert time.monotonic() - started < 3 + START_UP


@pytest.mark.parametrize("library", LIBRARIES)
def test_server_that_comes_up_late_is_waited_for(library: str, servers: Servers, tmp_path: Path) -> None:
    python_with(library)  # its installation is not what the prober waits for
    port = free_port()
    waiting = command(f"http://127.0.0.1:{port}", "--surface", "mcp", "--wait", "10")
    with subprocess.Popen(waiting, stdout=subprocess.PIPE, text=True, cwd=tmp_path, env=environment()) as running:
        time.sleep(1.5)
        servers.start(library, "locked", port=port)
        out, _ = running.communicate(timeout=60)
    assert (running.returncode, json.loads(out)["verdict"]) == (0, "locked")
