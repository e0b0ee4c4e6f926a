"""One connection that speaks HTTP/1.1, which h11 reads. Judges nothing.

A library's client costs half of a run's CPU and 80 ms of its start, for pools, redirects and cookies that a probe must
not have. Nothing is followed, kept, sent again or rewritten here, and the target is sent byte for byte.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import h11

from prober.model import Cause
from prober.transport.failures import ExchangeError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    from prober.transport.byte_stream import ByteStream
    from prober.transport.request_head import Head

_READ = 64 * 1024  # bytes that are parsed at a time
_MOST_HEAD = 100 * 1024  # bytes of a head
MOST_ASIDE = 100  # headers of interim answers and trailers
KEEP = 4.0  # seconds: servers close what is idle for longer, perhaps just when it is used again


class Http1Connection:
    """One connection. It can be used again only after an answer that was read to its end, with nothing behind it."""

    def __init__(self, stream: ByteStream) -> None:
        """Speak over these bytes, which are connected."""
        self.stream = stream
        self._h11 = h11.Connection(h11.CLIENT, max_incomplete_event_size=_MOST_HEAD)
        self._idle_since = time.monotonic()
        self.aside: list[tuple[bytes, bytes]] = []  # headers of interim answers and trailers, of the last answer

    @property
    def is_usable(self) -> bool:
        """Say whether the next request may go out here: nothing has arrived since the last answer, and it is young."""
        return self.stream.is_quiet and time.monotonic() - self._idle_since <= KEEP

    def send(self, head: Head, content: bytes | None) -> None:
        """Write the request; raises an ExchangeError before the first byte where HTTP cannot carry it."""
        try:
            request = h11.Request(method=head.method, target=head.target, headers=head.headers)
            parts = [self._h11.send(request)]
            if content:
                parts.append(self._h11.send(h11.Data(data=content)))
            parts.append(self._h11.send(h11.EndOfMessage()))
        except h11.LocalProtocolError as error:
            detail = f"the request cannot be written as HTTP: {error}"
            raise ExchangeError(Cause.PROTOCOL, detail, arrived=False) from error
        self.stream.write(b"".join(part for part in parts if part))

    async def head(self) -> tuple[int, list[tuple[bytes, bytes]]]:
        """Give the status and the headers of the answer; interim ones are put aside, but for 101, which is final."""
        self.aside = []
        while True:
            event = await self._event()
            if not isinstance(event, (h11.Response, h11.InformationalResponse)):
                continue
            if isinstance(event, h11.Response) or event.status_code == 101:  # noqa: PLR2004 - HTTP's own
                return event.status_code, event.headers.raw_items()
            self._put_aside(event.headers)

    async def body(self) -> AsyncIterator[bytes]:
        """Give the body as it comes."""
        while True:
            event = await self._event()
            if isinstance(event, h11.Data):
                yield bytes(event.data)
            elif isinstance(event, h11.EndOfMessage):
                self._put_aside(event.headers)
                return
            elif event is h11.PAUSED:
                return

    def _put_aside(self, headers: Iterable[tuple[bytes, bytes]]) -> None:
        room = MOST_ASIDE - len(self.aside)
        if room > 0:
            self.aside += list(headers)[:room]

    def finish(self, *, close: bool) -> None:
        """Make ready for the next request, or close: also after half an answer, and where more came than the answer."""
        whole = self._h11.our_state is h11.DONE and self._h11.their_state is h11.DONE
        if not close and whole and not self._h11.trailing_data[0] and self.stream.is_quiet:
            self._h11.start_next_cycle()
            self._idle_since = time.monotonic()
        else:
            self.close()

    def close(self) -> None:
        """Close at once."""
        self.stream.close()

    async def _event(self) -> object:
        while True:
            try:
                event = self._h11.next_event()
            except h11.RemoteProtocolError as error:
                detail = f"the response is not HTTP: {error}"
                raise ExchangeError(Cause.PROTOCOL, detail, arrived=True) from error
            if event is not h11.NEED_DATA:
                return event
            data = await self.stream.read(_READ)
            if not data and self._h11.their_state is h11.SEND_RESPONSE:
                detail = "the response is not HTTP: Server disconnected without sending a response."
                raise ExchangeError(Cause.PROTOCOL, detail, arrived=True)
            self._h11.receive_data(data)
