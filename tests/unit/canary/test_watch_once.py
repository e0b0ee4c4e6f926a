"""prober watch --once."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.support.watch_scene import Scene


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
