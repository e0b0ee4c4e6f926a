"""The status page in a browser."""

from __future__ import annotations

import asyncio
import threading
import time
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from prober.canary.alert_state import step
from prober.canary.finding_state import Moment, RunFinding, StateUpdate
from prober.canary.history import History
from prober.canary.history_rows import CompletedRun
from prober.canary.history_thread import HistoryThread
from prober.canary.metrics import Metrics
from prober.canary.snapshot import Snapshot, name_of
from prober.canary.status.access import Access
from prober.canary.status.http_server import listening
from prober.canary.status.site import serve
from prober.canary.times import stamp
from prober.model import Answered, Verdict
from prober.report.record import record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

    from prober.model import Finding, Report
    from prober.report.shape import Record

    Make = Callable[..., Finding]
    MakeReport = Callable[..., Report]
    Open = Callable[..., Page]

WIDE, NARROW = (1280, 800), (360, 740)

AT = 1_795_341_600.0
DAY = 86_400.0


@pytest.fixture
def visit(browser: Browser) -> Iterator[Open]:
    """Open a page of a server here, and hold it to being quiet, and to asking nobody else, until the test is over."""
    contexts, heard = [], []

    def open_(url: str, *, size: tuple[int, int] = WIDE, **how: Any) -> Page:
        context = browser.new_context(viewport={"width": size[0], "height": size[1]}, **how)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: heard.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: heard.append(f"error: {error}"))
        page.on("dialog", lambda dialog: heard.append(f"dialog: {dialog.message}"))
        page.on("dialog", lambda dialog: dialog.dismiss())
        page.on("request", lambda asked: None if asked.url.startswith(url) else heard.append(f"request: {asked.url}"))
        page.goto(url)
        return page

    yield open_
    for context in contexts:
        context.close()
    assert heard == []


def answered(status: int) -> Answered:
    return Answered.of(status=status, headers=(("content-type", "application/json"),), body=b"{}", elapsed_ms=3)


@pytest.fixture(scope="module")
def found(finding_of: Make, report_of: MakeReport) -> Record:
    locked = [
        finding_of(Verdict.LOCKED, path=f"/api/{s}/{n}", surface=s, credential=c, outcome=answered(401))
        for s in ("notes", "members", "a-surface-with-quite-a-long-name")
        for n in range(4)
        for c in ("anonymous", "bogus", "expired-session", "bogus-bearer")
    ]
    return record(
        report_of(
            finding_of(path="/api/keys", surface="keys", outcome=answered(200)),
            finding_of(path="/api/keys", surface="keys", credential="bogus", outcome=answered(200)),
            finding_of(Verdict.DRIFT, path="/api/me/with/a/path/that/is/rather/long/for/a/phone", surface="me", outcome=answered(500)),
            finding_of(Verdict.UNREACHABLE, path="/x", surface="mail", outcome=answered(500)),
            *locked, release="1.0.397",
        )
    )  # fmt: skip


def filled(history: History, found: Record) -> Snapshot:
    """Ninety days of a deployment's life, and the run that came last."""
    stands: dict[str, Any] = {}
    names = [f["id"] for f in found["findings"]]
    spells = [(80.0, 79.0, 8), (60.0, 59.9, 20), (30.0, 21.0, 8), (9.0, 8.9, 36)]
    for number, (begin, end, finding) in enumerate(spells):
        for days, verdict in ((begin, Verdict.LEAK if number else Verdict.DRIFT), (end, Verdict.LOCKED)):
            moment = Moment(run=f"r{days}", at=stamp(AT - days * DAY), release=f"1.0.{390 + number}")
            made = step(stands, [RunFinding(id=names[finding], verdict=verdict, reason="granted", detail="got 200")],
                        moment, confirm=1, whole=False)  # fmt: skip
            stands |= {s.id: s for s in made.states}
            ran = CompletedRun(
                id=moment.run, started_at=moment.at, ended_at=moment.at, state="finished", sentence="LOCKED: all"
            )
            older = found.copy()
            older["release"] = moment.release
            history.add(replace(ran, record=older), made, {}, due=AT)
    history.add_event("missed", "nobody looked for 2 d", at=stamp(AT - 40 * DAY), count=2_880)
    at = Moment(run=name_of(found), at=stamp(AT - 5_400), release="1.0.397", before="1.0.396")
    seen = [RunFinding(id=f["id"], verdict=Verdict(f["verdict"]), reason=f["reason"], detail=f["detail"]) for f in found["findings"]]  # fmt: skip
    last = step({}, seen, at, confirm=1)
    history.add(
        CompletedRun(id=name_of(found), started_at=stamp(AT), ended_at=stamp(AT), state="finished", sentence="LEAK: 1 open door", record=found),
        StateUpdate(states=last.states, gone=(), transitions=()), {}, due=AT,
    )  # fmt: skip
    return Snapshot(
        at=AT, started=AT - DAY, next_run=AT + 60, record=found, states={s.id: s for s in last.states},
        last_finished=AT, last_locked=AT - 2 * DAY, finished=1_440, crashed=0, missed=0,
    )  # fmt: skip


@contextmanager
def served(found: Record, folder: Path, *, token: str | None = None) -> Iterator[str]:
    """Serve it from a thread: Playwright wants this one."""
    history = History.to_write(str(folder / "history.db"))
    now = filled(history, found)
    place = listening("127.0.0.1", 0)
    url = f"http://127.0.0.1:{place.getsockname()[1]}/"
    loop = asyncio.new_event_loop()
    over = asyncio.Event()

    async def main() -> None:
        store = HistoryThread(history)
        access = Access(token=token, names=(), now=time.monotonic)
        task = asyncio.ensure_future(
            serve(
                lambda: now,
                store=store,
                access=access,
                metrics=Metrics,
                every=60.0,
                place=place,
                log=print,
            )
        )
        await over.wait()
        task.cancel()
        await asyncio.wait({task})
        await store.close(within=5)

    thread = threading.Thread(target=lambda: loop.run_until_complete(main()))
    thread.start()
    try:
        yield url
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join()
        loop.close()


@pytest.fixture(scope="module")
def url(found: Record, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(found, tmp_path_factory.mktemp("page")) as where:
        yield where
