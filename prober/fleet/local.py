"""Probes a fleet on this machine: one worker process a core, with many deployments at a time in each."""

from __future__ import annotations

import asyncio
import os
import sys
from contextlib import suppress
from typing import Protocol

from prober.errors import UsageError
from prober.fleet.process import LONGEST_LINE

MOST_STARTS = 3  # of processes in a row that end without a result, before no more are started


class LostError(Exception):
    """A deployment was begun, and its worker has gone: what it did there is not known."""


class NotBegunError(Exception):
    """No worker is there any more: the deployment was not begun."""


class Engine(Protocol):
    """Where deployments are probed. Tasks and results are text, and a task is given to one worker once."""

    async def open(self, settings: str) -> None:
        """Start; `settings` is for every worker."""

    async def probe(self, task: str) -> str:
        """Probe one deployment. Raises LostError, or NotBegunError where the task was given to nobody."""

    async def close(self) -> None:
        """End what was started, and whatever is still running there."""


def cores() -> int:
    """Count the cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class LocalEngine:
    """Worker processes of this machine. One that dies is replaced; what it had begun is lost."""

    def __init__(self, processes: int) -> None:
        """Start nothing yet."""
        self._places: list[_Process | None] = [None] * processes
        self._settings = ""
        self._deaths = 0  # in a row
        self._starting = asyncio.Lock()

    async def open(self, settings: str) -> None:
        """Start the processes."""
        self._settings = settings
        self._places = [await _Process.started(settings) for _ in self._places]

    async def probe(self, task: str) -> str:
        """Give a deployment to the process with the fewest."""
        process = await self._least_busy()
        try:
            text = await process.ask(task)
        except LostError:
            self._deaths += 1
            raise
        self._deaths = 0
        return text

    async def close(self) -> None:
        """End the processes, and whatever they are doing."""
        await asyncio.gather(*(process.end() for process in self._places if process))

    async def _least_busy(self) -> _Process:
        async with self._starting:
            for place, process in enumerate(self._places):
                if process is None or process.is_dead:
                    if self._deaths >= MOST_STARTS * len(self._places):
                        raise NotBegunError("the worker processes end as soon as they start")
                    self._places[place] = await _Process.started(self._settings)
        return min((process for process in self._places if process), key=lambda process: process.running)


class _Process:
    """One worker process, and the deployments that it has not answered yet."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._waiting: dict[int, asyncio.Future[str]] = {}
        self._number = 0
        self.is_dead = False
        self._reading = asyncio.create_task(self._read())

    @classmethod
    async def started(cls, settings: str) -> _Process:
        """Start a process; it is its own group, so that the terminal's Ctrl-C comes to the client alone."""
        try:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-P", "-m", "prober.fleet.process", stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE, limit=LONGEST_LINE, start_new_session=True,
            )  # fmt: skip
        except OSError as error:
            fix = "give fewer --processes"
            raise UsageError(f"a worker process cannot be started: {error.strerror}", fix=fix) from None
        worker = cls(process)
        await worker.send(settings)
        return worker

    @property
    def running(self) -> int:
        """Count the deployments that it is probing."""
        return len(self._waiting)

    async def ask(self, task: str) -> str:
        """Have one deployment probed."""
        self._number += 1
        number = self._number
        answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._waiting[number] = answer
        try:
            await self.send(f"{number} {task}")
            return await answer
        finally:
            self._waiting.pop(number, None)

    async def send(self, line: str) -> None:
        """Write a line; what a dead process does not read is lost, as `_read` finds out."""
        if self._process.stdin is not None and not self.is_dead:
            with suppress(ConnectionError):
                self._process.stdin.write(f"{line}\n".encode())
                await self._process.stdin.drain()

    async def _read(self) -> None:
        stream = self._process.stdout
        while stream is not None and (line := (await stream.readline()).decode()).endswith("\n"):
            number, _, text = line.partition(" ")
            waiting = self._waiting.get(int(number))
            if waiting is not None and not waiting.done():
                waiting.set_result(text)
        self.is_dead = True
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(LostError("its worker process ended"))
        await self._process.wait()

    async def end(self) -> None:
        """End it: its input ends, and where that is not enough it is killed."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            await asyncio.wait_for(self._process.wait(), timeout=2.0)
        except TimeoutError:
            with suppress(ProcessLookupError):
                self._process.kill()
        await asyncio.wait([self._reading], timeout=2.0)
