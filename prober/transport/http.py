"""The only room that knows httpx: one request, one outcome, within a wall-clock limit. It has no opinion.

httpx has a browser's manners. Its transport, used here without its client, has none of them: no cookie is kept, no
redirect followed, no proxy variable or .netrc obeyed, no header added but Host and Content-Length.
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

# What ended before a byte of the request was written; whatever else went wrong, it may have arrived.
_NEVER_LEFT = (
    httpx.ConnectError, httpx.ConnectTimeout, httpx.LocalProtocolError, httpx.InvalidURL, UnicodeEncodeError,
)  # fmt: skip
_READS = frozenset({"GET", "HEAD", "OPTIONS"})


class Connection:
    """One worker's connections. httpcore's pool is linear in its connections, so that each worker has its own."""

    def __init__(self, network: Network, context: ssl.SSLContext | None, *, most_body: int = MOST_BODY) -> None:
        """Open nothing yet; of each body `most_body` bytes are read."""
        self._network, self._context, self._most_body = network, context, most_body
        self._transports: dict[tuple[str | None, bool], httpx.AsyncHTTPTransport] = {}
        self._shown: dict[str, object] = {}  # the TLS connection of each service whose certificate was read last
        self.tls_expires: dict[str, float] = {}  # by service: when the first of its certificates does, in Unix time

    def _transport(self, service: Service, *, fresh: bool) -> httpx.AsyncHTTPTransport:
        """Give the pool for a service; one for all that are reached over TCP, and one for each socket of a file.

        What may not be sent twice has a connection of its own: on one that the server is closing just then, nobody
        could tell whether it arrived.
        """
        key = (service.socket, fresh)
        if key not in self._transports:
            kept = 0 if fresh else 4
            limits = httpx.Limits(max_connections=4, max_keepalive_connections=kept, keepalive_expiry=4.0)
            self._transports[key] = httpx.AsyncHTTPTransport(
                verify=self._context or False, trust_env=False, retries=0, limits=limits, uds=service.socket,
                proxy=None if service.socket else self._network.proxy, local_address=self._network.send_from,
            )  # fmt: skip
        return self._transports[key]

    async def close(self) -> None:
        """Close its connections."""
        for transport in self._transports.values():
            await transport.aclose()

    async def exchange(self, request: Request) -> Answered | Unanswered:
        """Send one request and read its answer, all of it within the timeout."""
        started = time.monotonic()
        reading = BodyReader(most=self._most_body)
        try:
            async with asyncio.timeout(self._network.timeout):
                await self._read(request, reading)
        except TimeoutError:
            if reading.status is None:
                detail = f"no answer in {self._network.timeout:g} s"
                return _unanswered(Cause.TIMEOUT, detail, started, arrived=True)
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
            if reading.status is None:
                cause, detail = _cause_of(error)
                return _unanswered(cause, detail, started, arrived=not isinstance(error, _NEVER_LEFT))
        return reading.answered(_since(started))

    async def _read(self, request: Request, reading: BodyReader) -> None:
        service = self._network.services[request.service]
        transport = self._transport(service, fresh=request.method not in _READS)
        response = await transport.handle_async_request(_as_httpx(request, service, self._network))
        try:
            reading.head(response.status_code, response.headers.raw)
            self._read_certificate(service, response)
            await reading.body(response.aiter_raw(), asked=request.content is not None)
        finally:
            await response.aclose()
        await _end_what_said_too_much(transport)

    def _read_certificate(self, service: Service, response: httpx.Response) -> None:
        """Note when the certificate expires that came with this answer; it costs no request, and no other handshake.

        Python tells it only of a certificate that it verified.
        """
        stream = response.extensions.get("network_stream")
        shown = stream.get_extra_info("ssl_object") if isinstance(stream, httpcore.AsyncNetworkStream) else None
        if shown is None or shown is self._shown.get(service.name):
            return
        self._shown[service.name] = shown
        said = (shown.getpeercert() or {}).get("notAfter") if isinstance(shown, ssl.SSLObject) else None
        if isinstance(said, str):
            at = float(ssl.cert_time_to_seconds(said))
            self.tls_expires[service.name] = min(at, self.tls_expires.get(service.name, at))


async def _end_what_said_too_much(transport: httpx.AsyncHTTPTransport) -> None:
    """Close a connection that holds more than its answer: httpcore would take it for the answer to the next one."""
    for connection in transport._pool.connections:  # noqa: SLF001 - httpcore tells nobody, here and below
        inner = connection
        while (beneath := getattr(inner, "_connection", None)) is not None:  # a proxy's is a layer deeper
            inner = beneath
        if not isinstance(inner, httpcore.AsyncHTTP11Connection) or not inner.is_idle():
            continue
        if inner._h11_state.trailing_data[0]:  # noqa: SLF001
            await inner.aclose()


def _as_httpx(request: Request, service: Service, network: Network) -> httpx.Request:
    """Give the request with its target byte for byte: httpx would turn /a/../b into /b."""
    # A little less for the connection: else the wall clock ends it first, and httpcore leaves the socket open.
    timeout = {
        "connect": network.timeout * 0.9,
        "read": network.timeout,
        "write": network.timeout,
        "pool": network.timeout,
    }
    host, standard = _in_url(service.host), {"http": 80, "https": 443}[service.scheme] == service.port
    named = any(name.lower() == "host" for name, _ in request.headers)
    own = () if named else (("Host", host if standard else f"{host}:{service.port}"),)
    asked = httpx.Request(
        request.method,
        f"{service.scheme}://{host}:{service.port}/",
        headers=[*own, *request.headers, *network.headers],
        content=request.content,
        extensions={"timeout": timeout, "sni_hostname": service.host},
    )
    target = request.target
    if network.proxy and not service.socket and not target.startswith("/"):
        target = urlsplit(target).path  # a proxy is told the whole URL of every request
    asked.url = _Place(  # type: ignore[assignment]
        raw_scheme=service.scheme.encode(), raw_host=network.address_of(service).encode(), port=service.port,
        raw_path=target.encode("ascii"),
    )  # fmt: skip
    return asked


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """What httpx's transport asks of a URL. Its own is normalised; its extension for the target breaks CONNECT."""

    raw_scheme: bytes
    raw_host: bytes
    port: int
    raw_path: bytes


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _since(started: float) -> int:
    return round((time.monotonic() - started) * 1000)


