"""The bytes of one connection: TCP or a socket file, with TLS or without it. Judges nothing.

asyncio's own TLS takes 256 KiB for each connection, and fills them with zeros. Here all connections of a thread
read into one of 64 KiB, and `ssl` decrypts from memory.
"""

from __future__ import annotations

import asyncio
import ssl
import threading
from dataclasses import dataclass

from prober.transport.failures import connect_error, failed_midway

_AT_ONCE = 64 * 1024  # bytes that one read of a socket takes
_MOST_PENDING = 64 * 1024  # bytes that have arrived and are not read; more stay with the server


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a connection leads. Equal ones may share connections."""

    address: str
    port: int
    socket: str | None
    sni: str | None  # the name in the certificate; None without TLS
    family: int
    http2: bool  # is offered in the handshake


class _Room(threading.local):
    """Where asyncio writes what it reads. It is taken out before the thread reads from another connection."""

    def __init__(self) -> None:
        """Make it, once for each thread that reads."""
        self.bytes = bytearray(_AT_ONCE)


_ROOM = _Room()


class ByteStream(asyncio.BufferedProtocol):
    """One connection's bytes, decrypted. They wait here until they are read; while there are many, the server waits."""

    def __init__(self) -> None:
        """Wait to be connected."""
        self.has_ended = False  # the server sends no more
        self.is_in_handshake = False  # whoever waited for the connection gave up during TLS's handshake
        self.tls: ssl.SSLObject | None = None  # from which a certificate can be read
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._is_secure = False  # the handshake is over
        self._transport: asyncio.Transport | None = None
        self._pending = bytearray()
        self._error: Exception | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._is_paused = False

    # --- what asyncio calls -------------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def get_buffer(self, sizehint: int) -> bytearray:  # noqa: ARG002 - asyncio's own signature
        """Give the room for what arrives next."""
        return _ROOM.bytes

    def buffer_updated(self, nbytes: int) -> None:
        """Keep what arrived, up to a limit."""
        arrived = memoryview(_ROOM.bytes)[:nbytes]
        if self.tls is None:
            self._pending += arrived
        else:
            self._incoming.write(arrived)
            if self._is_secure:
                self._decrypt()
        if len(self._pending) > _MOST_PENDING and self._transport is not None and not self._is_paused:
            self._is_paused = True
            self._transport.pause_reading()
        self._wake()

    def eof_received(self) -> bool:
        """Remember that no more comes; the transport closes itself."""
        self.has_ended = True
        self._wake()
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """Remember how it ended."""
        self.has_ended, self._error = True, self._error or exc
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def _arrival(self) -> None:
        self._waiter = asyncio.get_running_loop().create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None

    # --- what HTTP calls ----------------------------------------------------------------------------------------------

    async def start(self, origin: Origin, context: ssl.SSLContext | None) -> None:
        """Connect, and shake hands over TLS; raises an ExchangeError that says which of the two failed."""
        loop = asyncio.get_running_loop()
        over_tls = False
        try:
            if origin.sni is not None and context is not None:
                self.tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=origin.sni)
            if origin.socket is not None:
                await loop.create_unix_connection(lambda: self, origin.socket)
            else:
                await loop.create_connection(lambda: self, origin.address, origin.port, family=origin.family)
            if self.tls is not None:
                over_tls = True
                await self._shake_hands(self.tls)
        except (OSError, UnicodeError) as error:
            self.close()
            raise connect_error(error, in_handshake=over_tls) from error
        except asyncio.CancelledError:
            self.close()
            self.is_in_handshake = over_tls
            raise

    async def _shake_hands(self, tls: ssl.SSLObject) -> None:
        while True:
            try:
                tls.do_handshake()
            except ssl.SSLWantReadError:
                self._flush()
            except ssl.SSLError:
                self._flush()  # the alert that says why
                raise
            else:
                break
            if self.has_ended:  # without the system's number, which would read as if nobody listened
                raise ConnectionResetError from self._error
            await self._arrival()
        self._is_secure = True
        self._flush()
        self._decrypt()  # what came with the end of the handshake

    def _decrypt(self) -> None:
        """Move what has arrived to what can be read."""
        assert self.tls is not None
        try:
            while data := self.tls.read(_MOST_PENDING):
                self._pending += data
            self.has_ended = True  # TLS's goodbye
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLError as error:
            self._error = self._error or error
            self.close()
        self._flush()

    def _flush(self) -> None:
        if self._transport is not None and self._outgoing.pending:
            self._transport.write(self._outgoing.read())

    @property
    def is_quiet(self) -> bool:
        """Say whether the connection stands, and nothing has arrived that was not read."""
        return self._transport is not None and not (self._transport.is_closing() or self.has_ended or self._pending)

    @property
    def protocol(self) -> str | None:
        """The protocol that the server chose in the handshake, of those that were offered."""
        return None if self.tls is None else self.tls.selected_alpn_protocol()

    def write(self, data: bytes) -> None:
        """Send these bytes; where that fails, reading says so."""
        if self._transport is None:
            return
        if self.tls is None:
            self._transport.write(data)
            return
        left = memoryview(data)
        try:
            while left:
                left = left[self.tls.write(left) :]
        except ssl.SSLError as error:
            self._error = self._error or error
            self.close()
        self._flush()

    async def read(self, most: int) -> bytes:
        """Give what has arrived, empty at the end; raises an ExchangeError where the connection broke."""
        if self._pending:
            await asyncio.sleep(0)  # a server that floods us must not keep the timeouts of others from being noticed
        while not self._pending:
            if self._error is not None:
                raise failed_midway(self._error)
            if self.has_ended:
                return b""
            if self._is_paused and self._transport is not None:
                self._is_paused = False
                self._transport.resume_reading()
            await self._arrival()
        data = bytes(self._pending[:most])
        del self._pending[:most]
        return data

    def close(self) -> None:
        """Close at once: to wait for TLS's goodbye would hold the connection's memory."""
        self.has_ended = True
        if self._transport is not None:
            self._transport.abort()
