"""Gives deployments to workers: when their hosts are free, and each of them once. It keeps the journal."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from prober.errors import ProberError
from prober.fleet.local import LostError, NotBegunError
from prober.fleet.tally import LOST, NOT_BEGUN
from prober.fleet.tasks import Result, Task, result_from_text, task_to_text
from prober.fleet.worker import no_verdict
from prober.transport.daemon_threads import DaemonThreadPool

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable

    from prober.fleet.due_times import DueDeployments
    from prober.fleet.hosts import Hosts
    from prober.fleet.inventory import Member
    from prober.fleet.journal import Journal
    from prober.fleet.queue import HostQueue, QueuedDeployment
from prober.fleet.local import Engine

LOOKUPS_AT_ONCE = 128  # of host names; each dead name takes three seconds
IDLE = 5.0  # seconds after which the queue is looked at again, whatever has been heard


class Dispatcher:
    """One run over many deployments."""

    def __init__(
        self, engine: Engine, queue: HostQueue, hosts: Hosts, *, journal: Journal | None, limit: float,
        on_result: Callable[[Result], None], now: Callable[[], float],
    ) -> None:  # fmt: skip
        """Begin nothing yet; after `limit` seconds without a result a deployment is lost."""
        self._engine, self._queue, self._hosts, self._journal = engine, queue, hosts, journal
        self._limit, self._on_result, self._now = limit, on_result, now
        self._changed = asyncio.Event()
        self._running: dict[asyncio.Task[None], str] = {}
        self._failure: BaseException | None = None

    async def run(self, members: Iterable[Member], alone: Iterable[Member] = ()) -> None:
        """Probe these deployments; those of `alone` one by one, when no other is being probed."""
        await self._until_done(self._feed(tuple(members)))
        for member in alone:
            await self._until_done(self._feed((member,)))

    async def follow(self, due: DueDeployments) -> None:
        """Probe deployments when they are due, for as long as any comes."""

        async def feed() -> None:
            async with asyncio.TaskGroup() as group:  # a name that is dead must not hold up the next deployment
                async for member in due:
                    group.create_task(self._feed((member,)))

        await self._until_done(feed())

    async def _until_done(self, feed: Coroutine[None, None, None]) -> None:
        """Probe what this feeds into the queue, until all of it is done; give up what is running where that ends."""
        asyncio.get_running_loop().set_default_executor(DaemonThreadPool())
        feeding = asyncio.create_task(feed)
        feeding.add_done_callback(lambda _: self._changed.set())
        try:
            await self._until_empty(feeding)
        finally:
            feeding.cancel()
            await asyncio.gather(feeding, return_exceptions=True)
            for task in self._running:
                task.cancel()
            await asyncio.gather(*self._running, return_exceptions=True)
        feeding.result()

    async def _feed(self, members: tuple[Member, ...]) -> None:
        """Look up the hosts; each deployment waits for its own names only."""
        places = asyncio.Semaphore(LOOKUPS_AT_ONCE)

        async def add(member: Member) -> None:
            async with places:
                keys = await asyncio.to_thread(self._hosts.keys, member)
            self._queue.add(member, keys, rate=self._hosts.rate(member))
            self._changed.set()

        for start in range(0, len(members), 1000):  # not a task for each of 10,000 at once
            await asyncio.gather(*(add(member) for member in members[start : start + 1000]))

    async def _until_empty(self, feeding: asyncio.Task[None]) -> None:
        while True:
            self._changed.clear()
            if self._failure is not None:
                raise self._failure  # nobody can be told any more what is found
            while (turn := self._queue.take(self._now())) is not None:
                task = asyncio.create_task(self._probe(turn))
                self._running[task] = turn.member.name
                task.add_done_callback(self._ended)
            if feeding.done() and not len(self._queue) and not self._running:
                return
            wake = self._queue.next_wake(self._now())
            try:
                # Not 'wait_for': before Python 3.12 it loses a cancellation that comes along with the event.
                async with asyncio.timeout(IDLE if wake is None else min(wake, IDLE)):
                    await self._changed.wait()
            except TimeoutError:
                continue

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running.pop(task, None)
        if not task.cancelled() and self._failure is None:
            self._failure = task.exception()
        self._changed.set()

    async def _probe(self, turn: QueuedDeployment) -> None:
        name = turn.member.name
        result = no_verdict(name, LOST)
        try:
            if self._journal:
                self._journal.begin(name)
            text = await asyncio.wait_for(
                self._engine.probe(task_to_text(task_of(turn.member, turn.rate))), self._limit
            )
            result = result_from_text(text)
        except NotBegunError as error:
            result = no_verdict(name, f"{NOT_BEGUN}: {error}")
            if self._journal:
                self._journal.withdraw(name)
        except ProberError as error:
            result = no_verdict(name, f"{NOT_BEGUN}: {error.what}")
        except (LostError, TimeoutError):
            pass  # lost, as it says already
        except asyncio.CancelledError:
            self._on_result(result)
            raise
        except Exception as error:  # noqa: BLE001 - what a worker answers may be anything
            result = no_verdict(name, f"its worker's result cannot be read ({type(error).__name__})")
        finally:
            self._queue.release(turn, self._now(), gap=result.gap, pause=result.pause)
        if self._journal and result.why != LOST and not result.why.startswith(NOT_BEGUN):
            with suppress(ProberError):  # a full disk loses no leak: to --resume this deployment is then lost
                self._journal.finish(result)
        self._on_result(replace(result, name=name))


def task_of(member: Member, rate: float | None = None) -> Task:
    """Make the task of a deployment; what it holds of secrets is where they are stored."""
    deployment = None if member.deployment is None else str(Path(member.deployment).resolve())
    return Task(
        name=member.name, deployment=deployment, services=member.services, profile=member.profile,
        depth=member.depth, hold=member.hold, named=member.named, rate=rate,
    )  # fmt: skip
