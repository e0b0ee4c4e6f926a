"""The watch, on a clock that a test turns: its beats, what becomes of each run, and what it survives."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest

from prober.canary import sql
from prober.canary.alert_state import CRASHED
from prober.canary.times import stamp
from prober.errors import UsageError
from tests.support.watch_scene import EVERY, START, Scene

if TYPE_CHECKING:
    from collections.abc import Callable


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
    assert any("ZeroDivisionError at watch_scene.py:" in text for text in kept)
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
    assert any(said.startswith("a background task of the watch has ended: RuntimeError") for said in scene.said)
