"""The watch and its history: one that cannot be written, that is deleted, and a clock that goes back."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from prober.canary.history import History
from prober.errors import UsageError
from tests.support.watch_scene import EVERY, Scene

if TYPE_CHECKING:
    from pathlib import Path


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
