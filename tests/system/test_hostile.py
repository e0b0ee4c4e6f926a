"""Whole runs, as users start them, against deployments that are broken or hostile: real sockets, and the real command.

Whatever such a deployment does, the run ends in bounded time and memory, with the verdict that the design gives it, and
what was said to it is neither obeyed nor repeated. What the transport makes of each answer alone is test_transport's.
"""

from __future__ import annotations

import base64
import contextlib
import gzip
import json
import os
import random
import signal
import socket
import ssl
import struct
import subprocess
import sys
import threading
import time
import unicodedata
import warnings
import zlib
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import Enum
from itertools import count, repeat
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest
import trustme

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

DEADLINE = 20.0
GRACE = 3.0  # seconds past the deadline: a process of Python starts, judges and ends in them
MOST_MEMORY = 100.0  # MiB, of the whole process
MOST_SAID = 3000  # characters of the report for each finding, however much the deployment talks
# Few requests, for what must be waited for: two at each of two routes, one that is safe to send again, one that is not.
FEW = ("--depth", "quick", "--only", "GET /api/healthz", "--only", "GET /api/knowledge", "--only", "POST /api/knowledge")  # fmt: skip
ONE = ("--depth", "quick", "--only", "GET /api/healthz", "--only", "knowledge: GET /api/knowledge [anonymous]")
ALL: tuple[str, ...] = ()
NAMED = "knowledge: GET /api/knowledge [anonymous]"

# --- what a deployment does -------------------------------------------------------------------------------------------


class Act(Enum):
    """How an answer ends; one that ends without a word closes the connection."""

    KEEP = "keep the connection for the next request"
    RESET = "reset it"
    HOLD = "say no more, and keep it open"


@dataclass(frozen=True)
class Wait:
    """A pause within an answer."""

    seconds: float


Say: TypeAlias = "bytes | Act | Wait"
Play: TypeAlias = "Callable[[int], Iterable[Say]]"  # what is said to the n-th request of its kind


def says(*acts: bytes | Act | Wait) -> Play:
    return lambda _: acts


def for_ever(head: bytes, part: bytes) -> Play:
    return lambda _: (bit for bits in (iter([head]), repeat(part)) for bit in bits)


def dripped(head: bytes, rest: bytes) -> Play:
    """Say the head at once, and the rest a byte a second."""
    return lambda _: (head, *(act for n in range(len(rest)) for act in (rest[n : n + 1], Wait(1.0))))


def in_turn(*plays: Play) -> Play:
    return lambda turn: plays[turn % len(plays)](turn)


def slower(step: float, answer: bytes) -> Play:
    """Take so much longer for each further answer."""
    return lambda turn: (Wait(step * turn), answer, Act.KEEP)


def answer(
    status: bytes, body: bytes, *headers: bytes, kind: bytes = b"application/json", length: int | None = None
) -> bytes:
    lines = (b"HTTP/1.1 " + status, b"Content-Type: " + kind, *headers)
    size = b"Content-Length: %d" % (len(body) if length is None else length)
    return b"\r\n".join((*lines, size, b"", body))


def refusal(*headers: bytes, body: bytes = b'{"error":"not_signed_in"}', length: int | None = None) -> bytes:
    return answer(b"401 Unauthorized", body, *headers, length=length)


def grant(*headers: bytes, body: bytes = b'{"rules":["all of them"]}', length: int | None = None) -> bytes:
    return answer(b"200 OK", body, *headers, length=length)


def moved(location: bytes) -> Play:
    return says(b"HTTP/1.1 302 Found\r\nLocation: " + location + b"\r\nContent-Length: 0\r\n\r\n", Act.KEEP)


def chunked(status: bytes, *headers: bytes) -> bytes:
    return b"\r\n".join((b"HTTP/1.1 " + status, *headers, b"Transfer-Encoding: chunked", b"", b""))


def chunk(part: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(part), part)


def changing(status: bytes) -> Play:
    """Say something else each time, and more of it."""
    asked = count(1)
    return lambda _: (answer(status, b'{"rules":["%s"]}' % (b"one more, " * next(asked))), Act.KEEP)


def bomb(wbits: int) -> bytes:
    """A gigabyte of nothing in a megabyte: one block, flushed so that it may stand a thousand times."""
    deflate = zlib.compressobj(9, zlib.DEFLATED, wbits)
    first = deflate.compress(bytes(1 << 20)) + deflate.flush(zlib.Z_FULL_FLUSH)
    return first + (deflate.compress(bytes(1 << 20)) + deflate.flush(zlib.Z_FULL_FLUSH)) * 1023


REFUSED = says(refusal(), Act.KEEP)
HEALTHY = says(grant(body=b'{"ok":true}'), Act.KEEP)
NOT_FOUND = says(answer(b"404 Not Found", b"<title>404</title>", kind=b"text/html"), Act.KEEP)
SILENCE = says(Act.HOLD)
STREAM = chunked(b"200 OK", b"Content-Type: text/event-stream")
EVENT = chunk(b'event: message\ndata: {"rules":[]}\n\n')
GZIP, DEFLATE = bomb(31), bomb(15)
# 128 MiB of nothing, as Node's zlib.brotliCompressSync writes them.
BR = base64.b64decode(
    "z///f/gnAOKxQCD3/p/////wTwDEYQGA7v0/////4Z8AiMMiAN37f/7//8M/ARCHBQC69//8//+HfwIgDgsAdO//+f//D/8EQBwWAOje//P//x/+CYA4LADQvf/P//9//BMAcVgAoHv/Dw=="
)
LONG = 64 * 1024


@dataclass(frozen=True, kw_only=True)
class Script:
    """What it says where: on guarded routes, on health, and on paths that do not exist."""

    guarded: Play = REFUSED
    health: Play = HEALTHY
    nowhere: Play = NOT_FOUND
    accept_after: float = 0.0
    reads: bool = True
    tls: ssl.SSLContext | None = None


