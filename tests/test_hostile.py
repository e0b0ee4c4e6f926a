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
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from itertools import repeat
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import trustme

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

PROBER = str(Path(sys.executable).with_name("prober"))
DEADLINE = 20.0
GRACE = 3.0  # seconds past the deadline: a process of Python starts, judges and ends in them
MOST_MEMORY = 100.0  # MiB, of the whole process
MOST_SAID = 400_000  # characters of the report of 61 requests, however much the deployment talks
# Few requests, for what must be waited for: two at each of two routes, one that is safe to send again, one that is not.
FEW = ("--depth", "quick", "--only", "GET /api/healthz", "--only", "GET /api/knowledge", "--only", "POST /api/knowledge")  # fmt: skip
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


Say = "bytes | Act | Wait"
Play = "Callable[[int], Iterable[Say]]"  # what is said to the n-th request of its kind


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
    """Say something else each time, of another length too."""
    return lambda turn: (answer(status, b'{"rules":"%s"}' % os.urandom(40 + turn).hex().encode()), Act.KEEP)


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
BR = base64.b64decode("z///f/gnAOKxQCD3/p/////wTwDEYQGA7v0/////4Z8AiMMiAN37f/7//8M/ARCHBQC69//8//+HfwIgDgsAdO//+f//D/8EQBwWAOje//P//x/+CYA4LADQvf/P//9//BMAcVgAoHv/Dw==")
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
                sock = self.script.tls.wrap_socket(plain, server_side=True)
                with self._lock:
                    self._open.add(sock)
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
        return {(f["verdict"], f["reason"]) for f in self.report["findings"] if f["surface"] == surface}


Runs = "Callable[..., Ran]"


