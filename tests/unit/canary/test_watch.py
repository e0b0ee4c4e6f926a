"""The watch, on a clock that a test turns: its beats, what becomes of each run, and what it survives."""

from __future__ import annotations

import asyncio
import heapq
import json
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

from prober.canary import sql
from prober.canary.alert_state import CRASHED
from prober.canary.delivery import Delivery
from prober.canary.history import History
from prober.canary.history_thread import HistoryThread, Schedule, WatchClock
from prober.canary.receivers import DeliveryFailure, Receiver
from prober.canary.times import stamp
from prober.canary.watch import StartedRun, Watch
from prober.errors import UsageError
from prober.model import Reason, Verdict
from prober.report.record import record

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from prober.model import Finding, Report
    from prober.report.shape import Record

START = 1_795_000_000.0
EVERY = 300.0


class Time:
    """A clock that goes on when nothing else can: to the next moment for which somebody sleeps."""

    def __init__(self) -> None:
        self.at = 0.0
        self._sleeping: list[tuple[float, int, asyncio.Future[None]]] = []
        self._order = count()

    async def sleep(self, seconds: float) -> None:
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleeping, (self.at + seconds, next(self._order), woken))
        await woken

    async def turn(self, until: float) -> None:
        while True:
            for _ in range(60):
                await asyncio.sleep(0)
            self._sleeping = [entry for entry in self._sleeping if not entry[2].done()]
            heapq.heapify(self._sleeping)
            if not self._sleeping or self._sleeping[0][0] > until:
                self.at = max(self.at, until)
                return
            at, _, woken = heapq.heappop(self._sleeping)
            self.at = max(self.at, at)
            woken.set_result(None)

    @property
    def clock(self) -> WatchClock:
        return WatchClock(now=lambda: self.at, wall=lambda: START + self.at, sleep=self.sleep, chance=lambda: 0.5)


class Straight(HistoryThread):
    """Asks without a thread, so that a test's clock knows when all is done; and fails when it is told to."""

    broken = 0

    async def ask(self, call: Callable[[History], Any]) -> Any:
        await asyncio.sleep(0)
        if self.broken:
            self.broken -= 1
            raise OSError("no space left on device")
        return call(self._history)

    async def close(self, *, within: float) -> None:
        """Left open, for the test to read."""


@dataclass
class Scene:
    """A watch and all that it met."""

    time: Time
    history: History
    store: Straight
    make: Callable[[str, float], Record]
    runs: str = ""
    takes: float = 1.0
    confirm: int = 2
    remind: float = 0.0
    deaf: bool = False
    reload: Callable[[], None] = lambda: None
    ping: Callable[[], Awaitable[str | None]] | None = None
    beside: Any = None
    began: list[float] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    messages: list[dict[str, Any]] = field(default_factory=list)
    under_way: int = 0
    most_under_way: int = 0

    def begin(self) -> StartedRun:
        n = len(self.began)
        self.began.append(self.time.at)
        letter = (self.runs[n] if n < len(self.runs) else self.runs[-1]) if self.runs else "L"
        at = START + self.time.at
        if letter == "b":
            raise KeyError("in the plan")

        async def send() -> None:
            self.under_way += 1
            self.most_under_way = max(self.under_way, self.most_under_way)
            try:
                await self.time.sleep(self.takes)
            finally:
                self.under_way -= 1
            if letter == "c":
                raise ZeroDivisionError("a secret of the deployment's")

        def taken() -> Record:
            found = self.make(letter, at)
            found["run"] = f"r{n}"
            return found

        return StartedRun(id=f"r{n}", send=send, record=taken, requests=lambda: 7)

    async def deliver(self, message: str) -> DeliveryFailure | None:
        if self.deaf:
            return DeliveryFailure(why="answered 500")
        self.messages.append(json.loads(message))
        return None

    def watch(self) -> Watch:
        delivery = Delivery(self.store, [Receiver(key="r", shown="r", deliver=self.deliver)], self.time.clock, log=self.said.append)  # fmt: skip
        schedule = Schedule(every=EVERY, remind=self.remind, confirm=self.confirm, keep=90 * 86_400)
        return Watch(
            self.store, delivery, self.time.clock, schedule, begin=self.begin, reload=self.reload, place="web http://h",
            log=self.said.append, detail=self.said.append, ping=self.ping, beside=self.beside,
        )  # fmt: skip

    async def until(self, seconds: float, watch: Watch | None = None) -> int:
        """Watch for so long, and stop it then."""
        watch = watch or self.watch()
        task = asyncio.ensure_future(watch.forever())
        await self.time.turn(self.time.at + seconds)
        watch.stop()
        await self.time.turn(self.time.at + 2)
        assert task.done()
        return task.result()

    def run(self, seconds: float) -> int:
        return asyncio.run(self.until(seconds))

    @property
    def told(self) -> list[str]:
        return [message["title"].partition(": web")[0] for message in self.messages]

    def states(self) -> list[tuple[object, object]]:
        return [(row[3], row[4]) for row in reversed(self.history.rows(sql.LAST_RUNS))]

    def beats(self, kind: str) -> list[tuple[object, object]]:
        return [(row[2], row[3]) for row in reversed(self.history.rows(sql.BEATS_SINCE)) if row[1] == kind]