def _unanswered(cause: Cause, detail: str, started: float, *, arrived: bool) -> Unanswered:
    return Unanswered(cause=cause, detail=detail, arrived=arrived, attempts=1, elapsed_ms=_since(started))


def _cause_of(error: BaseException) -> tuple[Cause, str]:
    """Tell DNS, TLS and refused apart, which httpx calls ConnectError all three, by what lies beneath."""
    chain = [error]
    while (beneath := chain[-1].__cause__ or chain[-1].__context__) is not None and len(chain) < 10:  # noqa: PLR2004
        chain.append(beneath)
    for link in chain:
        if isinstance(link, socket.gaierror):
            return Cause.DNS, f"the name does not resolve ({link.strerror})"
        if isinstance(link, ssl.SSLCertVerificationError):
            return Cause.TLS, f"the certificate is not good: {link.verify_message}"
        if isinstance(link, ssl.SSLError):
            return Cause.TLS, f"TLS failed: {link.reason or 'no handshake'}"
    if isinstance(error, httpx.ConnectError):
        said = (os.strerror(link.errno) for link in chain if isinstance(link, OSError) and link.errno)
        return Cause.REFUSED, f"no connection ({next(said, 'refused').lower()})"
    return _cause_by_kind(error)


def _cause_by_kind(error: BaseException) -> tuple[Cause, str]:
    if isinstance(error, httpx.ProxyError):
        return Cause.REFUSED, f"the proxy opens no way there ({error})"
    if isinstance(error, httpx.TimeoutException):
        what = "connection" if isinstance(error, httpx.ConnectTimeout) else "answer"
        return Cause.TIMEOUT, f"no {what} in time"
    if isinstance(error, (httpx.LocalProtocolError, UnicodeEncodeError)):
        return Cause.PROTOCOL, f"the request cannot be written as HTTP: {error}"
    if isinstance(error, httpx.RemoteProtocolError):
        return Cause.PROTOCOL, f"the answer is not HTTP: {error}"
    return Cause.PROTOCOL, "the connection was closed before an answer"
