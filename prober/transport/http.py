"""Sends one request through httpx and returns one outcome, within a wall-clock timeout. Judges nothing.

httpx's client behaves like a browser. Its transport, used here without the client, does not: it keeps no cookie,
follows no redirect, ignores proxy variables and .netrc, and adds no header but Host and Content-Length.
"""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpcore
import httpx

from prober.model import Answered, Cause, Unanswered
from prober.transport.body import MOST_BODY, BodyReader

if TYPE_CHECKING:
    from prober.model import Request, Service
    from prober.transport.network import Network

    Headers = tuple[tuple[str, str], ...]

# Errors before the first byte of the request was written; after any other error the request may have arrived.
_NOT_SENT = (
    httpx.ConnectError, httpx.ConnectTimeout, httpx.LocalProtocolError, httpx.InvalidURL, UnicodeEncodeError,
)  # fmt: skip
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class Connection:
    """The connections of one worker; each has its own, since httpcore's pool is linear in its connections."""

    def __init__(
        self, network: Network, context: ssl.SSLContext | None, *, http2_context: ssl.SSLContext | None = None,
        most_body: int = MOST_BODY,
    ) -> None:  # fmt: skip
        """Open no connection yet; at most `most_body` bytes of each body are read.

        HTTP/2 is offered with `http2_context`, and never without one: what is offered is a setting of the context.
        """
        self._network, self._most_body = network, most_body
        self._contexts = {False: context, True: http2_context}
        self._transports: dict[tuple[str | None, bool, bool], httpx.AsyncHTTPTransport] = {}
        self._last_tls_objects: dict[str, object] = {}  # by service: the connection whose certificate was read last
        self.tls_expires: dict[str, float] = {}  # by service: the earliest expiry of a certificate, in Unix time

    def _transport(self, service: Service, *, fresh: bool, http2: bool) -> httpx.AsyncHTTPTransport:
        """Give the connection pool for a service: one for TCP, and one for each unix socket.

        Where HTTP/2 is offered, the server chooses whether it is spoken; a context of its own says so in the handshake.

        A request that must not be sent twice gets a fresh connection: on a connection that the server is just closing,
        it would be unknown whether the request arrived.
        """
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
                return _unanswered(Cause.TIMEOUT, detail, started, arrived=True)
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
            if reader.status is None:
                cause, detail = cause_of(error)
                return _unanswered(cause, detail, started, arrived=not isinstance(error, _NOT_SENT))
        return reader.to_answered(_elapsed_ms(started))

    async def _read(self, request: Request, reader: BodyReader) -> None:
        service = self._network.services[request.service]
        http2 = request.offers_http2 and self._contexts[True] is not None
        transport = self._transport(service, fresh=request.method not in _SAFE_METHODS, http2=http2)
        response = await transport.handle_async_request(_as_httpx(request, service, self._network))
        try:
            reader.read_head(response.status_code, response.headers.raw)
            self._read_certificate(service, response)
            await reader.read_body(response.aiter_raw(), is_reply=request.content is not None)
        finally:
            await response.aclose()
        await _close_connections_with_extra_data(transport)

    def _read_certificate(self, service: Service, response: httpx.Response) -> None:
        """Record when the certificate of this connection expires, without another request or handshake.

        Python reports it only for a certificate that it verified.
        """
        stream = response.extensions.get("network_stream")
        tls_object = stream.get_extra_info("ssl_object") if isinstance(stream, httpcore.AsyncNetworkStream) else None
        if tls_object is None or tls_object is self._last_tls_objects.get(service.name):
            return
        self._last_tls_objects[service.name] = tls_object
        not_after = (tls_object.getpeercert() or {}).get("notAfter") if isinstance(tls_object, ssl.SSLObject) else None
        if isinstance(not_after, str):
            at = float(ssl.cert_time_to_seconds(not_after))
            self.tls_expires[service.name] = min(at, self.tls_expires.get(service.name, at))


async def _close_connections_with_extra_data(transport: httpx.AsyncHTTPTransport) -> None:
    """Close a connection that received more than its response: httpcore would read it as the next response."""
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
    # A shorter timeout to connect: if the wall clock ended it first, httpcore would leave the socket open.
    timeout = {
        "connect": network.timeout * 0.9,
        "read": network.timeout,
        "write": network.timeout,
        "pool": network.timeout,
    }
    host, standard = _in_url(service.host), {"http": 80, "https": 443}[service.scheme] == service.port
    has_host = any(name.lower() == "host" for name, _ in request.headers)
    host_header = () if has_host else (("Host", host if standard else f"{host}:{service.port}"),)
    httpx_request = httpx.Request(
        request.method,
        f"{service.scheme}://{host}:{service.port}/",
        headers=[*host_header, *_with_wall(request.headers, network.headers)],
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


def _with_wall(own: Headers, wall: Headers) -> list[tuple[str, str]]:
    """Add the headers that pass a wall; a cookie of it joins the probe's: servers read one header of that name."""
    passing = [value for name, value in wall if name.lower() == "cookie"]
    headers: list[tuple[str, str]] = []
    for name, value in own:
        if name.lower() == "cookie" and passing:
            headers.append((name, "; ".join([*passing, value])))
            passing = []
        else:
            headers.append((name, value))
    others = ((name, value) for name, value in wall if name.lower() != "cookie")
    return [*headers, *others, *(("Cookie", value) for value in passing)]


@dataclass(frozen=True, slots=True, kw_only=True)
class _RawUrl:
    """What httpx's transport reads of a URL. httpx.URL normalises it; the target extension breaks CONNECT."""

    raw_scheme: bytes
    raw_host: bytes
    port: int
    raw_path: bytes


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _elapsed_ms(started: float) -> int:
    return round((time.monotonic() - started) * 1000)


def _unanswered(cause: Cause, detail: str, started: float, *, arrived: bool) -> Unanswered:
    return Unanswered(cause=cause, detail=detail, arrived=arrived, attempts=1, elapsed_ms=_elapsed_ms(started))


def cause_of(error: BaseException) -> tuple[Cause, str]:
    """Distinguish DNS, TLS and refused connections, all of which are ConnectError in httpx, by the inner error."""
    chain = [error]
    while (inner := chain[-1].__cause__ or chain[-1].__context__) is not None and len(chain) < 10:  # noqa: PLR2004
        chain.append(inner)
    for link in chain:
        if isinstance(link, socket.gaierror):
            return Cause.DNS, f"the name does not resolve ({link.strerror})"
        if isinstance(link, ssl.SSLCertVerificationError):
            return Cause.TLS, f"invalid certificate: {link.verify_message}"
        if isinstance(link, ssl.SSLError):
            return Cause.TLS, f"TLS failed: {link.reason or 'no handshake'}"
    if isinstance(error, httpx.ConnectError):
        messages = (os.strerror(link.errno) for link in chain if isinstance(link, OSError) and link.errno)
        return Cause.REFUSED, next(messages, "connection refused").lower()
    return _cause_by_kind(error)


def _cause_by_kind(error: BaseException) -> tuple[Cause, str]:
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
