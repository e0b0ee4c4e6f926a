"""The canary's page as a browser shows it: live, without a script, by keyboard, on a phone, in the dark, on paper."""

from __future__ import annotations

import asyncio
import re
import subprocess
import threading
import time
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

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
from tests.support.canary import PROBER, deployed, environment, free_port
from tests.support.report_pages import UNREADABLE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

    from prober.model import Finding, Report
    from prober.report.shape import Record
    from tests.support.canary import Deployment

    Make = Callable[..., Finding]
    MakeReport = Callable[..., Report]
    Open = Callable[..., Page]

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

WIDE, NARROW = (1280, 800), (360, 740)
TOKEN = "0123456789abcdef-page"
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


# --- a page with all that may be on it --------------------------------------------------------------------------------


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
    history.beat("missed", "nobody looked for 2 d", at=stamp(AT - 40 * DAY), count=2_880)
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


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [pytest.param(WIDE, id="wide"), pytest.param(NARROW, id="narrow")])
def test_what_is_open_is_seen_without_scrolling(visit: Open, url: str, size: tuple[int, int], scheme: str) -> None:
    page = visit(url, size=size, color_scheme=scheme)
    door = page.locator(".doors li.leak").first
    box = door.bounding_box()
    text = re.sub(r"\s+", " ", door.inner_text())
    assert "keys: GET /api/keys accessible without credentials (and in 1 other way)" in text
    assert "first seen with release 1.0.397 (previous: 1.0.396); for 1 h 30 min" in text
    assert box is not None
    assert box["y"] + box["height"] <= size[1]
    assert page.evaluate("document.documentElement.scrollWidth") == size[0]
    assert page.title() == "1 open route"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_stands_out(visit: Open, url: str, scheme: str) -> None:
    page = visit(url, color_scheme=scheme)
    page.locator("details").evaluate_all("all => all.forEach(one => one.open = true)")
    seen = page.evaluate(UNREADABLE)
    assert seen["poor"] == []
    assert seen["texts"] > 80


def test_the_last_ninety_days_are_drawn_to_scale_and_told(visit: Open, url: str) -> None:
    page = visit(url)
    rows = page.locator(".line svg")
    assert [row.get_attribute("aria-label") for row in rows.all()][:2] == ["not monitored: 2 gaps", "5 releases, the newest 1.0.397"]  # fmt: skip
    notes = page.locator(".line", has_text="notes")
    line, bars = notes.locator("svg").bounding_box(), [bar.bounding_box() for bar in notes.locator("rect").all()]
    assert line is not None
    places = sorted((b["x"] - line["x"]) / line["width"] for b in bars if b)
    assert places == pytest.approx([10 / 90, 60 / 90], abs=0.01)
    assert any(b and abs(b["width"] / line["width"] - 9 / 90) < 0.005 for b in bars)
    for row in rows.all():
        place, drawn = row.bounding_box(), [bar.bounding_box() for bar in row.locator("rect").all()]
        assert place is not None
        assert all(b and b["width"] >= 5 for b in drawn)  # also of what was open for minutes
        assert all(
            b and place["x"] <= b["x"] + 1 and b["x"] + b["width"] <= place["x"] + place["width"] + 1 for b in drawn
        )
    assert "leak for 9 d" in notes.inner_html()
    page.get_by_text("what was not locked, and is over (4)").click()
    assert "2026-10-23" in page.get_by_role("region", name="What was not locked, and is over").inner_text()


def test_a_door_leads_to_the_report_of_its_run(visit: Open, url: str) -> None:
    page = visit(url)
    page.locator(".doors li.leak a").click()
    page.wait_for_url("**/runs/*#f0")
    assert page.locator("#f0").is_visible()
    assert page.locator("h1").inner_text().startswith("LEAK")
    assert "curl -q" not in page.content()


