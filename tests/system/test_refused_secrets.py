"""A token that a route must refuse, where the refusal is a 200: a tool of MCP says `isError` and what scope it wants."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.support.in_process import run_here
from tests.support.payroll import Asked, Says, answering

if TYPE_CHECKING:
    from pathlib import Path

READER = "a-token-of-a-reader"
SURFACE = """\
surface: tools
about: x.
routes:
  - {route: GET /api/healthz, guard: open, control: alive, why: w, fix: f}
  - route: POST /mcp
    guard: tool
    effect: acts
    inert: {json: {jsonrpc: '2.0', id: 1, method: tools/call, params: {name: restart, arguments: {service: '!'}}}}
    refuse: [reader-token]
    why: w
    fix: f
"""
PROFILE = """\
profile: own
about: x.
presents: {open: nothing, tool: [secret, bearer]}
guards:
  open: 200
  tool: {anonymous: 401, bogus: 401, held: {status: 200, json: {result.isError: true}, body: insufficient_scope}}
"""


def says(result: dict[str, object]) -> Says:
    return Says(status=200, body=json.dumps({"jsonrpc": "2.0", "id": 1, "result": result}).encode())


def failed(*texts: str) -> Says:
    return says({"content": [{"type": "text", "text": text} for text in texts], "isError": True})


@pytest.mark.integration
@pytest.mark.parametrize(
    ("tool", "expected"),
    [
        pytest.param(failed("insufficient_scope"), (0, ("locked", "as-promised")), id="locked"),
        pytest.param(
            failed("insufficient_scope", "Ask for restart"), (0, ("locked", "as-promised")), id="in-two-parts"
        ),
        pytest.param(failed("no such service: !"), (1, ("leak", "granted")), id="the-tool-ran"),
        pytest.param(says({"content": [], "structuredContent": {"done": True}}), (1, ("leak", "granted")), id="done"),
        pytest.param(Says(status=401), (1, ("drift", "wrong-status")), id="the-token-is-no-token"),
    ],
)
def test_a_tool_that_runs_for_a_token_without_its_scope_is_a_leak(
    tool: Says, expected: tuple[int, tuple[str, str]], tmp_path: Path
) -> None:
    def answer(asked: Asked) -> Says | None:
        if asked.path != "/mcp":
            return None
        return tool if asked.headers.get("authorization") == f"Bearer {READER}" else Says(status=401)

    with answering(answer) as url:
        status, worst = run_here(tmp_path, url, surface=SURFACE, profile=PROFILE, hold={"reader-token": READER})
    assert (status, worst["/mcp"]) == expected
