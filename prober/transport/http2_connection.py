"""One connection that speaks HTTP/2, of which h2 reads the frames: one request at a time. Judges nothing.

h2 is an extra, and is imported where a server has chosen HTTP/2, which a request as a browser sends it offers.
"""

from __future__ import annotations

import time
from collections import deque
from typing import TYPE_CHECKING

from prober.model import Cause
from prober.transport.failures import ExchangeError
from prober.transport.http1_connection import KEEP, MOST_ASIDE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    from prober.transport.byte_stream import ByteStream
    from prober.transport.request_head import Head

_READ = 64 * 1024  # bytes that are parsed at a time
_WINDOW = 2**24  # bytes that a server may send without asking: more than is ever read of an answer
_OF_HTTP1 = frozenset({b"host", b"transfer-encoding"})  # what HTTP/2 says otherwise, or not at all
_MOST_HEAD = 64 * 1024  # bytes of a head, decompressed


class Http2Connection:
    """One connection. It can be used again only after an answer that was read to its end."""

    def __init__(self, stream: ByteStream) -> None:
        """Speak over these bytes, which are connected."""
        from h2.config import H2Configuration  # noqa: PLC0415 - see above, as below
        from h2.connection import H2Connection  # noqa: PLC0415
        from h2.settings import SettingCodes, Settings  # noqa: PLC0415

        self.stream = stream
        self._h2 = H2Connection(H2Configuration(validate_inbound_headers=False))
        settings = {
            SettingCodes.ENABLE_PUSH: 0,
            SettingCodes.MAX_CONCURRENT_STREAMS: 100,
            SettingCodes.MAX_HEADER_LIST_SIZE: _MOST_HEAD,
        }
        self._h2.local_settings = Settings(client=True, initial_values=settings)
        del self._h2.local_settings[SettingCodes.ENABLE_CONNECT_PROTOCOL]  # some servers refuse what they do not know
        self._h2.initiate_connection()
        self._h2.increment_flow_control_window(_WINDOW)
        self._number = 0  # of the request that is under way
        self._events: deque[object] = deque()
        self._is_whole = True  # the last answer was read to its end
        self._is_leaving = False  # the server takes no more requests here
        self._idle_since = time.monotonic()
        self.aside: list[tuple[bytes, bytes]] = []  # headers of interim answers and trailers, of the last answer

    @property
    def is_usable(self) -> bool:
        """Say whether the next request may go out here."""
        return self._is_whole and self.stream.is_quiet and time.monotonic() - self._idle_since <= KEEP

    def send(self, head: Head, content: bytes | None) -> None:
        """Write the request; raises an ExchangeError before the first byte where HTTP/2 cannot carry it."""
        from h2.exceptions import ProtocolError  # noqa: PLC0415

        fields = [(name.lower(), value) for name, value in head.headers]
        host = next(value for name, value in fields if name == b"host")
        pseudo = ((b":method", head.method), (b":authority", host), (b":scheme", b"https"), (b":path", head.target))
        own = (field for field in fields if field[0] not in _OF_HTTP1)
        self._is_whole = False
        self._events.clear()
        try:
            self._number = self._h2.get_next_available_stream_id()
            self._h2.send_headers(self._number, [*pseudo, *own], end_stream=not content)
            self._h2.increment_flow_control_window(_WINDOW, self._number)
            if content:
                self._h2.send_data(self._number, content, end_stream=True)
        except ProtocolError as error:
            detail = f"the request cannot be written as HTTP: {error}"
            raise ExchangeError(Cause.PROTOCOL, detail, arrived=False) from error
        self.stream.write(self._h2.data_to_send())

    async def head(self) -> tuple[int, list[tuple[bytes, bytes]]]:
        """Give the status and the headers of the answer; interim ones are put aside."""
        from h2.events import InformationalResponseReceived, ResponseReceived  # noqa: PLC0415

        self.aside = []
        while not isinstance(event := await self._event(), ResponseReceived):
            if isinstance(event, InformationalResponseReceived):
                self._put_aside(event.headers or ())
        fields = [(bytes(name), bytes(value)) for name, value in event.headers or ()]
        status = next((value for name, value in fields if name == b":status"), b"")
        if not status.isdigit():
            raise _not_http("no status")
        return int(status), [field for field in fields if not field[0].startswith(b":")]

    async def body(self) -> AsyncIterator[bytes]:
        """Give the body as it comes."""
        from h2.events import DataReceived, StreamEnded, TrailersReceived  # noqa: PLC0415

        while not isinstance(event := await self._event(), StreamEnded):
            if isinstance(event, TrailersReceived):
                self._put_aside(event.headers or ())
            if not isinstance(event, DataReceived):
                continue
            self._h2.acknowledge_received_data(event.flow_controlled_length or 0, self._number)
            self.stream.write(self._h2.data_to_send())
            yield bytes(event.data or b"")
        self._is_whole = True

    def _put_aside(self, headers: Iterable[tuple[bytes, bytes]]) -> None:
        fields = [(bytes(name), bytes(value)) for name, value in headers if not bytes(name).startswith(b":")]
        self.aside += fields[: max(MOST_ASIDE - len(self.aside), 0)]

    def finish(self, *, close: bool) -> None:
        """Make ready for the next request, or close: also after half an answer."""
        self._idle_since = time.monotonic()
        if close or not self._is_whole or self._is_leaving:
            self.close()

    def close(self) -> None:
        """Close at once."""
        self.stream.close()

    async def _event(self) -> object:
        """Give the next event of this request; raises an ExchangeError where there comes none."""
        from h2.events import ConnectionTerminated, StreamReset  # noqa: PLC0415
        from h2.exceptions import ProtocolError  # noqa: PLC0415

        while not self._events:
            data = await self.stream.read(_READ)
            if not data:
                raise _not_http("Server disconnected")
            try:
                events = self._h2.receive_data(data)
                answer = self._h2.data_to_send()
            except ProtocolError as error:
                raise _not_http(str(error)) from error
            if answer:
                self.stream.write(answer)
            self._events.extend(event for event in events if self._concerns(event))
        event = self._events.popleft()
        if isinstance(event, (StreamReset, ConnectionTerminated)):
            raise _not_http(f"the server ended it with error {int(event.error_code or 0)}")
        return event

    def _concerns(self, event: object) -> bool:
        from h2.events import ConnectionTerminated  # noqa: PLC0415

        if isinstance(event, ConnectionTerminated):  # it may be a goodbye after this very request
            self._is_leaving = True
            return (event.last_stream_id or 0) < self._number
        return getattr(event, "stream_id", None) == self._number


def _not_http(why: str) -> ExchangeError:
    return ExchangeError(Cause.PROTOCOL, f"the response is not HTTP: {why}", arrived=True)