def test_it_is_whole_without_scripts(visit: Open, url: str) -> None:
    page = visit(url, java_script_enabled=False)
    assert page.locator(".doors li").count() == 3
    page.check("#only-drift")
    assert [one.inner_text() for one in page.locator(".matrix .surface th b").all() if one.is_visible()] == ["me"]
    page.get_by_role("link", name="2026-11-22 10:00:00").click()
    assert page.locator("h1").inner_text().startswith("LEAK")


def test_everything_is_reached_by_keyboard(visit: Open, url: str) -> None:
    page = visit(url)
    reached = []
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement === document.body"):
            break
        reached.append(page.evaluate("(document.activeElement.getAttribute('aria-label') || document.activeElement.textContent || document.activeElement.id).trim()"))  # fmt: skip
        ring = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert ring != "none", reached
    assert reached[0] == "skip to what is open"
    assert "keys: GET /api/keys" in reached
    assert "what was not locked, and is over (4)" in reached
    assert "matrix of routes and credentials" in reached
    assert "2026-11-22 10:00:00" in reached
    page.evaluate("document.querySelector('.skip').focus()")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "open"


def test_on_paper_it_is_white_and_whole(visit: Open, url: str) -> None:
    page = visit(url, size=(718, 1000), color_scheme="dark")
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.evaluate("document.documentElement.scrollWidth") == 718
    assert page.locator(".line svg").first.is_visible()
    assert not page.locator("#surface").is_visible()


def test_a_browser_signs_in_with_the_token_as_its_password(browser: Browser, found: Record, tmp_path: Path) -> None:
    with served(found, tmp_path, token=TOKEN) as url:
        for password, status in ((TOKEN, 200), ("bogus", 401)):
            context = browser.new_context(http_credentials={"username": "me", "password": password})
            answer = context.new_page().goto(url)
            assert answer is not None
            assert answer.status == status
            context.close()


# --- live -------------------------------------------------------------------------------------------------------------


@contextmanager
def watched(folder: Path) -> Iterator[tuple[Deployment, str]]:
    """Run the demo and a watch of it, and give where its page is."""
    port = free_port()
    with deployed() as (here, words):
        command = [PROBER, "watch", "--every", "1s", "--listen", f"127.0.0.1:{port}", "--release", "1.0.397", *words]
        with subprocess.Popen(command, cwd=folder, env=environment(), stderr=subprocess.PIPE, text=True) as process:
            try:
                assert process.stderr is not None
                assert any("the page is at" in line for line in process.stderr)
                yield here, f"http://127.0.0.1:{port}/"
            finally:
                process.kill()


def test_a_door_that_opens_is_seen_at_once_and_the_reader_is_not_disturbed(visit: Open, tmp_path: Path) -> None:
    with watched(tmp_path) as (here, url):
        page = visit(url)
        expect(page.locator("h1")).to_contain_text("LOCKED: ", timeout=20_000)
        assert "Nothing is open." in page.inner_text("#open")
        page.check("#unfold")
        page.select_option("#surface", label="members")
        page.locator("#surface").focus()
        here.app = here.opened
        page.wait_for_selector(".doors li.leak", timeout=20_000)
        assert "members: GET /api/org/members" in page.inner_text(".doors")
        assert page.title() == "1 open route"
        assert page.inner_text("#live").startswith("LEAK: ")
        assert page.is_checked("#unfold")
        assert page.evaluate("[document.activeElement.id, document.activeElement.value]") == ["surface", "members"]
        here.app = here.locked
        page.wait_for_selector(".doors", state="detached", timeout=20_000)
        expect(page.locator("#live")).to_contain_text("LOCKED: ", timeout=20_000)
        assert "members" in page.inner_html(".lines")


def test_a_canary_that_has_gone_is_told_of(browser: Browser, tmp_path: Path) -> None:
    with watched(tmp_path) as (_, url):
        page = browser.new_context().new_page()
        page.goto(url)
        expect(page.locator("h1")).to_contain_text("LOCKED: ", timeout=20_000)
    expect(page.locator("#live")).to_contain_text("The canary does not answer", timeout=20_000)
    page.context.close()
