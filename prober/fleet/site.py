"""The page of a fleet's watch: the report as it stands, metrics and JSON, behind the lock of the canary's page."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from prober.canary.status.http_server import Listener, Reply
from prober.canary.status.site import ALWAYS
from prober.fleet.metrics import render_prometheus
from prober.fleet.page import render_html

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Coroutine

    from prober.canary.status.access import Access
    from prober.canary.status.http_server import HttpRequest
    from prober.fleet.record import FleetRecord

_PLAIN, _HTML, _JSON = "text/plain; charset=utf-8", "text/html; charset=utf-8", "application/json"
AGAIN = 60  # seconds after which a browser loads the page anew


class FleetSite:
    """What is where on the port. It owns the page as it was rendered last."""

    def __init__(self, record: Callable[[], FleetRecord], access: Access, *, is_alive: Callable[[], bool]) -> None:
        """Render nothing yet: most of the time nobody looks."""
        self._record, self._access, self._is_alive = record, access, is_alive
        self._page: tuple[FleetRecord, Reply] | None = None

    async def answer(self, asked: HttpRequest) -> Reply:
        """Answer one request."""
        if asked.target == "/alive":  # for a supervisor that has no token; it says nothing else
            alive = self._is_alive()
            return _reply(
                200 if alive else 503, b"alive\n" if alive else b"no deployment was probed for long\n", _PLAIN
            )
        reply = self._access.refusal(asked) or self._inside(asked.target.partition("?")[0])
        return Reply(status=reply.status, body=reply.body, headers=(*reply.headers, *ALWAYS))

    def _inside(self, path: str) -> Reply:
        if path == "/metrics":
            return _reply(200, render_prometheus(self._record()).encode(), "text/plain; version=0.0.4; charset=utf-8")
        if path == "/report.json":
            return _reply(200, json.dumps(self._record()).encode(), _JSON)
        if path == "/favicon.ico":
            return Reply(status=204, headers=())
        return self._status() if path == "/" else _reply(404, b"not found\n", _PLAIN)

    def _status(self) -> Reply:
        record = self._record()
        if self._page is None or self._page[0] is not record:
            reply = _reply(200, render_html(record).encode(), _HTML)
            self._page = (record, Reply(status=200, body=reply.body, headers=(*reply.headers, ("Refresh", str(AGAIN)))))
        return self._page[1]


def serve(
    record: Callable[[], FleetRecord], *, access: Access, is_alive: Callable[[], bool], place: socket.socket,
    log: Callable[[str], None],
) -> Coroutine[None, None, None]:  # fmt: skip
    """Serve the page beside a watch, until that ends."""
    return Listener(FleetSite(record, access, is_alive=is_alive).answer, log=log).serve(place)


def _reply(status: int, body: bytes, kind: str) -> Reply:
    return Reply(status=status, body=body, headers=(("Content-Type", kind),))
