"""The transport: real sockets on loopback, the bytes that arrive there, and whatever a deployment may answer.

Nothing of httpx is replaced. Each server keeps what it heard, and a test asserts that first.
"""

from __future__ import annotations

import asyncio
import gzip
import socket
import ssl
import threading
import time
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import brotli
import pytest
import trustme

from prober.errors import UsageError
from prober.model import Answered, Cause, Request, Service, Unanswered
from prober.transport.body import MOST_BODY, STREAM_PATIENCE
from prober.transport.http import Connection
from prober.transport.network import Network, TlsSettings, check_tls

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
    from pathlib import Path

    Outcome = Answered | Unanswered

pytestmark = pytest.mark.integration

SOON = STREAM_PATIENCE * 0.8  # before patience ends
TIMEOUT = 3.0  # what no test waits for
SHORT = 0.4  # what a test of a timeout waits for
# No resolver asks a network for a name of which one part has more than 63 letters.
NO_NAME = f"{'a' * 64}.test"


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


Play = "Callable[[Visit], Awaitable[None]]"


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


def dripped(head: bytes) -> Callable[[Visit], Awaitable[None]]:
    return says(*(head[i : i + 1] for i in range(len(head))), every=0.05)


async def closes_at_once(visit: Visit) -> None:
    visit.writer.close()


async def closes_in_silence(visit: Visit) -> None:
    await visit.listen()


async def resets(visit: Visit) -> None:
    await visit.listen()
    sock = visit.writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    visit.writer.transport.abort()


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


# --- what goes out ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "target",
    [
        pytest.param("/", id="root"),
        pytest.param("/a/../b", id="dot-segments"),
        pytest.param("/a/./b", id="single-dot"),
        pytest.param("//x", id="double-slash-in-front"),
        pytest.param("/a//b", id="double-slash"),
        pytest.param("/a/%2e%2e/b", id="encoded-dots"),
        pytest.param("/a%2Fb", id="encoded-slash"),
        pytest.param("/%61dmin", id="encoded-letter"),
        pytest.param("/%zz", id="no-percent-encoding-at-all"),
        pytest.param("/a;x=1/b", id="semicolon"),
        pytest.param("/a\\b", id="backslash"),
        pytest.param("/a?b=c&b=d&e", id="query"),
        pytest.param("/a?", id="empty-query"),
        pytest.param("/a?token=", id="empty-value"),
        pytest.param("/a?x=%20+y", id="encoded-space"),
        pytest.param("/'\"<>{}|^`", id="what-a-browser-would-encode"),
        pytest.param("http://other.test/a", id="absolute-form"),
        pytest.param("*", id="asterisk-form"),
        pytest.param("/a/", id="trailing-slash"),
        pytest.param("/A", id="upper-case"),
    ],
)
def test_the_request_target_arrives_byte_for_byte(target: str) -> None:
    (outcome,), raw = ask(says(OK), get(target))
    assert answered(outcome).status == 200
    assert raw.target() == f"GET {target} HTTP/1.1"


@pytest.mark.parametrize(
    "request_",
    [
        pytest.param(get("/a b"), id="space-in-the-target"),
        pytest.param(get("/a\r\nX: y"), id="line-break-in-the-target"),
        pytest.param(get("/ä"), id="letter-that-is-no-ascii-in-the-target"),
        pytest.param(get("/", ("Authorization", "Bearer x\r\nX: y")), id="line-break-in-a-header"),
        pytest.param(get("/", ("Authorization", "Bearer \x00")), id="nul-in-a-header"),
        pytest.param(get("/", ("Authorization", "Bearer \u20ac")), id="letter-that-is-no-ascii-in-a-header"),
        pytest.param(get("/", ("X Y", "z")), id="space-in-a-header-name"),
        pytest.param(get("/", method="GE T"), id="space-in-the-method"),
    ],
)
def test_what_http_cannot_carry_is_never_sent_and_says_so(request_: Request) -> None:
    (good, bad), raw = ask(serves(OK), get("/first"), request_)
    assert answered(good).status == 200
    assert raw.target() == "GET /first HTTP/1.1"
    assert (unanswered(bad).cause, unanswered(bad).arrived) == (Cause.PROTOCOL, False)
    assert "cannot be written as HTTP" in unanswered(bad).detail
    assert len(raw.heard) == 1


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param((("Authorization", "Bearer a"), ("Authorization", "Bearer b")), id="two-stay-two"),
        pytest.param((("Authorization", "Bearer  x"),), id="two-spaces"),
        pytest.param((("authorization", "Bearer x"), ("AUTHORIZATION", "Bearer y")), id="case-of-the-name"),
        pytest.param((("X-Api-Key", "a"), ("Cookie", "a=b; c=d"), ("X-Api-Key", "b")), id="order"),
        pytest.param((("Cookie", "a=b"), ("Cookie", "c=d")), id="two-cookie-lines"),
        pytest.param((("Accept-Encoding", "identity"), ("Accept", "*/*"), ("User-Agent", "x (y)")), id="every-request's"),
        pytest.param((("Cache-Control", "no-cache"), ("X-Forwarded-For", "127.0.0.1")), id="variant"),
    ],
)  # fmt: skip
def test_header_lines_arrive_exactly_as_planned_and_no_others(headers: tuple[tuple[str, str], ...]) -> None:
    (outcome,), raw = ask(says(OK), get("/", *headers))
    assert answered(outcome).status == 200
    assert raw.lines() == [f"Host: 127.0.0.1:{raw.port}", *(f"{name}: {value}" for name, value in headers)]


