"""Doors of the MCP server: a gate that is not there, looks at too little, stands too late, or refuses wrongly."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.demo import mcp
from prober.demo.answers import failure
from prober.demo.door import Door, instead, lets_in, unlocked
from prober.demo.state import Mode
from prober.model import Depth, Reason, Verdict

if TYPE_CHECKING:
    from starlette.responses import Response

    from prober.demo.call import Call
    from prober.demo.door import LockedRoute
    from prober.demo.state import State

_MCP = ("mcp: *",)
_EVERY_MODE = tuple(Mode)
_UNAUTHORIZED = 401
_SESSIONLESS_SINCE = "2026-07-28"  # the protocol's version that has no sessions, and no initialize


def _has_some_bearer(call: Call, _state: State) -> bool:
    return call.bearer is not None


def _is_not_initialize(call: Call, _state: State) -> bool:
    return call.word("method") != "initialize"


def _no_challenge() -> Response:
    return mcp.rpc_error(-32001, "Authentication required", _UNAUTHORIZED)


def _verifier_throws(call: Call, state: State, way: LockedRoute) -> Response:
    answer = way.guarded(call, state)
    return failure("Internal Server Error", 500) if answer.status_code == _UNAUTHORIZED and call.bearer else answer


def _newer_era_is_open(call: Call, state: State, way: LockedRoute) -> Response:
    if call.headers.get("mcp-protocol-version", "") < _SESSIONLESS_SINCE:
        return way.guarded(call, state)
    return mcp.list_tools(call.fields().get("id"))


def _runs_tools(call: Call, state: State, way: LockedRoute) -> Response:
    if call.word("method") != "tools/call":
        return way.guarded(call, state)
    return mcp.unknown_tool(call.fields().get("id"))


def _is_older(call: Call, _state: State) -> bool:
    params = call.fields().get("params")
    return call.method == "DELETE" or (isinstance(params, dict) and params.get("protocolVersion") == "2024-11-05")


def _serves_at_root(call: Call, state: State, way: LockedRoute) -> Response:
    return way.guarded(call, state) if call.method == "GET" else mcp.serve(call, state)


def _streams_to_anybody(call: Call, state: State, way: LockedRoute) -> Response:
    return mcp.event_stream() if call.method == "GET" else way.guarded(call, state)


DOORS: tuple[Door, ...] = (
    Door(
        name="mcp-wide-open",
        about="No gate before the MCP transport: 406 to a bare POST, 200 to a well-formed initialize (issue 4).",
        modes=_EVERY_MODE, at=_MCP, opens=unlocked, depth=Depth.QUICK,
        caught_by="mcp: POST /mcp initialize [anonymous]",
    ),
    Door(
        name="mcp-any-bearer",
        about="The MCP gate only checks that a bearer is present: a made-up one can initialize.",
        modes=_EVERY_MODE, at=_MCP, opens=lets_in(_has_some_bearer),
        caught_by="mcp: POST /mcp initialize [bogus-bearer]",
    ),
    Door(
        name="mcp-guard-after-parse", about="Only initialize is guarded: the transport answers all other requests.",
        at=("mcp: POST /mcp*",), opens=lets_in(_is_not_initialize),
        caught_by="mcp: POST /mcp tools-list [anonymous]", verdict=Verdict.DRIFT, reason=Reason.HANDLER_REACHED,
    ),
    Door(
        name="mcp-sessionless-open", about="Requests of the newer protocol, which has no sessions, bypass the gate.",
        at=("mcp: POST /mcp*",), opens=_newer_era_is_open,
        caught_by="mcp: POST /mcp sessionless [anonymous]",
    ),
    Door(
        name="mcp-tools-call-open", about="Each method checks the token for itself, and tools/call was forgotten.",
        at=("mcp: POST /mcp*",), opens=_runs_tools, caught_by="mcp: POST /mcp tools-call [anonymous]",
    ),
    Door(
        name="mcp-older-revision-open", about="Clients of the revision of 2024-11-05 open a session without a token.",
        at=("mcp: POST /mcp*", "mcp: DELETE /mcp*"), opens=lets_in(_is_older),
        caught_by="mcp: POST /mcp initialize-2024 [anonymous]",
    ),
    Door(
        name="mcp-at-root", about="The transport answers at the root of the host too, and the gate stands at /mcp.",
        at=("mcp-health: GET /",), opens=_serves_at_root, methods=("POST", "DELETE"),
        caught_by="mcp: POST /mcp initialize [anonymous] mcp-at-root",
    ),
    Door(
        name="mcp-close-open", about="DELETE is not guarded: any client that knows the id of a session can end it.",
        at=("mcp: DELETE /mcp close",), opens=unlocked,
        caught_by="mcp: DELETE /mcp close [anonymous]", verdict=Verdict.DRIFT, reason=Reason.HANDLER_REACHED,
    ),
    Door(
        name="mcp-stream-open", about="GET opens the endless event stream to any client.",
        at=("mcp: GET /mcp stream",), opens=_streams_to_anybody, caught_by="mcp: GET /mcp stream [anonymous]",
    ),
    Door(
        name="mcp-no-challenge", about="The 401 has no WWW-Authenticate, so clients do not know how to sign in.",
        at=("mcp: *",), opens=instead(_no_challenge),
        caught_by="mcp: POST /mcp initialize [anonymous]", verdict=Verdict.DRIFT, reason=Reason.WRONG_CHALLENGE,
        depth=Depth.QUICK,
    ),
    Door(
        name="mcp-verifier-throws", about="A wrong token makes the verifier throw: 500 (as in the SDK's example).",
        at=("mcp: *",), opens=_verifier_throws,
        caught_by="mcp: POST /mcp initialize [bogus-bearer]", verdict=Verdict.DRIFT, reason=Reason.BROKEN,
    ),
)  # fmt: skip
