"""An MCP server whose guard misses one way to ask: found by `initialize` itself, and each session is closed again."""

from __future__ import annotations

import json
import subprocess
import uuid
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.support.payroll import PROBER, Asked, Says, answering

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    Missed = Callable[[str, Mapping[str, str]], bool]

MISSED: dict[str, Missed] = {
    "trailing-slash": lambda path, _: path == "/mcp/",
    "upper-case": lambda path, _: path == "/MCP",
    "forwarded-for-loopback": lambda _, headers: headers.get("x-forwarded-for") == "127.0.0.1",
    "host-localhost": lambda _, headers: (headers.get("host") or "").startswith("localhost"),
    "foreign-host": lambda _, headers: ".invalid" in (headers.get("host") or ""),
    "own-page": lambda _, headers: "127.0.0.1" in (headers.get("origin") or ""),
    "foreign-origin": lambda _, headers: ".invalid" in (headers.get("origin") or ""),
    "forwarded-host": lambda _, headers: ".invalid" in (headers.get("x-forwarded-host") or ""),
    "mcp-at-root": lambda path, _: path == "/",
}


@contextmanager
def mcp_server(missed: Missed) -> Iterator[tuple[str, list[str], list[str]]]:
    """Serve MCP as its SDKs do: a session first, and 400 without one. Give the URL, what was opened and what closed."""
    opened: list[str] = []
    closed: list[str] = []

    def answer(asked: Asked) -> Says | None:
        if asked.path == "/health" or (asked.path == "/" and not (missed("/", {}) and asked.method != "GET")):
            return says(200, {"status": "ok"})
        if asked.path not in {"/mcp", "/mcp/", "/MCP", "/"}:
            return None
        session = asked.headers.get("mcp-session-id", "")
        if asked.method == "DELETE" and session in opened:
            closed.append(session)
            return says(200, {})
        if not missed(asked.path, asked.headers):
            refusal = {"jsonrpc": "2.0", "error": {"code": -32001, "message": "Authentication required"}, "id": None}
            return says(401, refusal, ("WWW-Authenticate", 'Bearer realm="x"'))
        if b'"initialize"' in asked.body:
            opened.append(str(uuid.uuid4()))
            result = {"protocolVersion": "2025-06-18", "capabilities": {}, "serverInfo": {"name": "x", "version": "1"}}
            return says(200, {"jsonrpc": "2.0", "id": 1, "result": result}, ("Mcp-Session-Id", opened[-1]))
        return says(400, {"jsonrpc": "2.0", "error": {"code": -32000, "message": "no session"}, "id": None})

    with answering(answer) as url:
        yield url, opened, closed


def says(status: int, value: object, *headers: tuple[str, str]) -> Says:
    return Says(status=status, body=json.dumps(value).encode(), headers=headers)


def probed(url: str, depth: str) -> tuple[int, list[str]]:
    at = ("--profile", "oauth", "--mcp-url", url, "--surface", "mcp", "--surface", "mcp-health", "--depth", depth)
    done = subprocess.run(
        [PROBER, "run", *at, "--format", "json"], capture_output=True, text=True, timeout=60, check=False
    )
    findings = json.loads(done.stdout)["findings"]
    return done.returncode, [finding["id"] for finding in findings if finding["verdict"] == "leak"]


@pytest.mark.parametrize("name", MISSED)
def test_initialize_itself_is_asked_in_every_way(name: str) -> None:
    with mcp_server(MISSED[name]) as (url, opened, closed):
        status, leaks = probed(url, "deep")
    assert status == 1
    assert f"mcp: POST /mcp initialize [anonymous] {name}" in leaks
    assert sorted(opened) == sorted(closed)
    assert 1 <= len(opened) <= 3


@pytest.mark.parametrize("name", ["host-localhost", "own-page", "mcp-at-root"])
def test_at_standard_as_what_any_stranger_may_claim(name: str) -> None:
    with mcp_server(MISSED[name]) as (url, opened, closed):
        status, leaks = probed(url, "standard")
    assert (status, leaks) == (1, [f"mcp: POST /mcp initialize [anonymous] {name}"])
    assert len(opened) == len(closed) == 1


@pytest.mark.parametrize("depth", ["quick", "standard", "deep"])
def test_a_guard_that_misses_nothing_is_locked(depth: str) -> None:
    with mcp_server(lambda *_: False) as (url, opened, _):
        assert probed(url, depth) == (0, [])
    assert opened == []


@pytest.mark.parametrize(
    "at_root",
    [
        pytest.param(Says(status=200, body=b"<h1>Acme</h1><p>17 tools for 240 customers</p>"), id="a-page"),
        pytest.param(Says(status=303, body=b"", headers=(("Location", "/docs"),)), id="leads-on"),
        pytest.param(Says(status=200, body=b'{"jsonrpc":"2.0","id":1,"result":{"height":17}}'), id="another-rpc"),
        pytest.param(Says(status=400, body=b'{"error":"no such form"}'), id="rejects"),
        pytest.param(Says(status=405, body=b""), id="method-not-allowed"),
    ],
)
@pytest.mark.parametrize("depth", ["standard", "deep"])
def test_what_else_stands_at_the_root_of_the_host_is_no_door(depth: str, at_root: Says) -> None:
    asked_there: list[str] = []

    def answer(asked: Asked) -> Says | None:
        if asked.path == "/health" or (asked.path == "/" and asked.method == "GET"):
            return says(200, {"status": "ok"})
        if asked.path == "/":
            asked_there.append(asked.method)
            return at_root
        if asked.path != "/mcp":
            return None
        refusal = {"jsonrpc": "2.0", "error": {"code": -32001, "message": "Authentication required"}, "id": None}
        return says(401, refusal, ("WWW-Authenticate", 'Bearer realm="x"'))

    with answering(answer) as url:
        assert probed(url, depth) == (0, [])
    assert asked_there == ["POST"]


def test_a_server_that_is_open_to_all_is_left_alone_after_the_first_session() -> None:
    with mcp_server(lambda *_: True) as (url, opened, closed):
        status, leaks = probed(url, "deep")
    assert status == 1
    assert "mcp: POST /mcp initialize [anonymous]" in leaks
    assert sorted(opened) == sorted(closed)
    assert len(opened) < 80  # the plain one, and what is presented without a variant
