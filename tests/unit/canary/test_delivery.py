"""Alerts: signed, brought until they are taken and not once more, whatever the receiver does. Real sockets throughout."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import socket
import ssl
import sys
import threading
import time
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

import pytest
import trustme

from prober.canary.alert_state import step
from prober.canary.delivery import FIRST_PAUSE, LONGEST_PAUSE, Delivery, pause_after
from prober.canary.finding_state import FindingState, Moment, StateUpdate, Transition
from prober.canary.grouping import worst_first
from prober.canary.history import History
from prober.canary.history_rows import CompletedRun
from prober.canary.history_thread import HistoryThread, WatchClock
from prober.canary.http_client import exchange, target_of
from prober.canary.messages import MOST_ENTRIES, MOST_LINES, News, message
from prober.canary.receivers import SIGNATURE, DeliveryFailure, Receiver, receiver_of
from prober.canary.recorder import seen_in
from prober.canary.sql import ALERTS_OPEN
from prober.canary.times import lasted, stamp
from prober.errors import UsageError
from prober.model import Change, Verdict
from prober.report.record import record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from prober.model import Finding, Report

pytestmark = pytest.mark.integration

SECRET = "whsec-0123456789"
NOW = 1_795_000_000.0
NO_CONTENT = b"HTTP/1.1 204 No Content\r\n\r\n"


class Listening:
    """A receiver on a real socket, which answers with what a test says, and what came to it."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.url = f"http://127.0.0.1:{port}/hook?key=k"
        self.requests: list[tuple[str, dict[str, str], bytes]] = []


@contextmanager
def listening(
    *answers: bytes | Callable[[socket.socket], None], tls: ssl.SSLContext | None = None
) -> Iterator[Listening]:
    """Give the answers one after the other, and the last one for ever."""
    server = socket.create_server(("127.0.0.1", 0))
    here = Listening(server.getsockname()[1])
    ended = threading.Event()

    def serve() -> None:
        for n in range(1_000):
            try:
                raw, _ = server.accept()
            except OSError:
                return
            answer = answers[min(n, len(answers) - 1)]
            try:
                with tls.wrap_socket(raw, server_side=True) if tls else raw as sock:
                    sock.settimeout(5)
                    here.requests.append(read(sock))
                    answer(sock) if callable(answer) else sock.sendall(answer)
            except OSError:
                pass  # the other side has had enough, which some tests are about

    def read(sock: socket.socket) -> tuple[str, dict[str, str], bytes]:
        with sock.makefile("rb") as stream:
            line = stream.readline().decode().strip()
            pairs = [head.decode().strip().partition(": ") for head in iter(stream.readline, b"\r\n") if head]
            headers = {name.lower(): value for name, _, value in pairs}
            return line, headers, stream.read(int(headers.get("content-length", "0")))

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield here
    finally:
        ended.set()
        with closing(server):
            server.shutdown(socket.SHUT_RDWR)
        thread.join(10)


def answered(status: int) -> bytes:
    return f"HTTP/1.1 {status} Whatever\r\nContent-Length: 0\r\n\r\n".encode()


def webhook(url: str) -> Receiver:
    return receiver_of(url, secret=SECRET, wall=lambda: NOW)


def closed_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


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


# --- the queue --------------------------------------------------------------------------------------------------------


class Queue:
    """A history with messages for one receiver, which are brought at moments that a test chooses."""

    def __init__(self, path: Path, receiver: Receiver) -> None:
        self.history = History.to_write(str(path / "h.db"))
        self.receiver, self.at, self.said = receiver, NOW, list[str]()

    def put(self, *names: str) -> None:
        for name in names:
            ran = CompletedRun(
                id=name, started_at=stamp(self.at), ended_at=stamp(self.at), state="interrupted", sentence=""
            )
            text: Any = {"id": name}
            self.history.add(
                ran, StateUpdate(states=(), gone=(), transitions=()), {self.receiver.key: text}, due=self.at
            )

    def bring(self, after: float = 0.0) -> None:
        self.at += after

        async def go() -> None:
            clock = WatchClock(now=lambda: self.at, wall=lambda: self.at, sleep=asyncio.sleep, chance=lambda: 0.0)
            await Delivery(HistoryThread(self.history), [self.receiver], clock, log=self.said.append).deliver()

        asyncio.run(go())

    @property
    def waits(self) -> list[tuple[str, int]]:
        return [(waiting.id, waiting.tries) for waiting in self.history.waiting(self.receiver.key)]


