"""The bytes of one connection over TLS, and HTTP/2 on it: servers on loopback, also such as misbehave."""

from __future__ import annotations

import asyncio
import ssl
import tracemalloc
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import h2.config
import h2.connection
import h2.events
import pytest
import trustme

from prober.model import Answered, Cause, Request, Service, Unanswered
from prober.transport.byte_stream import ByteStream, Origin
from prober.transport.http import Connection
from prober.transport.network import Network

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    Play = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
    Speaks = h2.connection.H2Connection

pytestmark = pytest.mark.integration

AUTHORITY = trustme.CA()
KIB = 1024
LONG = 3 * KIB * KIB  # bytes of an answer that nobody reads at first
MOST_WAITING = 128 * KIB  # bytes of it that may be here by then


def contexts() -> tuple[ssl.SSLContext, ssl.SSLContext, ssl.SSLContext]:
    """Give the server's, which offers both protocols, and the client's, with HTTP/2 and without."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    AUTHORITY.issue_cert("127.0.0.1").configure_cert(server)
    server.set_alpn_protocols(["h2", "http/1.1"])
    mine = [ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT) for _ in range(2)]
    for context in mine:
        AUTHORITY.configure_trust(context)
    return server, mine[0], mine[1]


@asynccontextmanager
async def serving(play: Play, context: ssl.SSLContext) -> AsyncIterator[int]:
    """Serve over TLS, and give the port."""
    tasks: list[asyncio.Task[None]] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.append(task)
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            await play(reader, writer)
        writer.transport.abort()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def origin(port: int) -> Origin:
    return Origin(address="127.0.0.1", port=port, socket=None, sni="127.0.0.1", family=0, http2=False)


def test_a_server_that_sends_more_than_is_read_waits_and_every_byte_comes() -> None:
    sent = bytes(range(256)) * (LONG // 256)

    async def floods(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(sent)
        await writer.drain()
        await asyncio.sleep(30)

    async def main() -> tuple[int, bytes]:
        server, client, _ = contexts()
        async with serving(floods, server) as port, asyncio.timeout(20):
            stream = ByteStream()
            await stream.start(origin(port), client)
            await asyncio.sleep(0.3)
            waiting, got = len(stream._pending), b""  # what is held is what this is about
            while len(got) < LONG:
                got += await stream.read(64 * KIB)
            stream.close()
            return waiting, got

    waiting, got = asyncio.run(main())
    assert 0 < waiting <= MOST_WAITING
    assert got == sent


def test_a_connection_over_tls_takes_no_buffer_of_a_quarter_of_a_megabyte() -> None:
    _, client, _ = contexts()
    held: list[ByteStream] = []
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for _ in range(20):
            held.append(ByteStream())
            held[-1].tls = client.wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), server_hostname="127.0.0.1")
        each = (tracemalloc.get_traced_memory()[0] - before) / len(held)
    finally:
        tracemalloc.stop()
    assert each < 16 * KIB


@dataclass
class Heard:
    """What a server of HTTP/2 was asked, and over how many connections."""

    connections: int = 0
    asked: list[dict[str, str]] = field(default_factory=list)


def speaks_http2(heard: Heard, answer: Callable[[Speaks, int], None]) -> Play:
    async def play(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.connections += 1
        speaks = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False))
        speaks.initiate_connection()
        writer.write(speaks.data_to_send())
        while data := await reader.read(64 * KIB):
            for event in speaks.receive_data(data):
                if isinstance(event, h2.events.RequestReceived):
                    heard.asked.append({bytes(n).decode(): bytes(v).decode() for n, v in event.headers or ()})
                    answer(speaks, event.stream_id or 0)
            writer.write(speaks.data_to_send())
            await writer.drain()

    return play


def refuses(speaks: Speaks, number: int) -> None:
    speaks.send_headers(number, [(":status", "401"), ("content-type", "text/plain")])
    speaks.send_data(number, b"n")
    speaks.send_data(number, b"o", end_stream=True)


def refuses_after_interim(speaks: Speaks, number: int) -> None:
    speaks.send_headers(number, [(":status", "103"), ("link", "</a>")])
    refuses(speaks, number)


def refuses_and_says_goodbye(speaks: Speaks, number: int) -> None:
    refuses(speaks, number)
    speaks.close_connection()


def resets(speaks: Speaks, number: int) -> None:
    speaks.reset_stream(number, error_code=2)


def goes_away(speaks: Speaks, _: int) -> None:
    speaks.close_connection(error_code=11, last_stream_id=0)


async def speaks_wrongly(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(KIB)
    writer.write(b"\0\0\0\4\0\0\0\0\1")  # settings, of one stream
    await writer.drain()
    await asyncio.sleep(30)


async def leaves(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    await reader.read(KIB)


def asked_of(play: Play, *, times: int = 1, method: str = "GET") -> list[Answered | Unanswered]:
    """Ask over one worker's connections, with HTTP/2 offered."""

    async def main() -> list[Answered | Unanswered]:
        server, plain, offering = contexts()
        async with serving(play, server) as port:
            service = Service(
                name="web", url="https://127.0.0.1", scheme="https", host="127.0.0.1", port=port, base_path=""
            )
            connection = Connection(Network(services={"web": service}, timeout=3), plain, http2_context=offering)
            headers = (("User-Agent", "A browser"), ("X-Own", "v"))
            request = Request(service="web", method=method, target="/a%2Fb?c", headers=headers, offers_http2=True)
            try:
                return [await connection.exchange(request) for _ in range(times)]
            finally:
                await connection.close()

    return asyncio.run(main())


@pytest.mark.parametrize("answer", [refuses, refuses_after_interim])
def test_an_answer_over_http_2_is_read_and_its_connection_used_again(answer: Callable[[Speaks, int], None]) -> None:
    heard = Heard()
    outcomes = asked_of(speaks_http2(heard, answer), times=3)
    assert heard.connections == 1
    assert [one[":path"] for one in heard.asked] == ["/a%2Fb?c"] * 3
    assert heard.asked[0][":authority"].startswith("127.0.0.1:")
    assert "host" not in heard.asked[0]
    assert heard.asked[0]["x-own"] == "v"
    assert [(one.status, one.body) for one in outcomes if isinstance(one, Answered)] == [(401, b"no")] * 3


def test_after_a_goodbye_the_next_request_has_another_connection() -> None:
    heard = Heard()
    outcomes = asked_of(speaks_http2(heard, refuses_and_says_goodbye), times=2)
    assert heard.connections == 2
    assert all(isinstance(one, Answered) and one.status == 401 for one in outcomes)


@pytest.mark.parametrize(
    "play",
    [
        pytest.param(speaks_http2(Heard(), resets), id="reset"),
        pytest.param(speaks_http2(Heard(), goes_away), id="goodbye-before-the-request"),
        pytest.param(speaks_wrongly, id="no-http-2"),
        pytest.param(leaves, id="closed"),
    ],
)
def test_no_answer_over_http_2_may_have_arrived(play: Play) -> None:
    (outcome,) = asked_of(play)
    assert isinstance(outcome, Unanswered)
    assert (outcome.cause, outcome.arrived) == (Cause.PROTOCOL, True), outcome.detail


def test_a_request_that_must_not_be_sent_twice_has_a_connection_of_its_own_over_http_2_too() -> None:
    heard = Heard()
    asked_of(speaks_http2(heard, refuses), times=2, method="POST")
    assert heard.connections == 2
