"""The two members of each MCP server here: their keys, and what the server says to one of them."""

from __future__ import annotations

import json
import urllib.request

KEYS = {"FIRST": "a-members-own-token", "SECOND": "another-members-token"}
HOLD = ("--hold", "mcp-token=env:FIRST", "--hold", "mcp-token-2=env:SECOND")
INITIALIZE = {
    "jsonrpc": "2.0", "id": 1, "method": "initialize",
    "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "a-member", "version": "1"}},
}  # fmt: skip


def status_for_a_member(url: str) -> int:
    """Open a session as a member does; an error raises."""
    accept = "application/json, text/event-stream"
    headers = {"Authorization": f"Bearer {KEYS['FIRST']}", "Accept": accept, "Content-Type": "application/json"}
    request = urllib.request.Request(f"{url}/mcp", json.dumps(INITIALIZE).encode(), headers)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return int(answer.status)
