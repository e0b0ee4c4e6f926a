"""Alerts: signed, brought until they are taken and not once more, whatever the receiver does. Real sockets throughout."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import ssl
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest
import trustme

from prober.canary.http_client import exchange, target_of
from prober.canary.receivers import SIGNATURE, DeliveryFailure, receiver_of
from prober.errors import UsageError
from tests.support.ports import closed_port
from tests.support.receivers import NO_CONTENT, NOW, SECRET, answered, listening, webhook

if TYPE_CHECKING:
    import socket


pytestmark = pytest.mark.integration


# --- a webhook --------------------------------------------------------------------------------------------------------


def test_a_webhook_is_signed_and_names_the_message() -> None:
    text = json.dumps({"id": "m1", "title": "a door opened"})
    with listening(NO_CONTENT) as here:
        assert asyncio.run(webhook(here.url).deliver(text)) is None
    [(line, headers, body)] = here.requests
    assert line == "POST /hook?key=k HTTP/1.1"
    assert body == text.encode()
    assert (headers["idempotency-key"], headers["content-type"]) == ("m1", "application/json")
    told = dict(part.split("=") for part in headers[SIGNATURE.lower()].split(","))
    assert told["t"] == str(int(NOW))
    assert told["v1"] == hmac.new(SECRET.encode(), f"{told['t']}.".encode() + body, hashlib.sha256).hexdigest()
    assert headers["host"] == f"127.0.0.1:{here.port}"


def endless(sock: socket.socket) -> None:
    sock.sendall(b"HTTP/1.1 200 OK\r\n")
    for _ in range(2_000):
        sock.sendall(b"X: y\r\n" * 1_000)


def drips(sock: socket.socket) -> None:
    for byte in b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 100:
        sock.sendall(bytes([byte]))
        time.sleep(0.05)


@pytest.mark.parametrize(
    ("answer", "refused"),
    [
        pytest.param(answered(200), None, id="200"),
        pytest.param(answered(202), None, id="202"),
        pytest.param(b"HTTP/1.1 100 Continue\r\n\r\n" + answered(200), None, id="an-interim-answer-first"),
        pytest.param(b"HTTP/1.0 200\r\n\r\n", None, id="without-a-reason"),
        pytest.param(answered(500), DeliveryFailure(why="answered 500"), id="500"),
        pytest.param(answered(429), DeliveryFailure(why="answered 429"), id="429"),
        pytest.param(answered(400), DeliveryFailure(why="answered 400", is_of_message=True), id="400"),
        pytest.param(b"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\n\r\n", DeliveryFailure(why="answered 302"), id="a-redirect-is-not-followed"),
        pytest.param(b"", DeliveryFailure(why="the answer is not HTTP"), id="closed"),
        pytest.param(b"SSH-2.0-OpenSSH\r\n", DeliveryFailure(why="the answer is not HTTP"), id="not-http"),
        pytest.param(b"HTTP/1.1 2000 OK\r\n\r\n", DeliveryFailure(why="the answer is not HTTP"), id="no-status"),
        pytest.param(b"HTTP/1.1 200 " + b"x" * 1_000_000, DeliveryFailure(why="the answer is not HTTP"), id="an-endless-line"),
        pytest.param(endless, DeliveryFailure(why="the answer is not HTTP"), id="endless-headers"),
    ],
)  # fmt: skip
def test_only_2xx_is_taken(answer: Any, refused: DeliveryFailure | None) -> None:
    with listening(answer) as here:
        assert asyncio.run(webhook(here.url).deliver('{"id": "m"}')) == refused
    assert len(here.requests) == 1


def test_nobody_there_is_said() -> None:
    refused = asyncio.run(webhook(f"http://127.0.0.1:{closed_port()}/").deliver('{"id": "m"}'))
    assert refused == DeliveryFailure(why="connection refused")


@pytest.mark.parametrize(
    "answer", [pytest.param(drips, id="drips"), pytest.param(lambda _: time.sleep(2), id="silent")]
)
def test_a_slow_receiver_has_a_limit_for_all_of_it(answer: Any) -> None:
    with listening(answer) as here:
        began = time.monotonic()
        assert asyncio.run(exchange(target_of(here.url, option="--alert"), limit=0.3)) == "no answer in 0.3 s"
        assert time.monotonic() - began < 1.0
        assert len(here.requests) == 1


def test_environment_sends_no_alert_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{closed_port()}")
    with listening(NO_CONTENT) as here:
        assert asyncio.run(webhook(here.url).deliver('{"id": "m"}')) is None


def test_a_certificate_that_nobody_vouches_for_is_refused() -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    with listening(NO_CONTENT, tls=context) as here:
        refused = asyncio.run(webhook(here.url.replace("http:", "webhook+https:")).deliver('{"id": "m"}'))
    assert refused is not None
    assert refused.why.startswith("invalid certificate: unable to get local issuer")
    assert here.requests == []


@pytest.mark.parametrize(
    ("url", "secret", "said"),
    [
        pytest.param("slack", SECRET, "--alert is not a URL", id="no-url"),
        pytest.param("https://hook.example/k3y", None, "--alert https://hook.example must be signed", id="unsigned"),
        pytest.param("https://u:k3y@hook.example/", SECRET, "--alert holds a user or a password", id="userinfo"),
        pytest.param("https:///k3y", SECRET, "--alert is not a URL", id="no-host"),
        pytest.param("https://h:k3y/", SECRET, "--alert is not a URL", id="no-port"),
        pytest.param("https://h/k3y\r\nX: y", SECRET, "--alert is not a URL", id="a-line-break"),
    ],
)  # fmt: skip
def test_wrong_receivers_are_refused_without_their_keys(url: str, secret: str | None, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        receiver_of(url, secret=secret, wall=lambda: NOW)
    assert caught.value.what == said
    assert "k3y" not in str(caught.value)


def test_what_a_receiver_is_known_by_holds_no_key() -> None:
    receiver = webhook("https://hook.example:8443/k3y")
    assert receiver.shown == "https://hook.example:8443"
    assert "k3y" not in repr(receiver)
    assert receiver.key == webhook("https://hook.example:8443/k3y").key != webhook("https://hook.example:8443/k4y").key


# --- apprise ----------------------------------------------------------------------------------------------------------

# One of its hundred plugins imports what Python has announced to remove; all of them are read at the first URL.
of_apprise = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")


@of_apprise
def test_apprise_refuses_what_it_does_not_know() -> None:
    with pytest.raises(UsageError) as caught:
        receiver_of("nosuchthing://k3y", secret=None, wall=lambda: NOW)
    assert caught.value.what == "--alert nosuchthing:// is not a URL that apprise knows"


@of_apprise
def test_apprise_brings_title_and_text() -> None:
    told = {"id": "m", "level": "leak", "title": "1 door opened", "text": "- me: GET /api/me"}
    with listening(answered(200)) as here:
        receiver = receiver_of(f"json://127.0.0.1:{here.port}/t0ken", secret=None, wall=lambda: NOW)
        assert asyncio.run(receiver.deliver(json.dumps(told))) is None
    body = json.loads(here.requests[0][2])
    assert (body["title"], body["message"], body["type"]) == ("1 door opened", "- me: GET /api/me", "failure")
    assert "t0ken" not in receiver.key + receiver.shown


@of_apprise
def test_apprise_that_cannot_deliver_says_so() -> None:
    told = {"id": "m", "level": "closed", "title": "t", "text": "x"}
    with listening(answered(500)) as here:
        receiver = receiver_of(f"json://127.0.0.1:{here.port}/", secret=None, wall=lambda: NOW)
        assert asyncio.run(receiver.deliver(json.dumps(told))) == DeliveryFailure(why="apprise could not deliver it")
    assert len(here.requests) == 1


def test_apprise_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)
    with pytest.raises(UsageError, match="--alert slack:// needs the extra 'alerts'"):
        receiver_of("slack://a/b/c", secret=None, wall=lambda: NOW)
