"""Ways to stand in front of a service, and the words of those who do. No entry of its own: those are in stacks.py."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import anyio
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response

from prober.demo.mcp import rpc_error
from prober.demo.stack import Behaviour, Front, Raw, Silence

if TYPE_CHECKING:
    from asyncio import StreamReader, StreamWriter
    from collections.abc import Callable

    from starlette.types import ASGIApp, Receive, Scope, Send

    from prober.demo.stack import Talk

    Reply = Callable[[str], Response]  # of the path that was asked for

_HEALTH = ("/api/healthz", "/health")
_DRIP_SECONDS = 0.1


# --- ways to stand in front -------------------------------------------------------------------------------------------


def everywhere(response: Reply) -> Front:
    """Answer every path so; the application behind is never asked."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await response(scope["path"])(scope, receive, send)

    return lambda _: app


def on_health(response: Reply | None) -> Front:
    """Answer the health routes so, and leave the rest to the application; None never answers them."""

    def front(behind: ASGIApp) -> Behaviour:
        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["path"] not in _HEALTH:
                await behind(scope, receive, send)
            elif response is None:
                await anyio.sleep_forever()
            else:
                await response(scope["path"])(scope, receive, send)

        return app

    return front


def but_health(response: Reply) -> Front:
    """Let the health routes answer, and nothing else."""

    def front(behind: ASGIApp) -> Behaviour:
        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            asked: ASGIApp = behind if scope["path"] in _HEALTH else response(scope["path"])
            await asked(scope, receive, send)

        return app

    return front


def at_first(response: Reply, *, times: int) -> Front:
    """Answer so the first few times, and then let the application answer."""

    def front(behind: ASGIApp) -> Behaviour:
        asked = 0

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            nonlocal asked
            asked += 1
            answer: ASGIApp = response(scope["path"]) if asked <= times else behind
            await answer(scope, receive, send)

        return app

    return front


def after(response: Reply, *, times: int) -> Front:
    """Let the application answer the first few times, and then answer so."""

    def front(behind: ASGIApp) -> Behaviour:
        asked = 0

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            nonlocal asked
            asked += 1
            answer: ASGIApp = behind if asked <= times else response(scope["path"])
            await answer(scope, receive, send)

        return app

    return front


def some_paths(response: Reply, chosen: Callable[[str], bool]) -> Front:
    """Answer the paths that `chosen` picks so, and leave the rest to the application."""

    def front(behind: ASGIApp) -> Behaviour:
        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            asked: ASGIApp = response(scope["path"]) if chosen(scope["path"]) else behind
            await asked(scope, receive, send)

        return app

    return front


def silence(_: ASGIApp) -> Behaviour:
    """Let nobody listen."""
    return Silence()


def raw(talk: Talk) -> Front:
    """Let somebody talk who is no HTTP server."""
    return lambda _: Raw(talk=talk)


# --- what they say ----------------------------------------------------------------------------------------------------


def html(status: int, body: str, **headers: str) -> Reply:
    """Say this page; a header is given by its name with _ for -."""
    named = _named(headers)
    return lambda _: HTMLResponse(body, status_code=status, headers=named)


def fixed_answer(status: int, body: str, headers: tuple[tuple[str, str], ...]) -> Reply:
    """Say exactly this: a page where it looks like one, else text."""
    kind = "application/json" if body.startswith("{") else "text/html" if body.startswith("<") else "text/plain"
    return lambda _: Response(body, status_code=status, headers=dict(headers), media_type=kind)


def text(status: int, body: str = "", **headers: str) -> Reply:
    """Say this text."""
    named = _named(headers)
    return lambda _: PlainTextResponse(body, status_code=status, headers=named)


def moved(status: int, to: str) -> Reply:
    """Send every path elsewhere; '{path}' stands for it."""
    return lambda path: Response(status_code=status, headers={"Location": to.replace("{path}", path)})


def _named(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


def nginx(status: int, words: str, **headers: str) -> Reply:
    """Say an error page of nginx."""
    title = f"{status} {words}"
    body = f"<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n"
    return html(
        status, f"{body}<hr><center>nginx/1.26.0</center>\r\n</body>\r\n</html>\r\n", server="nginx/1.26.0", **headers
    )


def paused(_: str) -> Response:
    """Say what the MCP server says while its operator has paused it."""
    return rpc_error(-32002, "MCP is paused by the operator", 503, {"Retry-After": "60"})


def unknown_author(_: str) -> Response:
    """Refuse in nobody's words: an application or a proxy may have written it."""
    return JSONResponse({"error": "unauthorized"}, status_code=401)


def limited(_: str) -> Response:
    """Ask for patience."""
    return JSONResponse({"error": "rate_limited"}, status_code=429, headers={"Retry-After": "3600"})


def hurried(_: str) -> Response:
    """Ask for a second's patience."""
    return JSONResponse({"error": "rate_limited"}, status_code=429, headers={"Retry-After": "1"})


def wrong_app(_: str) -> Response:
    """Say that nothing is there, as another application would."""
    return JSONResponse({"detail": "Not Found"}, status_code=404)


SHELL = (
    '<!doctype html><html><head><title>App</title></head><body><div id="root"></div>'
    '<script type="module" src="/assets/index.js"></script></body></html>'
)
CHALLENGE = (
    "<!DOCTYPE html><html><head><title>Just a moment...</title></head>"
    "<body>Enable JavaScript and cookies to continue</body></html>"
)
CLOUDFLARE = (
    "<!DOCTYPE html><html><head><title>demo.example.com | 522: Connection timed out</title></head>"
    "<body><h1>Connection timed out</h1><p>Error code 522</p><p>cloudflare</p></body></html>"
)
VERCEL = (
    "<!doctype html><html><head><title>Authentication Required</title></head><body>Vercel Authentication</body></html>"
)
APACHE = (
    "<html><head><title>401 Unauthorized</title></head><body><h1>Unauthorized</h1>"
    "<address>Apache/2.4.62 (Debian) Server at demo Port 80</address></body></html>"
)
LOAD_BALANCER = (
    "<html>\r\n<head><title>403 Forbidden</title></head>\r\n"
    "<body>\r\n<center><h1>403 Forbidden</h1></center>\r\n</body>\r\n</html>\r\n"
)


# --- what does not speak HTTP -----------------------------------------------------------------------------------------


async def hang_up(_reader: StreamReader, _writer: StreamWriter) -> None:
    """Close without a byte, as nginx does by 444."""


async def swallow(reader: StreamReader, _writer: StreamWriter) -> None:
    """Take everything and never answer."""
    while await reader.read(4096):
        pass


async def drip(_reader: StreamReader, writer: StreamWriter) -> None:
    """Answer a header at a time, and never to the end: every wait for the next byte is a short one."""
    writer.write(b"HTTP/1.1 401 Unauthorized\r\n")
    while not writer.is_closing():
        writer.write(b"X-Patience: please\r\n")
        await writer.drain()
        await asyncio.sleep(_DRIP_SECONDS)