@pytest.fixture
def run(tmp_path: Path, record_property: Callable[[str, object], None]) -> Runs:
    """Run the prober against a deployment, and check what holds of every run whatever it meets."""

    def start(here: Deployment, *more: str, url: str | None = None, form: str = "json") -> Ran:
        (tmp_path / "sitecustomize.py").write_text(WITNESS)
        measured, witness = tmp_path / "measured", tmp_path / "witness"
        command = [
            PROBER, "run", "--profile", "oauth", "--surface", "knowledge", "--surface", "health", "--timeout", "1",
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
    assert len(ran.out) <= MOST_SAID
    assert here.visits > 0
    assert ran.reached == {f"127.0.0.1:{here.port}"}, "it went somewhere else"
    assert acting(ran.out.replace("\n", "")) == set()


def holds_of_every_report(ran: Ran) -> None:
    assert ran.report["exit_status"] == ran.status
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
        pytest.param(says(refusal(b"X-A: b", b"  folded", b"\tand again"), Act.KEEP), ALL, id="folded-header"),
        pytest.param(says(refusal(b"Content-Length: 25"), Act.KEEP), ALL, id="same-length-twice"),
        pytest.param(says(refusal(length=9000)), ALL, id="length-too-long-and-closed"),
        pytest.param(says(refusal(length=10**18), Act.HOLD), FEW, id="length-of-an-exabyte"),
        pytest.param(says(CHUNKED_REFUSAL, b"zz\r\nno\r\n"), ALL, id="chunk-size-that-is-no-number"),
        pytest.param(says(CHUNKED_REFUSAL, b"-5\r\nno\r\n"), ALL, id="negative-chunk-size"),
        pytest.param(says(CHUNKED_REFUSAL, b"f" * 20 + b"\r\nno\r\n"), ALL, id="chunk-size-beyond-measure"),
        pytest.param(for_ever(CHUNKED_REFUSAL, chunk(b"x" * 8000)), ALL, id="endless-chunks"),
        pytest.param(for_ever(CHUNKED_REFUSAL + b"1;", b"x" * 8000), ALL, id="endless-chunk-extension"),
        pytest.param(for_ever(CHUNKED_REFUSAL + b"0\r\n", b"X-Trailer: x\r\n" * 500), ALL, id="endless-trailers"),
        pytest.param(says(chunked(b"401 No", b"Content-Length: 3") + chunk(b"no") + b"0\r\n\r\n", Act.KEEP), ALL, id="chunked-and-a-length"),
        pytest.param(says(refusal(b"Content-Encoding: gzip", body=GZIP)), ALL, id="gzip-bomb"),
        pytest.param(says(refusal(b"Content-Encoding: deflate", body=DEFLATE)), ALL, id="deflate-bomb"),
        pytest.param(says(refusal(b"Content-Encoding: br", body=BR), Act.KEEP), ALL, id="br-bomb"),
        pytest.param(says(refusal(b"Content-Encoding: gzip, gzip", body=gzip.compress(GZIP)), Act.KEEP), ALL, id="gzip-bomb-in-gzip"),
        pytest.param(says(refusal(length=9000), APART, Act.RESET), ALL, id="reset-in-the-body"),
        pytest.param(dripped(refusal(b"X-A: b", body=b"", length=60), b"x" * 60), FEW, id="drip-in-the-body"),
        pytest.param(says(refusal(*(b"Set-Cookie: session=flood%d; Path=/" % n for n in range(1500))), Act.KEEP), ALL, id="flood-of-cookies"),
        pytest.param(says(refusal(*[b"X-A: b"] * 10_000), Act.KEEP), ALL, id="ten-thousand-short-headers"),
        pytest.param(says(HEAD.replace(b"Unauthorized", b"\xd0\x9d\xd0\xb5\xd1\x82 \xff\x9b") + b"Content-Length: 0\r\n\r\n", Act.KEEP), ALL, id="reason-that-is-no-ascii"),
        pytest.param(says(HEAD.replace(b"\r\n", b"\n") + b"Content-Length: 0\n\n", Act.KEEP), ALL, id="bare-line-feeds"),
        pytest.param(says(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" * 90, refusal(), Act.KEEP), ALL, id="hints-and-then-an-answer"),
        pytest.param(says(refusal(body=b"\x1b]0;owned\x07\x1b[2J\xc2\x9b31m\xe2\x80\xae" * 99), Act.KEEP), ALL, id="escapes-in-the-body"),
        pytest.param(says(refusal(body=b"[" * 100_000)), ALL, id="deep-json"),
        pytest.param(says(refusal(body=b'{"a":' * 12_000)), ALL, id="deep-objects"),
        pytest.param(says(refusal(body=b"9" * LONG), Act.KEEP), ALL, id="digits"),
        pytest.param(says(refusal(body=b'"' * LONG), Act.KEEP), ALL, id="quotes"),
        pytest.param(says(refusal(body=b'\\"api_key\\" ' * 5000), Act.KEEP), ALL, id="keys-without-values"),
        pytest.param(says(refusal(body=b"<title>" * 9000), Act.KEEP), ALL, id="titles-without-end"),
        pytest.param(says(refusal(body=b"-----BEGIN A" * 5000), Act.KEEP), ALL, id="keys-that-only-begin"),
        pytest.param(changing(b"401 Unauthorized"), ALL, id="never-the-same-twice"),
        pytest.param(says(refusal()), ALL, id="closes-after-each-answer-without-a-word"),
        pytest.param(says(refusal() + b"and more, that nobody asked for", Act.KEEP), ALL, id="garbage-behind-the-answer"),
        pytest.param(says(refusal(b"X-RateLimit-Remaining: 0", b"X-RateLimit-Limit: 1000", b"X-RateLimit-Reset: 99999999999999"), Act.KEEP), ALL, id="allowance-that-never-comes-back"),
        pytest.param(slower(0.02, refusal()), FEW, id="slower-but-in-time"),
    ],
)  # fmt: skip
def test_a_refusal_is_a_lock_whatever_it_wears(run: Runs, play: Play, few: tuple[str, ...]) -> None:
    with deployed(Script(guarded=play)) as here:
        ran = run(here, *few)
    holds_of_every_report(ran)
    assert (ran.status, ran.verdicts()) == (0, {LOCKED})
    assert not any(b"flood" in head for head in here.heard)


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
        pytest.param(for_ever(STREAM, chunk(b"data: x\n")), ALL, GRANTED, id="event-without-end"),
        pytest.param(says(STREAM, Act.HOLD), FEW, GRANTED, id="silent-event-stream"),
        pytest.param(for_ever(chunked(b"200 OK"), chunk(b"x" * 8000)), ALL, GRANTED, id="endless-chunks"),
        pytest.param(for_ever(b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 8000), ALL, GRANTED, id="endless-body"),
        pytest.param(dripped(grant(body=b"", length=60), b"x" * 60), FEW, GRANTED, id="drip-in-the-body"),
        pytest.param(says(grant(length=9000), APART, Act.RESET), ALL, GRANTED, id="reset-in-the-body"),
        pytest.param(says(grant(b"Content-Encoding: gzip", body=GZIP)), ALL, GRANTED, id="gzip-bomb"),
        pytest.param(says(grant(b"Content-Encoding: deflate", body=DEFLATE)), ALL, GRANTED, id="deflate-bomb"),
        pytest.param(says(grant(b"Content-Encoding: br", body=BR), Act.KEEP), ALL, GRANTED, id="br-bomb"),
        pytest.param(says(grant(body=b"[" * 100_000)), ALL, GRANTED, id="deep-json"),
        pytest.param(says(grant(body=b"<meta http-equiv=refresh url=" * 2500)), ALL, GRANTED, id="meta-without-end"),
        pytest.param(changing(b"200 OK"), ALL, GRANTED, id="never-the-same-twice"),
        pytest.param(says(grant(*[b"X-A: b"] * 10_000), Act.KEEP), ALL, GRANTED, id="ten-thousand-short-headers"),
        pytest.param(in_turn(REFUSED, HEALTHY), ALL, GRANTED, id="a-lock-that-holds-every-second-time"),
        pytest.param(says(refusal(body=b'{"apiKey":"zzzzzzzzzzzzzzzz"}', length=9000)), ALL, DISCLOSED, id="a-key-in-a-refusal-that-is-cut-off"),
        pytest.param(says(refusal(b"Content-Encoding: gzip", body=gzip.compress(b'{"apiKey":"zzzzzzzzzzzzzzzz"}')), Act.KEEP), ALL, DISCLOSED, id="a-key-in-a-refusal-in-gzip"),
        pytest.param(dripped(refusal(body=b'{"apiKey":"zzzzzzzzzzzzzzzz","more":', length=99), b"x" * 60), FEW, DISCLOSED, id="a-key-in-a-refusal-that-drips"),
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
