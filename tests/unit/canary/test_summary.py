"""What was and is open, as it is told: doors one by one, an outage in one line, and no outage in front of a door."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from prober.canary.alert_state import step
from prober.canary.finding_state import Moment, RunFinding
from prober.canary.grouping import MOST_ALIKE, Line, doors, lines_of, summary_of_many
from prober.canary.history import History
from prober.canary.history_rows import CompletedRun
from prober.canary.messages import AlertContent, message
from prober.canary.snapshot import Snapshot
from prober.canary.status.page import render_status
from prober.canary.status.recent_runs import past
from prober.canary.summary import MOST, summarize
from prober.canary.summary_text import render_summary
from prober.canary.times import stamp
from prober.model import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from prober.canary.finding_state import FindingState

START = 1_795_341_600.0  # 2026-11-22 10:00 UTC
ROUTES = tuple(f"s{number % 13}: GET /api/r{number}" for number in range(52))
DOOR = "keys: GET /api/keys"
SILENT = "connection refused (3 attempts)"


class Life:
    """A deployment's life: what each run found of each route, a minute after the other."""

    def __init__(self, history: History) -> None:
        self.history, self.at = history, START
        self.states: dict[str, FindingState] = {}

    def run(self, verdict: Verdict, *ids: str, detail: str = "") -> AlertContent:
        moment = Moment(run=f"r{self.at}", at=stamp(self.at), release="1.0.397", before="1.0.397")
        seen = [RunFinding(id=f"{name} [anonymous]", verdict=verdict, reason="x", detail=detail) for name in ids]
        made = step(self.states, seen, moment, confirm=1, whole=False)
        self.states |= {one.id: one for one in made.states}
        ran = CompletedRun(id=moment.run, started_at=moment.at, ended_at=moment.at, state="finished", sentence="x: y")
        self.history.add(ran, made, {}, due=self.at)
        self.at += 60
        return AlertContent(deployment="d", now=moment, transitions=made.transitions, still=(), headline=None)

    def outage(self) -> None:
        self.run(Verdict.UNREACHABLE, *ROUTES, detail=SILENT)
        self.run(Verdict.LOCKED, *ROUTES)

    def text(self) -> str:
        return render_summary(summarize(self.history, now=self.at, since=START), width=200)

    def page(self) -> str:
        now = Snapshot(
            at=self.at, started=START, next_run=None, record=None, states=self.states, last_finished=self.at,
            last_locked=None, finished=1, crashed=0, missed=0,
        )  # fmt: skip
        return render_status(now, past(self.history, now=self.at), every=60.0, version="1")


@pytest.fixture
def life(tmp_path: Path) -> Iterator[Life]:
    history = History.to_write(str(tmp_path / "history.db"))
    yield Life(history)
    history.close()


# --- crowds -----------------------------------------------------------------------------------------------------------


def told(number: int, verdict: Verdict, *, surfaces: int = 1) -> list[Line]:
    return [Line(id=f"s{n % surfaces}: GET /{n} [anonymous]", verdict=verdict, words="w") for n in range(number)]


@pytest.mark.parametrize(
    ("entries", "lines"),
    [
        pytest.param(told(MOST_ALIKE, Verdict.DRIFT), MOST_ALIKE, id="few"),
        pytest.param(told(MOST_ALIKE + 1, Verdict.DRIFT), 1, id="many"),
        pytest.param(told(50, Verdict.LEAK), 50, id="doors"),
        pytest.param([*told(50, Verdict.UNREACHABLE), *told(50, Verdict.LEAK)], 51, id="doors-of-which-the-same-is-said"),
    ],
)  # fmt: skip
def test_a_crowd_is_one_line_and_doors_are_never_a_crowd(entries: list[Line], lines: int) -> None:
    assert len(lines_of(entries)) == lines


def test_one_route_with_many_credentials_is_no_crowd() -> None:
    ways = [Line(id=f"s: GET /x [c{n}]", verdict=Verdict.DRIFT, words="w") for n in range(9)]
    assert lines_of(ways) == [f"s: GET /x [{', '.join(f'c{n}' for n in range(9))}]: w"]


@pytest.mark.parametrize(
    ("surfaces", "name"),
    [
        pytest.param(1, "9 routes of s0", id="one"),
        pytest.param(2, "9 routes of 2 surfaces (s0, s1)", id="two"),
        pytest.param(3, "9 routes of 3 surfaces (s0, s1, s2)", id="three"),
        pytest.param(4, "9 routes of 4 surfaces (s0, s1, s2 and 1 more)", id="four"),
        pytest.param(5, "9 routes of 5 surfaces (s0, s1, s2 and 2 more)", id="five"),
    ],
)
def test_a_crowd_is_named_by_its_surfaces(surfaces: int, name: str) -> None:
    assert summary_of_many(one.id for one in told(9, Verdict.DRIFT, surfaces=surfaces)) == name