def keys(here: Listening) -> list[str]:
    return [headers["idempotency-key"] for _, headers, _ in here.requests]


def test_what_was_taken_is_never_told_again(tmp_path: Path) -> None:
    with listening(NO_CONTENT) as here:
        queue = Queue(tmp_path, webhook(here.url))
        queue.put("a", "b")
        queue.bring()
        queue.bring(after=3_600)
    assert (keys(here), queue.waits) == (["a", "b"], [])


def test_a_receiver_that_fails_is_told_later_and_in_order(tmp_path: Path) -> None:
    with listening(answered(500), answered(503), NO_CONTENT) as here:
        queue = Queue(tmp_path, webhook(here.url))
        queue.put("a", "b")
        queue.bring()
        assert (keys(here), queue.waits) == (["a"], [("a", 1), ("b", 0)])
        queue.bring(after=FIRST_PAUSE - 2)
        assert keys(here) == ["a"]
        queue.bring(after=2)
        assert (keys(here), queue.waits) == (["a", "a"], [("a", 2), ("b", 0)])
        queue.bring(after=2 * FIRST_PAUSE)
    assert (keys(here), queue.waits) == (["a", "a", "a", "b"], [])
    assert queue.said[0].endswith(f"answered 500; tried again in {FIRST_PAUSE:g} s")


def test_a_receiver_that_is_down_loses_nothing(tmp_path: Path) -> None:
    queue = Queue(tmp_path, webhook(f"http://127.0.0.1:{closed_port()}/"))
    queue.put("a")
    queue.bring()
    assert queue.waits == [("a", 1)]
    assert [row[2] for row in queue.history.rows(ALERTS_OPEN)] == [1]


def test_a_message_that_is_not_wanted_does_not_hold_up_the_others(tmp_path: Path) -> None:
    with listening(answered(400), NO_CONTENT, answered(400)) as here:
        queue = Queue(tmp_path, webhook(here.url))
        queue.put("a", "b")
        queue.bring()
        assert (keys(here), queue.waits) == (["a", "b"], [("a", 1)])
        queue.put("c")
        queue.bring()
    assert keys(here) == ["a", "b", "c"]


def test_one_receiver_does_not_wait_for_another(tmp_path: Path) -> None:
    """Each has a task of its own: what one drips at, the other has long heard."""
    times: dict[str, float] = {}
    history = History.to_write(str(tmp_path / "h.db"))
    text: Any = {"id": "m"}
    both = {"slow": text, "fast": {**text, "id": "n"}}
    history.add(
        CompletedRun(id="r", started_at="", ended_at="", state="interrupted", sentence=""),
        StateUpdate(states=(), gone=(), transitions=()),
        both,
        due=0,
    )

    async def slow(_: str) -> None:
        await asyncio.sleep(30)

    async def fast(_: str) -> None:
        times["fast"] = time.monotonic()

    async def go() -> None:
        clock = WatchClock(now=time.monotonic, wall=time.time, sleep=asyncio.sleep, chance=lambda: 0.0)
        receivers = [Receiver(key="slow", shown="s", deliver=slow), Receiver(key="fast", shown="f", deliver=fast)]
        task = asyncio.ensure_future(Delivery(HistoryThread(history), receivers, clock, log=print).forever())
        await asyncio.sleep(0.5)
        task.cancel()

    began = time.monotonic()
    asyncio.run(go())
    assert times["fast"] - began < 0.5
    assert [waiting.id for waiting in history.waiting("slow")] == ["m"]


@pytest.mark.parametrize(("tries", "pause"), [(0, FIRST_PAUSE), (1, 10.0), (2, 20.0), (6, LONGEST_PAUSE), (10_000, LONGEST_PAUSE)])  # fmt: skip
def test_pauses_double_up_to_a_limit(tries: int, pause: float) -> None:
    assert pause_after(tries) == pause


# --- what is said -----------------------------------------------------------------------------------------------------


def opened(name: str, verdict: Verdict = Verdict.LEAK) -> Transition:
    moment = Moment(run="r", at=stamp(NOW), release="1.0.397", before="1.0.396")
    return Transition(id=name, change=Change.OPENED if verdict is Verdict.LEAK else Change.CHANGED, before=Verdict.LOCKED, after=verdict, reason="granted", detail="answered 200", at=moment)  # fmt: skip