VERDICTS = {
    "L": (Verdict.LOCKED, Reason.AS_PROMISED),
    "!": (Verdict.LEAK, Reason.GRANTED),
    "~": (Verdict.DRIFT, Reason.BROKEN),
    "x": (Verdict.UNREACHABLE, Reason.REFUSED),
}


@pytest.fixture
def scene(tmp_path: Path, finding_of: Callable[..., Finding], report_of: Callable[..., Report]) -> Scene:
    def make(letter: str, at: float) -> Record:
        made = report_of(finding_of(*VERDICTS[letter], "so it was"), started_at=stamp(at), release=f"1.{round(at - START) // 3600}")  # fmt: skip
        return record(made)

    history = History.to_write(str(tmp_path / "h.db"))
    return Scene(time=Time(), history=history, store=Straight(history), make=make)


# --- beats ------------------------------------------------------------------------------------------------------------


def test_it_runs_at_every_beat_and_no_two_at_once(scene: Scene) -> None:
    assert scene.run(4 * EVERY + 60) == 130
    assert scene.began == [0.0, *(n * EVERY + 15.0 for n in (1, 2, 3, 4))]
    assert scene.most_under_way == 1
    assert scene.states() == [("finished", "locked")] * 5
    assert scene.messages == []


def test_beats_that_a_long_run_took_up_are_missed_and_said(scene: Scene) -> None:
    scene.takes = 3.2 * EVERY
    scene.run(7 * EVERY)
    assert scene.began == [0.0, 3.2 * EVERY, 6.4 * EVERY]
    assert scene.beats("missed") == [("2 beats were missed: the run before took too long, or the machine slept", 2)] * 2
    assert scene.most_under_way == 1


def test_a_run_that_is_a_little_late_misses_nothing(scene: Scene) -> None:
    scene.takes = 1.2 * EVERY
    scene.run(5 * EVERY)
    assert [round(at / EVERY, 2) for at in scene.began] == [0.0, 1.2, 2.4, 3.6, 4.8]
    assert scene.beats("missed") == []


def test_for_how_long_nobody_looked_is_told_by_the_next_watch(scene: Scene) -> None:
    scene.run(60)
    scene.time.at += 3 * 3_600
    scene.run(60)
    [(what, beats)] = scene.beats("missed")
    assert (str(what).partition(",")[0], beats) == ("not monitored for 3 h 1 min", 36)