def test_a_route_is_told_by_all_that_it_was_presented_with() -> None:
    ids = ["s: GET /a [anonymous]", "s: GET /a [bogus] upper-case", "s: GET /b [bogus]"]
    assert doors(ids) == {"s: GET /a": ["anonymous", "bogus + upper-case"], "s: GET /b": ["bogus"]}


def test_a_surface_is_what_stands_before_the_first_colon() -> None:
    assert summary_of_many([f"s: GET /a: {n} [anonymous]" for n in range(9)]) == "9 routes of s"


# --- where it is told -------------------------------------------------------------------------------------------------


def test_an_outage_is_one_line_of_the_account_and_a_door_stands_before_it(life: Life) -> None:
    life.run(Verdict.LEAK, DOOR, detail="answered 200")
    life.run(Verdict.UNREACHABLE, *ROUTES, detail=SILENT)
    first = "since 2026-11-22 10:0{} UTC, first seen with release 1.0.397"
    assert life.text().splitlines()[:5] == [
        "open now (1)",
        f"  {DOOR} [anonymous]: leak for 2 min: answered 200; {first.format(0)}",
        "",
        "not checked now (52)",
        f"  52 routes of 13 surfaces (s0, s10, s11 and 10 more): unreachable for 1 min: {SILENT}; {first.format(1)}",
    ]


@pytest.mark.parametrize(
    ("verdict", "said"),
    [
        pytest.param(Verdict.LOCKED, "open now: nothing", id="locked"),
        pytest.param(Verdict.DRIFT, "answering unexpectedly now (1)", id="drift"),
        pytest.param(Verdict.UNPROVEN, "not checked now (1)", id="unproven"),
    ],
)
def test_that_nothing_is_open_is_only_said_where_it_is_known(life: Life, verdict: Verdict, said: str) -> None:
    life.run(verdict, DOOR)
    assert life.text().startswith(said + "\n")
    assert ("nothing" in life.text()) is (verdict is Verdict.LOCKED)


def test_outages_crowd_no_door_out_of_what_was_open(life: Life) -> None:
    life.run(Verdict.LEAK, DOOR, detail="answered 200")
    life.run(Verdict.LOCKED, DOOR)
    for _ in range(12 * MOST // len(ROUTES)):
        life.outage()
    found = summarize(life.history, now=life.at, since=START)
    assert [entry["id"] for entry in found["over"] if entry["was"] == "leak"] == [f"{DOOR} [anonymous]"]
    assert found["over"][-1]["opened_at_release"] == "1.0.397"
    assert len(found["over"]) == MOST + 1
    assert f"{DOOR} [anonymous]: leak for 1 min, 2026-11-22 10:00 UTC to 2026-11-22 10:01 UTC" in life.text()
    assert f'<th scope="row">{DOOR} [anonymous]</th>' in life.page()


def test_a_message_tells_of_an_outage_in_one_line_and_of_each_door_that_was_shut(life: Life) -> None:
    silent = life.run(Verdict.UNREACHABLE, *ROUTES, detail=SILENT)
    text = message(silent, receiver="r")["text"]
    assert "- 52 routes of 13 surfaces (s0, s1, s2 and 10 more): unreachable" in text
    assert "more\n" not in text.replace("10 more", "")
    life.run(Verdict.LEAK, *ROUTES[:6], detail="answered 200")
    shut = message(life.run(Verdict.LOCKED, *ROUTES[:6]), receiver="r")["text"]
    assert [line.partition(" [")[0] for line in shut.splitlines()[1:7]] == [f"- {route}" for route in ROUTES[:6]]


def test_the_page_shows_an_outage_as_one(life: Life) -> None:
    life.outage()
    life.run(Verdict.LEAK, DOOR, detail="answered 200")
    life.run(Verdict.UNREACHABLE, *ROUTES, detail=SILENT)
    page = life.page()
    assert "Not locked (53)" in page
    assert page.count("<li ") == 2
    assert page.index(DOOR) < page.index("52 routes of 13 surfaces")
    assert page.count('class="line"') == 3  # when nothing was monitored, the route, and the surfaces of the outage
    assert "13 surfaces</span>" in page
    assert "what was not locked, and is over (1)" in page


def test_surfaces_with_another_story_have_another_line(life: Life) -> None:
    life.outage()
    life.run(Verdict.DRIFT, ROUTES[0], detail="answered 500")
    assert life.page().count('class="line"') == 3
    assert "12 surfaces</span>" in life.page()
    assert "answering unexpectedly now (1)" in life.text()
