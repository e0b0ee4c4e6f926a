"""The history: whole after every end, the same in SQLite and PostgreSQL, and never larger than it should be."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from prober.canary import sql
from prober.canary.database import open_database
from prober.canary.finding_state import FindingState, Moment, Pending, StateUpdate, Transition
from prober.canary.history import LONGER, History
from prober.canary.history_rows import CompletedRun
from prober.canary.times import stamp
from prober.model import Change, Verdict
from prober.report.record import record
from tests.support.history_places import DAY, NOTHING, START, ran

if TYPE_CHECKING:
    from prober.canary.messages import MessageRecord

SUDDENLY = 50  # times that a writer is killed


# --- what is kept -----------------------------------------------------------------------------------------------------


def moment(n: int) -> Moment:
    return Moment(run=f"run-{n}", at=stamp(START + n * 60), release=f"1.{n}", before=None)


def message(name: str) -> MessageRecord:
    made: MessageRecord = {"id": name, "title": "a door opened"}  # type: ignore[typeddict-item]
    return made


def state_named(name: str = "a", **facts: Any) -> FindingState:
    plain = {
        "id": name,
        "verdict": Verdict.LEAK,
        "reason": "granted",
        "detail": "é",
        "since": moment(1),
        "seen_at": stamp(START),
    }
    return FindingState(**{**plain, **facts})


PENDING = Pending(verdict=Verdict.DRIFT, reason="broken", detail="answered 500", since=moment(2), runs=1)
EVERY = (
    state_named(),
    state_named("b", verdict=None, pending=PENDING),
    state_named("c", alerted_at=stamp(START), since=Moment(run="r", at=stamp(START))),
)


def test_what_stands_is_read_back_as_it_was_written(history: History) -> None:
    history.add(ran(1), StateUpdate(states=EVERY, gone=(), transitions=()), {}, due=START)
    assert history.states() == {entry.id: entry for entry in EVERY}
    after = state_named("b", verdict=Verdict.LOCKED, detail="")
    history.add(
        ran(2), StateUpdate(states=(after,), gone=("a",), transitions=()), {}, alerted=(state_named("c"),), due=START
    )
    assert history.states() == {"b": after, "c": state_named("c")}


def test_changes_are_read_back_the_latest_first(history: History) -> None:
    opened = Transition(
        id="a",
        change=Change.OPENED,
        before=Verdict.LOCKED,
        after=Verdict.LEAK,
        reason="granted",
        detail="d",
        at=moment(1),
    )
    closed = Transition(
        id="a", change=Change.CLOSED, before=Verdict.LEAK, after=Verdict.LOCKED, reason="as-promised", detail="", at=moment(4), since=moment(1).at
    )  # fmt: skip
    history.add(ran(1), StateUpdate(states=(), gone=(), transitions=(opened,)), {}, due=START)
    history.add(ran(4), StateUpdate(states=(), gone=(), transitions=(closed,)), {}, due=START)
    rows = history.rows(sql.LEAKS_SINCE, since=stamp(START))
    assert [(row[1], row[6], row[7], row[10]) for row in rows] == [
        ("closed", moment(4).at, "1.4", 180),
        ("opened", moment(1).at, "1.1", None),
    ]
    assert history.rows(sql.LEAKS_SINCE, since=stamp(START + 120))[0][1] == "closed"
    assert history.rows(sql.OTHERS_SINCE, since=stamp(START)) == []
    assert history.last_release() is None


def test_a_run_that_is_kept_already_is_not_kept_again(history: History) -> None:
    """A server may have committed what it could not say so of: the retry must not fail, nor queue anything twice."""
    for _ in range(2):
        history.add(ran(1), StateUpdate(states=EVERY, gone=(), transitions=()), {"r": message("m")}, due=START)
    assert [row[0] for row in history.rows(sql.LAST_RUNS)] == ["run-1"]
    assert [waiting.id for waiting in history.waiting("r")] == ["m"]


def test_a_run_of_which_one_row_fails_leaves_nothing(history: History, place: str) -> None:
    broken = Transition(id="a", change=Change.OPENED, before=None, after=Verdict.LEAK, reason="granted", detail=None, at=moment(1))  # type: ignore[arg-type]  # fmt: skip
    with pytest.raises(open_database(place, write=True).errors):
        history.add(ran(1), StateUpdate(states=EVERY, gone=(), transitions=(broken,)), {"r": message("m")}, due=START)
    assert history.states() == {}
    assert history.rows(sql.LAST_RUNS) == []
    assert history.waiting("r") == []
    history.add(ran(1), StateUpdate(states=EVERY, gone=(), transitions=()), {"r": message("m")}, due=START)
    assert len(history.states()) == len(EVERY)


def test_an_alert_waits_until_it_was_told(history: History) -> None:
    history.add(ran(1), NOTHING, {"r": message("m1"), "other": message("m2")}, due=START)
    history.add(ran(2), NOTHING, {"r": message("m3")}, due=START)
    assert [waiting.id for waiting in history.waiting("r")] == ["m1", "m3"]
    history.not_delivered("m1", due=START + 5, why="answered 500")
    first = history.waiting("r")[0]
    assert (first.due, first.tries, json.loads(first.message)["title"]) == (int(START) + 5, 1, "a door opened")
    history.delivered("m1", at=START + 6)
    assert [waiting.id for waiting in history.waiting("r")] == ["m3"]
    assert [waiting.id for waiting in history.waiting("other")] == ["m2"]
    assert history.rows(sql.ALERTS_OPEN)[0][0] == "other"


def test_reports_are_kept_of_the_last_runs_and_of_those_with_news(
    history: History, mixed_report: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sql, "REPORTS_WITHOUT_NEWS", 2)
    monkeypatch.setattr(sql, "REPORTS_WITH_NEWS", 2)
    kept = record(mixed_report)
    leak = Transition(
        id="a", change=Change.OPENED, before=None, after=Verdict.LEAK, reason="granted", detail="", at=moment(1)
    )
    for n in range(8):
        transitions = (leak,) if n in {0, 1, 2} else ()
        whole = CompletedRun(
            id=f"run-{n}", started_at=stamp(START), ended_at=stamp(START), state="finished", sentence="", record=kept
        )
        history.add(whole, StateUpdate(states=(), gone=(), transitions=transitions), {}, due=START)
    history.sweep(now=START, keep=DAY)
    assert [n for n in range(8) if history.report(f"run-{n}")] == [1, 2, 6, 7]
    assert json.loads(history.report("run-7") or "") == json.loads(json.dumps(kept))
    assert history.rows(sql.LAST_RUNS)[0][4:6] == ("leak", 1)


def test_what_is_old_is_forgotten_and_changes_last(history: History) -> None:
    leak = Transition(
        id="a", change=Change.OPENED, before=None, after=Verdict.LEAK, reason="granted", detail="", at=moment(1)
    )
    history.add(ran(1), StateUpdate(states=EVERY, gone=(), transitions=(leak,)), {"r": message("m")}, due=START)
    history.add_event("missed", "one", at=stamp(START))
    history.sweep(now=START + 2 * DAY, keep=DAY)
    assert (history.rows(sql.LAST_RUNS), history.rows(sql.BEATS_SINCE), history.waiting("r")) == ([], [], [])
    assert len(history.rows(sql.LEAKS_SINCE)) == 1
    assert len(history.states()) == len(EVERY)
    history.sweep(now=START + (LONGER + 2) * DAY, keep=DAY)
    assert history.rows(sql.LEAKS_SINCE) == []


def test_sweeping_is_done_once_an_hour(history: History) -> None:
    history.sweep(now=START, keep=DAY)
    history.add(ran(1, days=-9), NOTHING, {}, due=START)
    history.sweep(now=START + 3_599, keep=DAY)
    assert len(history.rows(sql.LAST_RUNS)) == 1
    history.sweep(now=START + 3_600, keep=DAY)
    assert history.rows(sql.LAST_RUNS) == []


# --- ended at any instant ---------------------------------------------------------------------------------------------

# Writes runs as fast as it can. Each puts its number down as what stands, changes 20 findings (but the first, which
# finds them), queues an alert, and is said once it is written.
WRITER = """
import sys
from prober.canary.alert_state import step
from prober.canary.finding_state import FindingState, Moment, RunFinding
from prober.canary.history import History
from prober.canary.history_rows import CompletedRun
from prober.canary.times import stamp
from prober.model import Verdict
history = History.to_write(sys.argv[1])
known = history.states()
n = int(known["n"].detail) if known else 0
while True:
    n += 1
    verdict = (Verdict.LEAK, Verdict.SKIPPED)[n % 2]
    moment = Moment(run=f"run-{n}", at=stamp(1_795_000_000 + n))
    seen = [RunFinding(id=f"f{k}", verdict=verdict, reason="waived" if n % 2 else "granted", detail="") for k in range(20)]
    found = step(known, seen, moment, confirm=1, whole=False)
    ran = CompletedRun(id=moment.run, started_at=moment.at, ended_at=moment.at, state="interrupted", sentence="")
    own = [FindingState(id="n", verdict=None, reason="", detail=str(n), since=moment, seen_at=moment.at)]
    history.add(ran, found, {"r": {"id": moment.run}}, alerted=own, due=0)
    known = history.states()
    print(n, flush=True)