# --- what becomes of a run --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("runs", "told"),
    [
        pytest.param("LLLL", [], id="nothing"),
        pytest.param("L!!!", ["1 route became public (me GET /api/me)"], id="opened-once"),
        pytest.param("!!LL", ["1 route became public (me GET /api/me)", "1 route is locked again"], id="closed"),
        pytest.param("L~L~", [], id="one-drift"),
        pytest.param("L~~~", ["1 route answers unexpectedly (me GET /api/me)"], id="drift"),
        pytest.param("Lxxx", ["1 route could not be checked"], id="unreachable"),
        pytest.param("LcLL", [], id="one-crash"),
        pytest.param("LbcL", ["the canary's own runs crash"], id="two-crashes"),
        pytest.param("ccLL", ["the canary's own runs crash", "1 route is locked again"], id="crashes-are-over"),
        pytest.param(
            "!ccL",
            ["1 route became public (me GET /api/me)", "the canary's own runs crash"],
            id="a-crash-closes-no-door",
        ),
    ],
)
def test_receivers_are_told_of_changes(scene: Scene, runs: str, told: list[str]) -> None:
    scene.runs = runs
    scene.run(3 * EVERY + 60)
    assert len(scene.began) == 4
    assert scene.told == told


def test_a_crash_is_kept_without_its_words_and_the_watch_goes_on(scene: Scene) -> None:
    scene.runs = "ccL"
    scene.run(2 * EVERY + 60)
    assert scene.states() == [("crashed", None), ("crashed", None), ("finished", "locked")]
    assert CRASHED in scene.history.states()
    kept = [str(row) for row in scene.history.rows(sql.LAST_RUNS)] + [json.dumps(m) for m in scene.messages]
    assert any("ZeroDivisionError at test_watch.py:" in text for text in kept)
    assert [text for text in kept if "a secret" in text] == []


def test_a_message_dates_what_opened_and_names_the_releases(scene: Scene) -> None:
    scene.runs = "L" * 12 + "!!LL"
    scene.run(16 * EVERY)
    opened, closed = scene.messages
    at = stamp(START + 12 * EVERY + 15)
    assert (opened["opened"][0]["at"], opened["opened"][0]["release"], opened["opened"][0]["release_before"]) == (at, "1.1", "1.0")  # fmt: skip
    assert f"since {at[:10]} {at[11:16]} UTC, first seen with release 1.1 (previous: 1.0)" in opened["text"]
    assert closed["closed"][0]["seconds"] == 2 * EVERY
    assert "for 10 min (release 1.1)" in closed["text"]
    assert "curl" not in opened["text"]
    assert "prober explain 'me: GET /api/me [anonymous]'" in opened["text"]


def test_what_stays_open_is_said_again_now_and_then(scene: Scene) -> None:
    scene.runs, scene.remind = "!", 6 * 3_600.0
    scene.run(13 * 3_600)
    assert scene.told == [
        "1 route became public (me GET /api/me)",
        *["1 route is still not locked (me GET /api/me)"] * 2,
    ]
    assert [round(m["still_open"][0]["seconds"] / 3_600) for m in scene.messages[1:]] == [6, 12]


def test_a_run_that_is_broken_off_is_no_verdict(scene: Scene) -> None:
    scene.takes, scene.runs = 100.0, "!"
    assert scene.run(50) == 130
    assert scene.states() == [("interrupted", None)]
    assert scene.history.rows(sql.LAST_RUNS)[0][12] == "interrupted after 7 requests: no verdict"
    assert (scene.messages, scene.history.states()) == ([], {})
    assert len(scene.beats("stopped")) == 1


# --- definitions ------------------------------------------------------------------------------------------------------


def test_wrong_definitions_are_refused_and_the_watch_goes_on_with_those_before(scene: Scene) -> None:
    def wrong() -> None:
        raise UsageError("no profile 'oath'", fix="did you mean 'oauth'?")

    scene.reload = wrong
    watch = scene.watch()

    async def both() -> None:
        task = asyncio.ensure_future(scene.until(2 * EVERY, watch))
        await asyncio.sleep(0)
        watch.reload()
        await task

    asyncio.run(both())
    assert scene.beats("refused") == [("definitions not reloaded: error: no profile 'oath'", 1)]
    assert any(said.endswith("the previous definitions stay in use") for said in scene.said)
    assert len(scene.began) == 2