def test_an_empty_header_value_arrives_empty() -> None:
    (outcome,), raw = ask(says(OK), get("/", ("Authorization", "")))
    assert answered(outcome).status == 200
    assert [line.strip() for line in raw.lines_of("authorization")] == ["Authorization:"]


def test_a_plan_that_names_its_own_host_replaces_ours() -> None:
    (outcome,), raw = ask(says(OK), get("/", ("Host", "evil.test")))
    assert answered(outcome).status == 200
    assert raw.lines() == ["Host: evil.test"]


def test_a_body_arrives_whole_with_its_length() -> None:
    (outcome,), raw = ask(
        says(OK), get("/x", ("Content-Type", "application/json"), method="POST", content=b'{"a":"\xc3\xa4"}')
    )
    assert answered(outcome).status == 200
    assert raw.heard[0].split(b"\r\n\r\n", 1)[1] == b'{"a":"\xc3\xa4"}'
    assert sorted(raw.lines()) == ["Content-Length: 10", "Content-Type: application/json", f"Host: 127.0.0.1:{raw.port}"]  # fmt: skip


def test_a_post_without_a_body_says_so() -> None:
    (outcome,), raw = ask(says(OK), get("/x", method="POST"))
    assert answered(outcome).status == 200
    assert raw.lines_of("transfer-encoding") == []
    assert raw.lines_of("content-length") == ["Content-Length: 0"]


def test_the_operators_own_headers_go_with_every_request() -> None:
    outcomes, raw = ask(serves(OK, OK), get("/1"), get("/2", ("X", "y")), headers=(("X-Pass", "wall"),))
    assert [answered(outcome).status for outcome in outcomes] == [200, 200]
    assert [raw.lines_of("x-pass", n) for n in (0, 1)] == [["X-Pass: wall"], ["X-Pass: wall"]]


def test_the_cookie_of_a_wall_joins_the_probes_own() -> None:
    asked = (get("/1"), get("/2", ("Cookie", "sid=bogus"), ("X", "y")))
    outcomes, raw = ask(serves(OK, OK), *asked, headers=(("Cookie", "staging=in"), ("X-Pass", "wall")))
    assert [answered(outcome).status for outcome in outcomes] == [200, 200]
    assert raw.lines_of("cookie", 0) == ["Cookie: staging=in"]
    assert raw.lines_of("cookie", 1) == ["Cookie: staging=in; sid=bogus"]
    assert [raw.lines_of("x-pass", n) for n in (0, 1)] == [["X-Pass: wall"], ["X-Pass: wall"]]


def test_no_cookie_is_kept_after_a_set_cookie() -> None:
    baked = b"HTTP/1.1 200 OK\r\nSet-Cookie: session=real; Path=/\r\nContent-Length: 0\r\n\r\n"
    outcomes, raw = ask(serves(baked, OK), get("/1"), get("/2"))
    assert answered(outcomes[0]).header("set-cookie") == "session=real; Path=/"
    assert raw.target(1) == "GET /2 HTTP/1.1"
    assert raw.lines_of("cookie", 1) == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(status: int) -> None:
    moved = b"HTTP/1.1 %d Moved\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n" % status
    (outcome,), raw = ask(serves(moved, OK), get("/1"))
    assert (answered(outcome).status, answered(outcome).header("location")) == (status, "/elsewhere")
    assert [raw.target(n) for n in range(len(raw.heard))] == ["GET /1 HTTP/1.1"]


