"""Requests that get no answer: each has its cause, and whether the request may have arrived."""

from __future__ import annotations

import asyncio
import socket
import time
from typing import TYPE_CHECKING

import pytest

from prober.model import Cause
from tests.support.byte_server import OK, SHORT, Visit, ask, for_ever, get, says, sent, unanswered, within
from tests.support.ports import closed_port

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

pytestmark = pytest.mark.integration

# No resolver asks a network for a name of which one part has more than 63 letters.
NO_NAME = f"{'a' * 64}.test"


def dripped(head: bytes) -> Callable[[Visit], Awaitable[None]]:
    return says(*(head[i : i + 1] for i in range(len(head))), every=0.05)


async def closes_in_silence(visit: Visit) -> None:
    await visit.listen()


async def resets(visit: Visit) -> None:
    await visit.listen()
    sock = visit.writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    visit.writer.transport.abort()


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