def everywhere(play: Play) -> Script:
    return Script(guarded=play, health=play, nowhere=play)


# --- the deployment ---------------------------------------------------------------------------------------------------


@dataclass
class Deployment:
    """A server of bytes: a thread for each connection, and what it heard."""

    script: Script
    listener: socket.socket
    heard: list[bytes] = field(default_factory=list)
    visits: int = 0
    _turns: dict[str, int] = field(default_factory=dict)
    _open: set[socket.socket] = field(default_factory=set)
    _threads: list[threading.Thread] = field(default_factory=list)
    _over: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def port(self) -> int:
        return int(self.listener.getsockname()[1])

    @property
    def url(self) -> str:
        return f"{'https' if self.script.tls else 'http'}://127.0.0.1:{self.port}"

    def start(self) -> None:
        self._begin(self._accept)

    def end(self) -> None:
        self._over.set()
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        with self._lock:
            for sock in self._open:
                with contextlib.suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(10)

    def _begin(self, target: Callable[..., None], *arguments: socket.socket) -> None:
        thread = threading.Thread(target=target, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while not self._over.wait(self.script.accept_after):
                sock, _ = self.listener.accept()
                self.visits += 1
                self._begin(self._converse, sock)

    def _converse(self, plain: socket.socket) -> None:
        sock = plain
        with self._lock:
            self._open.add(plain)
        try:
            plain.settimeout(30)
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self.script.tls:
                sock = self.script.tls.wrap_socket(plain, server_side=True, do_handshake_on_connect=False)
                with self._lock:
                    self._open.add(sock)
                self._shake_hands(sock)
            if not self.script.reads:
                self._over.wait()
            while self._answer(sock):
                pass
        except (OSError, ValueError):
            pass  # the prober had enough of it, or the test has ended
        finally:
            with self._lock:
                self._open -= {plain, sock}
            sock.close()

    def _shake_hands(self, sock: ssl.SSLSocket) -> None:
        """A server that closes with something unread would take back the alert that says why."""
        try:
            sock.do_handshake()
        except ssl.SSLError:
            sock.shutdown(socket.SHUT_WR)
            while sock.recv(65536):
                pass
            raise

    def _answer(self, sock: socket.socket) -> bool:
        """Hear one request and say what the script says; True to keep the connection."""
        head = b""
        while b"\r\n\r\n" not in head:
            part = sock.recv(65536)
            if not part:
                return False
            head += part
        head, _, body = head.partition(b"\r\n\r\n")
        sizes = [line[15:] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
        while sizes and len(body) < int(sizes[0]):
            body += sock.recv(65536)
        for act in self._play_for(head):
            if isinstance(act, bytes):
                sock.sendall(act)
            elif isinstance(act, Wait):
                self._over.wait(act.seconds)
            elif act is Act.RESET:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            elif act is Act.HOLD:
                self._over.wait()
            else:
                return True
        return False

    def _play_for(self, head: bytes) -> Iterable[bytes | Act | Wait]:
        path = head.split(b" ")[1]
        kinds = {b"/api/healthz": "health", b"/api/readyz": "health"}
        kind = kinds.get(path, "guarded" if path.startswith(b"/api/knowledge") else "nowhere")
        with self._lock:
            self.heard.append(head)
            turn = self._turns[kind] = self._turns.get(kind, -1) + 1
        play: Play = getattr(self.script, kind)
        return play(turn)


@contextmanager
def deployed(script: Script) -> Iterator[Deployment]:
    here = Deployment(script, socket.create_server(("127.0.0.1", 0), backlog=128))
    here.start()
    try:
        yield here
    finally:
        here.end()


# --- the run ----------------------------------------------------------------------------------------------------------

# Linux hands a parent's own peak on to what it spawns, so a small process starts the command and measures it.
LAUNCH = """
import os, sys
pid = os.posix_spawn(sys.argv[2], sys.argv[2:], os.environ)
status, usage = os.wait4(pid, 0)[1:]
with open(sys.argv[1], "w") as file:
    file.write(f"{os.waitstatus_to_exitcode(status)} {usage.ru_maxrss}")
"""
# Python imports this at its start; it writes down every address that the process connects to, and every name it asks for.
WITNESS = """
import os, sys
FILE = os.open(os.environ["WITNESS"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
def note(event, arguments):
    if event == "socket.connect":
        os.write(FILE, (":".join(map(str, arguments[1][:2])) + "\\n").encode())
    elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
        os.write(FILE, f"name {arguments[0]}\\n".encode())
sys.addaudithook(note)
"""


@dataclass(frozen=True, kw_only=True)
class Ran:
    """What a run said, and what it cost."""

    status: int
    out: str
    err: str
    seconds: float
    peak: float  # MiB
    reached: frozenset[str]

    @property
    def report(self) -> dict:
        return json.loads(self.out)

    def verdict(self, finding: str = NAMED) -> tuple[str, str]:
        (found,) = [f for f in self.report["findings"] if f["id"] == finding]
        return found["verdict"], found["reason"]

    def verdicts(self, surface: str = "knowledge") -> set[tuple[str, str]]:
        """Of variants only what is bad: neither what opens nothing nor what has nothing to compare with."""
        return {
            (f["verdict"], f["reason"])
            for f in self.report["findings"]
            if f["surface"] == surface
            and not (
                f["variant"] and (f["verdict"], f["reason"]) in {("locked", "opens-nothing"), ("skipped", "uncompared")}
            )
        }


Runs: TypeAlias = "Callable[..., Ran]"


@pytest.fixture
def run(tmp_path: Path, record_property: Callable[[str, object], None]) -> Runs:
    """Run the prober against a deployment, and check what holds of every run whatever it meets."""

    def start(here: Deployment, *more: str, url: str | None = None, form: str = "json") -> Ran:
        (tmp_path / "sitecustomize.py").write_text(WITNESS)
        measured, witness = tmp_path / "measured", tmp_path / "witness"
        command = [
            sys.executable, "-m", "prober", "run", "--profile", "oauth", "--surface", "knowledge", "--surface", "health", "--timeout", "1",
            "--deadline", f"{DEADLINE:g}", "--attempts", "2", "--format", form, "--base-url", url or here.url, *more,
        ]  # fmt: skip
        clean = {name: value for name, value in os.environ.items() if not name.startswith("PROBER_")}
        started = time.monotonic()
        process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", LAUNCH, str(measured), *command], text=True, start_new_session=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=tmp_path,
            env={**clean, "PYTHONPATH": str(tmp_path), "WITNESS": str(witness)},
        )  # fmt: skip
        try:
            out, err = process.communicate(timeout=DEADLINE + GRACE)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
        status, peak = map(int, measured.read_text().split())
        ran = Ran(
            status=status, out=out, err=err, seconds=time.monotonic() - started, peak=peak / 1024,
            reached=frozenset(witness.read_text().split("\n")) - {""},
        )  # fmt: skip
        record_property("peak_mib", round(ran.peak, 1))
        record_property("seconds", round(ran.seconds, 2))
        holds_of_every(ran, here)
        return ran

    return start


def holds_of_every(ran: Ran, here: Deployment) -> None:
    assert ran.err == ""
    assert ran.status in {0, 1, 2}
    assert ran.peak <= MOST_MEMORY
    assert here.visits > 0
    assert ran.reached == {f"127.0.0.1:{here.port}"}, "it went somewhere else"
    assert acting(ran.out.replace("\n", "")) == set()


def holds_of_every_report(ran: Ran) -> None:
    assert ran.report["exit_status"] == ran.status
    assert len(ran.out) <= MOST_SAID * len(ran.report["findings"])
    assert acting("".join(strings(ran.report))) == set()


def acting(text: str) -> set[str]:
    """Give the characters that a terminal, an editor or a log would obey."""
    return {char for char in text if unicodedata.category(char) in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}}


