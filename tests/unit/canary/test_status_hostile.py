"""What no client of the status page can do."""

from __future__ import annotations

import asyncio
import socket
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest

from prober.canary.status.http_server import MOST_CONNECTIONS, MOST_HEAD, HttpRequest, Listener, Reply, listening
from prober.model import Reason
from tests.support.status_visits import Visitor

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine

    from prober.report.shape import Record

pytestmark = pytest.mark.integration


@asynccontextmanager
async def echoing(
    answer: Callable[[HttpRequest], Coroutine[None, None, Reply]] | None = None, **how: Any
) -> AsyncIterator[tuple[Visitor, list[str]]]:
    async def own(request: HttpRequest) -> Reply:
        return Reply(status=200, body=request.target.encode())

    place = listening("127.0.0.1", 0)
    said: list[str] = []
    task = asyncio.ensure_future(Listener(answer or own, log=said.append, **how).serve(place))
    try:
        yield Visitor(place.getsockname()[1]), said
    finally:
        task.cancel()
        await asyncio.wait({task})


def talk(sent: bytes, **how: Any) -> tuple[int, str, bytes]:
    async def main() -> tuple[int, str, bytes]:
        async with echoing(**how) as (visitor, _):
            return await visitor.raw(sent)

    return asyncio.run(main())


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        pytest.param(b"GET /a HTTP/1.1\r\nHost: h\r\n\r\n", 200, id="right"),
        pytest.param(b"GET /a HTTP/1.1\r\n\r\n", 400, id="no-host"),
        pytest.param(b"GET /a HTTP/1.1\r\nHost: h\r\nHost: i\r\n\r\n", 400, id="two-hosts"),
        pytest.param(b"GET / HTTP/1.1\r\nHost: h\r\nX: " + b"x" * 3 * MOST_HEAD + b"\r\n\r\n", 431, id="a-long-head"),
        pytest.param(b"GET /" + b"x" * MOST_HEAD, 431, id="a-long-line"),
        pytest.param(b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n", 405, id="post"),
        pytest.param(b"CONNECT h:1 HTTP/1.1\r\nHost: h\r\n\r\n", 405, id="connect"),
        pytest.param(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400, id="tls"),
        pytest.param(b"GET / HTTP/1.1\r\nHost: h\r\nA: b\x00c\r\n\r\n", 400, id="nul"),
    ],
)
def test_odd_requests_are_told_so(sent: bytes, status: int) -> None:
    assert talk(sent)[0] == status


def test_an_answer_to_head_has_no_body() -> None:
    status, head, body = talk(b"HEAD /abc HTTP/1.1\r\nHost: h\r\n\r\n")
    assert (status, "Content-Length: 4" in head, body) == (200, True, b"")


@pytest.mark.parametrize("said", [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: h\r\n"])
def test_who_does_not_finish_asking_is_shown_out(said: bytes) -> None:
    async def main() -> bytes:
        async with echoing(patience=0.2) as (visitor, _):
            reader, writer = await asyncio.open_connection("127.0.0.1", visitor.port)
            writer.write(said)
            try:
                return await asyncio.wait_for(reader.read(), 5)
            except ConnectionResetError:
                return b""
            finally:
                writer.transport.abort()

    assert asyncio.run(main()) == b""


def test_who_does_not_take_the_answer_is_shown_out() -> None:
    large = Reply(status=200, body=b"x" * 30_000_000)

    async def answer(_: HttpRequest) -> Reply:
        return large

    async def main() -> int:
        async with echoing(answer, giving=0.3) as (visitor, _):
            with socket.create_connection(("127.0.0.1", visitor.port)) as slow:
                slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                slow.sendall(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n")
                await asyncio.sleep(1.0)
                slow.settimeout(2)
                read = 0
                try:
                    while chunk := slow.recv(1 << 20):
                        read += len(chunk)
                except ConnectionResetError:
                    pass
                return read

    assert 0 < asyncio.run(main()) < 30_000_000


def test_hundreds_that_wait_do_not_keep_the_next_one_out() -> None:
    async def main() -> tuple[int, int]:
        async with echoing(patience=30.0) as (visitor, _):
            idle = [await asyncio.open_connection("127.0.0.1", visitor.port) for _ in range(4 * MOST_CONNECTIONS)]
            began = time.monotonic()
            status, *_ = await visitor.raw(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n")
            assert time.monotonic() - began < 2
            out = await asyncio.gather(*(asyncio.wait_for(r.read(), 2) for r, _ in idle[:10]), return_exceptions=True)
            for _, writer in idle:
                writer.transport.abort()
            return status, sum(1 for one in out if one == b"" or isinstance(one, ConnectionResetError))

    assert asyncio.run(main()) == (200, 10)


def test_a_bug_in_a_page_is_told_and_ends_nothing() -> None:
    async def answer(request: HttpRequest) -> Reply:
        if request.target == "/bad":
            raise KeyError("s3cret")
        return Reply(status=200)

    async def main() -> tuple[int, int, list[str]]:
        async with echoing(answer) as (visitor, said):
            return (await visitor.get("/bad"))[0], (await visitor.get("/"))[0], said

    assert asyncio.run(main()) == (500, 200, ["the page failed: KeyError"])


def test_reasons_are_words_of_ours(leaking: Record) -> None:
    """What the metrics have as labels."""
    assert {finding["reason"] for finding in leaking["findings"]} <= set(Reason)