"""


@pytest.mark.integration
def test_killed_at_any_instant_it_loses_at_most_the_run_under_way(place: str) -> None:
    """Each time, the next writer goes on from there: the lock of a dead one is no lock."""
    chance = random.Random(8)
    last = 0
    for _ in range(SUDDENLY):
        with subprocess.Popen([sys.executable, "-c", WRITER, place], stdout=subprocess.PIPE, text=True) as writer:
            assert writer.stdout is not None
            said = [writer.stdout.readline()]
            time.sleep(chance.random() * 0.06)
            writer.kill()
            said += writer.stdout.read().splitlines()
        written = max(int(line) for line in said if line.strip())
        with closing(History.to_read(place)) as history:
            runs = [int(str(row[0]).removeprefix("run-")) for row in history.rows(sql.LAST_RUNS, most=10**6)]
            stands = int(history.states()["n"].detail)
            queued = history.rows("SELECT COUNT(*) FROM alerts")
            changes = history.rows("SELECT COUNT(DISTINCT run), COUNT(*) FROM changes")
        assert written > last
        assert runs == list(range(runs[0], 0, -1))
        assert runs[0] in {written, written + 1}
        assert (stands, queued, changes) == (runs[0], [(runs[0],)], [(runs[0] - 1, 20 * (runs[0] - 1))])
        last = runs[0]
