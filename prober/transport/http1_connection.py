"""One connection that speaks HTTP/1.1: asyncio moves the bytes and h11 reads them. Judges nothing.

A library's client costs half of a run's CPU and 80 ms of its start, for pools, redirects and cookies that a probe must
not have. Nothing is followed, kept, sent again or rewritten here, and the target is sent byte for byte.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import h11

from prober.model import Cause
from prober.transport.failures import ExchangeError, connect_error, failed_midway

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator, Iterable

_READ = 64 * 1024  # bytes that are parsed at a time
_MOST_HEAD = 100 * 1024  # bytes of a head
_MOST_PENDING = 64 * 1024  # bytes that have arrived and are not parsed; more stay with the server
_MOST_ASIDE = 100  # headers of interim answers and trailers
KEEP = 4.0  # seconds: servers close what is idle for longer, perhaps just when it is used again


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a connection leads. Equal ones may share connections."""

    address: str
    port: int
    socket: str | None
    sni: str | None  # the name in the certificate; None without TLS
    family: int


class Http1Connection(asyncio.Protocol):
    """One connection. It can be used again only after an answer that was read to its end, with nothing behind it."""

    def __init__(self) -> None:
        """Wait to be connected."""
        self._h11 = h11.Connection(h11.CLIENT, max_incomplete_event_size=_MOST_HEAD)
        self._transport: asyncio.Transport | None = None
        self._pending = bytearray()
        self._ended = False  # the server sends no more
        self._error: Exception | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._is_paused = False
        self.is_in_handshake = False  # whoever waited for the connection gave up during TLS's handshake
        self._idle_since = time.monotonic()
        self.aside: list[tuple[bytes, bytes]] = []  # headers of interim answers and trailers, of the last answer

    # --- what asyncio calls -------------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Keep what arrived, up to a limit."""
        self._pending += data
        if len(self._pending) > _MOST_PENDING and self._transport is not None and not self._is_paused:
            self._is_paused = True
            self._transport.pause_reading()
        self._wake()

    def eof_received(self) -> bool:
        """Remember that no more comes; the transport closes itself."""
        self._ended = True
        self._wake()
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """Remember how it ended."""
        self._ended, self._error = True, exc
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    # --- one request --------------------------------------------------------------------------------------------------

    async def start(self, origin: Origin, context: ssl.SSLContext | None) -> None:
        """Connect, and shake hands over TLS; raises an ExchangeError that says which of the two failed."""
        loop = asyncio.get_running_loop()
        over_tls = False
        try:
            if origin.socket is not None:
                await loop.create_unix_connection(lambda: self, origin.socket)
            else:
                await loop.create_connection(lambda: self, origin.address, origin.port, family=origin.family)
            if origin.sni is not None and context is not None and self._transport is not None:
                over_tls = True
                self._transport = await loop.start_tls(
                    self._transport, self, context, server_hostname=origin.sni, ssl_handshake_timeout=86_400
                )
        except (OSError, UnicodeError) as error:
            self.close()
            raise connect_error(error, in_handshake=over_tls) from error
        except asyncio.CancelledError:
            self.close()
            self.is_in_handshake = over_tls
            raise

    @property
    def tls_object(self) -> object:
        """The TLS connection, from which a certificate can be read."""
        return None if self._transport is None else self._transport.get_extra_info("ssl_object")

    @property
    def is_usable(self) -> bool:
        """Say whether the next request may go out here: nothing has arrived since the last answer, and it is young."""
        if self._transport is None or self._transport.is_closing() or self._ended or self._pending:
            return False
        return time.monotonic() - self._idle_since <= KEEP

    def send(self, method: bytes, target: bytes, headers: list[tuple[bytes, bytes]], content: bytes | None) -> None:
        """Write the request; raises an ExchangeError before the first byte where HTTP cannot carry it."""
        try:
            request = h11.Request(method=method, target=target, headers=headers)
            parts = [self._h11.send(request)]
            if content:
                parts.append(self._h11.send(h11.Data(data=content)))
            parts.append(self._h11.send(h11.EndOfMessage()))
        except h11.LocalProtocolError as error:
            detail = f"the request cannot be written as HTTP: {error}"
            raise ExchangeError(Cause.PROTOCOL, detail, arrived=False) from error
        if self._transport is not None:
            self._transport.write(b"".join(part for part in parts if part))

    async def head(self) -> tuple[int, list[tuple[bytes, bytes]]]:
        """Give the status and the headers of the answer; interim ones are put aside, but for 101, which is final."""
        self.aside = []
        while True:
            event = await self._event()
            if not isinstance(event, (h11.Response, h11.InformationalResponse)):
                continue
            if isinstance(event, h11.Response) or event.status_code == 101:  # noqa: PLR2004 - HTTP's own
                return event.status_code, event.headers.raw_items()
            self._put_aside(event.headers)

    async def body(self) -> AsyncIterator[bytes]:
        """Give the body as it comes."""
        while True:
            event = await self._event()
            if isinstance(event, h11.Data):
                yield bytes(event.data)
            elif isinstance(event, h11.EndOfMessage):
                self._put_aside(event.headers)
                return
            elif event is h11.PAUSED:
                return

    def _put_aside(self, headers: Iterable[tuple[bytes, bytes]]) -> None:
        room = _MOST_ASIDE - len(self.aside)
        if room > 0:
            self.aside += list(headers)[:room]

    def finish(self, *, close: bool) -> None:
        """Make ready for the next request, or close: also after half an answer, and where more came than the answer."""
        whole = self._h11.our_state is h11.DONE and self._h11.their_state is h11.DONE
        if not close and whole and not self._h11.trailing_data[0] and not self._pending and not self._ended:
            self._h11.start_next_cycle()
            self._idle_since = time.monotonic()
        else:
            self.close()

    def close(self) -> None:
        """Close at once: to wait for TLS's goodbye would hold a quarter of a megabyte for each connection."""
        self._ended = True
        if self._transport is not None:
            self._transport.abort()

    async def _event(self) -> object:
        while True:
            try:
                event = self._h11.next_event()
            except h11.RemoteProtocolError as error:
                detail = f"the response is not HTTP: {error}"
                raise ExchangeError(Cause.PROTOCOL, detail, arrived=True) from error
            if event is not h11.NEED_DATA:
                return event
            data = await self._more()
            if not data and self._h11.their_state is h11.SEND_RESPONSE:
                detail = "the response is not HTTP: Server disconnected without sending a response."
                raise ExchangeError(Cause.PROTOCOL, detail, arrived=True)
            self._h11.receive_data(data)

    async def _more(self) -> bytes:
        """Give what has arrived, empty at the end; raises an ExchangeError where the connection broke."""
        if self._pending:
            await asyncio.sleep(0)  # a server that floods us must not keep the timeouts of others from being noticed
        while not self._pending:
            if self._error is not None:
                raise failed_midway(self._error)
            if self._ended:
                return b""
            if self._is_paused and self._transport is not None:
                self._is_paused = False
                self._transport.resume_reading()
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        data = bytes(self._pending[:_READ])
        del self._pending[:_READ]
        return data
