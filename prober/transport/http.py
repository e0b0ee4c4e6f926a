"""Sends one request and returns one outcome, within a wall-clock timeout. Judges nothing.

No cookie is kept, no redirect followed, no proxy variable or .netrc obeyed, and no header added but `Host` and
`Content-Length`.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from typing import TYPE_CHECKING

from prober.model import Answered, Cause, Unanswered
from prober.transport.body import MOST_BODY, BodyReader, ReadingOn
from prober.transport.direct import DirectTransport
from prober.transport.failures import ExchangeError
from prober.transport.httpx_transport import HttpxTransport

if TYPE_CHECKING:
    from prober.model import Request, Service
    from prober.transport.network import Network

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class Connection:
    """The connections of one worker."""

    def __init__(
        self, network: Network, context: ssl.SSLContext | None, *, http2_context: ssl.SSLContext | None = None,
        most_body: int = MOST_BODY, reading_on: ReadingOn | None = None,
    ) -> None:  # fmt: skip
        """Open no connection yet; at most `most_body` bytes of each body are read, but for what `reading_on` allows.

        HTTP/2 is offered with `http2_context`, and never without one: what is offered is a setting of the context.
        """
        self._network, self._most_body, self._reading_on = network, most_body, reading_on
        self._has_http2 = http2_context is not None
        self._direct = DirectTransport(network, context, http2_context=http2_context)
        self._httpx = HttpxTransport(network, context, http2_context=http2_context)
        self._last_tls_objects: dict[str, object] = {}  # by service: the connection whose certificate was read last
        self.tls_expires: dict[str, float] = {}  # by service: the earliest expiry of a certificate, in Unix time

    async def close(self) -> None:
        """Close all connections."""
        self._direct.close()
        await self._httpx.close()

    def prepare(self, service: str, count: int = 1) -> None:
        """Begin to connect to a service, so that `count` requests that are about to come need not wait for it."""
        if self._network.proxy is None:
            self._direct.prepare(self._network.services[service], count)

    async def ready(self, service: str) -> None:
        """Wait until a connection that was prepared stands, or could not be made."""
        if self._network.proxy is None:
            await self._direct.ready(self._network.services[service])

    async def exchange(self, request: Request) -> Answered | Unanswered:
        """Send one request and read the response, within the timeout."""
        started = time.monotonic()
        reader = BodyReader(most=self._most_body)
        try:
            async with asyncio.timeout(self._network.timeout):
                await self._read(request, reader)
        except TimeoutError:
            if reader.status is None:
                detail = f"no response in {self._network.timeout:g} s"
                return _unanswered(ExchangeError(Cause.TIMEOUT, detail, arrived=True), started)
        except ExchangeError as error:
            if reader.status is None:
                return _unanswered(error, started)
        except (OSError, ValueError):
            if reader.status is None:
                detail = "the connection was closed before a response"
                return _unanswered(ExchangeError(Cause.PROTOCOL, detail, arrived=True), started)
        return reader.to_answered(_elapsed_ms(started))

    async def _read(self, request: Request, reader: BodyReader) -> None:
        """Read the response: a request that must not be sent twice gets a fresh connection.

        On a connection that the server is just closing, it would be unknown whether the request arrived.
        """
        service = self._network.services[request.service]
        fresh = request.method not in _SAFE_METHODS or request.own_connection
        http2 = request.offers_http2 and self._has_http2
        behind_proxy = self._network.proxy is not None and service.socket is None
        way = self._httpx if behind_proxy else self._direct
        async with way.answer_to(request, service, fresh=fresh, http2=http2) as received:
            reader.read_head(received)
            self._read_certificate(service, received.tls_object)
            await reader.read_body(received.body, is_reply=request.content is not None)
            if request.reads_on and self._reading_on is not None:
                await reader.read_on(received.body, self._reading_on)

    def _read_certificate(self, service: Service, tls_object: object) -> None:
        """Record when the certificate of this connection expires, without another request or handshake.

        Python reports it only for a certificate that it verified.
        """
        if tls_object is None or tls_object is self._last_tls_objects.get(service.name):
            return
        self._last_tls_objects[service.name] = tls_object
        not_after = (tls_object.getpeercert() or {}).get("notAfter") if isinstance(tls_object, ssl.SSLObject) else None
        if isinstance(not_after, str):
            at = float(ssl.cert_time_to_seconds(not_after))
            self.tls_expires[service.name] = min(at, self.tls_expires.get(service.name, at))


def _elapsed_ms(started: float) -> int:
    return round((time.monotonic() - started) * 1000)


def _unanswered(error: ExchangeError, started: float) -> Unanswered:
    return Unanswered(
        cause=error.cause, detail=error.detail, arrived=error.arrived, attempts=1, elapsed_ms=_elapsed_ms(started)
    )
