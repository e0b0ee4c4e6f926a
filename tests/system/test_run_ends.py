"""How a run ends: deadlines, signals, pipes that close, a deployment that comes up late."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time

import pytest

from tests.support.whole_run import PROBER, Reply, deployment, free_port, members_only, probed


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


def test_a_pipe_that_closes_early_is_no_verdict_of_ours() -> None:
    with deployment(members_only) as here:
        line = f"{PROBER} run --profile oauth --base-url {here.url} --verbose | head -n 1; exit ${{PIPESTATUS[0]}}"
        done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, timeout=60, check=False)
    assert "Traceback" not in done.stderr
    assert done.returncode in {0, 130}
