"""The MCP server: the gate, and behind it the rules of the official SDK, in whose order an open server answers."""

from __future__ import annotations

import json
import secrets
from typing import TYPE_CHECKING

import anyio
from starlette.responses import PlainTextResponse, Response, StreamingResponse

from prober.demo.answers import json_answer
from prober.demo.keys import is_key

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from prober.demo.call import Call
    from prober.demo.state import State
    from prober.model import JsonValue

CHALLENGE = 'Bearer realm="brain-mcp"'
_GATE, _PAUSED, _TRANSPORT = -32001, -32002, -32000
_PARSE, _METHOD_UNKNOWN = -32700, -32601
_EVENTS = "text/event-stream"
_BEAT = 15.0  # seconds between the comments that keep an event stream open
_TOOLS: tuple[str, ...] = ("brain_search", "brain_log_event", "brain_list_rules")


def rpc_error(code: int, message: str, status: int, headers: Mapping[str, str] | None = None) -> Response:
    """Answer with a JSON-RPC error that belongs to no request."""
    return json_answer({"jsonrpc": "2.0", "error": {"code": code, "message": message}, "id": None}, status, headers)


def refuse_stranger(call: Call, state: State) -> Response | None:
    """Look at URL, pause, bearer, session and token in the order of the real server, for any method."""
    if call.query and state.settings.mcp_exact_url:
        return PlainTextResponse("Not Found", status_code=404)
    if not state.settings.mcp_enabled:
        return rpc_error(_PAUSED, "MCP is paused by the operator", 503, {"Retry-After": "60"})
    if not call.bearer:
        wanted = "Authentication required: include `Authorization: Bearer <bp_…>`"
        return rpc_error(_GATE, wanted, 401, {"WWW-Authenticate": CHALLENGE})
    opened_by = state.mcp_sessions.get(call.headers.get("mcp-session-id", ""))
    if opened_by is not None and not is_key(call.bearer, opened_by):
        return rpc_error(_GATE, "Session-token mismatch — open a session of your own", 401)
    if any(is_key(call.bearer, token) for token in (state.secrets.mcp_token, state.secrets.mcp_token_2)):
        return None
    return rpc_error(_GATE, "Invalid or expired token", 401, {"WWW-Authenticate": CHALLENGE})


def serve(call: Call, state: State) -> Response:
    """Answer what has passed the gate."""
    answer = {"POST": _post, "GET": _stream, "DELETE": _close}.get(call.method)
    if answer is None:
        return rpc_error(_TRANSPORT, "Method not allowed.", 405, {"Allow": "GET, POST, DELETE"})
    return answer(call, state)


def health(_call: Call, state: State) -> Response:
    """Say that the server lives, and how many sessions it holds."""
    return json_answer({"ok": True, "transport": "http", "sessions": len(state.mcp_sessions), "environment": None})


def banner(_call: Call, _state: State) -> Response:
    """Say what this port is."""
    endpoints: JsonValue = {"mcp": "/mcp (POST, Bearer auth required)", "health": "/health"}
    about: JsonValue = {"server": "External Brain MCP", "transport": "http", "endpoints": endpoints, "docs": None}
    return json_answer(about)


def _post(call: Call, state: State) -> Response:
    accept = call.headers.get("accept", "")
    if "application/json" not in accept or _EVENTS not in accept:
        wanted = "Not Acceptable: Client must accept both application/json and text/event-stream"
        return rpc_error(_TRANSPORT, wanted, 406)
    if "application/json" not in call.headers.get("content-type", ""):
        return rpc_error(_TRANSPORT, "Unsupported Media Type: Content-Type must be application/json", 415)
    message = call.fields()
    method, number = message.get("method"), message.get("id")
    if message.get("jsonrpc") != "2.0" or not isinstance(method, str):
        return rpc_error(_PARSE, "Parse error: Invalid JSON-RPC message", 400)
    if method == "initialize":
        return _initialize(call, state, number)
    refused = _without_session(call, state)
    if refused:
        return refused
    if number is None:
        return Response(status_code=202)
    if method == "tools/list":
        return list_tools(number)
    if method == "tools/call":
        return unknown_tool(number)
    if method == "ping":
        return _result(number, {})
    unknown: JsonValue = {"code": _METHOD_UNKNOWN, "message": "Method not found"}
    return _event({"jsonrpc": "2.0", "id": number, "error": unknown})


def list_tools(number: JsonValue) -> Response:
    """Give the catalogue of tools."""
    return _result(number, {"tools": [{"name": name, "inputSchema": {"type": "object"}} for name in _TOOLS]})


def unknown_tool(number: JsonValue) -> Response:
    """Say that there is no such tool, as the SDK does: by a result."""
    return _result(number, {"content": [{"type": "text", "text": "Unknown tool"}], "isError": True})


def _initialize(call: Call, state: State, number: JsonValue) -> Response:
    params = call.fields().get("params")
    wanted = params.get("protocolVersion") if isinstance(params, dict) else None
    if not isinstance(wanted, str):
        return rpc_error(_PARSE, "Parse error: Invalid JSON-RPC message", 400)
    session = secrets.token_hex(16)
    state.mcp_sessions[session] = call.bearer or ""
    state.effects.sessions += 1
    server: JsonValue = {"name": "external-brain", "version": "0.0.0-demo"}
    result: JsonValue = {"protocolVersion": wanted, "capabilities": {"tools": {}}, "serverInfo": server}
    return _result(number, result, {"Mcp-Session-Id": session})


def _stream(call: Call, state: State) -> Response:
    if _EVENTS not in call.headers.get("accept", ""):
        return rpc_error(_TRANSPORT, "Not Acceptable: Client must accept text/event-stream", 406)
    refused = _without_session(call, state)
    return refused or event_stream()


def event_stream() -> Response:
    """Open a stream that never ends, as a server keeps it for its notifications."""
    return StreamingResponse(_beats(), media_type=_EVENTS)


def _close(call: Call, state: State) -> Response:
    refused = _without_session(call, state)
    if refused:
        return refused
    del state.mcp_sessions[call.headers["mcp-session-id"]]
    return Response(status_code=200)


def _without_session(call: Call, state: State) -> Response | None:
    session = call.headers.get("mcp-session-id")
    if session is None:
        return rpc_error(_TRANSPORT, "Bad Request: Server not initialized", 400)
    return None if session in state.mcp_sessions else rpc_error(_GATE, "Session not found", 404)


def _result(number: JsonValue, result: JsonValue, headers: Mapping[str, str] | None = None) -> Response:
    return _event({"jsonrpc": "2.0", "id": number, "result": result}, headers)


def _event(message: JsonValue, headers: Mapping[str, str] | None = None) -> Response:
    """One event and the end: the SDK answers a POST with a short stream."""
    text = f"event: message\ndata: {json.dumps(message)}\n\n"
    return Response(text, media_type=_EVENTS, headers={"Cache-Control": "no-cache", **(headers or {})})


async def _beats() -> AsyncIterator[bytes]:
    while True:
        yield b": still here\n\n"
        await anyio.sleep(_BEAT)
