"""The only room that knows httpx: one request, one outcome, within a wall-clock limit. It has no opinion.

httpx has a browser's manners. Its transport, used here without its client, has none of them: no cookie is kept, no
redirect followed, no proxy variable or .netrc obeyed, no header added but Host and Content-Length.
"""

from __future__ import annotations

import asyncio
import os
import re
import socket
import ssl
import time
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpcore
import httpx

from prober.errors import UsageError
from prober.model import A_LINE, Answered, Cause, Unanswered

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

    from prober.model import Request, Service

MOST_BODY = 64 * 1024
MOST_HEAD = 32 * 1024  # of headers, with what each line costs: httpcore takes 100 KiB, of which Python may make 3 MB
STREAM_PATIENCE = 1.0  # seconds: an event stream is judged by its head, and by its first event if that comes soon
ANSWER_PATIENCE = 3.0  # the same where the stream is the answer to something that was sent
# What ended before a byte of the request was written; whatever else went wrong, it may have arrived.
_NEVER_LEFT = (
    httpx.ConnectError, httpx.ConnectTimeout, httpx.LocalProtocolError, httpx.InvalidURL, UnicodeEncodeError,
)  # fmt: skip
_DATA = re.compile(rb"^data: ?[^\s]", re.MULTILINE)
_EVENT_END = (b"\n\n", b"\r\n\r\n")
_READS = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Wire:
    """How to reach the services, and what the operator sends along to pass a platform's wall."""

    services: Mapping[str, Service]
    timeout: float
    headers: tuple[tuple[str, str], ...] = ()
    cacert: str | None = None
    insecure: bool = False


def tls_context(*, cacert: str | None, insecure: bool) -> ssl.SSLContext:
    """Build the one TLS context that all lines share (each costs 50 ms); it verifies unless told not to."""
    context = ssl.create_default_context(cafile=cacert)
    if insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def check_cacert(path: str) -> str:
    """Refuse a file of authorities that cannot be read, before the first request."""
    try:
        ssl.create_default_context(cafile=path)
    except (OSError, ssl.SSLError):
        raise UsageError(f"--cacert '{path}' holds no certificates", fix="name a PEM file of authorities") from None
    return path


class Line:
    """One worker's connections. httpcore's pool is linear in its connections, so that each worker has its own."""

    def __init__(self, wire: Wire, context: ssl.SSLContext | bool) -> None:  # noqa: FBT001 - httpx's own type
        """Open nothing yet."""
        self._wire = wire
        kept = httpx.Limits(max_connections=4, max_keepalive_connections=4, keepalive_expiry=4.0)
        once = httpx.Limits(max_connections=4, max_keepalive_connections=0)
        self._transport = httpx.AsyncHTTPTransport(verify=context, trust_env=False, retries=0, limits=kept)
        # What may not be sent twice has a connection of its own: on one that the server is closing just then, nobody
        # could tell whether it arrived.
        self._fresh = httpx.AsyncHTTPTransport(verify=context, trust_env=False, retries=0, limits=once)

    async def close(self) -> None:
        """Close its connections."""
        await self._transport.aclose()
        await self._fresh.aclose()

    async def exchange(self, request: Request) -> Answered | Unanswered:
        """Send one request and read its answer, all of it within the timeout."""
        started = time.monotonic()
        reading = _Reading()
        try:
            async with asyncio.timeout(self._wire.timeout):
                await self._read(request, reading)
        except TimeoutError:
            if reading.status is None:
                detail = f"no answer in {self._wire.timeout:g} s"
                return _unanswered(Cause.TIMEOUT, detail, started, arrived=True)
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
            if reading.status is None:
                cause, detail = _cause_of(error)
                return _unanswered(cause, detail, started, arrived=not isinstance(error, _NEVER_LEFT))
        return reading.answered(_since(started))

    async def _read(self, request: Request, reading: _Reading) -> None:
        service = self._wire.services[request.service]
        transport = self._transport if request.method in _READS else self._fresh
        response = await transport.handle_async_request(_as_httpx(request, service, self._wire))
        try:
            reading.head(response)
            await reading.body(response.aiter_raw(), asked=request.content is not None)
        finally:
            await response.aclose()
        await self._end_what_said_too_much()

    async def _end_what_said_too_much(self) -> None:
        """Close a connection that holds more than its answer: httpcore would take it for the answer to the next one."""
        for connection in self._transport._pool.connections:  # noqa: SLF001 - httpcore tells nobody, here and below
            inner = getattr(connection, "_connection", None)
            if not isinstance(inner, httpcore.AsyncHTTP11Connection) or not inner.is_idle():
                continue
            if inner._h11_state.trailing_data[0]:  # noqa: SLF001
                await inner.aclose()


