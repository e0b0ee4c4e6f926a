"""HTTP without a proxy, over connections of its own: which is used again, and how many there are. Judges nothing."""

from __future__ import annotations

import asyncio
import socket
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from prober.model import Cause
from prober.transport.byte_stream import ByteStream, Origin
from prober.transport.failures import ExchangeError
from prober.transport.http1_connection import Http1Connection
from prober.transport.http2_connection import Http2Connection
from prober.transport.network import ANY_IPV4
from prober.transport.received import Received
from prober.transport.request_head import head_of

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator

    from prober.model import Request, Service
    from prober.transport.network import Network

    HttpConnection = Http1Connection | Http2Connection

NEW_FOR = 1.0  # seconds that a prepared connection is kept for its first request
MOST_OPEN = 4  # connections of one worker that are in use at a time; more wait
_SHARE_TO_CONNECT = 0.9  # of the timeout: what cannot be reached is told from what is silent
OFFERED = ["h2", "http/1.1"]  # in the handshake, where HTTP/2 is offered, as browsers do


class DirectTransport:
    """The connections of one worker, to servers that no proxy stands before."""

    def __init__(
        self, network: Network, context: ssl.SSLContext | None, *, http2_context: ssl.SSLContext | None
    ) -> None:
        """Open no connection yet. HTTP/2 is offered with `http2_context` alone: what is offered is a setting of it."""
        self._network = network
        self._contexts = {False: context, True: http2_context}
        if http2_context is not None:
            http2_context.set_alpn_protocols(OFFERED)
        self._idle: dict[Origin, list[HttpConnection]] = {}
        self._in_use: set[HttpConnection] = set()
        self._opening: dict[Origin, list[asyncio.Task[HttpConnection]]] = {}
        self._is_closed = False
        self._places = {False: asyncio.Semaphore(MOST_OPEN), True: asyncio.Semaphore(MOST_OPEN)}

    def close(self) -> None:
        """Close all connections, and prepare no more."""
        self._is_closed = True
        for connection in [*self._in_use, *(one for ones in self._idle.values() for one in ones)]:
            connection.close()
        self._idle.clear()
        for openings in self._opening.values():
            for opening in openings:
                _close_when_done(opening)
        self._opening.clear()

    def prepare(self, service: Service, count: int) -> None:
        """Begin to connect, so often that `count` connections wait; what comes of them is for requests to find out."""
        if self._is_closed:
            return
        origin = self._origin(service, http2=False)
        openings = self._opening.setdefault(origin, [])
        while len(openings) < count:
            openings.append(asyncio.create_task(self._connected(origin)))
            asyncio.get_running_loop().call_later(NEW_FOR, self._give_up, origin, openings[-1])

    async def ready(self, service: Service) -> None:
        """Wait until the connection that was prepared first stands, or could not be made: a request finds out."""
        openings = self._opening.get(self._origin(service, http2=False))
        if openings:
            await asyncio.wait(openings[:1])

    def _give_up(self, origin: Origin, opening: asyncio.Task[HttpConnection]) -> None:
        """Close a connection that was prepared for nothing: a server that has one at a time would wait for us."""
        openings = self._opening.get(origin, [])
        if opening in openings:
            openings.remove(opening)
            _close_when_done(opening)

    async def _prepared(self, origin: Origin) -> HttpConnection | None:
        """Give the connection that is being made; None without one, or where it could not be made at once."""
        openings = self._opening.get(origin)
        if not openings:
            return None
        opening = openings.pop(0)
        try:
            connection = await opening
        except ExchangeError as error:
            if error.cause is Cause.TIMEOUT:
                raise  # as long again would be longer than an exchange may take
            return None
        except asyncio.CancelledError:
            _close_when_done(opening)
            raise
        if connection.is_usable:
            return connection
        connection.close()
        return None

    @asynccontextmanager
    async def answer_to(
        self, request: Request, service: Service, *, fresh: bool, http2: bool
    ) -> AsyncIterator[Received]:
        """Give the head, and the body as it comes; raises an ExchangeError."""
        head = head_of(request, service, self._network)
        origin = self._origin(service, http2=http2)
        async with self._places[fresh]:
            connection = (None if fresh else self._usable(origin)) or await self._prepared(origin)
            if connection is None:
                connection = await self._connected(origin)
            self._in_use.add(connection)
            try:
                connection.send(head, request.content)
                status, headers = await connection.head()
                yield Received(
                    status=status, headers=headers, body=connection.body(), tls_object=connection.stream.tls,
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

    def _usable(self, origin: Origin) -> HttpConnection | None:
        """Take the connection that was used last; those that have ended or are too old are closed."""
        idle = self._idle.get(origin, [])
        while idle:
            connection = idle.pop()
            if connection.is_usable:
                return connection
            connection.close()
        return None

    async def _connected(self, origin: Origin) -> HttpConnection:
        stream = ByteStream()
        try:
            async with asyncio.timeout(self._network.timeout * _SHARE_TO_CONNECT):
                await stream.start(origin, self._contexts[origin.http2])
        except TimeoutError as error:
            if stream.is_in_handshake:
                raise ExchangeError(Cause.TLS, "TLS failed: no handshake", arrived=False) from error
            raise ExchangeError(Cause.TIMEOUT, "no connection in time", arrived=False) from error
        return Http2Connection(stream) if stream.protocol == OFFERED[0] else Http1Connection(stream)

    def _origin(self, service: Service, *, http2: bool) -> Origin:
        send_from = self._network.send_from
        family = socket.AF_INET if send_from == ANY_IPV4 else socket.AF_INET6 if send_from else socket.AF_UNSPEC
        return Origin(
            address=self._network.address_of(service), port=service.port, socket=service.socket, family=family,
            sni=service.host if service.scheme == "https" else None, http2=http2,
        )  # fmt: skip


def _close_when_done(opening: asyncio.Task[HttpConnection]) -> None:
    """Have no connection come of this."""

    def close(done: asyncio.Task[HttpConnection]) -> None:
        if not done.cancelled() and done.exception() is None:
            done.result().close()

    opening.cancel()
    opening.add_done_callback(close)
