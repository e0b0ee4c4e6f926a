"""A demo with one door open, and requests to it."""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import httpx

from prober.definitions.builtin import load_profile
from prober.definitions.deployment import with_limits
from prober.definitions.service import parse_service
from prober.demo.app import build, shipped_surfaces
from prober.demo.auth_js import CSRF_COOKIE, VERIFIER_COOKIE
from prober.demo.reading import TARGET
from prober.demo.state import Mode, Settings, new_state
from prober.engine.procedures.registry import PROCEDURES
from prober.model import (
    Answer,
    Deployment,
    Limit,
    Source,
)
from prober.model.session_cookies import SESSION_COOKIES
from prober.plan.credential_names import credential_names
from prober.plan.options import PlanOptions
from prober.plan.plan import make_plan

if TYPE_CHECKING:
    from prober.demo.door import Door
    from prober.demo.effects import Effects
    from prober.model import Plan

Headers = Sequence[tuple[str, str]]

BODY = {"machineId": "demo-machine-0001"}


class Client:
    """Asks one service in this process, without a socket: some hundred doors are opened here."""

    def __init__(self, *doors: Door, mode: Mode = Mode.OAUTH, service: str = "web") -> None:
        state = new_state(mode, Settings())
        apps = build(state, doors)
        self._app = {"web": apps.web, "mcp": apps.mcp}[service]
        self.effects: Effects = state.effects
        self.secrets = state.secrets

    def ask(
        self, method: str, path: str, headers: Headers = (), body: object = None, content: bytes | None = None
    ) -> httpx.Response:
        async def once() -> httpx.Response:
            transport = httpx.ASGITransport(self._app)
            async with httpx.AsyncClient(transport=transport, base_url="http://demo") as client:
                return await client.request(method, path, headers=list(headers), json=body, content=content)

        return asyncio.run(once())

    def ask_for(self, target: str, method: str = "GET", headers: Headers = ()) -> tuple[int, bytes]:
        """Ask for a target byte for byte, as uvicorn hands it on: httpx writes some of them as it would have them."""
        path, _, query = target.encode().partition(b"?")
        named = {name.lower(): value for name, value in [("host", "127.0.0.1:3000"), *headers]}
        scope = {
            "type": "http", "http_version": "1.1", "method": method, "scheme": "http", "root_path": "",
            "path": unquote(path.decode()), "raw_path": path, "query_string": query, "state": {TARGET: target},
            "headers": [(name.encode(), value.encode()) for name, value in named.items()],
        }  # fmt: skip
        said: list[MutableMapping[str, Any]] = []

        async def nothing_more() -> dict[str, object]:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def hear(message: MutableMapping[str, Any]) -> None:
            said.append(message)

        async def main() -> None:
            await self._app(scope, nothing_more, hear)

        asyncio.run(main())
        return said[0]["status"], b"".join(message.get("body", b"") for message in said[1:])

    def sign_in_cookie(self) -> str:
        """Begin to sign in, as anybody may, and give what the deployment sealed for the way back."""
        csrf = self.ask("GET", "/api/auth/csrf")
        form = f"csrfToken={csrf.json()['csrfToken']}".encode()
        own = [("Cookie", f"{CSRF_COOKIE}={csrf.cookies[CSRF_COOKIE]}")]
        return self.ask("POST", "/api/auth/signin/github", own, content=form).cookies[VERIFIER_COOKIE]

    def statuses(self, asked: Sequence[tuple[str, Headers, str]], method: str, path: str) -> dict[str, int]:
        """Ask once with each of these, and give the status by its name."""
        body = BODY if method == "POST" else None
        return {
            name: self.ask(method, path + (f"?{query}" if query else ""), headers, body).status_code
            for name, headers, query in asked
        }


def plan_for(door: Door, mode: Mode) -> Plan:
    services = tuple(parse_service(name, f"http://127.0.0.1:{port}") for name, port in (("web", 1), ("mcp", 2)))
    source = Source(file="a test", line=1)
    refusal = Answer(statuses=(range(429, 430),), source=source)
    limits = tuple((route, Limit(most=most, seconds=3600.0, signal=refusal), source) for route, most in door.limits)
    surfaces = with_limits(tuple(each for each in shipped_surfaces() if each.name in door.surfaces), limits)
    deployment = Deployment(
        services=services,
        surfaces=surfaces,
        declared=frozenset(door.surfaces),
        cookies=SESSION_COOKIES,
    )
    profile = load_profile(mode, credentials=credential_names())
    held = {name: f"held-{name}-0123456789" for name in door.hold}
    options = PlanOptions(
        run="0123abcd", user_agent="test", depth=door.depth, allow_effects=door.allow_effects, held=held
    )
    return make_plan(deployment, profile, options, procedures=PROCEDURES)
