"""Whether an MCP session is bound to its token: asked of servers that bind in every way, and in none."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field

import pytest

from prober.engine.procedures.session_binding import Binding
from prober.model import Answered, Cause, Observed, ProcedureResult, Request, Unanswered

TOKENS = ("first-token-0001", "second-token-0002")


def opening(token: str) -> Request:
    headers = (("Accept", "application/json, text/event-stream"), ("Content-Type", "application/json"), ("Authorization", f"Bearer {token}"))  # fmt: skip
    return Request(service="mcp", method="POST", target="/mcp", headers=headers, content=b'{"method": "initialize"}')


def answer(status: int, body: object = None, *headers: tuple[str, str]) -> Answered:
    return Answered.of(status=status, headers=headers, body=json.dumps(body).encode(), elapsed_ms=1)


def refused(status: int = 401, message: str = "Session-token mismatch") -> Answered:
    return answer(status, {"jsonrpc": "2.0", "error": {"code": -32001, "message": message}, "id": None})


RESULT = {"jsonrpc": "2.0", "id": 2, "result": {"tools": []}}


@dataclass
class Server:
    """An MCP server in this process, each of whose locks can be left out."""

    accepted: tuple[str, ...] = TOKENS
    sessions: bool = True  # it hands them out
    knows_sessions: bool = True  # an unknown one is refused
    lists: bool = True
    binds: frozenset[str] = frozenset({"second", "stream", "bogus", "nobody", "delete"})
    unbound_error: bool = False  # an error in a 200 where it does not bind
    open: dict[str, str] = field(default_factory=dict)
    asked: list[Request] = field(default_factory=list)

    async def send(self, request: Request) -> Answered | Unanswered:
        self.asked.append(request)
        said = dict(request.headers)
        token, session = said.get("Authorization", "").removeprefix("Bearer "), said.get("Mcp-Session-Id")
        if session is None:
            return self._initialize(token)
        if not self.knows_sessions:
            return answer(200, RESULT)
        owner = self.open.get(session)
        if owner is None:
            return refused(404, "Session not found")
        if token != owner:
            caller = "second" if token in self.accepted else "bogus" if token else "nobody"
            lock = {"GET": "stream", "DELETE": "delete"}.get(request.method, caller)
            if lock in self.binds:
                return refused()
            if self.unbound_error:
                return answer(200, {"jsonrpc": "2.0", "id": 2, "error": {"code": -32001, "message": "not yours"}})
        if request.method == "DELETE":
            del self.open[session]
            return answer(200)
        if request.method == "GET":
            return answer(200, None, ("content-type", "text/event-stream"))
        return answer(200, RESULT) if self.lists else refused(500, "broken")

    def _initialize(self, token: str) -> Answered:
        if token not in self.accepted:
            return refused(message="Invalid token")
        if not self.sessions:
            return answer(200, RESULT)
        session = f"session-{len(self.asked)}"
        self.open[session] = token
        return answer(200, RESULT, ("mcp-session-id", session))


def learn(server: Server) -> ProcedureResult:
    found = asyncio.run(Binding(opening(TOKENS[0]), opening(TOKENS[1]), "0123abcd", server.send).run())
    assert isinstance(found, ProcedureResult)
    assert found.requests <= len(server.asked) <= 14
    return found


def test_a_session_that_only_its_own_token_uses_is_bound() -> None:
    server = Server()
    found = learn(server)
    assert (found.observed, server.open) == (Observed.SESSION_BOUND, {})
    assert 'others: 401 with -32001 "Session-token mismatch"' in found.detail


@pytest.mark.parametrize(
    ("lock", "said"),
    [
        ("second", "a request with the second token was answered 200"),
        ("stream", "a stream with the second token was answered 200"),
        ("bogus", "a request with a bogus token was answered 200"),
        ("nobody", "a request without a token was answered 200"),
        ("delete", "the second token's DELETE (200) ended the session of another"),
    ],
)
def test_each_lock_that_is_left_out_is_found(lock: str, said: str) -> None:
    server = Server(binds=Server().binds - {lock})
    found = learn(server)
    assert found.observed is Observed.SESSION_USED_BY_ANOTHER
    assert said in found.detail
    assert server.open == {}, "what was opened is closed again"


def test_an_error_inside_a_200_opens_nothing() -> None:
    server = Server(binds=frozenset({"stream", "bogus", "nobody", "delete"}), unbound_error=True)
    assert learn(server).observed is Observed.SESSION_BOUND


@pytest.mark.parametrize(
    ("server", "observed", "said"),
    [
        pytest.param(Server(accepted=TOKENS[1:]), Observed.KEY_REFUSED, "the first token is refused (401 with", id="first-refused"),
        pytest.param(Server(accepted=TOKENS[:1]), Observed.KEY_REFUSED, "the second token is refused (401 with", id="second-refused"),
        pytest.param(Server(sessions=False), Observed.NO_SESSION, "hands out no session", id="no-sessions"),
        pytest.param(Server(knows_sessions=False), Observed.NO_SESSION, "takes any session's name", id="any-session"),
        pytest.param(Server(lists=False), Observed.KEY_REFUSED, "does not work for its own token (500 with", id="its-own-token-fails"),
    ],
)  # fmt: skip
def test_where_nothing_can_be_bound_or_learnt_that_is_said(server: Server, observed: Observed, said: str) -> None:
    found = learn(server)
    assert (found.observed, said in found.detail) == (observed, True)


def test_nothing_is_said_when_nobody_answers() -> None:
    silence = Unanswered(cause=Cause.TIMEOUT, detail="no answer in 5 s", arrived=True, attempts=1, elapsed_ms=5000)

    async def send(_: Request) -> Unanswered:
        return silence

    assert asyncio.run(Binding(opening("a"), opening("b"), "0123abcd", send).run()) is silence


def test_the_session_of_another_is_ended_last_and_never_by_the_first_tries() -> None:
    server = Server()
    learn(server)
    deletes = [n for n, request in enumerate(server.asked) if request.method == "DELETE"]
    tries = [n for n, request in enumerate(server.asked) if request.method in {"GET", "POST"}]
    assert len(deletes) == 3
    assert deletes[0] > tries[-2], "only the control comes after the first DELETE"
