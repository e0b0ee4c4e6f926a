"""A request in an MCP session of its own: where anybody may open one, only a call within it tells who may call.

Without a session, a server that has sessions answers 400 before any guard. Sends through what it is given.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from prober.engine.procedures.mcp_session_close import closing
from prober.model import Answered, Unanswered, Unsent

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from prober.model import Reply, Request

_READY = b'{"jsonrpc": "2.0", "method": "notifications/initialized"}'
_VERSION = "2025-06-18"
_SESSIONLESS = "2026-07-28"  # the revision that has no sessions, nor `initialize`
_UNKNOWN_METHOD = frozenset({400, 404, 405})


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRequest:
    """A request as it is sent, and what closes the session that was opened for it."""

    request: Request
    goodbye: Request | None = None


async def within_session(
    request: Request, send: Callable[[Request], Awaitable[Reply]]
) -> SessionRequest | Unanswered | Unsent:
    """Open the session that the request needs, without a credential; a server that refuses to is asked without one."""
    opening = request.opening
    if opening is None:
        return SessionRequest(request=request)
    reply = await send(opening)
    if not isinstance(reply, Answered):
        return reply
    plain = replace(request, opening=None)
    if not reply.succeeded:
        return SessionRequest(request=_sessionless(plain) if reply.status in _UNKNOWN_METHOD else plain)
    goodbye = closing(opening, reply)
    session = () if goodbye is None else (("Mcp-Session-Id", reply.header("mcp-session-id") or ""),)
    headers = (*session, ("MCP-Protocol-Version", _VERSION))
    if goodbye is not None:
        await send(replace(opening, headers=(*opening.headers, *headers), content=_READY))
    return SessionRequest(request=replace(plain, headers=(*plain.headers, *headers)), goodbye=goodbye)


def _sessionless(request: Request) -> Request:
    """Say in headers what the body says, as the revision without sessions wants it."""
    try:
        message = json.loads(request.content or b"")
    except ValueError:
        return request
    params = message.get("params") if isinstance(message, dict) else None
    name = params.get("name") if isinstance(params, dict) else None
    named = (("Mcp-Name", name),) if isinstance(name, str) else ()
    method = (("Mcp-Method", str(message["method"])),) if isinstance(message, dict) and "method" in message else ()
    return replace(request, headers=(*request.headers, ("MCP-Protocol-Version", _SESSIONLESS), *method, *named))
