"""Runs the demo on this machine: two loopback ports, one thread, no logs, and nothing left behind."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import uvicorn
from uvicorn.server import ServerState

from prober.demo.app import build
from prober.demo.protocol import Protocol
from prober.demo.stack import Raw, Silence
from prober.demo.state import KNOWN_EMAIL, Mode, Settings, new_state
from prober.errors import UsageError, did_you_mean, listed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from starlette.types import ASGIApp

    from prober.demo.door import Door
    from prober.demo.effects import Effects
    from prober.demo.keys import Secrets
    from prober.demo.stack import Behaviour, Stack, Talk
    from prober.demo.state import State
    from prober.model import Surface

LOOPBACK = "127.0.0.1"
_START_SECONDS = 5.0
_NO_LOGS = logging.CRITICAL + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Demo:
    """A deployment that is running now."""

    mode: Mode
    web_url: str
    mcp_url: str
    state: State

    @property
    def effects(self) -> Effects:
        """What its handlers have done so far."""
        return self.state.effects

    @property
    def held(self) -> dict[str, str]:
        """What somebody who runs it could hold, by the names that routes ask for."""
        keys = self.state.secrets
        return {
            "session-secret": keys.session_secret,
            "member-session": keys.member_session,
            "machine-key": keys.machine_key,
            "mcp-token": keys.mcp_token,
            "mcp-token-2": keys.mcp_token_2,
            "witness": keys.admin_session,
            "known-email": KNOWN_EMAIL,
        }

    @property
    def secrets(self) -> Secrets:
        """The keys that open its locks."""
        return self.state.secrets


@contextmanager
def running(
    mode: str,
    *,
    doors: Iterable[Door] = (),
    settings: Settings | None = None,
    stack: Stack | None = None,
    surfaces: Iterable[Surface] | None = None,
    host: str = LOOPBACK,
    web_port: int = 0,
    mcp_port: int = 0,
) -> Iterator[Demo]:
    """Run a deployment until the block ends; port 0 takes a free one, and a stack stands in front of both services."""
    state = new_state(_mode(mode), settings or Settings())
    apps = build(state, doors, surfaces)
    web = stack.web(apps.web) if stack else apps.web
    mcp = stack.mcp(apps.mcp) if stack else apps.mcp
    with _bound(host, web_port) as web_socket, _bound(host, mcp_port) as mcp_socket:
        urls = [f"http://{host}:{sock.getsockname()[1]}" for sock in (web_socket, mcp_socket)]
        with _Thread(((web, web_socket), (mcp, mcp_socket))):
            yield Demo(mode=state.mode, web_url=urls[0], mcp_url=urls[1], state=state)


def serve_forever(
    mode: str,
    *,
    doors: Iterable[Door] = (),
    settings: Settings | None = None,
    stack: Stack | None = None,
    host: str = LOOPBACK,
    web_port: int = 3000,
    mcp_port: int = 3100,
    started: Callable[[Demo], None] | None = None,
) -> None:
    """Run a deployment until SIGINT or SIGTERM; `started` gets the URLs and the keys. Main thread only."""
    asked = threading.Event()
    before = {number: signal.signal(number, lambda *_: asked.set()) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        with running(
            mode, doors=doors, settings=settings, stack=stack, host=host, web_port=web_port, mcp_port=mcp_port
        ) as demo:  # fmt: skip
            if started:
                started(demo)
            asked.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _mode(word: str) -> Mode:
    if word not in tuple(Mode):
        fix = did_you_mean(word, Mode, otherwise="choose one of these")
        raise UsageError(f"no mode '{word}' ({listed(Mode)})", fix=fix)
    return Mode(word)


@contextmanager
def _bound(host: str, port: int) -> Iterator[socket.socket]:
    """Bind before anything starts, so that a taken port is an error here; it does not listen yet."""
    # The protocol is named, since asyncio sets TCP_NODELAY on no other socket, and each answer would wait 40 ms for it.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind((host, port))
        except OSError as error:
            what = f"cannot listen on {host}:{port}: {error.strerror}"
            raise UsageError(what, fix="stop what listens there, or choose another port") from None
        yield sock


class _Thread:
    """The thread that serves both ports; leaving the block ends it."""

    def __init__(self, served: Iterable[tuple[Behaviour, socket.socket]]) -> None:
        self._served = tuple(served)
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), name="prober-demo", daemon=True)
        self._ready = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None

    def __enter__(self) -> None:
        """Start, and come back when both ports answer."""
        self._thread.start()
        if not self._ready.wait(_START_SECONDS) or self._loop is None:
            raise UsageError("the demo did not start", fix="see the traceback above")

    def __exit__(self, *_: object) -> None:
        """Stop, and come back when the thread has ended."""
        if self._loop is not None and self._stop is not None:
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        opened = [_Port(behaviour, sock) for behaviour, sock in self._served]
        for port in opened:
            await port.open()
        self._ready.set()
        await self._stop.wait()
        await asyncio.gather(*(port.close() for port in opened))


class _Port:
    """One socket and what answers at it.

    Uvicorn's protocol without its server, which ends by waiting twice for a tenth of a second: a self-test starts and
    ends many demos.
    """

    def __init__(self, behaviour: Behaviour, sock: socket.socket) -> None:
        self._behaviour, self._sock = behaviour, sock
        self._listening: asyncio.Server | None = None
        self._http = ServerState()

    async def open(self) -> None:
        """Listen, but where silence is wanted: bound and not listening, a port refuses and nobody else can take it."""
        behaviour, http = self._behaviour, self._http
        if isinstance(behaviour, Silence):
            return
        if isinstance(behaviour, Raw):
            self._listening = await asyncio.start_server(_to_the_end(behaviour), sock=self._sock)
            return
        config = _config(behaviour)
        self._listening = await asyncio.get_running_loop().create_server(
            lambda: Protocol(config, http), sock=self._sock
        )

    async def close(self) -> None:
        """Stop listening; whatever is still being answered is cut off."""
        if self._listening:
            self._listening.close()
        for connection in tuple(self._http.connections):
            connection.shutdown()
        answering = tuple(self._http.tasks)
        for task in answering:
            task.cancel()
        await asyncio.gather(*answering, return_exceptions=True)


def _to_the_end(raw: Raw) -> Talk:
    """Close each connection when its talk ends or is ended; Python 3.11 prints a traceback over a cancelled one."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.CancelledError, ConnectionError):
            await raw.talk(reader, writer)
        writer.close()

    return talk


def _config(app: ASGIApp) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http="h11",
        ws="none",
        lifespan="off",
        log_config=None,
        log_level=_NO_LOGS,
        access_log=False,
        proxy_headers=False,
        server_header=False,  # Next names itself elsewhere, and Node not at all
    )
