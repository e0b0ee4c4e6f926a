"""MCP servers that anybody may ask what they can do, and that only run a tool with a token: whole runs."""

from __future__ import annotations

import json
import uuid
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from tests.support.in_process import run_here
from tests.support.payroll import Asked, Says, answering

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Opens = Callable[[Asked], bool]

PROFILE = "profile: own\nabout: x.\ntake: [mcp-discovery, mcp-call]\npresents: {open: nothing}\nguards: {open: 200}\n"
SURFACES = """\
surface: payroll
about: x.
service: mcp
routes:
  - {route: GET /health, guard: open, control: alive, why: w, fix: f}
"""
CHALLENGE = ("WWW-Authenticate", 'Bearer realm="x"')


def says(status: int, value: object, *headers: tuple[str, str]) -> Says:
    return Says(status=status, body=json.dumps(value).encode(), headers=headers)


def error(code: int, status: int, *headers: tuple[str, str]) -> Says:
    return says(status, {"jsonrpc": "2.0", "id": None, "error": {"code": code, "message": "no"}}, *headers)


def result(value: object, *headers: tuple[str, str]) -> Says:
    return says(200, {"jsonrpc": "2.0", "id": 1, "result": value}, *headers)


@dataclass
class Server:
    """What it saw: its sessions, and how many calls of tools reached one."""

    era: str
    opens: Opens
    opened: list[str] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)
    calls: int = 0

    def answer(self, asked: Asked) -> Says | None:
        if asked.path == "/health":
            return says(200, {"ok": True})
        if asked.path != "/mcp":
            return None
        session = asked.headers.get("mcp-session-id", "")
        if asked.method == "DELETE":
            self.closed.append(session)
            return says(200, {})
        message = json.loads(asked.body or b"{}")
        method = message.get("method")
        if method == "initialize":
            return self.initialized()
        if self.era == "sessions" and session not in self.opened:
            return error(-32000, 400)
        if self.era == "2026" and asked.headers.get("mcp-method") != method:
            return error(-32020, 400)
        if method == "notifications/initialized":
            return Says(status=202)
        if method == "tools/list":
            return result({"tools": [{"name": "read", "inputSchema": {"type": "object"}}]})
        if not self.opens(asked):
            return error(-32001, 401, CHALLENGE)
        self.calls += 1
        return result({"isError": True, "content": [{"type": "text", "text": "Unknown tool"}]})

    def initialized(self) -> Says:
        about = {"protocolVersion": "2025-06-18", "capabilities": {}, "serverInfo": {"name": "x", "version": "1"}}
        if self.era == "2026":
            return error(-32601, 404)
        if self.era == "stateless":
            return result(about)
        self.opened.append(str(uuid.uuid4()))
        return result(about, ("Mcp-Session-Id", self.opened[-1]))


@contextmanager
def served(era: str, opens: Opens) -> Iterator[tuple[str, Server]]:
    server = Server(era=era, opens=opens)
    with answering(server.answer) as url:
        yield url, server


def nobody(_: Asked) -> bool:
    return False


def by_text(asked: Asked) -> bool:
    return asked.headers.get("authorization") == "Bearer undefined"


@pytest.mark.integration
@pytest.mark.parametrize(
    ("era", "opens", "depth", "status"),
    [
        pytest.param("sessions", nobody, "quick", 0, id="sessions-and-a-guard"),
        pytest.param("sessions", lambda _: True, "quick", 1, id="sessions-and-no-guard"),
        pytest.param("sessions", by_text, "standard", 1, id="sessions-and-an-unset-token"),
        pytest.param("stateless", nobody, "quick", 0, id="no-sessions"),
        pytest.param("2026", nobody, "standard", 0, id="the-revision-without-sessions"),
        pytest.param("2026", lambda _: True, "quick", 1, id="that-revision-and-no-guard"),
    ],
)
def test_a_call_is_made_in_a_session_that_a_stranger_opens(
    era: str, opens: Opens, depth: str, status: int, tmp_path: Path
) -> None:
    with served(era, opens) as (url, server):
        done, worst = run_here(
            tmp_path, url, surface=SURFACES, profile=PROFILE, service="mcp", besides=["mcp-tools"], depth=depth
        )
    assert (done, worst["/mcp"][0]) == (status, "leak" if status else "locked")
    assert sorted(server.opened) == sorted(server.closed)
    assert status <= server.calls <= 2 * status  # one call that got in ends it, but for the look at the challenge
    assert bool(server.opened) == (era == "sessions")
