"""The canary's whole story: a door opens and is shut, while the watch, its receiver and the deployment die at random."""

from __future__ import annotations

import random
import sqlite3
import threading
import time
from collections import Counter
from contextlib import closing
from typing import TYPE_CHECKING, Self

import pytest
from playwright.sync_api import expect

from tests.support.canary import (
    INTERVAL,
    ask,
    deployed,
    free_port,
    measured,
    receiving,
    start,
    summarize,
    wait_until,
)

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser

    from tests.support.canary import Deployment, Receiver

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

ROUTE = "members: GET /api/org/members"
EXPOSED = 'lockdown_canary_exposure_seconds{surface="members"}'
PATIENCE = 60.0


class Reaper:
    """Keeps a watch running, and kills it, the receiver and the deployment at random moments, one at a time."""

    def __init__(self, folder: Path, words: list[str], here: Deployment, receiver: Receiver) -> None:
        self._folder, self._words, self._here, self._receiver = folder, words, here, receiver
        self._chance = random.Random(8)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._reap)
        self.deaths: Counter[str] = Counter()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def has_killed_each(self, times: int) -> bool:
        return len(self.deaths) == 3 and min(self.deaths.values()) >= times

    def _reap(self) -> None:
        while not self._over.is_set():
            with start(self._folder, *self._words) as watch:
                for victim in (self._here, self._receiver):
                    self._over.wait(0.4 + 1.2 * self._chance.random())
                    victim.is_dead = True
                    self._over.wait(0.3)
                    victim.is_dead = False
                    self.deaths[type(victim).__name__] += 1
                self._over.wait(0.2 + 1.2 * self._chance.random())
                watch.kill()
                self.deaths["watch"] += 1


def test_nothing_is_lost_and_nothing_told_twice(browser: Browser, tmp_path: Path) -> None:
    """A message may come again where a death fell between the receiver's answer and our note of it: by the same key."""
    port = free_port()
    page = browser.new_context().new_page()
    with deployed() as (here, words), receiving() as receiver:
        listen = ("--listen", f"127.0.0.1:{port}", "--confirm", "3")
        with Reaper(tmp_path, [*words, *receiver.options, *listen], here, receiver) as reaper:
            assert wait_until(lambda: receiver.pings >= 2, PATIENCE)
            assert wait_until(lambda: exposed(port) == 0, PATIENCE)
            page.goto(f"http://127.0.0.1:{port}/", wait_until="commit")
            expect(page.locator("h1")).to_contain_text("LOCKED", timeout=1000 * PATIENCE)
            assert receiver.posts == []

            here.app, here.release, at = here.opened, "1.0.397", time.time()
            assert wait_until(lambda: receiver.posts, PATIENCE)
            assert wait_until(lambda: (exposed(port) or 0) > 0, PATIENCE)
            expect(page.locator(".doors li.leak h3")).to_contain_text(ROUTE, timeout=1000 * PATIENCE)
            expect(page.locator(".doors li.leak time")).to_contain_text("first seen with release 1.0.397")
            assert wait_until(lambda: reaper.has_killed_each(2), PATIENCE)
            text = " ".join(ask(tmp_path, "history").stdout.split())

            here.app, until = here.locked, time.time()
            assert wait_until(lambda: len(receiver.told) > 1, PATIENCE)
            assert wait_until(lambda: exposed(port) == 0, PATIENCE)
            expect(page.locator(".doors")).to_have_count(0, timeout=1000 * PATIENCE)
            assert wait_until(lambda: reaper.has_killed_each(4), PATIENCE)
        found = summarize(tmp_path)
    page.context.close()

    assert text.startswith(f"open now (1) {ROUTE} [anonymous, bogus]: leak for ")
    assert "first seen with release 1.0.397 (previous: 1.0.396)" in text
    assert receiver.told == ["1 route became public (members GET /api/org/members)", "1 route is locked again"]
    assert (found["open"], found["queued"]) == ([], [])
    assert {entry["opened_at_release"] for entry in found["over"]} == {"1.0.397"}
    assert [entry["id"].partition(" [")[0] for entry in found["over"]] == [ROUTE, ROUTE]
    assert all(-2 * INTERVAL <= entry["seconds"] - (until - at) <= 15 for entry in found["over"])
    with closing(sqlite3.connect(tmp_path / "prober-history.db")) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert {row[0] for row in database.execute("SELECT state FROM runs")} == {"finished"}


def exposed(port: int) -> float | None:
    """Ask the watch for how long the door has stood open; None while it is dead."""
    try:
        return measured(port, EXPOSED)
    except (OSError, ValueError):
        return None