class _Reading:
    """What has been read of an answer so far; it is still good when the rest never comes."""

    def __init__(self) -> None:
        self.status: int | None = None
        self._headers: tuple[tuple[str, str], ...] = ()
        self._body = bytearray()
        self._whole = False

    def head(self, response: httpx.Response) -> None:
        """Keep the status and the headers; bytes that are no ASCII stay readable as Latin-1."""
        kept, room = [], MOST_HEAD
        for name, value in response.headers.raw:
            if room <= 0:
                break
            kept.append((name.decode("latin-1").lower(), value[:room].decode("latin-1")))
            room -= A_LINE + len(name) + len(value)
        self._headers = tuple(kept)
        self.status = response.status_code

    async def body(self, chunks: AsyncIterator[bytes], *, asked: bool = False) -> None:
        """Read to the cap; of an event stream, to the end of its first event, and not for long."""
        if not any(name == "content-type" and "text/event-stream" in value.lower() for name, value in self._headers):
            await self._to_the_cap(chunks, enough=lambda _: False)
            return
        try:
            async with asyncio.timeout(ANSWER_PATIENCE if asked else STREAM_PATIENCE):
                await self._to_the_cap(chunks, enough=_has_told)
        except TimeoutError:
            return

    async def _to_the_cap(self, chunks: AsyncIterator[bytes], *, enough: Callable[[bytearray], bool]) -> None:
        async for chunk in chunks:
            self._body += chunk[: MOST_BODY - len(self._body)]
            if len(self._body) >= MOST_BODY or enough(self._body):
                return
        self._whole = True

    def answered(self, elapsed_ms: int) -> Answered:
        """Make the outcome; only called once there is a head."""
        body = _plain(bytes(self._body), dict(self._headers).get("content-encoding", ""))
        return Answered.of(
            status=self.status or 0, headers=self._headers, body=body, whole=self._whole, attempts=1,
            elapsed_ms=elapsed_ms,
        )  # fmt: skip


def _has_told(stream: bytearray) -> bool:
    """Say whether an event with something in it is complete: MCP streams may open with one that holds nothing."""
    told = _DATA.search(stream)
    return told is not None and any(stream.find(end, told.end()) >= 0 for end in _EVENT_END)


def _plain(body: bytes, encoding: str) -> bytes:
    """Undo gzip or deflate, which we asked not to get, to the cap and no further: the rest may be a bomb."""
    if encoding.strip().lower() not in {"gzip", "x-gzip", "deflate"}:
        return body
    try:
        return zlib.decompressobj(wbits=47).decompress(body, MOST_BODY)
    except zlib.error:
        return body


def _as_httpx(request: Request, service: Service, wire: Wire) -> httpx.Request:
    """Give the request with its target byte for byte: httpx would turn /a/../b into /b."""
    host = f"[{service.host}]" if ":" in service.host else service.host
    url = f"{service.scheme}://{host}:{service.port}/"
    # A little less for the connection: else the wall clock ends it first, and httpcore leaves the socket open.
    timeout = {"connect": wire.timeout * 0.9, "read": wire.timeout, "write": wire.timeout, "pool": wire.timeout}
    return httpx.Request(
        request.method,
        url,
        headers=[*request.headers, *wire.headers],
        content=request.content,
        extensions={"target": request.target.encode("ascii"), "timeout": timeout},
    )


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
        system = next(
            (os.strerror(link.errno) for link in chain if isinstance(link, OSError) and link.errno), "refused"
        )
        return Cause.REFUSED, f"no connection ({system.lower()})"
    if isinstance(error, httpx.TimeoutException):
        what = "connection" if isinstance(error, httpx.ConnectTimeout) else "answer"
        return Cause.TIMEOUT, f"no {what} in time"
    if isinstance(error, (httpx.LocalProtocolError, UnicodeEncodeError)):
        return Cause.PROTOCOL, f"the request cannot be written as HTTP: {error}"
    if isinstance(error, httpx.RemoteProtocolError):
        return Cause.PROTOCOL, f"the answer is not HTTP: {error}"
    return Cause.PROTOCOL, "the connection was closed before an answer"
