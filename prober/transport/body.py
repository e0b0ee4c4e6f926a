"""What is read of an answer: its head, and its body to a cap; still good when the rest never comes."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING

from prober.model import A_LINE, Answered
from prober.transport.decoding import decode

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable

MOST_BODY = 64 * 1024
MOST_DECODED = 1024 * 1024  # bytes that a compressed body may come to: the rest may be a bomb
MOST_HEAD = 32 * 1024  # of headers, with what each line costs: httpcore takes 100 KiB, of which Python may make 3 MB
STREAM_PATIENCE = 1.0  # seconds: an event stream is judged by its head, and by its first event if that comes soon
ANSWER_PATIENCE = 3.0  # the same where the stream is the answer to something that was sent
_DATA = re.compile(rb"^data: ?[^\s]", re.MULTILINE)
_EVENT_END = (b"\n\n", b"\r\n\r\n")


class BodyReader:
    """What has been read of an answer so far; it is still good when the rest never comes."""

    def __init__(self, *, most: int = MOST_BODY) -> None:
        """Nothing has been read yet; of the body `most` bytes will be kept."""
        self._most = most
        self.status: int | None = None
        self._headers: tuple[tuple[str, str], ...] = ()
        self._body = bytearray()
        self._whole = False

    def head(self, status: int, headers: Iterable[tuple[bytes, bytes]]) -> None:
        """Keep the status and the headers; bytes that are no ASCII stay readable as Latin-1."""
        kept, room = [], MOST_HEAD
        for name, value in headers:
            if room <= 0:
                break
            kept.append((name.decode("latin-1").lower(), value[:room].decode("latin-1")))
            room -= A_LINE + len(name) + len(value)
        self._headers = tuple(kept)
        self.status = status

    async def body(self, chunks: AsyncIterator[bytes], *, asked: bool = False) -> None:
        """Read to the cap; of an event stream, to the end of its first event, and not for long."""
        if not any(name == "content-type" and "text/event-stream" in value.lower() for name, value in self._headers):
            await self._to_the_cap(chunks, enough=lambda _: False)
            return
        try:
            async with asyncio.timeout(ANSWER_PATIENCE if asked else STREAM_PATIENCE):
                await self._to_the_cap(chunks, enough=_has_told)
        except TimeoutError:
            return

    async def _to_the_cap(self, chunks: AsyncIterator[bytes], *, enough: Callable[[bytearray], bool]) -> None:
        async for chunk in chunks:
            self._body += chunk[: self._most - len(self._body)]
            if len(self._body) >= self._most or enough(self._body):
                return
        self._whole = True

    def answered(self, elapsed_ms: int) -> Answered:
        """Make the outcome; only called once there is a head."""
        encodings = [value for name, value in self._headers if name == "content-encoding"]
        decoded = decode(bytes(self._body), encodings, most=max(self._most, MOST_DECODED))
        unread = decoded.problem
        if not self._whole and unread is None:
            unread = f"only its first {len(self._body) // 1024} KiB were read"
        return Answered.of(
            status=self.status or 0, headers=self._headers, body=decoded.body, whole=self._whole, unread=unread,
            attempts=1, elapsed_ms=elapsed_ms,
        )  # fmt: skip


def _has_told(stream: bytearray) -> bool:
    """Say whether an event with something in it is complete: MCP streams may open with one that holds nothing."""
    told = _DATA.search(stream)
    return told is not None and any(stream.find(end, told.end()) >= 0 for end in _EVENT_END)