# --- the dead man's switch --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("runs", "pings"),
    [pytest.param("L!~x", 4, id="whatever-was-found"), pytest.param("LcbL", 2, id="not-of-a-crash")],
)
def test_each_finished_run_pings(scene: Scene, runs: str, pings: int) -> None:
    pinged: list[float] = []

    async def ping() -> str | None:
        pinged.append(scene.time.at)
        return "answered 503" if len(pinged) == 1 else None

    scene.runs, scene.ping = runs, ping
    scene.run(3 * EVERY + 60)
    assert len(pinged) == pings
    assert scene.said.count("ping failed: answered 503") == 1


# --- a history that cannot be written ---------------------------------------------------------------------------------


def test_a_history_that_fails_for_a_moment_is_written_later(scene: Scene) -> None:
    scene.runs = "!"
    watch = scene.watch()

    async def both() -> None:
        task = asyncio.ensure_future(scene.until(60, watch))
        await scene.time.turn(0.5)
        scene.store.broken = 2
        await task

    asyncio.run(both())
    assert scene.store.broken == 0
    assert scene.states() == [("finished", "leak")]
    assert scene.told == ["1 route became public (me GET /api/me)"]


def test_a_run_that_cannot_be_kept_is_found_again_by_the_next(scene: Scene) -> None:
    pinged: list[float] = []

    async def ping() -> str | None:
        pinged.append(scene.time.at)
        return None

    scene.runs, scene.ping = "!", ping
    watch = scene.watch()

    async def both() -> None:
        task = asyncio.ensure_future(scene.until(EVERY + 60, watch))
        await scene.time.turn(0.5)
        scene.store.broken = 3
        await task

    asyncio.run(both())
    assert any(said.startswith("lost: run r0") for said in scene.said)
    assert scene.states() == [("finished", "leak")]
    assert (scene.told, len(pinged)) == (["1 route became public (me GET /api/me)"], 1)


# --- once -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("letter", "status"),
    [
        pytest.param("L", 0, id="locked"),
        pytest.param("!", 1, id="leak"),
        pytest.param("x", 2, id="no-verdict"),
        pytest.param("c", 70, id="bug"),
    ],
)
def test_once_gives_the_status_of_its_run(scene: Scene, letter: str, status: int) -> None:
    async def go() -> int:
        task = asyncio.ensure_future(scene.watch().once())
        await scene.time.turn(30)
        return await task

    scene.runs = letter
    assert asyncio.run(go()) == status
    assert scene.told == (["1 route became public (me GET /api/me)"] if letter == "!" else [])


def test_what_one_timer_could_not_bring_the_next_one_does(scene: Scene) -> None:
    async def go() -> int:
        task = asyncio.ensure_future(scene.watch().once())
        await scene.time.turn(scene.time.at + 30)
        return await task

    scene.runs, scene.deaf = "!!", True
    asyncio.run(go())
    assert scene.told == []
    scene.deaf, scene.time.at = False, 600.0
    asyncio.run(go())
    assert scene.told == ["1 route became public (me GET /api/me)"]
    asyncio.run(go())
    assert scene.told == ["1 route became public (me GET /api/me)"]


def test_drift_is_confirmed_across_timers(scene: Scene) -> None:
    async def go() -> int:
        task = asyncio.ensure_future(scene.watch().once())
        await scene.time.turn(scene.time.at + 30)
        return await task

    scene.runs = "L~~"
    told = []
    for _ in scene.runs:
        asyncio.run(go())
        told.append(list(scene.told))
    assert told == [[], [], ["1 route answers unexpectedly (me GET /api/me)"]]


# --- what stands beside it --------------------------------------------------------------------------------------------


def test_what_is_known_can_be_seen_at_any_moment(scene: Scene) -> None:
    scene.runs = "L!"
    watch = scene.watch()
    seen = []

    async def both() -> None:
        task = asyncio.ensure_future(watch.forever())
        for at in (0.5, EVERY, 2 * EVERY):
            await scene.time.turn(at)
            seen.append(watch.now())
        watch.stop()
        await task

    asyncio.run(both())
    first, second, third = seen
    assert (first.record, first.next_run, first.finished) == (None, None, 0)
    assert (second.last_locked, second.exposure) == (START + 1, {})
    assert second.next_run == START + EVERY + 15
    assert third.record is not None
    assert (third.record["verdict"], third.finished, third.exposure) == ("leak", 2, {"me": EVERY - 15})
    assert third.last_locked == START + 1