def strings(value: object) -> Iterator[str]:
    entries = [*value, *value.values()] if isinstance(value, dict) else value if isinstance(value, list) else []
    yield from [value] if isinstance(value, str) else []
    for entry in entries:
        yield from strings(entry)


def test_the_deployment_of_these_tests_is_locked_and_a_run_of_it_is_small(run: Runs) -> None:
    with deployed(Script()) as here:
        ran = run(here)
    assert (ran.status, ran.verdicts(), ran.verdicts("health")) == (0, {LOCKED}, {LOCKED})
    assert len(here.heard) == ran.report["requests"] > 60
    assert ran.peak > 10  # it is the prober that was measured


LOCKED = ("locked", "as-promised")
UNREAD = ("unproven", "unread")  # a refusal of which a part may hold anything
GRANTED = ("leak", "granted")
DISCLOSED = ("leak", "disclosed")
PROTOCOL = ("unreachable", "protocol")
TIMEOUT = ("unreachable", "timeout")
TLS = ("unreachable", "tls")

# --- refusals in odd clothes: the application did refuse, so they are locked ------------------------------------------

HEAD = b"HTTP/1.1 401 Unauthorized\r\n"
CHUNKED_REFUSAL = chunked(b"401 Unauthorized")
APART = Wait(0.03)  # what is said before it arrives before what is said after


@pytest.mark.parametrize(
    ("play", "few"),
    [
        pytest.param(says(refusal(b"X-A: b", b"  folded", b"\tand again"), Act.KEEP), FEW, id="folded-header"),
        pytest.param(says(refusal(b"Content-Length: 25"), Act.KEEP), FEW, id="same-length-twice"),
        pytest.param(says(chunked(b"401 No", b"Content-Length: 3") + chunk(b"no") + b"0\r\n\r\n", Act.KEEP), FEW, id="chunked-and-a-length"),
        pytest.param(says(refusal(*(b"Set-Cookie: session=flood%d; Path=/" % n for n in range(1500))), Act.KEEP), FEW, id="flood-of-cookies"),
        pytest.param(says(refusal(*[b"X-A: b"] * 10_000), Act.KEEP), ALL, id="ten-thousand-short-headers"),
        pytest.param(says(HEAD.replace(b"Unauthorized", b"\xd0\x9d\xd0\xb5\xd1\x82 \xff\x9b") + b"Content-Length: 0\r\n\r\n", Act.KEEP), FEW, id="reason-that-is-no-ascii"),
        pytest.param(says(refusal(body=b"\x1b]0;owned\x07\x1b[2J\xc2\x9b31m\xe2\x80\xae" * 99), Act.KEEP), FEW, id="escapes-in-the-body"),
        pytest.param(says(refusal(body=b'\\"api_key\\" ' * 5000), Act.KEEP), FEW, id="quotes"),
        pytest.param(says(refusal(body=b"<title>" * 9000), Act.KEEP), ALL, id="titles-without-end"),
        pytest.param(changing(b"401 Unauthorized"), FEW, id="never-the-same-twice"),
        pytest.param(says(refusal(), Wait(0.002)), ALL, id="closes-after-each-answer-without-a-word"),
        pytest.param(says(refusal() + b"and more, that nobody asked for", Act.KEEP), ALL, id="garbage-behind-the-answer"),
        pytest.param(says(refusal(b"X-RateLimit-Remaining: 0", b"X-RateLimit-Limit: 1000", b"X-RateLimit-Reset: 99999999999999"), Act.KEEP), FEW, id="allowance-that-never-comes-back"),
    ],
)  # fmt: skip
def test_a_refusal_is_a_lock_whatever_it_wears(run: Runs, play: Play, few: tuple[str, ...]) -> None:
    with deployed(Script(guarded=play)) as here:
        ran = run(here, *few)
    holds_of_every_report(ran)
    assert (ran.status, ran.verdicts()) == (0, {LOCKED})
    assert not any(b"flood" in head for head in here.heard)


