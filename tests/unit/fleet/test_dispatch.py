"""Who is given to workers, and when: dead names hold up nobody, comparisons of times run alone, nothing is given twice."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from prober.errors import UsageError
from prober.fleet.dispatch import Dispatcher
from prober.fleet.hosts import Hosts
from prober.fleet.inventory import Member
from prober.fleet.journal import Journal
from prober.fleet.local import LostError, NotBegunError
from prober.fleet.queue import HostQueue
from prober.fleet.tally import LOST, NOT_BEGUN
from prober.fleet.tasks import FleetVerdict, Result, result_to_text, task_from_text
from prober.model import Source

if TYPE_CHECKING:
    from pathlib import Path

DEAD = 0.4  # seconds that the look-up of a dead name takes here


class Engine:
    """Takes a moment for each, and counts how many it is probing at a time."""

    def __init__(self, **behaves: str) -> None:
        self.behaves, self.asked, self.ended = behaves, Counter[str](), dict[str, float]()
        self.running = 0
        self.beside: dict[str, int] = {}

    async def open(self, settings: str) -> None: ...

    async def close(self) -> None: ...

    async def probe(self, task: str) -> str:
        name = task_from_text(task).name
        self.asked[name] += 1
        self.running += 1
        self.beside[name] = self.running
        try:
            await asyncio.sleep(0.02)
            self.beside[name] = max(self.beside[name], self.running)
            return self.answered(name)
        finally:
            self.running -= 1
            self.ended[name] = time.monotonic()

    def answered(self, name: str) -> str:
        match self.behaves.get(name):
            case "dies":
                raise LostError("its worker process ended")
            case "nobody":
                raise NotBegunError("no worker of the cluster is left")
            case "nonsense":
                return "{}"
            case "bug":
                raise ZeroDivisionError
        return result_to_text(Result(name=name, verdict=FleetVerdict.LOCKED))


def member(name: str) -> Member:
    return Member(name=name, source=Source(file="f", line=1), urls=(f"https://{name}.example",))


def lookup(host: str, _: int) -> tuple[str, ...]:
    if host.startswith("dead"):
        time.sleep(DEAD)
        return ()
    return (f"192.0.2.{len(host)}.{host}",)


def dispatched(engine: Engine, names: str, alone: str = "", *, limit: float = 5.0) -> dict[str, Result]:
    results: dict[str, Result] = {}

    def take(result: Result) -> None:
        assert result.name not in results, "a second result"
        results[result.name] = result

    dispatcher = Dispatcher(
        engine, HostQueue(at_once=32), Hosts([], lookup=lookup), journal=None, limit=limit, on_result=take, now=time.monotonic
    )  # fmt: skip
    asyncio.run(dispatcher.run([member(name) for name in names.split()], [member(name) for name in alone.split()]))
    return results


def test_names_that_are_dead_hold_up_no_name_that_lives() -> None:
    engine, started = Engine(), time.monotonic()
    dead = " ".join(f"dead{n}" for n in range(60))
    results = dispatched(engine, f"{dead} live1 live22 live333")
    assert len(results) == 63
    assert max(engine.ended[name] for name in ("live1", "live22", "live333")) - started < DEAD
    assert time.monotonic() - started < 4 * DEAD, "the dead names waited for each other"


def test_what_compares_times_runs_alone_and_after_everything_else() -> None:
    engine = Engine()
    dispatched(engine, "a bb ccc", "quiet silent mute")
    assert max(engine.beside[name] for name in ("a", "bb", "ccc")) > 1
    assert [engine.beside[name] for name in ("quiet", "silent", "mute")] == [1, 1, 1]
    assert max(engine.ended[name] for name in ("a", "bb", "ccc")) < min(
        engine.ended[name] for name in ("quiet", "mute")
    )


@pytest.mark.parametrize(
    ("behaves", "why"),
    [
        pytest.param("dies", LOST, id="its-worker-died"),
        pytest.param("nobody", f"{NOT_BEGUN}: no worker of the cluster is left", id="no-worker"),
        pytest.param("nonsense", "its worker's result cannot be read (KeyError)", id="no-result"),
        pytest.param("bug", "its worker's result cannot be read (ZeroDivisionError)", id="whatever-else"),
    ],
)
def test_whatever_becomes_of_a_deployment_it_is_given_once_and_has_no_verdict(behaves: str, why: str) -> None:
    engine = Engine(bad=behaves)
    results = dispatched(engine, "bad good")
    assert (results["bad"].verdict, results["bad"].why) == (FleetVerdict.NO_VERDICT, why)
    assert results["good"].verdict is FleetVerdict.LOCKED
    assert engine.asked == {"bad": 1, "good": 1}


def test_a_worker_that_hangs_past_the_limit_loses_its_deployment_alone() -> None:
    class Hanging(Engine):
        async def probe(self, task: str) -> str:
            if task_from_text(task).name == "bad":
                self.asked["bad"] += 1
                await asyncio.sleep(3600)
            return await super().probe(task)

    engine = Hanging()
    results = dispatched(engine, "bad good", limit=0.3)
    assert (results["bad"].why, results["good"].verdict) == (LOST, FleetVerdict.LOCKED)
    assert engine.asked["bad"] == 1


def test_a_result_that_nobody_can_be_told_ends_the_run() -> None:
    def take(_: Result) -> None:
        raise BrokenPipeError

    engine = Engine()
    queue, hosts = HostQueue(at_once=1), Hosts([], lookup=lookup)
    dispatcher = Dispatcher(engine, queue, hosts, journal=None, limit=5.0, on_result=take, now=time.monotonic)
    with pytest.raises(BrokenPipeError):
        asyncio.run(dispatcher.run([member(name) for name in "abcd"]))
    assert engine.asked.total() == 1


class Full(Journal):
    """A journal for whose results there is no room."""

    def finish(self, result: Result) -> None:
        raise UsageError(f"no room for {result.name}", fix="make room for it")


def test_a_journal_that_is_full_loses_no_result(tmp_path: Path) -> None:
    results: list[Result] = []
    queue, hosts = HostQueue(at_once=1), Hosts([], lookup=lookup)
    with Full(tmp_path / "journal") as journal:
        journal.start(run="r", digest="d")
        dispatcher = Dispatcher(
            Engine(), queue, hosts, journal=journal, limit=5.0, on_result=results.append, now=time.monotonic
        )
        asyncio.run(dispatcher.run([member("a"), member("b")]))
        assert journal.resume(digest="d").begun == {"a", "b"}
    assert [result.verdict for result in results] == [FleetVerdict.LOCKED] * 2


def test_an_end_that_comes_along_with_a_result_is_not_lost() -> None:
    """`asyncio.wait_for` of Python 3.11 swallows such a cancellation, and a watch would never end."""

    class Hanging(Engine):
        async def probe(self, task: str) -> str:
            await asyncio.sleep(3600)
            return task

    async def run() -> None:
        results: list[Result] = []
        dispatcher = Dispatcher(
            Hanging(), HostQueue(at_once=32), Hosts([], lookup=lookup), journal=None, limit=9999.0,
            on_result=results.append, now=time.monotonic,
        )  # fmt: skip
        running = asyncio.create_task(dispatcher.run([member("a")]))
        await asyncio.sleep(0.2)
        dispatcher._changed.set()
        running.cancel()
        await asyncio.wait([running], timeout=1.0)
        assert running.cancelled()
        assert [result.why for result in results] == [LOST]

    asyncio.run(run())
