"""Reads a response: its head, and its body up to a limit; what was read stays valid if the rest never comes."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING

from prober.model import A_LINE, Answered
from prober.transport.decoding import decode

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable

MOST_BODY = 256 * 1024  # bytes of one body, as sent and once decoded: the rest may be a bomb
MOST_HEAD = (
    32 * 1024
)  # of headers, with Python's overhead for each: httpcore accepts 100 KiB, which may take 3 MB in memory
STREAM_PATIENCE = 1.0  # seconds: an event stream is judged by its head, and by its first event if that comes soon
ANSWER_PATIENCE = 3.0  # the same for a stream that is the response to a request body
_DATA = re.compile(rb"^data: ?[^\s]", re.MULTILINE)
_EVENT_END = (b"\n\n", b"\r\n\r\n")


class BodyReader:
    """The part of a response that was read so far; it stays valid if the rest never comes."""

    def __init__(self, *, most: int = MOST_BODY) -> None:
        """Start with nothing read; at most `most` bytes of the body are kept."""
        self._most = most
        self.status: int | None = None
        self._headers: tuple[tuple[str, str], ...] = ()
        self._body = bytearray()
        self._whole = False

    def read_head(self, status: int, headers: Iterable[tuple[bytes, bytes]]) -> None:
        """Store the status and the headers; bytes beyond ASCII are read as Latin-1."""
        kept_headers, remaining = [], MOST_HEAD
        for name, value in headers:
            if remaining <= 0:
                break
            kept_headers.append((name.decode("latin-1").lower(), value[:remaining].decode("latin-1")))
            remaining -= A_LINE + len(name) + len(value)
        self._headers = tuple(kept_headers)
        self.status = status

    async def read_body(self, chunks: AsyncIterator[bytes], *, is_reply: bool = False) -> None:
        """Read up to the limit; an event stream up to its first event, for a short time."""
        if not any(name == "content-type" and "text/event-stream" in value.lower() for name, value in self._headers):
            await self._read_to_limit(chunks, is_complete=lambda _: False)
            return
        try:
            async with asyncio.timeout(ANSWER_PATIENCE if is_reply else STREAM_PATIENCE):
                await self._read_to_limit(chunks, is_complete=_has_complete_event)
        except TimeoutError:
            return

    async def _read_to_limit(self, chunks: AsyncIterator[bytes], *, is_complete: Callable[[bytearray], bool]) -> None:
        async for chunk in chunks:
            self._body += chunk[: self._most - len(self._body)]
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
        return Answered.of(
            status=self.status or 0, headers=self._headers, body=decoded.body, whole=self._whole, unread=unread,
            attempts=1, elapsed_ms=elapsed_ms,
        )  # fmt: skip


def _has_complete_event(stream: bytearray) -> bool:
    """Say whether an event with data is complete: MCP streams may begin with an empty event."""
    data = _DATA.search(stream)
    return data is not None and any(stream.find(end, data.end()) >= 0 for end in _EVENT_END)
