"""The transport: real sockets on loopback, the bytes that arrive there, and whatever a deployment may answer.

Nothing of httpx is replaced. Each server keeps what it heard, and a test asserts that first.
"""

from __future__ import annotations

import asyncio
import gzip
from typing import TYPE_CHECKING

import brotli
import pytest

from prober.transport.body import MOST_BODY, STREAM_PATIENCE
from prober.transport.http import Connection
from prober.transport.network import Network
from tests.support.byte_server import (
    CHUNKED,
    EVENT,
    OK,
    SHORT,
    STREAM,
    TIMEOUT,
    Visit,
    answered,
    ask,
    chunk,
    encoded,
    for_ever,
    get,
    raw_server,
    says,
    serves,
    service_at,
    within,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from prober.model import Answered, Unanswered

    Outcome = Answered | Unanswered

pytestmark = pytest.mark.integration

SOON = STREAM_PATIENCE * 0.8  # before patience ends

BOMB = gzip.compress(b"\0" * 30_000_000)


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