@pytest.mark.parametrize(
    ("play", "few"),
    [
        pytest.param(says(refusal(length=9000)), FEW, id="length-too-long-and-closed"),
        pytest.param(says(refusal(length=10**18), Act.HOLD), ONE, id="length-of-an-exabyte"),
        pytest.param(says(CHUNKED_REFUSAL, b"zz\r\nno\r\n"), FEW, id="chunk-size-that-is-no-number"),
        pytest.param(for_ever(CHUNKED_REFUSAL, chunk(b"x" * 8000)), ALL, id="endless-chunks"),
        pytest.param(for_ever(CHUNKED_REFUSAL + b"1;", b"x" * 8000), FEW, id="endless-chunk-extension"),
        pytest.param(for_ever(CHUNKED_REFUSAL + b"0\r\n", b"X-Trailer: x\r\n" * 500), FEW, id="endless-trailers"),
        pytest.param(says(refusal(b"Content-Encoding: gzip", body=GZIP)), ALL, id="gzip-bomb"),
        pytest.param(says(refusal(b"Content-Encoding: deflate", body=DEFLATE)), FEW, id="deflate-bomb"),
        pytest.param(says(refusal(b"Content-Encoding: br", body=BR), Act.KEEP), FEW, id="br-bomb"),
        pytest.param(says(refusal(length=9000), APART, Act.RESET), FEW, id="reset-in-the-body"),
        pytest.param(dripped(refusal(b"X-A: b", body=b"", length=60), b"x" * 60), ONE, id="drip-in-the-body"),
        pytest.param(says(refusal(body=b"[" * 300_000)), FEW, id="deep-json"),
        pytest.param(says(refusal(body=b"9" * 4 * LONG), Act.KEEP), FEW, id="digits"),
    ],
)  # fmt: skip
def test_a_refusal_that_was_not_read_whole_proves_nothing(run: Runs, play: Play, few: tuple[str, ...]) -> None:
    with deployed(Script(guarded=play)) as here:
        ran = run(here, *few)
    holds_of_every_report(ran)
    assert (ran.status, ran.verdicts()) == (2, {UNREAD})


def test_a_deployment_that_is_slow_to_accept_is_waited_for(run: Runs) -> None:
    with deployed(Script(accept_after=0.05)) as here:
        ran = run(here)
    holds_of_every_report(ran)
    assert (ran.status, ran.verdicts()) == (0, {LOCKED})


# --- doors that open in odd clothes -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("play", "few", "verdict"),
    [
        pytest.param(for_ever(STREAM, EVENT), ALL, GRANTED, id="endless-event-stream"),
        pytest.param(says(STREAM, Act.HOLD), ONE, GRANTED, id="silent-event-stream"),
        pytest.param(for_ever(chunked(b"200 OK"), chunk(b"x" * 8000)), ALL, GRANTED, id="endless-chunks"),
        pytest.param(dripped(grant(body=b"", length=60), b"x" * 60), ONE, GRANTED, id="drip-in-the-body"),
        pytest.param(says(grant(length=9000), APART, Act.RESET), FEW, GRANTED, id="reset-in-the-body"),
        pytest.param(says(grant(b"Content-Encoding: gzip", body=GZIP)), ALL, GRANTED, id="gzip-bomb"),
        pytest.param(says(grant(b"Content-Encoding: deflate", body=DEFLATE)), FEW, GRANTED, id="deflate-bomb"),
        pytest.param(says(grant(body=b"[" * 100_000)), FEW, GRANTED, id="deep-json"),
        pytest.param(says(grant(body=b"<meta http-equiv=refresh url=" * 2500)), FEW, GRANTED, id="meta-without-end"),
        pytest.param(changing(b"200 OK"), FEW, GRANTED, id="never-the-same-twice"),
        pytest.param(in_turn(REFUSED, HEALTHY), ALL, GRANTED, id="a-lock-that-holds-every-second-time"),
        pytest.param(says(refusal(b"Content-Encoding: gzip", body=gzip.compress(b'{"apiKey":"zzzzzzzzzzzzzzzz"}')), Act.KEEP), FEW, DISCLOSED, id="a-key-in-a-refusal-in-gzip"),
        pytest.param(dripped(refusal(body=b'{"apiKey":"zzzzzzzzzzzzzzzz","more":', length=99), b"x" * 60), ONE, DISCLOSED, id="a-key-in-a-refusal-that-drips"),
    ],
)  # fmt: skip
def test_an_open_door_is_a_leak_whatever_it_wears(
    run: Runs, play: Play, few: tuple[str, ...], verdict: tuple[str, str]
) -> None:
    with deployed(Script(guarded=play)) as here:
        ran = run(here, *few)
    holds_of_every_report(ran)
    assert (ran.status, ran.report["verdict"]) == (1, "leak")
    assert verdict in ran.verdicts()