def test_a_page_that_fails_does_not_end_the_watch(scene: Scene) -> None:
    async def page(now: Callable[[], Any]) -> None:
        with suppress(LookupError):
            now()
        raise RuntimeError

    scene.beside = page
    scene.run(EVERY + 60)
    assert len(scene.began) == 2
    assert any(said.startswith("what ran beside the watch has ended: RuntimeError") for said in scene.said)


# --- its history, and the clock ---------------------------------------------------------------------------------------


def test_a_clock_that_goes_back_does_not_take_back_the_latest_end_of_a_run(scene: Scene) -> None:
    watch = scene.watch()
    asyncio.run(scene.until(2 * EVERY + 60, watch))
    latest = watch.newest
    assert latest is not None
    assert latest == scene.history.newest_end()
    scene.time.at = -86_400.0
    again = scene.watch()
    asyncio.run(scene.until(60, again))
    assert len(scene.states()) == 4
    assert again.newest == latest


def test_a_history_that_is_deleted_is_reported_by_every_run_and_the_watch_goes_on(scene: Scene, tmp_path: Path) -> None:
    scene.runs = "LL!"
    for file in tmp_path.glob("h.db*"):
        file.unlink()
    scene.run(2 * EVERY + 60)
    assert len([line for line in scene.said if "was deleted or replaced: the watch goes on" in line]) == 3
    assert scene.messages != []


def test_a_history_that_is_there_is_not_reported(scene: Scene) -> None:
    scene.run(EVERY + 60)
    assert [line for line in scene.said if "deleted" in line] == []


def test_no_second_watch_starts_where_the_history_of_a_running_one_was_deleted(scene: Scene, tmp_path: Path) -> None:
    files = list(tmp_path.glob("h.db*"))
    assert {file.name for file in files} >= {"h.db", "h.db.lock"}
    for file in files:
        file.unlink()
    with pytest.raises(UsageError, match="another canary is writing to the history"):
        History.to_write(str(tmp_path / "h.db"))
    scene.history.close()
    History.to_write(str(tmp_path / "h.db")).close()


# --- a route that flaps -----------------------------------------------------------------------------------------------


def test_one_replica_that_stands_open_is_said_to_flap_once(scene: Scene) -> None:
    scene.runs = "L!LL!LL!LLL!LLLL!LL"
    scene.run(18 * EVERY + 60)
    assert scene.told == [
        "1 route became public (me GET /api/me)", "1 route is locked again", "1 route became public (me GET /api/me)",
    ]  # fmt: skip
    first, _, again = scene.messages
    assert "it flaps" not in first["text"]
    assert "it flaps: it was locked again at " in again["text"]
    assert "and now 10 runs in a row must find it so" in again["text"]


def test_a_route_that_flapped_is_locked_again_in_the_end(scene: Scene) -> None:
    scene.runs = "L!LL!" + "L" * 10
    scene.run(14 * EVERY + 60)
    assert [message["level"] for message in scene.messages] == ["leak", "closed", "leak", "closed"]


def test_a_watch_that_is_started_anew_knows_what_flapped(scene: Scene) -> None:
    scene.runs = "L!LL"
    scene.run(3 * EVERY + 60)
    scene.began.clear()
    scene.runs = "!LL"
    scene.run(2 * EVERY + 60)
    assert [message["level"] for message in scene.messages] == ["leak", "closed", "leak"]
    assert "it flaps" in scene.messages[-1]["text"]


def test_a_route_that_opens_again_much_later_does_not_flap(scene: Scene) -> None:
    scene.runs = "L!LL" + "L" * 80 + "!LL"
    scene.run(86 * EVERY + 60)
    assert [message["level"] for message in scene.messages] == ["leak", "closed", "leak", "closed"]
    assert "it flaps" not in scene.messages[2]["text"]
