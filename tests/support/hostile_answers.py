"""What a hostile deployment sends, byte by byte: late, endless, broken, compressed."""

from __future__ import annotations

import base64
import zlib
from dataclasses import dataclass
from enum import Enum
from itertools import count, repeat
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterable


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
    not_found: Play = NOT_FOUND
    accept_after: float = 0.0
    reads: bool = True
    tls: ssl.SSLContext | None = None


def everywhere(play: Play) -> Script:
    return Script(guarded=play, health=play, not_found=play)


# --- refusals in odd clothes: the application did refuse, so they are locked ------------------------------------------

HEAD = b"HTTP/1.1 401 Unauthorized\r\n"
CHUNKED_REFUSAL = chunked(b"401 Unauthorized")
APART = Wait(0.03)  # what is said before it arrives before what is said after