@pytest.mark.parametrize(
    ("after", "others"),
    [
        pytest.param(SILENCE, TIMEOUT, id="black-hole"),
        pytest.param(says(), PROTOCOL, id="silent-close"),
        pytest.param(says(answer(b"502 Bad Gateway", b"")), ("unproven", "gateway"), id="gateway"),
        pytest.param(says(answer(b"429 Too Many", b"", b"Retry-After: 99999")), ("unproven", "throttled"), id="throttle"),
    ],
)  # fmt: skip
def test_one_open_door_is_a_leak_although_nobody_answers_after_it(
    run: Runs, after: Play, others: tuple[str, str]
) -> None:
    with deployed(Script(guarded=in_turn(says(grant(), Act.KEEP), *[after] * 99))) as here:
        ran = run(here, "--depth", "quick", "--only", "GET /api/knowledge", "--concurrency", "1")
    holds_of_every_report(ran)
    uncompared = ("skipped", "uncompared")  # the request as a browser sends it, of which nothing came back or no lock
    assert (ran.status, ran.verdicts() - {uncompared}) == (1, {GRANTED, others})


def test_a_second_answer_behind_the_first_is_not_the_next_ones(run: Runs) -> None:
    """An open door must not be given the refusal that was left over from the door before."""
    with deployed(Script(guarded=in_turn(says(refusal() * 2, Act.KEEP), says(grant(), Act.KEEP)))) as here:
        named = (f"knowledge: GET /api/knowledge [{name}]" for name in ("anonymous", "bogus-*", "jwt-unsigned"))
        only = [word for name in named for word in ("--only", name)]
        ran = run(here, *only, "--only", "GET /api/healthz", "--concurrency", "1")
    holds_of_every_report(ran)
    found = [(f["verdict"], f["reason"]) for f in ran.report["findings"] if f["surface"] == "knowledge"]
    assert (ran.status, found[:4]) == (1, [LOCKED, GRANTED, LOCKED, GRANTED])


# --- redirects: none is followed --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "location",
    [
        pytest.param(b"http://169.254.169.254/latest/meta-data/iam/", id="cloud-metadata"),
        pytest.param(b"//169.254.169.254/latest/meta-data/", id="cloud-metadata-without-a-scheme"),
        pytest.param(b"http://evil.test/api/rules", id="another-origin"),
        pytest.param(b"javascript:alert(1)", id="a-script"),
        pytest.param(b"/" + b"a" * 60_000, id="huge"),
        pytest.param(b"/" + b"eyJ" * 20_000, id="nearly-a-token"),
        pytest.param(b"/\x1b]0;owned\x07\x1b[2J\x08\x7f", id="terminal-escapes"),
        pytest.param(b"/\xe2\x80\xae\xe2\x81\xa6gnp.exe\xe2\x80\xa8\xc2\x9b31m\xff", id="direction-marks"),
        pytest.param(b"/a\r\nSet-Cookie: session=flood; Path=/", id="line-break-and-a-header"),
        pytest.param(b"http://[::1", id="no-url-at-all"),
        pytest.param(b"http://127.0.0.1:99999999/", id="port-that-is-none"),
    ],
)  # fmt: skip
def test_a_guarded_route_that_leads_elsewhere_is_a_leak_and_nobody_goes_there(run: Runs, location: bytes) -> None:
    with deployed(Script(guarded=moved(location))) as here:
        ran = run(here, *FEW)
    holds_of_every_report(ran)
    assert (ran.status, ran.verdict()) == (1, GRANTED)
    # Where a variant is sent on the origin, it is asked whether the guard stands there too.
    on_origin = {b"/a"} if location.startswith(b"/a\r") else set()
    assert {head.split(b" ")[1] for head in here.heard} <= {b"/api/healthz", b"/api/knowledge", *on_origin, *lost(here)}
    assert not any(b"flood" in head for head in here.heard)


def lost(here: Deployment) -> set[bytes]:
    """Give the paths that do not exist."""
    return {path for head in here.heard if b"/lockdown-probe-" in (path := head.split(b" ")[1])}


def test_a_redirect_to_another_port_of_this_machine_is_a_leak_and_nobody_goes_there(run: Runs) -> None:
    with deployed(Script()) as trap, deployed(Script(guarded=moved(trap.url.encode() + b"/api/rules"))) as here:
        ran = run(here)
        assert trap.visits == 0
    assert (ran.status, ran.verdict()) == (1, GRANTED)


@pytest.mark.parametrize(
    ("play", "verdict"),
    [
        pytest.param(moved(b"/api/knowledge"), ("drift", "wrong-status"), id="to-itself"),
        pytest.param(in_turn(moved(b"/api/a"), moved(b"/api/b")), GRANTED, id="in-a-circle"),
        pytest.param(says(answer(b"600 What", b"{}"), Act.KEEP), ("drift", "wrong-status"), id="status-600"),
        pytest.param(says(answer(b"999 Request denied", b"{}"), Act.KEEP), ("drift", "wrong-status"), id="status-999"),
        pytest.param(says(answer(b"500 Oh", b"9" * LONG), Act.KEEP), ("drift", "broken"), id="status-500"),
        pytest.param(says(answer(b"418 Teapot", b"short", length=10**15), APART, Act.RESET), ("drift", "wrong-status"), id="status-418-and-a-reset"),
    ],
)  # fmt: skip
def test_an_answer_that_is_no_promised_one_is_drift(run: Runs, play: Play, verdict: tuple[str, str]) -> None:
    with deployed(Script(guarded=play)) as here:
        ran = run(here, *FEW)
    holds_of_every_report(ran)
    assert (ran.status, ran.verdict()) == (1, verdict)


def test_what_a_deployment_writes_does_not_act_on_the_terminal(run: Runs) -> None:
    with deployed(Script(guarded=moved(b"/\x1b[2J\x1b]0;owned\x07\xe2\x80\xae\xc2\x9b31m"))) as here:
        ran = run(here, *FEW, form="table")
    assert ran.status == 1
    assert "\\x1b[2J" in ran.out  # shown, and harmless


# --- what never becomes an answer -------------------------------------------------------------------------------------

BAD = b"HTTP/1.1 401 Unauthorized\r\n%s\r\nContent-Length: 0\r\n\r\n"


