"""The canary's page on its port: who may look, what is on it, and what no client can do to the watch beside it."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Any

import html5lib
import pytest

from prober.canary.alert_state import step
from prober.canary.finding_state import Moment, RunFinding
from prober.canary.history_rows import CompletedRun
from prober.canary.history_thread import HistoryThread
from prober.canary.snapshot import name_of
from prober.canary.status import site
from prober.canary.status.recent_runs import run_path
from prober.canary.times import stamp
from prober.model import Change, Verdict
from prober.report.record import record
from tests.support.status_visits import AT, TOKEN, Visitor, get, kept, known, now_of, served, visit

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from prober.canary.history import History
    from prober.report.shape import Record

pytestmark = pytest.mark.integration

RIGHT = f"Authorization: Bearer {TOKEN}"

NO_CURL = "curl -qgsSi"


def test_the_page_says_what_is_open_since_when_and_at_which_release(tmp_path: Path, leaking: Record) -> None:
    status, head, body = get(now_of(leaking, AT + 7_200), kept(tmp_path, leaking), "/")
    document = html5lib.HTMLParser(strict=True).parse(body)
    assert (status, document.tag.endswith("html")) == (200, True)
    text = re.sub(r"\s+", " ", re.sub(r"<style>.*?</style>|<[^>]+>", " ", body, flags=re.DOTALL))
    assert "Not locked (4)" in text
    assert "migrate: POST /api/migrate accessible without credentials (and in 1 other way)" in text
    assert "since 2026-11-22 10:00 UTC, first seen with release 1.0.397 (previous: 1.0.396) ; for 2 h" in text
    assert "no-store" in head
    assert "frame-ancestors 'none'" in head
    assert "default-src &#x27;none&#x27;; style-src &#x27;sha256-" in body


@pytest.mark.parametrize("path", ["/", "report"])
def test_no_way_through_an_open_door_is_shown_to_who_has_not_signed_in(
    tmp_path: Path, leaking: Record, path: str
) -> None:
    where = "/" + run_path(name_of(leaking)) if path == "report" else path
    status, _, body = get(now_of(leaking), kept(tmp_path, leaking), where)
    assert (status, "POST /api/migrate" in body) == (200, True)
    assert NO_CURL not in body
    signed_in = get(now_of(leaking), kept(tmp_path / "..", leaking), where, RIGHT, token=TOKEN)[2]
    assert (NO_CURL in signed_in) is (path == "report")


def test_every_cell_leads_to_its_evidence_in_the_run_s_report(tmp_path: Path, leaking: Record) -> None:
    async def look(visitor: Visitor) -> tuple[str, str]:
        page = (await visitor.get("/"))[2]
        return page, (await visitor.get("/" + run_path(name_of(leaking))))[2]

    page, report = visit(now_of(leaking), kept(tmp_path, leaking), look)
    links = set(re.findall(r'href="(runs/[^"#]+)#(f\d+)"', page))
    assert {run for run, _ in links} == {run_path(name_of(leaking))}
    assert len(links) > 3
    assert [anchor for _, anchor in links if f'id="{anchor}"' not in report] == []


@pytest.mark.parametrize("path", ["/runs/", "/runs/x", "/runs/%2e%2e%2fhistory.db", "/nowhere", "//", "/metrics/"])
def test_what_is_not_there_is_not_there(tmp_path: Path, path: str) -> None:
    assert get(now_of(None), kept(tmp_path, None), path)[0] == 404


def test_what_has_not_changed_is_not_sent_again(tmp_path: Path, leaking: Record) -> None:
    async def look(visitor: Visitor) -> list[int]:
        _, head, _ = await visitor.get("/")
        tag = re.search(r'ETag: ("[^"]+")', head)
        assert tag is not None
        return [(await visitor.get("/", f"If-None-Match: {one}"))[0] for one in (tag[1], '"another"')]

    assert visit(now_of(leaking), kept(tmp_path, leaking), look) == [304, 200]


def test_before_the_first_run_it_says_so(tmp_path: Path) -> None:
    body = get(now_of(None), kept(tmp_path, None), "/")[2]
    assert "No run has finished since the canary began at 2026-11-22 09:59 UTC" in body
    assert "Nothing is open" not in body


def test_what_a_deployment_says_stays_text(tmp_path: Path, finding_of: Any, report_of: Any) -> None:
    evil = "<script>alert(1)</script>"
    found = record(report_of(finding_of(detail=evil, surface="a"), release=evil, notes=(evil,)))
    history = kept(tmp_path, found)
    over = step(known(found), [RunFinding(id=found["findings"][0]["id"], verdict=Verdict.LOCKED, reason="as-promised", detail="")],
                Moment(run="2", at=stamp(AT + 60), release=evil), confirm=1)  # fmt: skip
    assert [transition.change for transition in over.transitions] == [Change.CLOSED]
    history.add(
        CompletedRun(id="2", started_at=stamp(AT), ended_at=stamp(AT + 60), state="crashed", sentence=evil),
        over,
        {},
        due=AT,
    )
    body = get(now_of(found), history, "/")[2]
    assert "alert(1)" in body
    assert evil not in body
    assert re.findall(r"<script[^>]*>", body) == ['<script src="live.js" defer>']


class Hanging(HistoryThread):
    """A history that never answers."""

    questions = 0

    async def ask(self, call: Callable[[History], Any]) -> Any:  # noqa: ARG002 - as the desk has it
        self.questions += 1
        await asyncio.Event().wait()


def test_a_history_that_hangs_takes_neither_page_nor_metrics_with_it(
    tmp_path: Path, leaking: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(site, "ASKING", 0.2)

    async def main() -> tuple[list[tuple[int, str, str]], int]:
        history = kept(tmp_path, leaking)
        store = Hanging(history)
        async with served(now_of(leaking), history, store=store) as visitor:
            paths = ("/", "/metrics", "/runs/x", "/", "/", "/metrics")
            found = list(await asyncio.gather(*(visitor.get(path) for path in paths)))
        history.close()
        return found, store.questions

    found, questions = asyncio.run(asyncio.wait_for(main(), 20))
    assert [status for status, *_ in found] == [200, 200, 503, 200, 200, 200]
    assert "The history does not respond" in found[0][2]
    assert "lockdown_canary_history_up 0.0" in found[1][2]
    assert questions == 1 + 1  # the one that hangs, and to close it: none stands in line behind it


class Away(HistoryThread):
    """A history that is away when it is asked for the first time."""

    is_away = True

    async def ask(self, call: Callable[[History], Any]) -> Any:
        was, self.is_away = self.is_away, False
        if was:
            raise OSError("disk is full")
        return await super().ask(call)


def test_a_history_that_comes_back_is_on_the_page_before_the_next_run(tmp_path: Path, leaking: Record) -> None:
    async def both(visitor: Visitor) -> list[bool]:
        return ["The history does not respond" in (await visitor.get("/"))[2] for _ in range(2)]

    history = kept(tmp_path, leaking)
    assert visit(now_of(leaking), history, both, store=Away(history)) == [True, False]
