"""The demo as two ASGI applications, web and MCP: routes from the surfaces, answers from guards, doors and handlers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route as Served

from prober.definitions.builtin import load_surfaces
from prober.demo.answers import json_answer, not_found_page, redirect
from prober.demo.call import Call
from prober.demo.door import LockedRoute
from prober.demo.guards import GUARDS, check_guards
from prober.demo.handlers import handler_of
from prober.demo.reading import Misreading, read_by
from prober.demo.unprobed import unprobed_routes
from prober.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from starlette.types import ASGIApp, Receive, Scope, Send

    from prober.demo.call import Handler
    from prober.demo.door import Door
    from prober.demo.state import State, Window
    from prober.model import Route, Surface

WEB, MCP = "web", "mcp"
EFFECTS_PATH = "/__demo/effects"
_PERMANENT = 308
_UNLIMITED = ("/api/me", "/api/healthz", "/api/readyz")


@dataclass(frozen=True, slots=True, kw_only=True)
class Apps:
    """Both services of one deployment."""

    web: ASGIApp
    mcp: ASGIApp


@cache
def shipped_surfaces() -> tuple[Surface, ...]:
    """Load the shipped surfaces once a process: a self-test starts many demos."""
    return load_surfaces()


def build(state: State, doors: Iterable[Door] = (), surfaces: Iterable[Surface] | None = None) -> Apps:
    """Build both services; an unknown guard, and a door that stands nowhere, are errors here and not in a probe."""
    routes = [route for surface in (surfaces or shipped_surfaces()) for route in surface.routes]
    check_guards(routes)
    opened = tuple(doors)
    for door in opened:
        if not any(door.stands_at(route) for route in routes):
            fix = "fix its 'at' in prober/demo, or restore the route in probes/"
            raise UsageError(f"door '{door.name}' stands at no route: {', '.join(door.at)}", fix=fix)
    served = (*routes, *unprobed_routes())
    services = {
        name: _service(name, [route for route in served if route.service == name], state, opened) for name in (WEB, MCP)
    }
    return Apps(web=services[WEB], mcp=services[MCP])


def _service(name: str, routes: list[Route], state: State, doors: tuple[Door, ...]) -> ASGIApp:
    by_path: dict[str, dict[str, list[Route]]] = {}
    for route in routes:
        by_path.setdefault(route.path.split("?")[0], {}).setdefault(route.method, []).append(route)
    # A path without parameters comes first, as in Next: /api/tokens/test is no token's id.
    ordered = sorted(by_path, key=lambda path: (path.count(":"), path))
    endpoint = _Mcp if name == MCP else _Web
    table = [
        Served(_pattern(path), endpoint({m: _Path(same, state, doors) for m, same in by_path[path].items()}, state))
        for path in ordered
    ]
    if name == WEB and state.settings.show_effects:
        table.insert(0, Served(EFFECTS_PATH, _Effects(state)))
    app = Starlette(routes=table)
    app.router.redirect_slashes = False
    app.router.default = _nowhere_on_mcp if name == MCP else _NotFound(state)
    misread = {door.name: door.reads for door in doors if door.reads and any(map(door.stands_at, routes))}
    return Misreading(app, misread) if misread else app


def _pattern(path: str) -> str:
    parts = (f"{{{part[1:]}}}" if part.startswith(":") else part for part in path.split("/"))
    return "/".join(parts)


# --- one path ---------------------------------------------------------------------------------------------------------


class _Path:
    """One method of one path: its guard and handler, behind the doors that are open there."""

    def __init__(self, routes: list[Route], state: State, doors: tuple[Door, ...]) -> None:
        self._route, self._state = routes[0], state
        guard, handler = GUARDS[self._route.guard], handler_of(self._route)

        def guarded(call: Call, state: State) -> Response:
            return guard(call, state) or handler(call, state)

        answer: Handler = guarded
        here = [door for door in doors if any(door.stands_at(route) for route in routes)]
        for door in here:
            answer = _through(door, LockedRoute(guarded=answer, handler=handler))
        self._answer = answer
        self.methods = frozenset(method for door in here for method in door.methods)

    async def answer(self, request: Request, method: str) -> Response:
        """Read the request whole, then answer it."""
        call = Call(
            route=self._route,
            method=method,
            path=request.url.path,
            parameters=request.path_params,
            query=request.query_params,
            headers=request.headers,
            body=await request.body(),
            read_by=read_by(request.scope),
        )
        return self._answer(call, self._state)


def _through(door: Door, way: LockedRoute) -> Handler:
    def answer(call: Call, state: State) -> Response:
        return door.opens(call, state, way)

    return answer


class _Web:
    """A path of the web app: methods are Next's affair, before any guard; the limiter's too, before everything."""

    def __init__(self, methods: Mapping[str, _Path], state: State) -> None:
        self._methods, self._state = methods, state

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        window = _window(request, self._state)
        answer = _throttled(window) if window and not window.allowed else await self._respond(request)
        await _as_next(answer, window)(scope, receive, send)

    async def _respond(self, request: Request) -> Response:
        method = "GET" if request.method == "HEAD" else request.method
        let_through = (path for path in self._methods.values() if method in path.methods)
        found = self._methods.get(method) or next(let_through, None)
        if found:
            return await found.answer(request, request.method)
        allowed = {*self._methods, "OPTIONS"} | ({"HEAD"} if "GET" in self._methods else set())
        return Response(status_code=204 if method == "OPTIONS" else 405, headers={"Allow": ", ".join(sorted(allowed))})


class _Mcp:
    """A path of the MCP server, where every method goes through the same gate."""

    def __init__(self, methods: Mapping[str, _Path], state: State) -> None:
        self._methods, self._state = methods, state

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        found = self._methods.get(request.method) or next(iter(self._methods.values()))
        answer = await found.answer(request, request.method)
        await answer(scope, receive, send)


# --- around the paths -------------------------------------------------------------------------------------------------


class _NotFound:
    """What Next answers where nothing is; a slash at the end leads to the path without it."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        path = request.url.path
        window = _window(request, self._state)
        if window and not window.allowed:
            answer = _throttled(window)
        elif path.endswith("/") and path.strip("/"):
            answer = redirect("/" + path.strip("/"), _PERMANENT)
        else:
            answer = not_found_page(path)
        await _as_next(answer, window)(scope, receive, send)


async def _nowhere_on_mcp(scope: Scope, receive: Receive, send: Send) -> None:
    await PlainTextResponse("Not Found", status_code=404)(scope, receive, send)


class _Effects:
    """What has been done so far, for whoever asks on this machine."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await json_answer(dict(self._state.effects.counts()))(scope, receive, send)


def _window(request: Request, state: State) -> Window | None:
    """Count this request against its client's allowance, where it counts at all."""
    path = request.url.path
    if state.proxy_limiter is None or not path.startswith("/api/") or path.startswith("/api/auth/"):
        return None
    if path in _UNLIMITED:
        return None
    client = request.headers.get("x-forwarded-for", "").split(",")[0].strip() or "local"
    return state.proxy_limiter.take(client)


def _throttled(window: Window) -> Response:
    return json_answer({"error": "rate_limited", "limit": "default", "retryAfterSeconds": window.left}, 429)


def _as_next(answer: Response, window: Window | None) -> Response:
    answer.headers["X-Powered-By"] = "Next.js"
    if window:
        answer.headers["X-RateLimit-Limit"] = str(window.limit)
        answer.headers["X-RateLimit-Remaining"] = str(window.remaining)
        answer.headers["X-RateLimit-Reset"] = str(window.reset)
    return answer
