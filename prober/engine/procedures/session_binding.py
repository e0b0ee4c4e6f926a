"""May one user's token use the session that another's has opened? Asked of an MCP server, on sessions of our own.

The session is closed again at the end. A server that hands out none, or asks for none, has nothing to bind.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from prober.model import (
    Answered,
    Category,
    JsonValue,
    Observed,
    PlannedProcedure,
    Procedure,
    ProcedureResult,
    Reply,
    Request,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from prober.model import Outcome, Probe, ProcedureSession, Route, RouteRequests

_SESSION = "Mcp-Session-Id"
_LIST = b'{"jsonrpc": "2.0", "id": 2, "method": "tools/list", "params": {}}'
_READY = b'{"jsonrpc": "2.0", "method": "notifications/initialized"}'
_VERSION = "2025-06-18"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Caller:
    """One user's way to the endpoint."""

    opening: Request

    def asks(self, method: str, session: str, content: bytes | None = None) -> Request:
        """Ask within a session: nothing but the token is this caller's own."""
        dropped = {"content-type"} if content is None else set()
        headers = tuple((name, value) for name, value in self.opening.headers if name.lower() not in dropped)
        within = ((_SESSION, session), ("MCP-Protocol-Version", _VERSION))
        return replace(self.opening, method=method, headers=(*headers, *within), content=content)

    def without_a_token(self) -> _Caller:
        headers = tuple((name, value) for name, value in self.opening.headers if name.lower() != "authorization")
        return _Caller(opening=replace(self.opening, headers=headers))


class Binding:
    """One try, request by request."""

    def __init__(
        self, first: Request, second: Request, nonce: str, send: Callable[[Request], Awaitable[Reply]]
    ) -> None:
        """`first` opens the session that `second` must not use; both are whole `initialize` requests."""
        self._first, self._second = _Caller(opening=first), _Caller(opening=second)
        self._nonce, self._send = nonce, send
        self._requests = 0

    async def run(self) -> ProcedureResult | Reply:
        """Open a session with each token, try to use the first one's otherwise, and close both."""
        opened: list[tuple[_Caller, str]] = []
        try:
            for caller, whose in ((self._first, "first"), (self._second, "second")):
                reply = await self._ask(caller.opening)
                if not isinstance(reply, Answered):
                    return reply
                if not reply.succeeded:
                    detail = f"the {whose} token is refused ({_shown(reply)}), so that its session could not be tried"
                    return self._seen(Observed.KEY_REFUSED, detail)
                session = reply.header(_SESSION.lower())
                if not session or not session.isascii() or not session.isprintable():
                    return self._seen(Observed.NO_SESSION, "the server hands out no session, so there is none to bind")
                opened.append((caller, session))
            return await self._tried(opened[0][1])
        finally:
            for caller, session in opened:
                await self._ask(caller.asks("DELETE", session))

    async def _tried(self, session: str) -> ProcedureResult | Reply:
        ours = self._first.asks("POST", session, _LIST)
        await self._ask(self._first.asks("POST", session, _READY))
        control = await self._ask(ours)
        if not _holds_a_result(control):
            detail = f"the session does not work for its own token ({_shown(control)}), so nothing was learnt"
            return self._seen(Observed.KEY_REFUSED, detail)
        unknown = await self._ask(self._second.asks("POST", f"lockdown-probe-{self._nonce}", _LIST))
        if _holds_a_result(unknown):
            return self._seen(Observed.NO_SESSION, "the server takes any session's name, so there is none to bind")
        seen: list[str] = []
        for how, request in self._tries(session):
            reply = await self._ask(request)
            if not isinstance(reply, Answered):
                return reply
            streams = request.method == "GET" and reply.succeeded
            if streams or _holds_a_result(reply):
                return self._seen(
                    Observed.SESSION_USED_BY_ANOTHER, f"{how} was answered {_shown(reply)} in the session of another"
                )
            seen.append(_shown(reply))
        ended = await self._ask(self._second.asks("DELETE", session))
        after = await self._ask(ours)
        if isinstance(after, Answered) and not _holds_a_result(after):
            detail = f"the second token's DELETE ({_shown(ended)}) ended the session of another"
            return self._seen(Observed.SESSION_USED_BY_ANOTHER, detail)
        return self._seen(
            Observed.SESSION_BOUND, f"the session works for its own token only (others: {', '.join(seen)})"
        )

    def _tries(self, session: str) -> list[tuple[str, Request]]:
        """In the order of what they would do: reading first, and ending the session last, after these."""
        nobody = self._first.without_a_token()
        bogus = replace(
            nobody.opening, headers=(*nobody.opening.headers, ("Authorization", f"Bearer {self._nonce * 8}"))
        )
        return [
            ("a request with the second token", self._second.asks("POST", session, _LIST)),
            ("a stream with the second token", self._second.asks("GET", session)),
            ("a request with a bogus token", _Caller(opening=bogus).asks("POST", session, _LIST)),
            ("a request without a token", nobody.asks("POST", session, _LIST)),
        ]

    async def _ask(self, request: Request) -> Reply:
        self._requests += 1
        return await self._send(request)

    def _seen(self, observed: Observed, detail: str) -> ProcedureResult:
        return ProcedureResult(observed=observed, detail=detail, requests=self._requests)


def _holds_a_result(reply: Reply) -> bool:
    """Only a JSON-RPC result shows an open door; an error in a 200 does not."""
    body = reply.json if isinstance(reply, Answered) and reply.succeeded else None
    return isinstance(body, dict) and "result" in body


def _shown(reply: Reply) -> str:
    """The status with the code and the words beside it: -32001 alone has three meanings."""
    if not isinstance(reply, Answered):
        return reply.detail
    body = reply.json
    error: JsonValue = body.get("error") if isinstance(body, dict) else None
    if not isinstance(error, dict):
        return str(reply.status)
    return f"{reply.status} with {json.dumps(error.get('code'))} {json.dumps(error.get('message'))}"


def _plan(route: Route, requests: RouteRequests) -> Iterable[PlannedProcedure]:
    if route.session_bound:
        others = tuple(requests.with_secret(name) for name in route.session_bound)
        yield PlannedProcedure(probe=replace(requests.plain, others=others, cost=14), needs=route.session_bound)


async def _run(probe: Probe, session: ProcedureSession) -> Outcome:
    first, second = probe.others
    return await Binding(first, second, session.run, session.send).run()


SESSION_BINDING = Procedure(
    name="session-binding",
    category=Category.MCP,
    about="It opens an MCP session with each of two users' tokens, tries to use and to end the first one's session "
    "with the second token, a bogus one and none, and closes both. At most 14 requests.",
    catches="a session that another user's token, or none, can use or end",
    source="CVE-2026-33946",
    only_deep=False,
    run=_run,
    plan_route=_plan,
)
