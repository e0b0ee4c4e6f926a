"""A session that an open door hands to us is closed again."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from prober.demo.doors import DOORS
from prober.demo.server import running
from prober.engine.procedures.mcp_session_close import closing
from prober.model import Answered, Request

PROBER = str(Path(sys.executable).with_name("prober"))
INITIALIZE = Request(
    service="mcp",
    method="POST",
    target="/mcp",
    headers=(("Accept", "*/*"), ("Authorization", "Bearer x")),
    content=b"{}",
)


def answered(status: int, *headers: tuple[str, str]) -> Answered:
    return Answered.of(status=status, headers=headers, body=b"", whole=True, attempts=1, elapsed_ms=1)


def test_a_session_is_closed_with_the_credential_that_opened_it() -> None:
    goodbye = closing(INITIALIZE, answered(200, ("mcp-session-id", "abc")))
    assert goodbye is not None
    assert (goodbye.method, goodbye.target, goodbye.content) == ("DELETE", "/mcp", None)
    assert goodbye.headers == (("Authorization", "Bearer x"), ("Mcp-Session-Id", "abc"))


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(answered(200), id="no-session"),
        pytest.param(answered(401, ("mcp-session-id", "abc")), id="refused"),
        pytest.param(answered(200, ("mcp-session-id", "a\x1bb")), id="no-word-for-a-header"),
    ],
)
def test_where_no_session_was_opened_nothing_is_closed(answer: Answered) -> None:
    assert closing(INITIALIZE, answer) is None


@pytest.mark.integration
def test_a_run_against_an_open_mcp_server_leaves_no_session_behind() -> None:
    with running("oauth", doors=[DOORS["mcp-any-bearer"]]) as demo:
        command = [PROBER, "run", "--profile", "oauth", "--mcp-url", demo.mcp_url, "--surface", "mcp", "-q"]
        done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
        assert done.returncode == 1
        assert demo.effects.sessions > 0
        assert len(demo.state.mcp_sessions) == 0
