"""An MCP session that an open door has handed to us is closed again: the server keeps it for half an hour otherwise."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from prober.model import Answered, Request

_SESSION = "mcp-session-id"
_OF_THE_BODY = frozenset({"content-type", "content-length", "accept"})


def closing(request: Request, answered: Answered) -> Request | None:
    """Give the request that closes the session which this answer opened, None where it opened none."""
    session = answered.header(_SESSION)
    if request.method != "POST" or not answered.succeeded or not session:
        return None
    if not session.isascii() or not session.isprintable():
        return None
    kept = tuple((name, value) for name, value in request.headers if name.lower() not in _OF_THE_BODY)
    return replace(request, method="DELETE", headers=(*kept, ("Mcp-Session-Id", session)), content=None)
