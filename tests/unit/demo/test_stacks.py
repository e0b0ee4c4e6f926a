"""Walls and dead stacks: each stands where it says, and ends with the demo; so does the demo of the command line."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from prober.demo.server import Demo, running
from prober.demo.stacks import STACKS
from prober.model import ExitStatus, Reason

pytestmark = pytest.mark.integration

ROOT = Path(__file__).resolve().parents[3]
SOON = 0.3  # seconds
SERVE = """
from prober.demo.server import serve_forever
serve_forever("oauth", web_port=0, mcp_port=0, started=lambda demo: print(demo.web_url, flush=True))
"""


# What is healthy for all its oddity.
MEANT = {"lock-in-front", "lock-of-a-gateway", "application-that-speaks-basic", "single-page-beside-the-api"}


def seen(demo: Demo, path: str = "/api/me") -> httpx.Response:
    return httpx.get(demo.web_url + path, trust_env=False, timeout=SOON)


@pytest.mark.parametrize(
    ("name", "path", "status", "header", "said"),
    [
        pytest.param("boot-check-throws", "/api/healthz", 500, "x", "Internal Server Error", id="boot"),
        pytest.param("health-gone", "/api/healthz", 404, "x", "could not be found", id="health-gone"),
        pytest.param("health-gone", "/api/me", 401, "x-powered-by", "not_signed_in", id="the-rest-as-ever"),
        pytest.param("gateway-502", "/api/me", 502, "server", "<center>nginx", id="nginx"),
        pytest.param("bare-503", "/api/me", 503, "x", "", id="bare"),
        pytest.param("cloudflare-522", "/", 522, "cf-ray", "522", id="cloudflare"),
        pytest.param("cloudflare-challenge", "/", 403, "cf-mitigated", "Just a moment", id="challenge"),
        pytest.param("cloudflare-access", "/", 302, "location", "", id="access"),
        pytest.param("vercel-protection", "/", 401, "set-cookie", "Vercel Authentication", id="vercel"),
        pytest.param("load-balancer-403", "/", 403, "server", "403 Forbidden", id="elb"),
        pytest.param("basic-auth-wall", "/", 401, "www-authenticate", "Authorization Required", id="basic"),
        pytest.param("blanket-401", "/nonesuch", 401, "x", "unauthorized", id="blanket"),
        pytest.param("blanket-401-but-health", "/api/healthz", 200, "x-powered-by", "ok", id="blanket-but-health"),
        pytest.param("throttled", "/api/healthz", 429, "x", "rate_limited", id="throttled"),
        pytest.param("captive-portal-511", "/", 511, "x", "Login", id="portal"),
        pytest.param("single-page-shell", "/api/admin/users", 200, "x", 'id="root"', id="shell"),
        pytest.param("https-only", "/api/me", 308, "location", "", id="https"),
        pytest.param("wrong-application", "/api/me", 404, "x", "Not Found", id="wrong-app"),
        pytest.param("wrong-application", "/api/healthz", 200, "x-powered-by", "ok", id="wrong-app-lives"),
    ],
)
def test_wall_answers_in_the_application_s_place(name: str, path: str, status: int, header: str, said: str) -> None:
    with running("oauth", stack=STACKS[name]) as demo:
        answer = seen(demo, path)
    assert (answer.status_code, said in answer.text) == (status, True)
    assert header in {"x", *answer.headers}


def test_redirects_keep_the_path_where_the_wall_does() -> None:
    with running("oauth", stack=STACKS["https-only"]) as demo:
        assert seen(demo, "/api/me").headers["location"] == "https://127.0.0.1/api/me"
    with running("oauth", stack=STACKS["captive-portal-302"]) as demo:
        assert seen(demo, "/api/me").headers["location"] == "http://captive.example.net/login"


@pytest.mark.parametrize(
    ("name", "error"),
    [
        pytest.param("nothing-listens", httpx.ConnectError, id="refused"),
        pytest.param("hangs-up", httpx.RemoteProtocolError, id="closed"),
        pytest.param("black-hole", httpx.ReadTimeout, id="silent"),
    ],
)
def test_dead_stack_gives_no_answer(name: str, error: type[httpx.HTTPError]) -> None:
    with running("oauth", stack=STACKS[name]) as demo, pytest.raises((error, httpx.ReadError)):
        seen(demo)


def test_dripped_answer_never_comes_though_bytes_do() -> None:
    with running("oauth", stack=STACKS["drip"]) as demo:
        host, port = demo.web_url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=2) as line:
            line.sendall(b"GET / HTTP/1.1\r\nHost: demo\r\n\r\n")
            first, second = line.recv(4096), line.recv(4096)
    assert first.startswith(b"HTTP/1.1 401")
    assert second
    assert b"\r\n\r\n" not in first + second


def test_health_route_that_never_answers_leaves_the_rest_as_it_is() -> None:
    with running("oauth", stack=STACKS["health-silent"]) as demo:
        assert seen(demo).status_code == 401
        with pytest.raises(httpx.ReadTimeout):
            seen(demo, "/api/healthz")


def test_one_service_can_be_down_while_the_other_is_well() -> None:
    with running("oauth", stack=STACKS["mcp-down"]) as demo:
        assert seen(demo).status_code == 401
        with pytest.raises(httpx.ConnectError):
            httpx.get(demo.mcp_url, trust_env=False)


def test_paused_mcp_still_lives() -> None:
    with running("oauth", stack=STACKS["mcp-paused"]) as demo:
        assert httpx.get(f"{demo.mcp_url}/health", trust_env=False).status_code == 200
        assert httpx.post(f"{demo.mcp_url}/mcp", trust_env=False).json()["error"]["code"] == -32002


@pytest.mark.parametrize("name", STACKS)
def test_demo_ends_at_once_whatever_stands_there(name: str) -> None:
    with running("oauth", stack=STACKS[name]) as demo:
        host, port = demo.mcp_url.removeprefix("http://").split(":")
        with socket.socket() as line:
            line.settimeout(SOON)
            line.connect_ex((host, int(port)))
            started = time.monotonic()
    assert time.monotonic() - started < 1


def test_only_what_passes_is_locked_and_only_the_application_s_own_answers_are_drift() -> None:
    statuses = {stack.name: stack.exit_status for stack in STACKS.values()}
    drift = {name for name, status in statuses.items() if status is ExitStatus.LEAK}
    passing = {name for name, status in statuses.items() if status is ExitStatus.LOCKED}
    assert drift == {"health-gone", "health-broken"}
    assert passing == {"throttled-for-a-while", "gateway-hiccup", *MEANT}
    assert {statuses[name] for name in statuses if name not in drift | passing} == {ExitStatus.NO_VERDICT}
    assert STACKS["mcp-paused"].reason is Reason.PAUSED


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_demo_of_the_command_line_ends_cleanly_on_a_signal(number: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", SERVE],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        assert httpx.get(f"{url}/api/healthz", trust_env=False).status_code == 200
        process.send_signal(number)
        _, errors = process.communicate(timeout=10)
    assert (process.returncode, errors) == (0, "")
