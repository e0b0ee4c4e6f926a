"""HTTP/1.1 over connections of its own: which is used again, and how many there are. Judges nothing."""

from __future__ import annotations

import asyncio
import socket
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from prober.model import Cause
from prober.transport.failures import ExchangeError
from prober.transport.http1_connection import Http1Connection, Origin
from prober.transport.network import ANY_IPV4
from prober.transport.received import Received
from prober.transport.request_head import headers_of

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator

    from prober.model import Request, Service
    from prober.transport.network import Network

NEW_FOR = 1.0  # seconds that a prepared connection is kept for its first request
MOST_OPEN = 4  # connections of one worker that are in use at a time; more wait
_SHARE_TO_CONNECT = 0.9  # of the timeout: what cannot be reached is told from what is silent
_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})  # that say their length also where there is none


class Http1Transport:
    """The connections of one worker that speak HTTP/1.1."""

    def __init__(self, network: Network, context: ssl.SSLContext | None) -> None:
        """Open no connection yet."""
        self._network, self._context = network, context
        self._idle: dict[Origin, list[Http1Connection]] = {}
        self._in_use: set[Http1Connection] = set()
        self._opening: dict[Origin, asyncio.Task[Http1Connection]] = {}
        self._places = {False: asyncio.Semaphore(MOST_OPEN), True: asyncio.Semaphore(MOST_OPEN)}

    def close(self) -> None:
        """Close all connections."""
        for connection in [*self._in_use, *(one for ones in self._idle.values() for one in ones)]:
            connection.close()
        self._idle.clear()
        for opening in self._opening.values():
            _close_when_done(opening)
        self._opening.clear()

    def prepare(self, service: Service) -> None:
        """Begin to connect, at most once at a time; what comes of it is for the next request to find out."""
        origin = self._origin(service)
        if origin in self._opening:
            return
        self._opening[origin] = asyncio.create_task(self._connected(origin))
        asyncio.get_running_loop().call_later(NEW_FOR, self._give_up, origin, self._opening[origin])

    def _give_up(self, origin: Origin, opening: asyncio.Task[Http1Connection]) -> None:
        """Close a connection that was prepared for nothing: a server that has one at a time would wait for us."""
        if self._opening.get(origin) is opening:
            del self._opening[origin]
            _close_when_done(opening)

    async def _prepared(self, origin: Origin) -> Http1Connection | None:
        """Give the connection that is being made; None without one, or where it could not be made at once."""
        opening = self._opening.pop(origin, None)
        if opening is None:
            return None
        try:
            connection = await opening
        except ExchangeError as error:
            if error.cause is Cause.TIMEOUT:
                raise  # as long again would be longer than an exchange may take
            return None
        except asyncio.CancelledError:
            _close_when_done(opening)
            raise
        return connection if connection.is_usable else None

    @asynccontextmanager
    async def answer_to(self, request: Request, service: Service, *, fresh: bool) -> AsyncIterator[Received]:
        """Give the head, and the body as it comes; raises an ExchangeError."""
        head = _head(request, service, self._network)
        origin = self._origin(service)
        async with self._places[fresh]:
            connection = (None if fresh else self._usable(origin)) or await self._prepared(origin)
            if connection is None:
                connection = await self._connected(origin)
            self._in_use.add(connection)
            try:
                connection.send(*head, request.content)
                status, headers = await connection.head()
                yield Received(
                    status=status, headers=headers, body=connection.body(), tls_object=connection.tls_object,
                    aside=connection.aside,
                )  # fmt: skip
            except BaseException:
                connection.close()
                raise
            else:
                connection.finish(close=fresh)
            finally:
                self._in_use.discard(connection)
            if connection.is_usable:
                self._idle.setdefault(origin, []).append(connection)

    def _usable(self, origin: Origin) -> Http1Connection | None:
        """Take the connection that was used last; those that have ended or are too old are closed."""
        idle = self._idle.get(origin, [])
        while idle:
            connection = idle.pop()
            if connection.is_usable:
                return connection
            connection.close()
        return None

    async def _connected(self, origin: Origin) -> Http1Connection:
        connection = Http1Connection()
        try:
            async with asyncio.timeout(self._network.timeout * _SHARE_TO_CONNECT):
                await connection.start(origin, self._context)
        except TimeoutError as error:
            if connection.is_in_handshake:
                raise ExchangeError(Cause.TLS, "TLS failed: no handshake", arrived=False) from error
            raise ExchangeError(Cause.TIMEOUT, "no connection in time", arrived=False) from error
        return connection

    def _origin(self, service: Service) -> Origin:
        send_from = self._network.send_from
        family = socket.AF_INET if send_from == ANY_IPV4 else socket.AF_INET6 if send_from else socket.AF_UNSPEC
        return Origin(
            address=self._network.address_of(service), port=service.port, socket=service.socket, family=family,
            sni=service.host if service.scheme == "https" else None,
        )  # fmt: skip


def _close_when_done(opening: asyncio.Task[Http1Connection]) -> None:
    """Have no connection come of this."""

    def close(done: asyncio.Task[Http1Connection]) -> None:
        if not done.cancelled() and done.exception() is None:
            done.result().close()

    opening.cancel()
    opening.add_done_callback(close)


def _head(request: Request, service: Service, network: Network) -> tuple[bytes, bytes, list[tuple[bytes, bytes]]]:
    """Give the method, the target and the headers as bytes; an ExchangeError where HTTP cannot carry them."""
    headers = headers_of(request, service, network)
    if not any(name.lower() in {"content-length", "transfer-encoding"} for name, _ in headers):
        if request.content:
            headers.append(("Content-Length", str(len(request.content))))
        elif request.method.upper() in _WITH_BODY:
            headers.insert(0, ("Content-Length", "0"))
    try:
        lines = [(name.encode("ascii"), value.encode("ascii")) for name, value in headers]
        return request.method.upper().encode("ascii"), request.target.encode("ascii"), lines
    except UnicodeEncodeError as error:
        raise ExchangeError(Cause.PROTOCOL, f"the request cannot be written as HTTP: {error}", arrived=False) from error
