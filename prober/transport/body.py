"""Reads a response: its head, and its body up to a limit; what was read stays valid if the rest never comes."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING

from prober.model import A_LINE, Answered
from prober.transport.decoding import decode

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Sequence

    from prober.transport.received import Received

MOST_BODY = 256 * 1024  # bytes of one body, as sent and once decoded: the rest may be a bomb
MOST_READ_ON = 4 * 1024 * 1024  # the same where a promise is about all of it
MOST_WIDE = 1024 * 1024  # bytes of such a body beyond ASCII, of which Python holds each letter in up to four
MOST_READ_ON_AT_ONCE = 2  # such bodies: they would be a hundred megabytes of all workers
MOST_READ_ON_IN_ALL = 8 * MOST_READ_ON  # bytes in a run, which bounds the work of judging them
MOST_VALUES = 400_000  # commas and brackets of a long body: each value of JSON may cost some 70 bytes once it is parsed
MOST_HEAD = (
    32 * 1024
)  # of headers, with Python's overhead for each: httpcore accepts 100 KiB, which may take 3 MB in memory
STREAM_PATIENCE = 1.0  # seconds: an event stream is judged by its head, and by its first event if that comes soon
ANSWER_PATIENCE = 3.0  # the same for a stream that is the response to a request body
_DATA = re.compile(rb"^data: ?[^\s]", re.MULTILINE)
_VALUES = (b",", b"[", b"{")
_EVENT_END = (b"\n\n", b"\r\n\r\n")


class ReadingOn:
    """What all connections of a run may read beyond the usual limit: a few bodies at once, and so much in all."""

    def __init__(self) -> None:
        """Start with nothing read."""
        self.places = asyncio.Semaphore(MOST_READ_ON_AT_ONCE)
        self.left = MOST_READ_ON_IN_ALL


class BodyReader:
    """The part of a response that was read so far; it stays valid if the rest never comes."""

    def __init__(self, *, most: int = MOST_BODY) -> None:
        """Start with nothing read; at most `most` bytes of the body are kept."""
        self._most = most
        self.status: int | None = None
        self._headers: tuple[tuple[str, str], ...] = ()
        self._aside: Sequence[tuple[bytes, bytes]] = ()
        self._body = bytearray()
        self._beyond = b""  # what came with the last bytes below the limit
        self._shared: ReadingOn | None = None
        self._whole = False

    def read_head(self, received: Received) -> None:
        """Store the status and the headers; bytes beyond ASCII are read as Latin-1."""
        self._headers = _as_text(received.headers)
        self._aside = received.aside  # which grows until the body has ended
        self.status = received.status

    @property
    def _is_stream(self) -> bool:
        return any(name == "content-type" and "text/event-stream" in value.lower() for name, value in self._headers)

    async def read_body(self, chunks: AsyncIterator[bytes], *, is_reply: bool = False) -> None:
        """Read up to the limit, an event stream for a short time; of one that was granted, up to its first event."""
        if not self._is_stream:
            await self._read_to_limit(chunks, is_complete=lambda _: False)
            return
        try:
            async with asyncio.timeout(ANSWER_PATIENCE if is_reply else STREAM_PATIENCE):
                granted = self.status is not None and self.status < 300  # noqa: PLR2004 - HTTP's own class
                await self._read_to_limit(chunks, is_complete=_has_complete_event if granted else lambda _: False)
        except TimeoutError:
            return

    async def read_on(self, chunks: AsyncIterator[bytes], shared: ReadingOn) -> None:
        """Read on where the limit ended a body, and decode to the higher one, if the run has read little so far."""
        if shared.left <= 0 or self._is_stream:
            return
        usual, self._most, self._shared = self._most, MOST_READ_ON, shared
        if self._whole or len(self._body) < usual:
            return
        async with shared.places:
            self._body += self._beyond
            await self._read_to_limit(chunks, is_complete=lambda _: False)

    async def _read_to_limit(self, chunks: AsyncIterator[bytes], *, is_complete: Callable[[bytearray], bool]) -> None:
        async for chunk in chunks:
            room = self._most - len(self._body)
            self._body += chunk[:room]
            self._beyond = chunk[room:]
            if len(self._body) >= self._most or is_complete(self._body):
                return
        self._whole = True

    def to_answered(self, elapsed_ms: int) -> Answered:
        """Make the outcome; call it only after the head was read."""
        encodings = [value for name, value in self._headers if name == "content-encoding"]
        decoded = decode(bytes(self._body), encodings, most=self._most)
        unread = decoded.problem
        if not self._whole and unread is None:
            unread = f"only its first {len(self._body) // 1024} KiB were read"
        body = decoded.body
        if self._shared is not None:
            self._shared.left -= max(len(body) - MOST_BODY, 0)
        if len(body) > MOST_WIDE and not body.isascii():
            body, unread = body[:MOST_WIDE], f"only its first {MOST_WIDE // 1024} KiB were kept, as it is not all ASCII"
        if len(body) > MOST_BODY and sum(map(body.count, _VALUES)) > MOST_VALUES:
            body, unread = body[:MOST_BODY], f"it holds more than {MOST_VALUES} values"
        return Answered.of(
            status=self.status or 0, headers=self._headers, body=body, whole=self._whole, unread=unread,
            aside=_as_text(self._aside), attempts=1, elapsed_ms=elapsed_ms,
        )  # fmt: skip


def _as_text(headers: Iterable[tuple[bytes, bytes]]) -> tuple[tuple[str, str], ...]:
    kept, remaining = [], MOST_HEAD
    for name, value in headers:
        if remaining <= 0:
            break
        kept.append((name.decode("latin-1").lower(), value[:remaining].decode("latin-1")))
        remaining -= A_LINE + len(name) + len(value)
    return tuple(kept)


def _has_complete_event(stream: bytearray) -> bool:
    """Say whether an event with data is complete: MCP streams may begin with an empty event."""
    data = _DATA.search(stream)
    return data is not None and any(stream.find(end, data.end()) >= 0 for end in _EVENT_END)