@pytest.mark.parametrize(
    ("play", "few"),
    [
        pytest.param(for_ever(HEAD + b"X-A: ", b"x" * 65_536), ALL, id="header-without-end"),
        pytest.param(says(BAD % (b"X-A: " + b"x" * 10_000_000)), ALL, id="header-of-ten-megabytes"),
        pytest.param(says(refusal(*(b"X-%d: %s" % (n, b"x" * 40) for n in range(10_000)))), ALL, id="ten-thousand-headers"),
        pytest.param(says(b"HTTP/1.1 4x1 Unauthorized\r\n\r\n"), FEW, id="status-that-is-no-number"),
        pytest.param(says(b"HTTP/1.1 000 Nothing\r\n\r\n"), FEW, id="status-000"),
        pytest.param(says(b"HTTP/1.1 099 Little\r\n\r\n"), FEW, id="status-099"),
        pytest.param(says(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: upgrade\r\n\r\n"), FEW, id="status-101"),
        pytest.param(says(b"<h1>401</h1>"), FEW, id="http-0.9"),
        pytest.param(says(BAD % b"X-A: b\x00c"), FEW, id="nul-in-a-header"),
        pytest.param(says(BAD % b"X-A: b\rX-B: c"), FEW, id="bare-carriage-return"),
        pytest.param(says(BAD % b"Content-Length: 9"), FEW, id="two-lengths"),
        pytest.param(says(b"HTTP/1.1 401 No\r\nContent-Length: -1\r\n\r\n"), FEW, id="negative-length"),
        pytest.param(says(HEAD + b"Content-Le"), FEW, id="close-in-the-head"),
        pytest.param(says(HEAD + b"Content-Le", APART, Act.RESET), FEW, id="reset-in-the-head"),
        pytest.param(says(), FEW, id="silent-close"),
        pytest.param(says(Act.RESET), FEW, id="reset"),
    ],
)  # fmt: skip
def test_what_is_no_http_is_nobodys_answer(run: Runs, play: Play, few: tuple[str, ...]) -> None:
    with deployed(Script(guarded=play)) as here:
        ran = run(here, *few)
    holds_of_every_report(ran)
    assert (ran.status, ran.verdicts(), ran.report["verdict"]) == (2, {PROTOCOL}, "unreachable")
    assert ran.verdict("health: GET /api/healthz [anonymous]") == LOCKED


@pytest.mark.parametrize(
    "play",
    [
        pytest.param(SILENCE, id="black-hole"),
        pytest.param(dripped(b"", HEAD + b"X-A: b\r\n" * 20), id="drip-in-the-head"),
        pytest.param(for_ever(b"", b"HTTP/1.1 100 Go\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" * 20), id="continues-and-hints-without-end"),
    ],
)  # fmt: skip
def test_what_does_not_answer_in_time_is_nobody(run: Runs, play: Play) -> None:
    with deployed(Script(guarded=play)) as here:
        ran = run(here, *FEW)
    holds_of_every_report(ran)
    assert (ran.status, ran.verdicts(), ran.report["verdict"]) == (2, {TIMEOUT}, "unreachable")
    assert ran.seconds < 6  # two attempts of a second, side by side, and a start


def test_answers_that_get_slower_are_locked_until_they_come_too_late(run: Runs) -> None:
    with deployed(Script(guarded=slower(0.4, refusal()))) as here:
        ran = run(here, *FEW, "--concurrency", "1")
    holds_of_every_report(ran)
    assert (ran.status, ran.verdicts()) == (2, {LOCKED, TIMEOUT})


def test_the_deadline_ends_a_run_into_a_black_hole_although_a_timeout_is_longer(run: Runs) -> None:
    with deployed(Script(guarded=SILENCE)) as here:
        ran = run(here, "--deadline", "2", "--timeout", "9")
    holds_of_every_report(ran)
    assert (ran.status, ran.verdicts()) == (2, {("unproven", "cut-short")})
    assert 2 < ran.seconds < 2 + GRACE


NGINX = (
    b"<html><head><title>503</title></head><body><center><h1>503</h1></center><hr><center>nginx</center></body></html>"
)


def limited(play: Play, *, rate: float, burst: int) -> Play:
    """Refuse as nginx's `limit_req` does: in words of its own, with a 503, and without a word of when to come back."""
    left, at, lock = float(burst), time.monotonic(), threading.Lock()

    def limit(turn: int) -> Iterable[bytes | Act | Wait]:
        nonlocal left, at
        with lock:
            now = time.monotonic()
            left, at = min(burst, left + (now - at) * rate), now
            if left < 1:
                return (answer(b"503 Service Temporarily Unavailable", NGINX, kind=b"text/html"), Act.KEEP)
            left -= 1
            return play(turn)

    return limit


def test_a_limit_that_a_proxy_answers_with_503_is_waited_for_until_all_is_known(run: Runs) -> None:
    with deployed(Script(guarded=limited(REFUSED, rate=15, burst=5))) as here:
        ran = run(here)
    holds_of_every_report(ran)
    assert (ran.status, ran.verdicts()) == (0, {LOCKED})
    assert len(here.heard) <= 2 * len(ran.report["findings"])


def tiring(answers: int, script: Script) -> Script:
    """Answer so many requests, wherever they go, and then nobody any more."""
    asked = count()

    def until(play: Play) -> Play:
        return lambda turn: play(turn) if next(asked) < answers else SILENCE(turn)

    return replace(script, guarded=until(script.guarded), health=until(script.health), nowhere=until(script.nowhere))


def test_a_deployment_that_stops_answering_is_left_alone_long_before_the_deadline(run: Runs) -> None:
    """A wall that drops who asked too much: each further request would be waited for."""
    with deployed(tiring(30, Script())) as here:
        ran = run(here)
    holds_of_every_report(ran)
    assert (ran.status, ran.report["verdict"]) == (2, "unreachable")
    assert len(here.heard) <= 30 + 4 * 8
    assert ran.seconds < 12
    left = [f for f in ran.report["findings"] if "nothing answers any more" in f["detail"]]
    assert len(left) > 12
    assert {(f["verdict"], f["reason"]) for f in left} == {TIMEOUT}


def test_routes_that_hang_in_a_deployment_that_answers_cost_no_other_route_its_probe(run: Runs) -> None:
    with deployed(Script(guarded=SILENCE)) as here:
        ran = run(here, "--surface", "orgs", "--attempts", "1")
    holds_of_every_report(ran)
    assert ran.status == 2
    assert "nothing answers any more" not in ran.out
    orgs = [f for f in ran.report["findings"] if f["surface"] == "orgs" and f["verdict"] != "skipped"]
    assert sum(b" /api/orgs" in head for head in here.heard) >= len(orgs) > 20


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param(b"Retry-After: 99999999999", id="for-ever"),
        pytest.param(b"Retry-After: 1e999\r\nRateLimit: r=0;t=999999999999999", id="no-number"),
        pytest.param(b"X-RateLimit-Remaining: 0\r\nX-RateLimit-Reset: 99999999999999999999999999", id="reset-that-never-comes"),
    ],
)  # fmt: skip
def test_a_throttle_that_never_ends_is_no_verdict(run: Runs, headers: bytes) -> None:
    with deployed(Script(guarded=says(answer(b"429 Too Many", b"{}", headers), Act.KEEP))) as here:
        ran = run(here, *ONE, "--deadline", "6")
    holds_of_every_report(ran)
    assert (ran.status, ran.verdict()) == (2, ("unproven", "throttled"))