def test_neither_proxy_variables_nor_netrc_are_obeyed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    netrc = tmp_path / ".netrc"
    netrc.write_text("machine 127.0.0.1 login alice password wonderland\ndefault login alice password wonderland\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(netrc))
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")  # nobody listens on the discard port
    (outcome,), raw = ask(says(OK), get("/x", ("Authorization", "Bearer bogus")))
    assert answered(outcome).status == 200
    assert raw.target() == "GET /x HTTP/1.1"
    assert raw.lines_of("authorization") == ["Authorization: Bearer bogus"]


# --- what comes back --------------------------------------------------------------------------------------------------

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
STREAM = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
EVENT = b'event: message\ndata: {"jsonrpc":"2.0"}\n\n'
BOMB = gzip.compress(b"\0" * 30_000_000)


def chunk(part: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(part), part)


def encoded(name: bytes, body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Encoding: %s\r\nContent-Length: %d\r\n\r\n%s" % (name, len(body), body)


def test_an_answer_is_read_with_all_its_headers_in_small_letters() -> None:
    said = b"HTTP/1.1 401 No\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nX-Odd: \xe9\x1b\r\nContent-Length: 2\r\n\r\nno"
    (outcome,), _ = ask(says(said.replace(b"\x1b", b"!")))
    found = answered(outcome)
    assert (found.status, found.body, found.whole, found.attempts) == (401, b"no", True, 1)
    assert found.headers == (("set-cookie", "a=1"), ("set-cookie", "b=2"), ("x-odd", "\xe9!"), ("content-length", "2"))


@pytest.mark.parametrize(
    ("play", "body", "whole"),
    [
        pytest.param(says(OK), b"ok", True, id="with-a-length"),
        pytest.param(says(CHUNKED + chunk(b"ab") + chunk(b"c") + b"0\r\n\r\n"), b"abc", True, id="chunked"),
        pytest.param(says(b"HTTP/1.1 200 OK\r\n\r\nuntil the end"), b"until the end", True, id="until-the-connection-ends"),
        pytest.param(says(b"HTTP/1.0 200 OK\r\n\r\nold"), b"old", True, id="http-1.0"),
        pytest.param(says(b"HTTP/1.1 204 No Content\r\n\r\n"), b"", True, id="no-content"),
        pytest.param(says(b"HTTP/1.1 200 OK\nContent-Length: 2\n\nok"), b"ok", True, id="bare-line-feeds"),
        pytest.param(says(b"HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok"), b"ok", True, id="no-reason"),
        pytest.param(says(b"HTTP/1.1 200 OK\r\nX-A: b\r\n  folded\r\nContent-Length: 2\r\n\r\nok"), b"ok", True, id="folded-header"),
        pytest.param(says(b"HTTP/1.1 200 OK\r\nX-A: %s\r\nContent-Length: 2\r\n\r\nok" % (b"a" * 60_000)), b"ok", True, id="huge-header"),
        pytest.param(says(b"HTTP/1.1 200 OK\r\n" + b"X-A: b\r\n" * 3000 + b"Content-Length: 2\r\n\r\nok"), b"ok", True, id="many-headers"),
        pytest.param(says(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n", OK), b"ok", True, id="early-hints-first"),
        pytest.param(says(b"HTTP/1.1 100 Continue\r\n\r\n" * 50, OK), b"ok", True, id="many-continues-first"),
        pytest.param(says(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort"), b"short", False, id="length-too-long-and-closed"),
        pytest.param(says(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok and more"), b"ok", True, id="length-too-short"),
        pytest.param(says(CHUNKED + chunk(b"part")), b"part", False, id="chunks-that-end-too-soon"),
        pytest.param(says(CHUNKED + chunk(b"part") + b"zz\r\n"), b"part", False, id="garbage-for-a-chunk"),
        pytest.param(says(encoded(b"gzip", gzip.compress(b"plain"))), b"plain", True, id="gzip-all-the-same"),
        pytest.param(says(encoded(b"gzip", b"not gzip")), b"not gzip", True, id="gzip-that-is-none"),
        pytest.param(says(encoded(b"br", brotli.compress(b"plain"))), b"plain", True, id="br-all-the-same"),
        pytest.param(says(encoded(b"x-own", b"\x0b\x02")), b"\x0b\x02", True, id="an-encoding-that-we-do-not-undo"),
    ],
)  # fmt: skip
def test_an_answer_is_good_whatever_its_shape(
    play: Callable[[Visit], Awaitable[None]], body: bytes, *, whole: bool
) -> None:
    with within(2):
        (outcome,), raw = ask(play)
    assert len(raw.heard) == 1
    assert (answered(outcome).status // 100, answered(outcome).body, answered(outcome).whole) == (2, body, whole)


@pytest.mark.parametrize(
    ("play", "whole"),
    [
        pytest.param(for_ever(CHUNKED, chunk(b"x" * 8000)), False, id="chunks-without-end"),
        pytest.param(for_ever(b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 8000), False, id="bytes-without-end"),
        pytest.param(says(b"HTTP/1.1 200 OK\r\nContent-Length: 999999999999\r\n\r\n" + b"x" * 200_000), False, id="a-length-of-a-terabyte"),
        pytest.param(says(CHUNKED + chunk(b"x" * 300_000), hold=True), False, id="one-large-chunk"),
        pytest.param(for_ever(STREAM, chunk(b"data: x\n")), False, id="an-event-without-end"),
    ],
)  # fmt: skip
def test_a_body_is_read_to_the_cap_and_no_further(play: Callable[[Visit], Awaitable[None]], *, whole: bool) -> None:
    with within(2):
        (outcome,), raw = ask(play)
    assert len(raw.heard) == 1
    assert len(answered(outcome).body) <= MOST_BODY
    assert len(answered(outcome).body) > MOST_BODY // 64  # a stream has its time, in which a busy machine reads little
    assert answered(outcome).whole is whole
    assert answered(outcome).unread is not None


@pytest.mark.parametrize("encoding", [b"gzip", b"x-gzip"])
def test_a_bomb_is_decoded_to_the_cap_and_no_further(encoding: bytes) -> None:
    with within(2):
        (outcome,), _ = ask(says(encoded(encoding, BOMB)))
    assert len(answered(outcome).body) == MOST_BODY
    assert "cut off" in (answered(outcome).unread or "")


@pytest.mark.parametrize(
    ("body", "encoding"),
    [pytest.param(b"not gzip", b"gzip", id="not-gzip"), pytest.param(b"data", b"x-own", id="an-encoding-of-its-own")],
)
def test_a_body_that_cannot_be_decoded_says_so(body: bytes, encoding: bytes) -> None:
    (outcome,), _ = ask(says(encoded(encoding, body)))
    assert answered(outcome).unread is not None


@pytest.mark.parametrize(
    ("play", "body", "longest"),
    [
        pytest.param(says(STREAM + chunk(EVENT), hold=True), EVENT, SOON, id="first-event-ends-it"),
        pytest.param(says(STREAM + chunk(EVENT.replace(b"\n", b"\r\n")), hold=True), EVENT.replace(b"\n", b"\r\n"), SOON, id="crlf"),
        pytest.param(says(STREAM + chunk(EVENT[:9]), chunk(EVENT[9:]), hold=True, every=0.1), EVENT, SOON, id="event-in-two-parts"),
        pytest.param(says(STREAM + chunk(EVENT[:-1]), chunk(EVENT[-1:]), hold=True, every=0.1), EVENT, SOON, id="its-end-in-two-parts"),
        pytest.param(
            says(STREAM.replace(b"text/event-stream", b"Text/Event-Stream; charset=utf-8") + chunk(EVENT), hold=True), EVENT, SOON,
            id="content-type-in-other-words",
        ),
        pytest.param(says(STREAM, hold=True), b"", STREAM_PATIENCE + 0.8, id="no-event-at-all"),
    ],
)  # fmt: skip
def test_an_open_event_stream_is_judged_by_its_head(
    play: Callable[[Visit], Awaitable[None]], body: bytes, longest: float
) -> None:
    with within(longest):
        (outcome,), raw = ask(play, timeout=10)
    assert len(raw.heard) == 1
    assert (answered(outcome).status, answered(outcome).body) == (200, body)


def test_a_refusal_that_is_a_stream_is_read_past_its_first_event() -> None:
    """What follows a moment later is told to every client that waits."""
    refused = STREAM.replace(b"200 OK", b"401 No") + chunk(EVENT)
    (outcome,), _ = ask(says(refused, chunk(EVENT), b"0\r\n\r\n", every=0.2), timeout=10)
    assert (answered(outcome).body, answered(outcome).unread) == (EVENT * 2, None)
    with within(STREAM_PATIENCE + 0.8):
        (outcome,), _ = ask(says(refused, hold=True), timeout=10)
    assert (answered(outcome).body, answered(outcome).unread is None) == (EVENT, False)


@pytest.mark.parametrize(
    ("play", "aside"),
    [
        pytest.param(says(b"HTTP/1.1 103 Early Hints\r\nX-A: b\r\n\r\n", OK), (("x-a", "b"),), id="an-interim-answer"),
        pytest.param(says(CHUNKED + chunk(b"ok") + b"0\r\nX-A: b\r\n\r\n"), (("x-a", "b"),), id="trailers"),
        pytest.param(says(OK), (), id="neither"),
        pytest.param(says(CHUNKED + chunk(b"ok") + b"0\r\n" + b"X-A: b\r\n" * 300 + b"\r\n"), (("x-a", "b"),) * 100, id="many-trailers"),
    ],
)  # fmt: skip
def test_the_headers_beside_the_head_are_put_aside(
    play: Callable[[Visit], Awaitable[None]], aside: tuple[tuple[str, str], ...]
) -> None:
    (outcome,), _ = ask(play)
    assert (answered(outcome).body, answered(outcome).aside) == (b"ok", aside)
    assert answered(outcome).header("x-a") is None


def test_what_was_put_aside_is_of_one_answer_alone() -> None:
    async def main() -> list[Outcome]:
        async with raw_server(serves(b"HTTP/1.1 103 Early\r\nX-A: b\r\n\r\n" + OK, OK)) as raw:
            line = Connection(Network(services={"web": service_at(raw.port)}, timeout=TIMEOUT), None)
            outcomes = [await line.exchange(get()) for _ in range(2)]
            await line.close()
            return outcomes

    assert [answered(outcome).aside for outcome in asyncio.run(main())] == [(("x-a", "b"),), ()]


def test_a_stream_is_not_waited_for_past_the_timeout() -> None:
    with within(1):
        (outcome,), raw = ask(says(STREAM, hold=True), timeout=SHORT)
    assert len(raw.heard) == 1
    assert (answered(outcome).status, answered(outcome).whole) == (200, False)


@pytest.mark.parametrize(
    ("play", "body"),
    [
        pytest.param(
            says(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", hold=True), b"half", id="body-that-stops"
        ),
        pytest.param(says(CHUNKED + chunk(b"half"), hold=True), b"half", id="chunks-that-stop"),
        pytest.param(says(b"HTTP/1.1 200 OK\r\n\r\n", hold=True), b"", id="body-that-never-comes"),
    ],
)
def test_a_head_is_an_answer_when_the_body_never_comes(play: Callable[[Visit], Awaitable[None]], body: bytes) -> None:
    with within(1):
        (outcome,), raw = ask(play, timeout=SHORT)
    assert len(raw.heard) == 1
    assert (answered(outcome).status, answered(outcome).body, answered(outcome).whole) == (200, body, False)


def test_a_dripped_body_is_ended_by_the_timeout() -> None:
    with within(1):
        (outcome,), raw = ask(for_ever(b"HTTP/1.1 200 OK\r\n\r\n", b"x", every=0.02), timeout=SHORT)
    assert len(raw.heard) == 1
    assert (answered(outcome).status, answered(outcome).whole) == (200, False)
    assert 1 < len(answered(outcome).body) < 100


# --- nobody answers ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("play", "cause"),
    [
        pytest.param(says(hold=True), Cause.TIMEOUT, id="silence"),
        pytest.param(dripped(OK), Cause.TIMEOUT, id="dripped-head"),
        pytest.param(for_ever(b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n", every=0.02), Cause.TIMEOUT, id="head-without-end"),
        pytest.param(for_ever(b"", b"HTTP/1.1 100 Continue\r\n\r\n"), Cause.TIMEOUT, id="continues-without-end"),
        pytest.param(for_ever(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n", every=0.01), Cause.TIMEOUT, id="hints-without-end"),
        pytest.param(closes_in_silence, Cause.PROTOCOL, id="silent-close"),
        pytest.param(resets, Cause.PROTOCOL, id="reset"),
        pytest.param(says(b"220 mail.test ESMTP\r\n"), Cause.PROTOCOL, id="another-protocol"),
        pytest.param(says(b"\x15\x03\x01\x00\x02\x02\x46"), Cause.PROTOCOL, id="tls-alert"),
        pytest.param(says(b"ok, no head at all"), Cause.PROTOCOL, id="http-0.9"),
        pytest.param(says(b"HTTP/1.1 2xx OK\r\n\r\n"), Cause.PROTOCOL, id="status-that-is-no-number"),
        pytest.param(says(b"HTTP/1.1 200 OK\r\nX-A: b\x00c\r\n\r\n"), Cause.PROTOCOL, id="nul-in-a-header"),
        pytest.param(says(b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n"), Cause.PROTOCOL, id="line-that-is-no-header"),
        pytest.param(says(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nok"), Cause.PROTOCOL, id="two-lengths"),
        pytest.param(says(b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nok"), Cause.PROTOCOL, id="negative-length"),
        pytest.param(says(b"HTTP/1.1 200 OK\r\nX-A: %s\r\n\r\n" % (b"a" * 200_000)), Cause.PROTOCOL, id="header-beyond-measure"),
        pytest.param(for_ever(b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n" * 500), Cause.PROTOCOL, id="headers-beyond-measure"),
        pytest.param(says(b"HTTP/1.1 200 OK\r\nContent-Le"), Cause.PROTOCOL, id="head-that-ends-too-soon"),
    ],
)  # fmt: skip
def test_what_never_becomes_an_answer_is_told_by_its_cause_and_may_have_arrived(
    play: Callable[[Visit], Awaitable[None]], cause: Cause
) -> None:
    with within(SHORT + 0.6):
        (outcome,), raw = ask(play, timeout=SHORT)
    assert len(raw.heard) == 1
    found = unanswered(outcome)
    assert (found.cause, found.arrived, found.attempts) == (cause, True, 1), found.detail
    assert found.elapsed_ms <= (SHORT + 0.5) * 1000


def closed_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


def test_a_refused_connection_did_not_arrive() -> None:
    (outcome,) = asyncio.run(sent(closed_port(), get()))
    found = unanswered(outcome)
    assert (found.cause, found.arrived, found.detail) == (Cause.REFUSED, False, "connection refused")


def test_a_refused_connection_by_a_name_of_several_addresses_did_not_arrive() -> None:
    (outcome,) = asyncio.run(sent(closed_port(), get(), host="localhost"))
    assert (unanswered(outcome).cause, unanswered(outcome).arrived) == (Cause.REFUSED, False)


def test_a_name_that_does_not_resolve_is_told_from_a_refusal() -> None:
    (outcome,) = asyncio.run(sent(80, get(), host=NO_NAME))
    found = unanswered(outcome)
    assert (found.cause, found.arrived) == (Cause.DNS, False)
    assert "does not resolve" in found.detail


def test_a_connection_that_is_never_made_did_not_arrive() -> None:
    """A listener with a full queue: the kernel drops what knocks."""
    with socket.socket() as listener, socket.socket() as first, socket.socket() as second:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for waiting in (first, second):
            waiting.settimeout(0)
            waiting.connect_ex(listener.getsockname())
        time.sleep(0.05)
        with within(SHORT + 0.6):
            (outcome,) = asyncio.run(sent(listener.getsockname()[1], get(), timeout=SHORT))
    assert (unanswered(outcome).cause, unanswered(outcome).arrived) == (Cause.TIMEOUT, False)


# --- TLS --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Certificates:
    """An authority of our own, the file that names it, and contexts of servers."""

    cacert: str
    good: ssl.SSLContext
    other_host: ssl.SSLContext
    expired: ssl.SSLContext
    soon: ssl.SSLContext


EXPIRY = datetime.now(UTC).replace(microsecond=0) + timedelta(days=9)


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    authority = trustme.CA()
    path = tmp_path_factory.mktemp("tls") / "ca.pem"
    authority.cert_pem.write_to_path(str(path))

    def context(name: str, **more: object) -> ssl.SSLContext:
        made = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        authority.issue_cert(name, **more).configure_cert(made)  # type: ignore[arg-type]
        return made

    long_ago = datetime(2020, 1, 1, tzinfo=UTC)
    return Certificates(
        cacert=str(path),
        good=context("127.0.0.1"),
        other_host=context("other.test"),
        expired=context("127.0.0.1", not_after=long_ago),
        soon=context("127.0.0.1", not_after=EXPIRY),
    )


def test_a_certificate_of_a_named_authority_is_good(certificates: Certificates) -> None:
    context = TlsSettings(cacert=certificates.cacert, insecure=False).context()
    (outcome,), raw = ask(says(OK), get("/a/../b"), tls=certificates.good, context=context)
    assert answered(outcome).status == 200
    assert raw.target() == "GET /a/../b HTTP/1.1"


@pytest.mark.parametrize(
    ("insecure", "read"), [pytest.param(False, True, id="verified"), pytest.param(True, False, id="insecure")]
)
def test_expiry_of_a_certificate_is_read_where_it_was_verified(
    certificates: Certificates, *, insecure: bool, read: bool
) -> None:
    context = TlsSettings(cacert=certificates.cacert, insecure=insecure).context()

    async def main() -> tuple[dict[str, float], list[int]]:
        async with raw_server(says(OK), certificates.soon) as soon, raw_server(says(OK), certificates.good) as good:
            services = {
                "web": service_at(soon.port, scheme="https"),
                "api": replace(service_at(good.port, scheme="https"), name="api"),
            }
            line = Connection(Network(services=services, timeout=5.0), context)
            try:
                answers = [await line.exchange(replace(get(), service=name)) for name in ("web", "api", "web")]
            finally:
                await line.close()
            return line.tls_expires, [answered(answer).status for answer in answers]

    expires, statuses = asyncio.run(main())
    assert statuses == [200, 200, 200]
    assert (expires.get("web") == EXPIRY.timestamp()) is read
    assert set(expires) == ({"web", "api"} if read else set())


@pytest.mark.parametrize("order", [("soon", "good"), ("good", "soon")])
def test_of_two_certificates_of_one_service_the_first_to_expire_counts(
    certificates: Certificates, order: tuple[str, str]
) -> None:
    """Behind one name may stand several servers, one of which was forgotten when the others were renewed."""
    context = TlsSettings(cacert=certificates.cacert, insecure=False).context()

    async def main() -> dict[str, float]:
        async with raw_server(says(OK), certificates.soon) as soon, raw_server(says(OK), certificates.good) as good:
            ports = {"soon": soon.port, "good": good.port}
            services: dict[str, Service] = {}
            line = Connection(Network(services=services, timeout=5.0), context)
            try:
                for which in order:
                    services["web"] = service_at(ports[which], scheme="https")
                    assert answered(await line.exchange(get())).status == 200
            finally:
                await line.close()
            return line.tls_expires

    assert asyncio.run(main()) == {"web": EXPIRY.timestamp()}


@pytest.mark.parametrize(
    ("kind", "known", "detail"),
    [
        pytest.param("good", False, "certificate", id="authority-that-nobody-knows"),
        pytest.param("other_host", True, "127.0.0.1", id="wrong-host"),
        pytest.param("expired", True, "expired", id="expired"),
    ],
)
def test_a_certificate_that_is_not_good_stops_before_the_request(
    certificates: Certificates, kind: str, detail: str, *, known: bool
) -> None:
    context = TlsSettings(cacert=certificates.cacert if known else None, insecure=False).context()
    (outcome,), raw = ask(says(OK), tls=getattr(certificates, kind), context=context)
    found = unanswered(outcome)
    assert (found.cause, found.arrived) == (Cause.TLS, False)
    assert detail in found.detail
    assert raw.heard == []


@pytest.mark.parametrize("kind", ["good", "other_host", "expired"])
def test_insecure_takes_any_certificate(certificates: Certificates, kind: str) -> None:
    context = TlsSettings(cacert=None, insecure=True).context()
    (outcome,), raw = ask(says(OK), tls=getattr(certificates, kind), context=context)
    assert answered(outcome).status == 200
    assert len(raw.heard) == 1


def test_plain_http_on_a_tls_port_is_no_http() -> None:
    made = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(made)
    (outcome,), raw = ask(says(OK), tls=made)
    assert (unanswered(outcome).cause, unanswered(outcome).arrived) == (Cause.PROTOCOL, True)
    assert raw.heard == []


def test_tls_on_a_plain_port_did_not_arrive(certificates: Certificates) -> None:
    async def answers_in_plain(visit: Visit) -> None:
        await visit.reader.read(1)
        await visit.say(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    context = TlsSettings(cacert=certificates.cacert, insecure=False).context()
    (outcome,), raw = ask(answers_in_plain, context=context)
    assert raw.visits == 1
    assert (unanswered(outcome).cause, unanswered(outcome).arrived) == (Cause.TLS, False)


@pytest.mark.parametrize(
    ("play", "cause"),
    [
        pytest.param(closes_at_once, Cause.TLS, id="closed-before-the-handshake"),
        pytest.param(says(hold=True), Cause.TLS, id="silence-in-the-handshake"),
    ],
)
def test_a_handshake_that_never_ends_did_not_arrive(
    certificates: Certificates, play: Callable[[Visit], Awaitable[None]], cause: Cause
) -> None:
    context = TlsSettings(cacert=certificates.cacert, insecure=False).context()
    with within(SHORT + 0.6):
        (outcome,), raw = ask(play, context=context, timeout=SHORT)
    assert raw.visits == 1
    assert (unanswered(outcome).cause, unanswered(outcome).arrived) == (cause, False), unanswered(outcome).detail


@pytest.mark.parametrize(
    ("play", "status"),
    [
        pytest.param(says(REFUSED), 401, id="closed-after-the-answer"),
        pytest.param(for_ever(CHUNKED, chunk(b"x" * 8000)), 200, id="body-without-end"),
        pytest.param(says(STREAM + chunk(EVENT), hold=True), 200, id="stream"),
    ],
)
def test_answers_over_tls_are_read_as_without(
    certificates: Certificates, play: Callable[[Visit], Awaitable[None]], status: int
) -> None:
    context = TlsSettings(cacert=certificates.cacert, insecure=False).context()
    with within(1.5):
        (outcome,), raw = ask(play, tls=certificates.good, context=context)
    assert len(raw.heard) == 1
    assert answered(outcome).status == status


def test_tls_that_breaks_after_the_request_may_have_arrived(certificates: Certificates) -> None:
    """A request that may have done its work must not be sent twice."""
    heard: list[bytes] = []

    def serve(listener: socket.socket) -> None:
        plain, _ = listener.accept()
        tls = certificates.good.wrap_socket(plain, server_side=True)
        heard.append(tls.recv(4096))
        with socket.socket(fileno=tls.detach()) as under:
            under.sendall(b"no TLS at all, and longer than a record's head")
            under.shutdown(socket.SHUT_WR)
            under.recv(4096)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener,))
        thread.start()
        context = TlsSettings(cacert=certificates.cacert, insecure=False).context()
        (outcome,) = asyncio.run(sent(listener.getsockname()[1], get(), context=context))
        thread.join(5)
    assert heard[0].startswith(b"GET / HTTP/1.1\r\n")
    assert (unanswered(outcome).cause, unanswered(outcome).arrived) == (Cause.TLS, True)


@pytest.mark.parametrize("text", [pytest.param(None, id="not-there"), pytest.param("no certificate", id="not-pem")])
def test_a_file_of_no_authorities_is_refused_before_the_first_request(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "ca.pem"
    path.write_text(text) if text else None
    with pytest.raises(UsageError, match="holds no certificates"):
        check_tls(TlsSettings(cacert=str(path)))


# --- one line, many requests ------------------------------------------------------------------------------------------


def test_a_connection_is_used_again() -> None:
    outcomes, raw = ask(serves(OK, REFUSED, OK), get("/1"), get("/2"), get("/3"))
    assert [answered(outcome).status for outcome in outcomes] == [200, 401, 200]
    assert raw.visits == 1


def test_a_connection_of_its_own_serves_nobody_after_it() -> None:
    alone = replace(get("/2"), own_connection=True)
    outcomes, raw = ask(serves(OK, REFUSED, OK), get("/1"), alone, replace(get("/3"), own_connection=True))
    assert [answered(outcome).status for outcome in outcomes] == [200, 200, 200]
    assert raw.visits == 3
    outcomes, raw = ask(serves(OK, REFUSED, OK), alone, get("/3"))
    assert [answered(outcome).status for outcome in outcomes] == [200, 200]
    assert raw.visits == 2


def test_a_server_that_closes_after_each_answer_is_answered_by_the_next_connection() -> None:
    async def main() -> tuple[list[Outcome], Raw]:
        async with raw_server(says(OK)) as raw:
            line = Connection(Network(services={"web": service_at(raw.port)}, timeout=TIMEOUT), None)
            outcomes = []
            for number in range(3):
                outcomes.append(await line.exchange(get(f"/{number}")))
                await asyncio.sleep(0.05)  # so that its end has come
            await line.close()
            return outcomes, raw

    outcomes, raw = asyncio.run(main())
    assert [answered(outcome).status for outcome in outcomes] == [200, 200, 200]
    assert raw.visits == 3


def test_a_connection_that_ends_under_the_request_is_an_outcome_and_the_next_one_is_good() -> None:
    async def one_answer_each(visit: Visit) -> None:
        await visit.listen()
        await visit.say(OK)
        await visit.listen()

    outcomes, raw = ask(one_answer_each, get("/1"), get("/2"), get("/2"))
    assert raw.visits == 2
    assert len(raw.heard) == 3
    assert unanswered(outcomes[1]).arrived
    assert [answered(outcomes[n]).status for n in (0, 2)] == [200, 200]


@pytest.mark.parametrize(
    "left",
    [
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok and more", id="length-too-short"),
        pytest.param(b"HTTP/1.1 204 No Content\r\n\r\nbut a body", id="body-where-none-may-be"),
        pytest.param(OK + REFUSED, id="a-second-answer-that-nobody-asked-for"),
    ],
)
def test_what_is_left_over_of_one_answer_is_never_taken_for_the_next(left: bytes) -> None:
    """It would make a refusal of a door that stands open."""

    async def too_much_at_first(visit: Visit) -> None:
        await visit.listen()
        await visit.say(left if visit.number == 1 else OK)
        await visit.wait()

    outcomes, raw = ask(too_much_at_first, get("/1"), get("/2"))
    assert [raw.target(n) for n in (0, 1)] == ["GET /1 HTTP/1.1", "GET /2 HTTP/1.1"]
    assert raw.visits == 2
    assert [answered(outcome).succeeded for outcome in outcomes] == [True, True]


def test_an_answer_that_is_not_read_to_its_end_does_not_stand_in_the_way_of_the_next() -> None:
    outcomes, raw = ask(for_ever(CHUNKED, chunk(b"x" * 8000)), get("/1"), get("/2"), get("/3"))
    assert [answered(outcome).status for outcome in outcomes] == [200, 200, 200]
    assert raw.visits == 3


def test_one_line_serves_many_at_once_up_to_its_connections() -> None:
    async def main() -> tuple[list[Outcome], Raw]:
        async with raw_server(serves(OK, OK, OK)) as raw:
            line = Connection(Network(services={"web": service_at(raw.port)}, timeout=TIMEOUT), None)
            outcomes = await asyncio.gather(*(line.exchange(get(f"/{number}")) for number in range(4)))
            await line.close()
            return list(outcomes), raw

    outcomes, raw = asyncio.run(main())
    assert [answered(outcome).status for outcome in outcomes] == [200, 200, 200, 200]
    assert sorted(raw.target(n) for n in range(4)) == [f"GET /{number} HTTP/1.1" for number in range(4)]


def test_an_interruption_is_no_outcome() -> None:
    """Only its own timeout is turned into an outcome; the run's deadline and a signal pass through."""

    async def main() -> None:
        async with raw_server(says(hold=True)) as raw:
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(sent(raw.port, get()), 0.2)
            assert len(raw.heard) == 1

    asyncio.run(main())


def test_what_arrives_while_nothing_is_asked_is_never_taken_for_the_next_answer() -> None:
    """It comes late, when the answer before it was read to its end."""

    async def pushes_later(visit: Visit) -> None:
        await visit.listen()
        await visit.say(OK)
        if visit.number == 1:
            await asyncio.sleep(0.05)
            await visit.say(REFUSED)
        await visit.wait()

    async def main() -> tuple[list[Outcome], Raw]:
        async with raw_server(pushes_later) as raw:
            line = Connection(Network(services={"web": service_at(raw.port)}, timeout=TIMEOUT), None)
            first = await line.exchange(get("/1"))
            await asyncio.sleep(0.2)
            second = await line.exchange(get("/2"))
            await line.close()
            return [first, second], raw

    outcomes, raw = asyncio.run(main())
    assert [raw.target(n) for n in (0, 1)] == ["GET /1 HTTP/1.1", "GET /2 HTTP/1.1"]
    assert [answered(outcome).status for outcome in outcomes] == [200, 200]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_a_request_that_must_not_come_twice_gets_a_connection_that_nothing_was_sent_on(method: str) -> None:
    outcomes, raw = ask(serves(OK, OK), get("/1"), get("/2", method=method), get("/3", method=method), get("/4"))
    assert [answered(outcome).status for outcome in outcomes] == [200] * 4
    assert len(raw.heard) == 4
    assert raw.visits == 3


def test_a_flood_of_interim_answers_on_one_connection_ends_no_other_one() -> None:
    """All that is in a process shares one loop: who floods it must not make others late."""
    interim = b"HTTP/1.1 100 Go\r\n\r\n" * 2000

    async def floods_the_first(visit: Visit) -> None:
        while b"/flood" not in await visit.listen():
            await visit.say(OK)
        while True:
            await visit.say(interim)

    async def main() -> list[Outcome]:
        async with raw_server(floods_the_first) as raw:
            network = Network(services={"web": service_at(raw.port)}, timeout=TIMEOUT)
            line, other = Connection(network, None), Connection(network, None)
            flood = asyncio.ensure_future(line.exchange(get("/flood")))
            await asyncio.sleep(0.2)
            outcomes = [await other.exchange(get(f"/{number}")) for number in range(3)]
            done = flood.done()
            flood.cancel()
            await asyncio.gather(flood, line.close(), other.close(), return_exceptions=True)
            assert not done
            return outcomes

    assert [answered(outcome).status for outcome in asyncio.run(main())] == [200] * 3


def test_a_prepared_connection_carries_the_next_request_of_either_kind() -> None:
    async def main() -> tuple[list[Outcome], list[int], Raw]:
        async with raw_server(serves(OK, OK)) as raw:
            line = Connection(Network(services={"web": service_at(raw.port)}, timeout=TIMEOUT), None)
            outcomes, visits = [], []
            for method in ("GET", "POST"):
                line.prepare("web")
                line.prepare("web")  # one at a time
                await asyncio.sleep(0.1)
                visits.append(raw.visits)
                outcomes.append(await line.exchange(get("/", method=method)))
                visits.append(raw.visits)
            await line.close()
            return outcomes, visits, raw

    outcomes, visits, raw = asyncio.run(main())
    assert [answered(outcome).status for outcome in outcomes] == [200, 200]
    assert len(raw.heard) == 2
    assert visits == [1, 1, 2, 2]


@pytest.mark.parametrize("listens", [pytest.param(True, id="stands"), pytest.param(False, id="is-refused")])
def test_who_waits_for_a_prepared_connection_goes_on_once_it_stands_or_cannot_be_made(*, listens: bool) -> None:
    async def main() -> tuple[int, Outcome]:
        async with raw_server(serves(OK)) as raw:
            port = raw.port if listens else closed_port()
            line = Connection(Network(services={"web": service_at(port)}, timeout=TIMEOUT), None)
            line.prepare("web")
            await line.ready("web")
            visits = raw.visits
            outcome = await line.exchange(get("/", method="POST"))
            await line.close()
            return visits, outcome

    visits, outcome = asyncio.run(main())
    assert visits == int(listens)
    assert isinstance(outcome, Answered) is listens


def test_a_connection_that_was_prepared_for_nothing_is_closed_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that has one connection at a time would wait for a request on it for ever."""
    monkeypatch.setattr("prober.transport.direct.NEW_FOR", 0.1)
    ended: list[bytes] = []

    async def one_at_a_time(visit: Visit) -> None:
        ended.append(await visit.reader.read(1))

    async def main() -> None:
        async with raw_server(one_at_a_time) as raw:
            line = Connection(Network(services={"web": service_at(raw.port)}, timeout=TIMEOUT), None)
            line.prepare("web")
            await asyncio.sleep(0.5)
            assert (raw.visits, ended) == (1, [b""])
            await line.close()

    asyncio.run(main())


def test_a_prepared_connection_that_was_refused_is_tried_again() -> None:
    async def main() -> Outcome:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        line = Connection(Network(services={"web": service_at(port)}, timeout=TIMEOUT), None)
        line.prepare("web")
        await asyncio.sleep(0.1)
        try:
            return await line.exchange(get())
        finally:
            await line.close()

    found = unanswered(asyncio.run(main()))
    assert (found.cause, found.arrived) == (Cause.REFUSED, False)