def news(*transitions: Transition) -> News:
    return News(deployment="web https://h", now=Moment(run="r", at=stamp(NOW), release="1.0.397"), transitions=transitions, still=(), headline="1 door is open. Do first: lock it.")  # fmt: skip


def test_a_wide_open_deployment_is_one_message_of_some_length() -> None:
    transitions = [opened(f"s: GET /{n} [{credential}]") for n in range(300) for credential in ("anonymous", "bogus")]
    made = message(news(*transitions), receiver="r")
    assert made["title"] == "300 routes became public (s GET /0, s GET /1, s GET /2 and 297 more): web https://h"
    assert made["counts"]["opened"] == 600
    assert len(made["opened"]) == MOST_ENTRIES
    assert made["text"].count("\n- ") == MOST_LINES + 1
    assert "- and 288 more" in made["text"]
    assert "- s: GET /0 [anonymous, bogus]: leak, answered 200; since" in made["text"]


def test_a_message_says_what_to_do_first_and_gives_nothing_to_an_attacker() -> None:
    made = message(news(opened("me: GET /api/me [anonymous]")), receiver="r")
    assert "first seen with release 1.0.397 (previous: 1.0.396)" in made["text"]
    assert made["text"].endswith(
        "1 door is open. Do first: lock it.\nWhat is expected and how to fix it: prober explain 'me: GET /api/me [anonymous]'"
    )
    assert "curl" not in json.dumps(made)


def test_a_message_keeps_its_id_for_one_receiver_alone() -> None:
    made = [message(news(opened("a [b]")), receiver=receiver)["id"] for receiver in ("r", "r", "s")]
    assert made[0] == made[1] != made[2]


@pytest.mark.parametrize(
    ("transitions", "level", "title"),
    [
        pytest.param((opened("a [x]"), opened("b [x]", Verdict.DRIFT)), "leak", "1 route became public (a), 1 route answers unexpectedly", id="leak-and-drift"),
        pytest.param((opened("a [x]", Verdict.UNREACHABLE), opened("a [y]", Verdict.UNREACHABLE)), "warning", "1 route could not be checked", id="unreachable"),
        pytest.param((opened("a [x]", Verdict.DRIFT), opened("b [x]", Verdict.DRIFT)), "warning", "2 routes answer unexpectedly (a, b)", id="drift"),
    ],
)  # fmt: skip
def test_a_title_counts_routes(transitions: tuple[Transition, ...], level: str, title: str) -> None:
    made = message(news(*transitions), receiver="r")
    assert (made["level"], made["title"]) == (level, f"{title}: web https://h")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (59, "59 s"), (60, "1 min"), (61, "1 min 1 s"), (3_600, "1 h"), (3_601, "1 h"), (5_000, "1 h 23 min"), (200_000, "2 d 7 h"), (-5, "0 s")],
)  # fmt: skip
def test_a_length_of_time_is_said_in_two_units(seconds: int, text: str) -> None:
    assert lasted(seconds) == text


def test_the_title_names_the_worst_first(finding_of: Callable[..., Finding], report_of: Callable[..., Report]) -> None:
    """The order of a run's findings is that of the plan; people who are paged are told of what is worst."""
    paths = (("GET", "/status"), ("GET", "/api/users"), ("POST", "/api/things"), ("GET", "/api/tokens"), ("GET", "/a"))
    whole = record(report_of(*(finding_of(path=path, method=method) for method, path in paths)))
    found = step({}, seen_in(whole), Moment(run="r", at="2026-11-22T10:00:00Z"), confirm=1)
    title = message(news(*found.transitions), receiver="r")["title"]
    assert title.startswith(
        "5 routes became public (me GET /api/tokens, me POST /api/things, me GET /api/users and 2 more)"
    )


def test_what_is_still_open_is_told_worst_first() -> None:
    at = Moment(run="r", at="2026-11-22T10:00:00Z")
    states = [
        FindingState(id=name, verdict=verdict, reason="granted", detail="d", since=at, seen_at=at.at)
        for name, verdict in (
            ("s: GET /api/users [a]", Verdict.LEAK), ("s: GET /api/tokens [a]", Verdict.DRIFT), ("s: POST /x [a]", Verdict.LEAK),
        )
    ]  # fmt: skip
    assert [state.id for state in worst_first(states)] == [
        "s: POST /x [a]", "s: GET /api/users [a]", "s: GET /api/tokens [a]",
    ]  # fmt: skip