# --- hostile everywhere, health too -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("script", "status", "verdict"),
    [
        pytest.param(everywhere(SILENCE), 2, TIMEOUT, id="black-hole"),
        pytest.param(Script(reads=False), 2, TIMEOUT, id="accepts-and-never-reads"),
        pytest.param(everywhere(says()), 2, PROTOCOL, id="silent-close"),
        pytest.param(everywhere(for_ever(HEAD, b"X-A: b\r\n" * 5000)), 2, PROTOCOL, id="headers-without-end"),
        pytest.param(everywhere(for_ever(STREAM, EVENT)), 2, ("unproven", "wrong-base"), id="the-same-endless-stream"),
        pytest.param(everywhere(says(grant(b"Content-Encoding: gzip", body=GZIP))), 2, ("unproven", "wrong-base"), id="the-same-gzip-bomb"),
        pytest.param(everywhere(changing(b"200 OK")), 1, GRANTED, id="something-else-each-time"),
        pytest.param(everywhere(moved(b"http://169.254.169.254/latest/")), 2, ("unproven", "wrong-base"), id="redirects-to-cloud-metadata"),
        pytest.param(everywhere(says(answer(b"500 Oh", b"[" * 100_000))), 2, ("unproven", "broken"), id="500-and-deep-json"),
        pytest.param(everywhere(says(answer(b"502 Oh", b"<title>" * 9000))), 2, ("unproven", "gateway"), id="502-and-titles"),
        pytest.param(everywhere(says(answer(b"511 Sign in", b"", b"Location: http://captive.test/"), Act.KEEP)), 2, ("unproven", "intermediary"), id="captive-portal"),
        pytest.param(everywhere(says(answer(b"400 No", b"The plain HTTP request was sent to HTTPS port", kind=b"text/html"))), 2, ("unproven", "intermediary"), id="plain-http-on-a-tls-port-of-nginx"),
    ],
)  # fmt: skip
def test_a_deployment_that_is_hostile_everywhere_is_never_locked(
    run: Runs, script: Script, status: int, verdict: tuple[str, str]
) -> None:
    with deployed(script) as here:
        ran = run(here, *FEW)
    holds_of_every_report(ran)
    assert (ran.status, ran.verdict()) == (status, verdict)


@pytest.mark.parametrize(
    ("play", "status", "verdict"),
    [
        pytest.param(SILENCE, 2, TIMEOUT, id="black-hole"),
        pytest.param(says(answer(b"500 Oh", b"x" * 200_000)), 1, ("drift", "broken"), id="500"),
        pytest.param(moved(b"http://169.254.169.254/"), 1, ("drift", "wrong-status"), id="redirect-to-cloud-metadata"),
        pytest.param(dripped(grant(body=b"", length=60), b"x" * 60), 0, LOCKED, id="drip-in-the-body"),
        pytest.param(says(grant(b"Content-Encoding: gzip", body=GZIP)), 0, LOCKED, id="gzip-bomb"),
    ],
)  # fmt: skip
def test_health_that_is_hostile_is_judged_like_any_route_and_silence_ends_the_run(
    run: Runs, play: Play, status: int, verdict: tuple[str, str]
) -> None:
    with deployed(Script(health=play)) as here:
        ran = run(here, *FEW)
    holds_of_every_report(ran)
    assert (ran.status, ran.verdict("health: GET /api/healthz [anonymous]")) == (status, verdict)


def test_a_full_plan_stays_small_although_each_answer_is_as_large_as_is_kept(run: Runs) -> None:
    with deployed(everywhere(large)) as here:
        ran = run(here, "--surface", "all", "--mcp-url", here.url)
    assert (ran.status, len(here.heard) > 600) == (2, True)  # one refusal for every path, by nobody knows whom
    assert ran.peak < 80  # the bodies alone are 40 MiB


