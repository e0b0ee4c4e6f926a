"""A server of bytes on loopback, and one request to it."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from prober.model import Answered, Request, Service, Unanswered
from prober.transport.http import Connection
from prober.transport.network import Network

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

    Outcome = Answered | Unanswered

TIMEOUT = 3.0  # what no test waits for
SHORT = 0.4  # what a test of a timeout waits for


@dataclass
class Visit:
    """One connection, as its server sees it."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    number: int  # of this connection, from 1
    heard: list[bytes]

    async def listen(self) -> bytes:
        """Read one request, head and body, byte for byte."""
        head = await self.reader.readuntil(b"\r\n\r\n")
        sizes = [line[15:] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
        request = head + await self.reader.readexactly(int(sizes[0]) if sizes else 0)
        self.heard.append(request)
        return request

    async def say(self, *parts: bytes, every: float = 0.0) -> None:
        for part in parts:
            self.writer.write(part)
            await self.writer.drain()
            await asyncio.sleep(every)

    async def wait(self) -> None:
        await asyncio.sleep(60)


@dataclass
class Raw:
    """A server of bytes: what it heard, on which port, and over how many connections."""

    port: int = 0
    heard: list[bytes] = field(default_factory=list)
    visits: int = 0

    def target(self, number: int = 0) -> str:
        return self.heard[number].split(b"\r\n")[0].decode()

    def lines(self, number: int = 0) -> list[str]:
        return self.heard[number].split(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")[1:]

    def lines_of(self, name: str, number: int = 0) -> list[str]:
        return [line for line in self.lines(number) if line.lower().startswith(name.lower() + ":")]


@asynccontextmanager
async def raw_server(play: Callable[[Visit], Awaitable[None]], tls: ssl.SSLContext | None = None) -> AsyncIterator[Raw]:
    raw = Raw()
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks.add(asyncio.current_task())  # type: ignore[arg-type]
        raw.visits += 1
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            await play(Visit(reader, writer, raw.visits, raw.heard))
        writer.transport.abort() if writer.is_closing() else writer.close()
        with suppress(OSError, asyncio.CancelledError):
            await asyncio.wait_for(writer.wait_closed(), 1)

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    raw.port = server.sockets[0].getsockname()[1]
    try:
        yield raw
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def says(*parts: bytes, hold: bool = False, every: float = 0.0) -> Callable[[Visit], Awaitable[None]]:
    """Hear one request, say this, and close; or keep the connection open and say no more."""

    async def play(visit: Visit) -> None:
        await visit.listen()
        await visit.say(*parts, every=every)
        if hold:
            await visit.wait()

    return play


def serves(*answers: bytes) -> Callable[[Visit], Awaitable[None]]:
    """Answer each request on a connection with the next of these, and keep it open."""

    async def play(visit: Visit) -> None:
        for answer in answers:
            await visit.listen()
            await visit.say(answer)
        await visit.wait()

    return play


def for_ever(head: bytes, part: bytes, *, every: float = 0.0) -> Callable[[Visit], Awaitable[None]]:
    """Say a head, and then the same thing until nobody listens."""

    async def play(visit: Visit) -> None:
        await visit.listen()
        await visit.say(head)
        while True:
            await visit.say(part, every=every)

    return play


OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
REFUSED = b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\nno"


def get(target: str = "/", *headers: tuple[str, str], method: str = "GET", content: bytes | None = None) -> Request:
    return Request(service="web", method=method, target=target, headers=headers, content=content)


def service_at(port: int, *, scheme: str = "http", host: str = "127.0.0.1") -> Service:
    return Service(name="web", url=f"{scheme}://{host}:{port}", scheme=scheme, host=host, port=port, base_path="")


async def sent(
    port: int,
    *requests: Request,
    timeout: float = TIMEOUT,  # noqa: ASYNC109 - the transport's own, which is what is tested
    context: ssl.SSLContext | None = None,
    host: str = "127.0.0.1",
    headers: tuple[tuple[str, str], ...] = (),
) -> list[Outcome]:
    """Send these one after the other over one line."""
    scheme = "https" if context else "http"
    network = Network(services={"web": service_at(port, scheme=scheme, host=host)}, timeout=timeout, headers=headers)
    line = Connection(network, context or None)
    try:
        return [await line.exchange(request) for request in requests]
    finally:
        await line.close()


def ask(
    play: Callable[[Visit], Awaitable[None]],
    *requests: Request,
    tls: ssl.SSLContext | None = None,
    host: str = "127.0.0.1",
    **how: object,
) -> tuple[list[Outcome], Raw]:
    """Send these to such a server; give what came back, and the server."""

    async def main() -> tuple[list[Outcome], Raw]:
        async with raw_server(play, tls) as raw:
            return await sent(raw.port, *(requests or (get(),)), host=host, **how), raw  # type: ignore[arg-type]

    return asyncio.run(main())


def answered(outcome: Outcome) -> Answered:
    assert isinstance(outcome, Answered), outcome
    return outcome


def unanswered(outcome: Outcome) -> Unanswered:
    assert isinstance(outcome, Unanswered), outcome
    return outcome


@contextmanager
def within(seconds: float) -> Iterator[None]:
    started = time.monotonic()
    yield
    assert time.monotonic() - started < seconds


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
STREAM = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
EVENT = b'event: message\ndata: {"jsonrpc":"2.0"}\n\n'


def chunk(part: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(part), part)


def encoded(name: bytes, body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Encoding: %s\r\nContent-Length: %d\r\n\r\n%s" % (name, len(body), body)
