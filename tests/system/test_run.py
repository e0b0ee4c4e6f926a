"""A whole run, as users start it: against real loopback deployments that are right, broken, late, slow or gone."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from prober.demo.server import running

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PROBER = str(Path(sys.executable).with_name("prober"))
Reply = tuple[int, dict[str, str], bytes]
NOT_FOUND: Reply = (404, {"Content-Type": "text/html"}, b"<title>404</title>")
REFUSED: Reply = (401, {"Content-Type": "application/json"}, b'{"error":"not_signed_in"}')
HEALTHY: Reply = (200, {"Content-Type": "application/json"}, b'{"ok":true}')


class Deployment:
    """A deployment whose answers a test chooses, and what arrived at it."""

    def __init__(self, server: ThreadingHTTPServer) -> None:
        self.url = f"http://127.0.0.1:{server.server_address[1]}"
        self.arrived: list[tuple[str, str, dict[str, str]]] = []


@contextmanager
def deployment(answer: Callable[[str, str], Reply]) -> Iterator[Deployment]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = 65536  # one write an answer: two would each wait for the other side

        def reply(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            here.arrived.append((self.command, self.path, dict(self.headers.items())))
            number, headers, body = answer(self.command, self.path)
            self.send_response_only(number)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(b"" if self.command == "HEAD" else body)

        do_GET = do_HEAD = do_OPTIONS = do_POST = do_PATCH = do_DELETE = reply  # noqa: N815 - http.server's own names

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    here = Deployment(server)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield here
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def members_only(_method: str, path: str) -> Reply:
    return {"/api/healthz": HEALTHY, "/api/readyz": HEALTHY, "/api/me": REFUSED, "/api/me/password": REFUSED}.get(
        path, NOT_FOUND
    )


def prober(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PROBER_")}
    return subprocess.run(
        [PROBER, *arguments], capture_output=True, text=True, timeout=60, check=False, env={**clean, **environment}
    )


def probed(*arguments: str) -> tuple[int, dict]:
    done = prober("run", "--profile", "oauth", "--format", "json", *arguments)
    return done.returncode, json.loads(done.stdout)


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def test_a_locked_deployment_exits_0_and_every_finding_is_there() -> None:
    with deployment(members_only) as here:
        status, report = probed("--base-url", here.url, "--surface", "me", "--surface", "health")
    assert status == 0
    assert report["verdict"] == "locked"
    assert {f["id"] for f in report["findings"]} >= {
        "me: GET /api/me [anonymous]",
        "health: GET /api/healthz [anonymous]",
    }
    assert {f["answered_by"] for f in report["findings"]} == {"application"}


def test_surfaces_that_nobody_declared_and_nobody_serves_are_skipped_in_sight() -> None:
    with deployment(members_only) as here:
        status, report = probed("--base-url", here.url)
    assert status == 0
    assert "tokens" in report["not_served"]
    assert {f["reason"] for f in report["findings"] if f["surface"] == "tokens"} == {"not-served"}


def test_a_declared_surface_that_is_not_there_is_drift() -> None:
    with deployment(members_only) as here:
        status, report = probed("--base-url", here.url, "--surface", "me", "--surface", "tokens")
    assert status == 1
    assert {f["reason"] for f in report["findings"] if f["surface"] == "tokens"} <= {"missing", "uncompared"}


def test_everything_missing_but_health_is_a_wrong_base_and_no_lock() -> None:
    def only_health(_method: str, path: str) -> Reply:
        return HEALTHY if path == "/api/healthz" else NOT_FOUND

    with deployment(only_health) as here:
        status, report = probed("--base-url", here.url)
    assert status == 2
    assert {f["reason"] for f in report["findings"] if f["verdict"] == "unproven"} == {"wrong-base"}


def test_one_open_door_among_missing_ones_is_still_a_leak() -> None:
    def one_open(_method: str, path: str) -> Reply:
        return HEALTHY if path in {"/api/healthz", "/api/knowledge"} else NOT_FOUND

    with deployment(one_open) as here:
        status, report = probed("--base-url", here.url)
    assert status == 1
    assert "knowledge: GET /api/knowledge [anonymous]" in {
        f["id"] for f in report["findings"] if f["verdict"] == "leak"
    }


def test_handlers_that_do_not_find_an_id_are_there_although_they_say_404() -> None:
    def unguarded(method: str, path: str) -> Reply:
        unknown = (404, {"Content-Type": "application/json"}, b'{"error":"unknown_machine"}')
        return (
            unknown
            if path.startswith("/api/ingest/") and method == "POST" and "lockdown-probe" not in path
            else members_only(method, path)
        )

    with deployment(unguarded) as here:
        status, report = probed("--base-url", here.url)
    assert status == 1
    assert "handler-reached" in {f["reason"] for f in report["findings"] if f["surface"] == "ingest"}


def test_a_deployment_in_another_mode_is_said_first() -> None:
    with running("dev-shim") as demo:
        done = prober("run", "--profile", "oauth", "--base-url", demo.web_url, "--mcp-url", demo.mcp_url)
    assert done.returncode == 1
    assert done.stdout.startswith("The deployment looks like it runs in mode 'dev-shim'")


def test_nothing_listening_is_no_verdict() -> None:
    status, report = probed("--base-url", f"http://127.0.0.1:{free_port()}", "--surface", "me")
    assert status == 2
    assert {(f["verdict"], f["reason"]) for f in report["findings"]} == {("unreachable", "refused")}


def test_waiting_for_what_never_comes_ends_in_time() -> None:
    started = time.monotonic()
    status, _ = probed("--base-url", f"http://127.0.0.1:{free_port()}", "--surface", "me", "--wait", "2")
    assert status == 2
    assert 1.5 < time.monotonic() - started < 5


def test_a_deployment_that_comes_up_late_is_waited_for() -> None:
    port = free_port()
    late = subprocess.Popen(
        [sys.executable, "-c", (f"import time; time.sleep(1.2)\nimport http.server as s\nclass H(s.BaseHTTPRequestHandler):\n"
         " def do_GET(self):\n"
         "  ok = self.path in ('/api/healthz', '/api/readyz')\n"
         "  self.send_response(200 if ok else 404); self.send_header('Content-Length', '0'); self.end_headers()\n"
         " def log_message(self, *a): pass\n"
         f"s.ThreadingHTTPServer(('127.0.0.1', {port}), H).serve_forever()")]
    )  # fmt: skip
    try:
        status, report = probed("--base-url", f"http://127.0.0.1:{port}", "--surface", "health", "--wait", "15")
    finally:
        late.kill()
        late.wait()
    assert (status, report["counts"]["locked"]) == (0, 2)


def test_the_deadline_ends_a_run_whatever_the_deployment_does() -> None:
    def slow(_method: str, path: str) -> Reply:
        time.sleep(0 if path == "/api/healthz" else 3)
        return members_only(_method, path)

    started = time.monotonic()
    with deployment(slow) as here:
        status, report = probed("--base-url", here.url, "--surface", "knowledge", "--deadline", "1.5")
        assert time.monotonic() - started < 4
    assert status == 2
    assert "cut-short" in {f["reason"] for f in report["findings"]}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=["int", "term", "hup"])
def test_an_interrupted_run_prints_what_it_has_and_exits_130(number: signal.Signals) -> None:
    arrived = threading.Event()

    def slow(method: str, path: str) -> Reply:
        if path.startswith("/api/knowledge"):
            arrived.set()
            time.sleep(1)
        return members_only(method, path)

    with deployment(slow) as here:
        command = [
            PROBER,
            "run",
            "--profile",
            "oauth",
            "--base-url",
            here.url,
            "--surface",
            "health",
            "--surface",
            "knowledge",
        ]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert arrived.wait(20)
        process.send_signal(number)
        out, err = process.communicate(timeout=20)
    assert process.returncode == 130
    assert out.rstrip().splitlines()[-1].startswith("INTERRUPTED")
    assert "Traceback" not in err


def test_a_door_that_acts_is_not_tried_again_once_it_has_opened() -> None:
    def opens_to_undefined(method: str, path: str) -> Reply:
        return HEALTHY if path == "/api/migrate" else members_only(method, path)

    with deployment(opens_to_undefined) as here:
        status, report = probed("--base-url", here.url, "--surface", "migrate")
        sent = [entry for entry in here.arrived if entry[1] == "/api/migrate"]
    assert status == 1
    assert len(sent) == 1
    assert report["counts"]["leak"] == 1
    assert "opened-already" in {f["reason"] for f in report["findings"]}


def test_every_request_says_who_sends_it_and_asks_not_to_be_cached() -> None:
    with deployment(members_only) as here:
        status, report = probed("--base-url", here.url, "--surface", "me")
    assert status == 0
    assert len(here.arrived) >= report["requests"] > 0
    own = f"lockdown-prober/0.1.0 (run {report['run']}; authentication probe)"
    ours = [headers for *_, headers in here.arrived if headers["User-Agent"] == own]
    others = [headers for *_, headers in here.arrived if headers["User-Agent"] != own]
    assert {headers["Cache-Control"] for headers in ours} == {"no-cache"}
    assert {headers["User-Agent"].partition("/")[0] for headers in others} == {"Mozilla", "curl", "kube-probe"}
    assert {headers["X-Lockdown-Probe"] for headers in others} == {report["run"]}  # the run is named all the same
    assert not any("Cookie" in headers or "Authorization" in headers for headers in others)


def test_a_limit_of_which_the_headers_tell_is_never_reached() -> None:
    allowance = {"left": 30, "until": 0.0}
    lock = threading.Lock()
    refused = []

    def limited(method: str, path: str) -> Reply:
        with lock:
            now = time.monotonic()
            if now >= allowance["until"]:
                allowance.update(left=30, until=now + 2)
            allowance["left"] -= 1
            left, reset = allowance["left"], int(allowance["until"] - now) + 1
        if left < 0:
            refused.append(path)
            return 429, {"Retry-After": str(reset)}, b"{}"
        number, headers, body = (
            REFUSED
            if path.startswith("/api/knowledge") and "lockdown-probe" not in path
            else members_only(method, path)
        )
        told = {"x-ratelimit-limit": "30", "x-ratelimit-remaining": str(left), "x-ratelimit-reset": str(reset)}
        return number, {**headers, **told}, body

    with deployment(limited) as here:
        status, report = probed("--base-url", here.url, "--surface", "knowledge", "--surface", "health")
    assert (status, refused) == (0, [])
    assert report["counts"]["locked"] > 30


def test_a_limit_that_says_nothing_until_its_first_429_is_waited_out() -> None:
    served = {"count": 0, "until": 0.0}
    lock = threading.Lock()

    def limited(method: str, path: str) -> Reply:
        with lock:
            now = time.monotonic()
            if now >= served["until"]:
                served.update(count=0, until=now + 2)
            served["count"] += 1
            over = served["count"] > 25
        if over:
            return 429, {"Retry-After": "2"}, b"{}"
        return (
            REFUSED
            if path.startswith("/api/knowledge") and "lockdown-probe" not in path
            else members_only(method, path)
        )

    with deployment(limited) as here:
        status, report = probed("--base-url", here.url, "--surface", "knowledge", "--surface", "health")
    assert (status, report["counts"]["unproven"]) == (0, 0)


def test_one_open_origin_of_tls_that_nobody_vouches_for_is_unreachable(tmp_path: Path) -> None:
    done = prober(
        "run", "--profile", "oauth", "--base-url", "https://127.0.0.1:1", "--cacert", str(tmp_path / "none.pem")
    )
    assert done.returncode == 64
    assert "holds no certificates" in done.stderr


def test_reports_appear_whole_and_an_old_one_does_not_survive(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_text("old")
    with deployment(members_only) as here:
        prober("run", "--profile", "oauth", "--base-url", here.url, "--surface", "me", "--report", f"json={path}")
        assert json.loads(path.read_text())["verdict"] == "locked"
        url = f"http://127.0.0.1:{free_port()}"
        prober("run", "--profile", "oauth", "--base-url", url, "--surface", "me", "--report", f"json={path}")
    assert json.loads(path.read_text())["verdict"] == "unreachable"
    assert list(tmp_path.iterdir()) == [path]


def test_a_required_probe_that_is_skipped_is_no_verdict() -> None:
    def with_reminders(method: str, path: str) -> Reply:
        return REFUSED if path == "/api/downtime/actions/reminders" else members_only(method, path)

    with deployment(with_reminders) as here:
        chosen = ("--base-url", here.url, "--surface", "me", "--surface", "reminders")
        assert probed(*chosen)[0] == 0
        status, report = probed(*chosen, "--require", "reminders: *")
    assert status == 2
    assert report["notes"][0].startswith("required, but skipped: reminders: POST")


def test_drift_can_be_tolerated_and_a_leak_can_not() -> None:
    def drifts(method: str, path: str) -> Reply:
        return (403, {}, b"") if path == "/api/me" else members_only(method, path)

    def leaks(method: str, path: str) -> Reply:
        return HEALTHY if path == "/api/me" else members_only(method, path)

    chosen = ("--surface", "me", "--tolerate", "drift")
    with deployment(drifts) as here:
        assert probed("--base-url", here.url, *chosen)[0] == 0
        assert probed("--base-url", here.url, "--surface", "me")[0] == 1
    with deployment(leaks) as here:
        assert probed("--base-url", here.url, *chosen)[0] == 1


def test_a_pipe_that_closes_early_is_no_verdict_of_ours() -> None:
    with deployment(members_only) as here:
        line = f"{PROBER} run --profile oauth --base-url {here.url} --verbose | head -n 1; exit ${{PIPESTATUS[0]}}"
        done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, timeout=60, check=False)
    assert "Traceback" not in done.stderr
    assert done.returncode in {0, 130}


@pytest.mark.parametrize("depth", ["quick", "standard", "deep"])
def test_a_route_that_may_act_is_sent_once_when_it_leads_strangers_to_another_origin(depth: str) -> None:
    elsewhere: Reply = (302, {"Location": "https://elsewhere.example/done"}, b"")

    def migrates(method: str, path: str) -> Reply:
        return elsewhere if (method, path) == ("POST", "/api/migrate") else members_only(method, path)

    with deployment(migrates) as here:
        status, report = probed("--base-url", here.url, "--surface", "migrate", "--surface", "health", "--depth", depth)
    sent = [path for method, path, _ in here.arrived if (method, path) == ("POST", "/api/migrate")]
    assert (status, len(sent)) == (1, 1)
    assert {f["reason"] for f in report["findings"] if f["verdict"] == "leak"} == {"granted"}
