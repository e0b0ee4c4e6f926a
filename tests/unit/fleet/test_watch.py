"""The canary over a fleet: moments that no restart moves, changes that are sure, and nobody probed twice at a time."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from prober.app.options import SendOptions
from prober.canary.delivery import Delivery
from prober.canary.history import History
from prober.canary.history_thread import HistoryThread, Schedule, WatchClock
from prober.errors import UsageError
from prober.fleet.due_times import next_due, phase
from prober.fleet.inventory import Inventory, Member
from prober.fleet.options import PaceOptions
from prober.fleet.run import LoadedFleet
from prober.fleet.tasks import FleetVerdict, Result, result_to_text, task_from_text
from prober.fleet.watch import FleetWatch
from prober.model import Source

if TYPE_CHECKING:
    from pathlib import Path

    from prober.fleet.deployment_states import Change

PHASE = 1244.378  # seconds of an hour: SHA-256 of the name
NAMES = [f"shop-{n}" for n in range(200)]


def test_moments_are_spread_over_the_interval_and_depend_on_the_name_alone() -> None:
    quarters = Counter(int(phase(name, 3600.0) // 900) for name in NAMES)
    assert set(quarters) == {0, 1, 2, 3}
    assert min(quarters.values()) > 25
    assert phase("shop-prod", 3600.0) == pytest.approx(PHASE, abs=0.001), "another process would give another moment"


@pytest.mark.parametrize("now", [0.0, 1_700_000_000.0, 1_700_001_234.5])
def test_the_next_moment_is_within_one_interval_and_the_same_after_a_restart(now: float) -> None:
    for name in NAMES[:20]:
        due = next_due(name, now, 60.0)
        assert now <= due < now + 60.001
        assert next_due(name, now + (due - now) / 2, 60.0) == pytest.approx(due)


class Engine:
    """Answers at once, but for a deployment that takes long; one of them begins to leak."""

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()
        self.at_once: Counter[str] = Counter()

    async def open(self, settings: str) -> None:
        assert "sending" in settings

    async def probe(self, task: str) -> str:
        name = task_from_text(task).name
        assert not self.at_once[name]
        self.at_once[name] += 1
        self.asked[name] += 1
        await asyncio.sleep(0.5 if name == "slow" else 0)
        self.at_once[name] -= 1
        leaks = name == "leaky" and self.asked[name] > 2
        return result_to_text(Result(name=name, verdict=FleetVerdict.LEAK if leaks else FleetVerdict.LOCKED))

    async def close(self) -> None:
        self.asked["closed"] += 1


def fleet(*names: str, depth: str = "quick") -> LoadedFleet:
    members = tuple(
        Member(name=name, source=Source(file="f", line=1), urls=(f"http://127.0.0.1:{n}",), depth=depth)
        for n, name in enumerate(names, start=1)
    )
    return LoadedFleet(
        inventory=Inventory(fleet="acme", members=members, chosen=members), files=(), digest="d", shard=None
    )


SCHEDULE = Schedule(every=0.2, remind=0.0, confirm=2, keep=3600.0)
CLOCK = WatchClock(now=time.monotonic, wall=time.time, sleep=asyncio.sleep, chance=lambda: 0.0)


def watch(loaded: LoadedFleet, changes: list[Change]) -> FleetWatch:
    return FleetWatch(loaded, SendOptions(), PaceOptions(host_rate=1000.0), SCHEDULE, on_change=changes.append, on_report=lambda _: None, log=print)  # fmt: skip


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP], ids=["term", "hup"])
def test_a_watch_says_what_changed_and_a_slow_deployment_holds_up_nobody(tmp_path: Path, number: int) -> None:
    changes: list[Change] = []
    engine, watching = Engine(), watch(fleet("leaky", "fine", "slow"), changes)

    async def run() -> None:
        asyncio.get_running_loop().call_later(1.5, os.kill, os.getpid(), number)
        store = HistoryThread(History.to_write(str(tmp_path / "history.db")))
        await watching.forever(store, Delivery(store, [], CLOCK, log=print), CLOCK, engine=engine)

    asyncio.run(run())
    assert [(change.name, change.before, change.after) for change in changes] == [("leaky", "locked", "leak")]
    assert engine.asked["fine"] >= 5
    assert 1 <= engine.asked["slow"] <= 3
    assert engine.asked["closed"] == 1
    assert watching.record()["counts"]["leak"] == 1


@pytest.mark.parametrize("loaded", [fleet("a", depth="deep"), fleet()], ids=["deep", "empty"])
def test_a_watch_of_nobody_or_of_bursts_is_refused(loaded: LoadedFleet) -> None:
    with pytest.raises(UsageError):
        watch(loaded, [])
