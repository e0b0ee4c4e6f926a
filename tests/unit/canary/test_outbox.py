"""Alerts that wait: order, pauses, and receivers that fail."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

import pytest

from prober.canary.delivery import FIRST_PAUSE, LONGEST_PAUSE, Delivery, pause_after
from prober.canary.finding_state import StateUpdate
from prober.canary.history import History
from prober.canary.history_rows import CompletedRun
from prober.canary.history_thread import HistoryThread, WatchClock
from prober.canary.receivers import Receiver
from prober.canary.sql import ALERTS_OPEN
from prober.canary.times import stamp
from tests.support.ports import closed_port
from tests.support.receivers import NO_CONTENT, NOW, Listening, answered, listening, webhook

if TYPE_CHECKING:
    from pathlib import Path


pytestmark = pytest.mark.integration


class Queue:
    """A history with messages for one receiver, which are brought at moments that a test chooses."""

    def __init__(self, path: Path, receiver: Receiver) -> None:
        self.history = History.to_write(str(path / "h.db"))
        self.receiver, self.at, self.said = receiver, NOW, list[str]()

    def put(self, *names: str) -> None:
        for name in names:
            ran = CompletedRun(
                id=name, started_at=stamp(self.at), ended_at=stamp(self.at), state="interrupted", sentence=""
            )
            text: Any = {"id": name}
            self.history.add(
                ran, StateUpdate(states=(), gone=(), transitions=()), {self.receiver.key: text}, due=self.at
            )

    def bring(self, after: float = 0.0) -> None:
        self.at += after

        async def go() -> None:
            clock = WatchClock(now=lambda: self.at, wall=lambda: self.at, sleep=asyncio.sleep, chance=lambda: 0.0)
            await Delivery(HistoryThread(self.history), [self.receiver], clock, log=self.said.append).deliver()

        asyncio.run(go())

    @property
    def waits(self) -> list[tuple[str, int]]:
        return [(waiting.id, waiting.tries) for waiting in self.history.waiting(self.receiver.key)]


def keys(here: Listening) -> list[str]:
    return [headers["idempotency-key"] for _, headers, _ in here.requests]


def test_what_was_taken_is_never_told_again(tmp_path: Path) -> None:
    with listening(NO_CONTENT) as here:
        queue = Queue(tmp_path, webhook(here.url))
        queue.put("a", "b")
        queue.bring()
        queue.bring(after=3_600)
    assert (keys(here), queue.waits) == (["a", "b"], [])


def test_a_receiver_that_fails_is_told_later_and_in_order(tmp_path: Path) -> None:
    with listening(answered(500), answered(503), NO_CONTENT) as here:
        queue = Queue(tmp_path, webhook(here.url))
        queue.put("a", "b")
        queue.bring()
        assert (keys(here), queue.waits) == (["a"], [("a", 1), ("b", 0)])
        queue.bring(after=FIRST_PAUSE - 2)
        assert keys(here) == ["a"]
        queue.bring(after=2)
        assert (keys(here), queue.waits) == (["a", "a"], [("a", 2), ("b", 0)])
        queue.bring(after=2 * FIRST_PAUSE)
    assert (keys(here), queue.waits) == (["a", "a", "a", "b"], [])
    assert queue.said[0].endswith(f"answered 500; tried again in {FIRST_PAUSE:g} s")


def test_a_receiver_that_is_down_loses_nothing(tmp_path: Path) -> None:
    queue = Queue(tmp_path, webhook(f"http://127.0.0.1:{closed_port()}/"))
    queue.put("a")
    queue.bring()
    assert queue.waits == [("a", 1)]
    assert [row[2] for row in queue.history.rows(ALERTS_OPEN)] == [1]


def test_a_message_that_is_not_wanted_does_not_hold_up_the_others(tmp_path: Path) -> None:
    with listening(answered(400), NO_CONTENT, answered(400)) as here:
        queue = Queue(tmp_path, webhook(here.url))
        queue.put("a", "b")
        queue.bring()
        assert (keys(here), queue.waits) == (["a", "b"], [("a", 1)])
        queue.put("c")
        queue.bring()
    assert keys(here) == ["a", "b", "c"]


def test_one_receiver_does_not_wait_for_another(tmp_path: Path) -> None:
    """Each has a task of its own: what one drips at, the other has long heard."""
    times: dict[str, float] = {}
    history = History.to_write(str(tmp_path / "h.db"))
    text: Any = {"id": "m"}
    both = {"slow": text, "fast": {**text, "id": "n"}}
    history.add(
        CompletedRun(id="r", started_at="", ended_at="", state="interrupted", sentence=""),
        StateUpdate(states=(), gone=(), transitions=()),
        both,
        due=0,
    )

    async def slow(_: str) -> None:
        await asyncio.sleep(30)

    async def fast(_: str) -> None:
        times["fast"] = time.monotonic()

    async def go() -> None:
        clock = WatchClock(now=time.monotonic, wall=time.time, sleep=asyncio.sleep, chance=lambda: 0.0)
        receivers = [Receiver(key="slow", shown="s", deliver=slow), Receiver(key="fast", shown="f", deliver=fast)]
        task = asyncio.ensure_future(Delivery(HistoryThread(history), receivers, clock, log=print).forever())
        await asyncio.sleep(0.5)
        task.cancel()

    began = time.monotonic()
    asyncio.run(go())
    assert times["fast"] - began < 0.5
    assert [waiting.id for waiting in history.waiting("slow")] == ["m"]


@pytest.mark.parametrize(("tries", "pause"), [(0, FIRST_PAUSE), (1, 10.0), (2, 20.0), (6, LONGEST_PAUSE), (10_000, LONGEST_PAUSE)])  # fmt: skip
def test_pauses_double_up_to_a_limit(tries: int, pause: float) -> None:
    assert pause_after(tries) == pause
