"""What the page's port serves at which path, and what is cached between requests. It does not decide who may look."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import unquote

from prober.canary.sql import ALERTS_OPEN
from prober.canary.status.http_server import HttpRequest, Listener, Reply
from prober.canary.status.page import SCRIPT, is_stale, live_script, render_status
from prober.canary.status.recent_runs import past
from prober.canary.summary import MOST
from prober.report.html.page import render_html

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Coroutine

    from prober.canary.history import History
    from prober.canary.history_thread import HistoryThread
    from prober.canary.metrics import Metrics
    from prober.canary.snapshot import Snapshot
    from prober.canary.status.access import Access
    from prober.report.shape import Record

T = TypeVar("T")
ASKING = 5.0  # seconds that the history may take; the page does without it then
# Beside the policy that stands in each page itself: who puts it in a frame could have it clicked on.
ALWAYS = (
    ("Content-Security-Policy", "frame-ancestors 'none'; object-src 'none'; base-uri 'none'; form-action 'none'"),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cache-Control", "no-store"),
)
_PLAIN, _HTML, _JS = "text/plain; charset=utf-8", "text/html; charset=utf-8", "text/javascript; charset=utf-8"


class Site:
    """The page, the reports, the metrics. It owns what was rendered last, and asks the history one thing at a time."""

    def __init__(
        self,
        now: Callable[[], Snapshot],
        store: HistoryThread,
        access: Access,
        metrics: Metrics,
        *,
        every: float,
    ) -> None:
        """Render nothing yet: most of the time nobody looks."""
        self._now, self._store, self._access, self._metrics, self._every = (
            now,
            store,
            access,
            metrics,
            every,
        )
        self._asking = asyncio.Lock()
        self._page: tuple[str, Reply] | None = None
        self._report: tuple[str, Reply] | None = None

    async def answer(self, asked: HttpRequest) -> Reply:
        """Answer one request."""
        if asked.target == "/alive":  # for a supervisor that has no token; it says nothing else
            return self._alive()
        refused = self._access.refusal(asked)
        reply = refused if refused is not None else await self._inside(asked)
        return Reply(status=reply.status, body=reply.body, headers=(*reply.headers, *ALWAYS))

    async def _inside(self, asked: HttpRequest) -> Reply:
        path = asked.target.partition("?")[0]
        if path == "/":
            return await self._status(asked)
        if path == "/metrics":
            return await self._metrics_now(asked)
        if path == f"/{SCRIPT}":
            return _reply(200, live_script(), _JS)
        if path == "/favicon.ico":
            return Reply(status=204, headers=())
        if path.startswith("/runs/"):
            return await self._report_of(unquote(path.removeprefix("/runs/")))
        return _reply(404, b"not found\n", _PLAIN)

    def _alive(self) -> Reply:
        """Say whether runs come to their end; else whoever keeps us running should start us anew."""
        stale = is_stale(self._now(), self._every)
        return _reply(503 if stale else 200, b"no run has finished for long\n" if stale else b"alive\n", _PLAIN)

    async def _status(self, asked: HttpRequest) -> Reply:
        now = self._now()
        version = f"{now.started:.0f}.{now.finished}.{now.crashed}.{now.missed}.{is_stale(now, self._every):d}"
        tag = (("ETag", f'"{version}"'),)
        if asked.header("if-none-match") == f'"{version}"':
            return Reply(status=304, headers=tag)
        if self._page is None or self._page[0] != version:
            found = await self._ask(lambda history: past(history, now=now.at))
            text = render_status(now, found, every=self._every, version=version)
            reply = Reply(status=200, body=text.encode(), headers=(("Content-Type", _HTML), *tag))
            if found is None:
                return reply  # next time the history may answer
            self._page = (version, reply)
        return self._page[1]

    async def _metrics_now(self, asked: HttpRequest) -> Reply:
        queued = await self._ask(lambda history: len(history.rows(ALERTS_OPEN, most=MOST)))
        body, kind = self._metrics.render(asked.header("accept") or "", queued=queued)
        return _reply(200, body, kind)

    async def _report_of(self, run: str) -> Reply:
        if self._report is not None and self._report[0] == run:
            return self._report[1]
        text = await self._ask(lambda history: history.report(run) or "")
        if text is None:
            return _reply(503, b"the history does not answer\n", _PLAIN)
        if not text:
            return _reply(404, b"no report of such a run is kept\n", _PLAIN)
        record: Record = json.loads(text)
        try:
            page = render_html(record if self._access.asks_for_token else without_curl(record), ())
        except KeyError:
            return _reply(410, b"that report was written by another version of the prober\n", _PLAIN)
        self._report = (run, _reply(200, page.encode(), _HTML))
        return self._report[1]

    async def _ask(self, call: Callable[[History], T]) -> T | None:
        """Ask the history; one that hangs is asked no second thing, however many look at the page."""
        try:
            async with asyncio.timeout(ASKING):
                await self._asking.acquire()
        except TimeoutError:
            return None
        asking = asyncio.ensure_future(self._store.ask(call))
        asking.add_done_callback(self._answered)
        try:
            return await asyncio.wait_for(asyncio.shield(asking), ASKING)
        except Exception:  # noqa: BLE001 - a history that is away must not take the page with it
            return None

    def _answered(self, asking: asyncio.Future[T]) -> None:
        self._asking.release()
        if not asking.cancelled():
            asking.exception()  # who asked may have given up; then nobody else would look at it


def serve(
    now: Callable[[], Snapshot],
    *,
    store: HistoryThread,
    access: Access,
    metrics: Callable[[Callable[[], Snapshot]], Metrics],
    every: float,
    place: socket.socket,
    log: Callable[[str], None],
) -> Coroutine[None, None, None]:
    """Serve the page beside a watch, until that ends."""
    site = Site(now, store, access, metrics(now), every=every)
    return Listener(site.answer, log=log).serve(place)


def without_curl(record: Record) -> Record:
    """Take the curl lines out: they are the way through an open door, for whoever has not signed in."""
    made = record.copy()
    made["findings"] = [{**finding, "curl": ""} for finding in record["findings"]]
    return made


def _reply(status: int, body: bytes, kind: str) -> Reply:
    return Reply(status=status, body=body, headers=(("Content-Type", kind),))