def test_noise_in_the_largest_answers_ends_a_full_plan_without_a_verdict_on_what_was_not_sent(run: Runs) -> None:
    """Noise cannot be held in less than its length, so that there is an end to how much of it is taken."""
    lines = [b"X-%d: %s" % (n, b"a" * 100) for n in range(110)]

    def noise(turn: int) -> Iterable[Say]:
        return refusal(*lines, body=random.Random(turn).randbytes(64 * 1024)), Act.KEEP

    with deployed(everywhere(noise)) as here:
        ran = run(here, "--surface", "all", "--mcp-url", here.url)
    assert ran.status in {1, 2}
    assert ("unproven", "cut-short") in {(f["verdict"], f["reason"]) for f in ran.report["findings"]}
    assert len(here.heard) < ran.report["coverage"]["routes"] * 5


def large(turn: int) -> Iterable[bytes | Act | Wait]:
    return refusal(body=b"%d" % turn + b"one rule " * (LONG // 8)), Act.KEEP


# --- TLS --------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> dict[str, ssl.SSLContext | str]:
    """Make contexts of servers, good and bad, and the file of the authority that vouches for some of them."""
    authority, folder = trustme.CA(), tmp_path_factory.mktemp("tls")
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))

    def context(name: str = "127.0.0.1", **more: Any) -> ssl.SSLContext:
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(name, **more).configure_cert(made)
        return made

    self_signed = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    stranger = trustme.CA()
    stranger.cert_pem.write_to_path(str(folder / "stranger.pem"))
    stranger.private_key_pem.write_to_path(str(folder / "key.pem"))
    self_signed.load_cert_chain(folder / "stranger.pem", folder / "key.pem")
    wants_ours = context()
    authority.configure_trust(wants_ours)
    wants_ours.verify_mode = ssl.CERT_REQUIRED
    return {
        "ca": str(folder / "ca.pem"),
        "good": context(),
        "self-signed": self_signed,
        "expired": context(not_after=datetime(2020, 1, 1, tzinfo=UTC)),
        "other-host": context("other.test"),
        "old": of_old(context()),
        "wants-ours": wants_ours,
    }


def of_old(context: ssl.SSLContext) -> ssl.SSLContext:
    """Let it speak TLS 1.0 and 1.1 only, which nobody has done by accident for years: hence the warnings."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    return context


@pytest.mark.parametrize(
    ("kind", "play", "few", "status", "verdict"),
    [
        pytest.param("good", REFUSED, ALL, 0, LOCKED, id="good"),
        pytest.param("good", says(refusal(length=9000), APART, Act.RESET), FEW, 2, UNREAD, id="reset-in-the-body"),
        pytest.param("good", for_ever(chunked(b"200 OK"), chunk(b"x" * 8000)), FEW, 1, GRANTED, id="endless-chunks"),
        pytest.param("good", for_ever(STREAM, EVENT), FEW, 1, GRANTED, id="endless-event-stream"),
        pytest.param("good", says(), FEW, 2, PROTOCOL, id="silent-close"),
        pytest.param("self-signed", REFUSED, FEW, 2, TLS, id="self-signed"),
        pytest.param("expired", REFUSED, FEW, 2, TLS, id="expired"),
        pytest.param("other-host", REFUSED, FEW, 2, TLS, id="wrong-host"),
        pytest.param("old", REFUSED, FEW, 2, TLS, id="tls-1.0-and-1.1-only"),
        pytest.param("wants-ours", REFUSED, FEW, 2, TLS, id="wants-a-certificate-of-ours"),
    ],
)  # fmt: skip
def test_over_tls_nobody_is_believed_who_cannot_prove_who_he_is(
    run: Runs, certificates: dict, kind: str, play: Play, few: tuple[str, ...], status: int, verdict: tuple[str, str]
) -> None:
    with deployed(Script(guarded=play, tls=certificates[kind])) as here:
        ran = run(here, *few, "--cacert", certificates["ca"])
    holds_of_every_report(ran)
    assert (ran.status, ran.verdict()) == (status, verdict)


def test_the_server_of_old_tls_does_speak_it(certificates: dict) -> None:
    """Else the case above would prove nothing."""
    lenient = of_old(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
    lenient.load_verify_locations(certificates["ca"])
    with (
        deployed(Script(tls=certificates["old"])) as here,
        socket.create_connection(("127.0.0.1", here.port), 5) as plain,
        lenient.wrap_socket(plain, server_hostname="127.0.0.1") as sock,
    ):
        assert sock.version() == "TLSv1.1"


@pytest.mark.parametrize(
    ("script", "verdict"),
    [
        pytest.param(everywhere(REFUSED), TLS, id="an-ordinary-server"),
        pytest.param(Script(reads=False), TLS, id="a-handshake-that-never-ends"),
    ],
)
def test_tls_with_a_port_that_speaks_none_is_unreachable(run: Runs, script: Script, verdict: tuple[str, str]) -> None:
    with deployed(script) as here:
        ran = run(here, *FEW, url=f"https://127.0.0.1:{here.port}")
    holds_of_every_report(ran)
    assert (ran.status, ran.verdicts()) == (2, {verdict})


def test_plain_http_with_a_tls_port_is_unreachable(run: Runs, certificates: dict) -> None:
    with deployed(Script(tls=certificates["good"])) as here:
        ran = run(here, *FEW, url=f"http://127.0.0.1:{here.port}")
    holds_of_every_report(ran)
    assert (ran.status, ran.verdicts()) == (2, {PROTOCOL})


def test_without_verification_a_bad_certificate_is_passed_and_the_report_says_so(run: Runs, certificates: dict) -> None:
    with deployed(Script(tls=certificates["self-signed"])) as here:
        ran = run(here, *FEW, "--insecure")
    holds_of_every_report(ran)
    assert (ran.status, ran.verdicts()) == (0, {LOCKED})
    assert "TLS was not verified" in ran.report["notes"][0]
