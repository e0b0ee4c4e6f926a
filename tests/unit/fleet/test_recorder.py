"""What a watch of a fleet keeps: nothing is lost while the history cannot be written, and a restart goes on."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any, TypeVar

import pytest

from prober.canary.delivery import Delivery
from prober.canary.history import History
from prober.canary.history_thread import HistoryThread, Schedule, WatchClock
from prober.canary.receivers import DeliveryFailure, Receiver
from prober.canary.times import stamp
from prober.fleet.recorder import FleetRecorder
from prober.fleet.tasks import Cause, FleetVerdict, Result

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

T = TypeVar("T")
NAMES = [f"shop-{number}" for number in range(50)]
LABELS: dict[str, tuple[tuple[str, str], ...]] = dict.fromkeys(NAMES, ())
START = 1_800_000_000.0


class Store(HistoryThread):
    """A history that cannot be written for a while."""

    def __init__(self, history: History) -> None:
        super().__init__(history)
        self.failures = 0

    async def ask(self, call: Callable[[History], T]) -> T:
        if self.failures:
            self.failures -= 1
            raise OSError(28, "No space left on device")
        return await super().ask(call)


class World:
    """A recorder over a file, with a wall clock that the test turns, and what its receiver was told."""

    def __init__(self, path: Path, *, remind: float = 0.0, names: list[str] = NAMES) -> None:
        self.wall = START
        self.log: list[str] = []
        self.store = Store(History.to_write(str(path)))
        self.told: list[dict[str, Any]] = []
        clock = WatchClock(now=lambda: self.wall, wall=lambda: self.wall, sleep=asyncio.sleep, chance=lambda: 0.0)
        receiver = Receiver(key="r", shown="r", deliver=self._deliver)
        self.delivery = Delivery(self.store, [receiver], clock, log=self.log.append)
        schedule = Schedule(every=600.0, remind=remind, confirm=1, keep=86_400.0)
        self.recorder = FleetRecorder(
            self.store, self.delivery, clock, schedule, fleet="acme", run="r", labels=dict.fromkeys(names, ()),
            log=self.log.append,
        )  # fmt: skip

    async def _deliver(self, text: str) -> DeliveryFailure | None:
        self.told.append(json.loads(text))
        return None

    async def write(self) -> bool:
        written = await self.recorder.write()
        await self.delivery.deliver()
        return written

    @property
    def news(self) -> list[tuple[str, str, int]]:
        return [(one["change"], one["cause"], one["deployments"]) for message in self.told for one in message["causes"]]


def result(name: str, verdict: str = "leak") -> Result:
    cause = Cause(surface="me", route="GET /x", verdict="leak", reason="granted")
    return Result(name=name, verdict=FleetVerdict(verdict), causes=(cause,) if verdict == "leak" else (), requests=7)


def test_fifty_deployments_that_leak_one_after_the_other_are_two_messages(tmp_path: Path) -> None:
    async def story() -> World:
        world = World(tmp_path / "db")
        await world.recorder.open()
        for name in NAMES:
            world.recorder.take(result(name))
            world.wall += 10.0
            await world.write()
        world.wall += 600.0
        await world.write()
        await world.recorder.end()
        return world

    world = asyncio.run(story())
    assert world.news == [("opened", "me: GET /x", 1), ("opened", "me: GET /x", 49)]
    assert [message["counts"]["leak"] for message in world.told] == [1, 50]


def test_nothing_is_lost_while_the_history_cannot_be_written(tmp_path: Path) -> None:
    async def story() -> World:
        world = World(tmp_path / "db")
        await world.recorder.open()
        world.recorder.take(result("shop-1"))
        world.store.failures = 2
        assert not await world.recorder.write()
        world.recorder.take(result("shop-2"))
        assert not await world.recorder.write()
        assert world.news == []
        assert await world.write()
        await world.recorder.end()
        return world

    world = asyncio.run(story())
    assert world.news == [("opened", "me: GET /x", 2)]
    assert world.log[0] == "the history cannot be written: [Errno 28] No space left on device"
    with_all = History.to_read(str(tmp_path / "db"))
    assert set(with_all.states()) == {"shop-1 me: GET /x", "shop-2 me: GET /x"}
    assert all(state.alerted_at == stamp(START) for state in with_all.states().values())
    with_all.close()


@pytest.mark.parametrize("told", [True, False], ids=["told", "not-told"])
def test_a_restart_tells_what_was_not_told_and_nothing_twice(told: bool, tmp_path: Path) -> None:  # noqa: FBT001 - a case
    async def before() -> None:
        world = World(tmp_path / "db")
        await world.recorder.open()
        world.recorder.take(result("shop-0"))
        await world.write()
        world.wall += 10.0
        world.recorder.take(result("shop-1"))
        await world.write()  # it is collected: its cause was told ten seconds ago
        if told:
            world.wall += 600.0
            await world.write()
        await world.store.close(within=1.0)

    async def after() -> World:
        world = World(tmp_path / "db")
        world.wall += 1_300.0
        await world.recorder.open()
        await world.write()
        assert world.recorder.take(result("shop-1")) is None
        await world.write()
        await world.recorder.end()
        return world

    asyncio.run(before())
    world = asyncio.run(after())
    assert world.news == ([] if told else [("opened", "me: GET /x", 1)])


def test_what_changes_while_a_message_is_written_is_written_after_it(tmp_path: Path) -> None:
    async def story() -> World:
        world = World(tmp_path / "db")
        await world.recorder.open()
        world.recorder.take(result("shop-1"))
        writing = asyncio.ensure_future(world.recorder.write())
        await asyncio.sleep(0)
        world.recorder.take(result("shop-1", "locked"))
        await writing
        world.wall += 600.0
        await world.write()
        await world.recorder.end()
        return world

    world = asyncio.run(story())
    assert world.news == [("opened", "me: GET /x", 1), ("closed", "me: GET /x", 1)]
    with_nothing = History.to_read(str(tmp_path / "db"))
    assert with_nothing.states() == {}
    with_nothing.close()


def test_a_deployment_that_leaves_the_fleet_is_told_of_once(tmp_path: Path) -> None:
    async def story(names: list[str]) -> World:
        world = World(tmp_path / "db", names=names)
        world.wall += 0.0 if "shop-1" in names else 700.0
        await world.recorder.open()
        if "shop-1" in names:
            world.recorder.take(result("shop-1"))
        await world.write()
        await world.recorder.end()
        return world

    assert asyncio.run(story(NAMES)).news == [("opened", "me: GET /x", 1)]
    rest = [name for name in NAMES if name != "shop-1"]
    assert asyncio.run(story(rest)).news == [("gone", "me: GET /x", 1)]
    assert asyncio.run(story(rest)).news == []
