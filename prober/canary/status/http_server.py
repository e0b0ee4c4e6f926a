"""A small server for the page: HTTP/1.1 as h11 reads it, one request a connection, and an end to all that one may take.

It knows nothing of what it serves. Whoever is slow, or says too much, is shown out; the watch beside it goes on.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import h11

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

MOST_HEAD = 8 * 1024  # bytes of a request's line and headers; a body is never read
MOST_CONNECTIONS = 32
PATIENCE = 5.0  # seconds for a request to be there
GIVING = 20.0  # seconds for an answer to be taken
_READS = ("GET", "HEAD")


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpRequest:
    """What a client asked for; `client` is the address that it came from."""

    target: str
    headers: tuple[tuple[str, str], ...]
    client: str

    def header(self, name: str) -> str | None:
        """Give a header that was sent once; of two that differ nobody could tell which one counts."""
        found = [value for key, value in self.headers if key == name]
        return found[0] if len(found) == 1 else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What it is answered."""

    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = (("Content-Type", "text/plain; charset=utf-8"),)


class Listener:
    """Takes connections at a socket. When all places are taken, who has been there longest has to go."""

    def __init__(
        self,
        answer: Callable[[HttpRequest], Awaitable[Reply]],
        *,
        log: Callable[[str], None],
        patience: float = PATIENCE,
        giving: float = GIVING,
    ) -> None:
        """Take none yet; `say` hears of our own bugs."""
        self._answer, self._log, self._patience, self._giving = answer, log, patience, giving
        self._visits: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    async def serve(self, place: socket.socket) -> None:
        """Serve until it is cancelled."""
        server = await asyncio.start_server(self._visited, sock=place, limit=MOST_HEAD, backlog=MOST_CONNECTIONS)
        try:
            await asyncio.Event().wait()
        finally:
            server.close()
            for visit in tuple(self._visits):
                visit.cancel()

    async def _visited(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        visit = asyncio.current_task()
        if visit is None:
            return
        while len(self._visits) >= MOST_CONNECTIONS:
            oldest = next(iter(self._visits))
            _show_out(self._visits.pop(oldest))
            oldest.cancel()
        self._visits[visit] = writer
        try:
            await self._serve_one(reader, writer)
        except (TimeoutError, OSError, asyncio.CancelledError):
            _show_out(writer)
        finally:
            self._visits.pop(visit, None)
            writer.close()

    async def _serve_one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = h11.Connection(h11.SERVER, max_incomplete_event_size=MOST_HEAD)
        try:
            async with asyncio.timeout(self._patience):
                request = await _request(connection, reader)
        except h11.RemoteProtocolError as error:
            reply, bodiless = Reply(status=error.error_status_hint, body=b"no request that can be read\n"), False
        else:
            if request is None:
                return
            reply, bodiless = await self._reply(request, writer), request.method == b"HEAD"
        async with asyncio.timeout(self._giving):
            writer.transport.set_write_buffer_limits(0)  # 'drain' waits until the last byte is with the kernel
            writer.write(_written(connection, reply, bodiless=bodiless))
            await writer.drain()
            if writer.can_write_eof():
                writer.write_eof()

    async def _reply(self, request: h11.Request, writer: asyncio.StreamWriter) -> Reply:
        if request.method.decode("latin-1") not in _READS:
            allow = (("Allow", ", ".join(_READS)), ("Content-Type", "text/plain; charset=utf-8"))
            return Reply(status=405, body=b"this page is only for reading\n", headers=allow)
        peer = writer.get_extra_info("peername")
        asked = HttpRequest(
            target=request.target.decode("latin-1"),
            headers=tuple((name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in request.headers),
            client=str(peer[0]) if isinstance(peer, tuple) and peer else "",
        )
        try:
            return await self._answer(asked)
        except Exception as error:  # noqa: BLE001 - a bug in a page is logged, and ends nothing else
            self._log(f"the page failed: {type(error).__name__}")
            return Reply(status=500, body=b"a bug in the prober: its log names it\n")


def _show_out(writer: asyncio.StreamWriter) -> None:
    """Close it at once: the kernel, too, would else go on to hold what nobody takes."""
    place = writer.get_extra_info("socket")
    if place is not None and not writer.is_closing():
        with suppress(OSError):
            place.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def _request(connection: h11.Connection, reader: asyncio.StreamReader) -> h11.Request | None:
    """Read the head of a request; None where the client went away."""
    while True:
        event = connection.next_event()
        if isinstance(event, h11.Request):
            return event
        if event is not h11.NEED_DATA:
            return None
        connection.receive_data(await reader.read(MOST_HEAD))


def _written(connection: h11.Connection, reply: Reply, *, bodiless: bool) -> bytes:
    headers = [*reply.headers, ("Content-Length", str(len(reply.body))), ("Connection", "close")]
    if reply.status == 304:  # noqa: PLR2004 - it is about what the client has
        headers = [(name, value) for name, value in headers if name != "Content-Length"]
    parts: list[bytes | None] = [connection.send(h11.Response(status_code=reply.status, headers=headers))]
    if reply.body and not bodiless:
        parts.append(connection.send(h11.Data(data=reply.body)))
    parts.append(connection.send(h11.EndOfMessage()))
    return b"".join(filter(None, parts))


def listening(host: str, port: int) -> socket.socket:
    """Take the place before the watch begins: who cannot have it must hear of it then."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    place = socket.socket(family)
    with suppress(OSError):
        place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        place.bind((host, port))
        place.listen(MOST_CONNECTIONS)
    except OSError:
        place.close()
        raise
    place.setblocking(False)  # noqa: FBT003 - the name of socket's own argument
    return place
