"""One request through httpx, for what is seldom: a proxy, and HTTP/2. Judges nothing.

httpx's client behaves like a browser. Its transport, used here without the client, does not: it keeps no cookie,
follows no redirect, ignores proxy variables and .netrc, and adds no header but Host and Content-Length.
It costs 80 ms to import and half of a run's CPU, so HTTP/1.1 without a proxy has a transport of its own.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from prober.model import Cause
from prober.model.origin import origin_with_port
from prober.transport.failures import ExchangeError, name_or_tls_error, refused_because
from prober.transport.received import Received
from prober.transport.request_head import headers_of

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator

    import httpx

    from prober.model import Request, Service
    from prober.transport.network import Network


class HttpxTransport:
    """The connections of one worker that are made by httpx; each has its own, since its pool is linear in them."""

    def __init__(
        self, network: Network, context: ssl.SSLContext | None, *, http2_context: ssl.SSLContext | None
    ) -> None:
        """Open no connection yet."""
        self._network = network
        self._contexts = {False: context, True: http2_context}
        self._transports: dict[tuple[str | None, bool, bool], httpx.AsyncHTTPTransport] = {}

    def _transport(self, service: Service, *, fresh: bool, http2: bool) -> httpx.AsyncHTTPTransport:
        """Give the connection pool for a service: one for TCP, and one for each unix socket.

        Where HTTP/2 is offered, the server chooses whether it is spoken; a context of its own says so in the handshake.
        """
        import httpx  # noqa: PLC0415 - see above

        key = (service.socket, fresh, http2)
        if key not in self._transports:
            keepalive = 0 if fresh else 4
            limits = httpx.Limits(max_connections=4, max_keepalive_connections=keepalive, keepalive_expiry=4.0)
            self._transports[key] = httpx.AsyncHTTPTransport(
                verify=self._contexts[http2] or False, http2=http2, trust_env=False, retries=0, limits=limits,
                uds=service.socket, proxy=None if service.socket else self._network.proxy,
                local_address=self._network.send_from,
            )  # fmt: skip
        return self._transports[key]

    async def close(self) -> None:
        """Close all connections."""
        for transport in self._transports.values():
            await transport.aclose()

    @asynccontextmanager
    async def answer_to(
        self, request: Request, service: Service, *, fresh: bool, http2: bool
    ) -> AsyncIterator[Received]:
        """Give the head, and the body as it comes; raises an ExchangeError. httpx gives nothing aside."""
        import httpcore  # noqa: PLC0415 - see above
        import httpx  # noqa: PLC0415 - see above

        transport = self._transport(service, fresh=fresh, http2=http2)
        try:
            response = await transport.handle_async_request(_as_httpx(request, service, self._network))
            try:
                stream = response.extensions.get("network_stream")
                known = stream if isinstance(stream, httpcore.AsyncNetworkStream) else None
                tls_object = None if known is None else known.get_extra_info("ssl_object")
                yield Received(
                    status=response.status_code, headers=response.headers.raw, body=response.aiter_raw(),
                    tls_object=tls_object,
                )  # fmt: skip
            finally:
                await response.aclose()
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeEncodeError) as error:
            # Errors before the first byte of the request was written; after any other it may have arrived.
            early = (
                httpx.ConnectError,
                httpx.ConnectTimeout,
                httpx.LocalProtocolError,
                httpx.InvalidURL,
                UnicodeEncodeError,
            )
            cause, detail = cause_of(error)
            raise ExchangeError(cause, detail, arrived=not isinstance(error, early)) from error
        await _close_connections_with_extra_data(transport)


async def _close_connections_with_extra_data(transport: httpx.AsyncHTTPTransport) -> None:
    """Close a connection that received more than its response: httpcore would read it as the next response."""
    import httpcore  # noqa: PLC0415 - see above

    for connection in transport._pool.connections:  # noqa: SLF001 - httpcore has no public API for this, here and below
        inner = connection
        while (wrapped := getattr(inner, "_connection", None)) is not None:  # a proxy adds a layer
            inner = wrapped
        if not isinstance(inner, httpcore.AsyncHTTP11Connection) or not inner.is_idle():
            continue
        if inner._h11_state.trailing_data[0]:  # noqa: SLF001
            await inner.aclose()


def _as_httpx(request: Request, service: Service, network: Network) -> httpx.Request:
    """Build the request with its exact target: httpx would turn /a/../b into /b."""
    import httpx  # noqa: PLC0415 - see above

    # A shorter timeout to connect: if the wall clock ended it first, httpcore would leave the socket open.
    timeout = {
        "connect": network.timeout * 0.9,
        "read": network.timeout,
        "write": network.timeout,
        "pool": network.timeout,
    }
    httpx_request = httpx.Request(
        request.method,
        f"{origin_with_port(service.scheme, service.host, service.port)}/",
        headers=headers_of(request, service, network),
        content=request.content,
        extensions={"timeout": timeout, "sni_hostname": service.host},
    )
    target = request.target
    if network.proxy and not service.socket and not target.startswith("/"):
        target = urlsplit(target).path  # httpcore sends a proxy the whole URL of every request
    httpx_request.url = _RawUrl(  # type: ignore[assignment]
        raw_scheme=service.scheme.encode(), raw_host=network.address_of(service).encode(), port=service.port,
        raw_path=target.encode("ascii"),
    )  # fmt: skip
    return httpx_request


@dataclass(frozen=True, slots=True, kw_only=True)
class _RawUrl:
    """What httpx's transport reads of a URL. httpx.URL normalises it; the target extension breaks CONNECT."""

    raw_scheme: bytes
    raw_host: bytes
    port: int
    raw_path: bytes


def cause_of(error: BaseException) -> tuple[Cause, str]:
    """Distinguish DNS, TLS and refused connections, all of which are ConnectError in httpx, by the inner error."""
    import httpx  # noqa: PLC0415 - see above

    known = name_or_tls_error(error)
    if known is not None:
        return known
    if isinstance(error, httpx.ConnectError):
        return Cause.REFUSED, refused_because(error)
    if isinstance(error, httpx.ProxyError):
        return Cause.REFUSED, f"the proxy refused the connection ({error})"
    if isinstance(error, httpx.TimeoutException):
        what = "connection" if isinstance(error, httpx.ConnectTimeout) else "response"
        return Cause.TIMEOUT, f"no {what} in time"
    if isinstance(error, (httpx.LocalProtocolError, UnicodeEncodeError)):
        return Cause.PROTOCOL, f"the request cannot be written as HTTP: {error}"
    if isinstance(error, httpx.RemoteProtocolError):
        return Cause.PROTOCOL, f"the response is not HTTP: {error}"
    return Cause.PROTOCOL, "the connection was closed before a response"
