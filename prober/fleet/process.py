"""A worker process: one event loop, tasks on standard input, results on standard output, a line each.

Its end of input is the end of its client: it stops at once, and begins nothing more.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from typing import TYPE_CHECKING

from prober.fleet.tasks import result_to_text, settings_from_text, task_from_text
from prober.fleet.worker import Worker
from prober.transport.daemon_threads import DaemonThreadPool

if TYPE_CHECKING:
    from typing import TextIO

LONGEST_LINE = 64 * 1024 * 1024  # the settings name every secret of a fleet


def main() -> None:
    """Probe what comes until nothing more does."""
    out = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # whatever a library prints must not pass for a result
    asyncio.run(_serve(out))


async def _serve(out: TextIO) -> None:
    loop = asyncio.get_running_loop()
    loop.set_default_executor(DaemonThreadPool())  # a name that hangs must not hold up the look-up of another
    reader = asyncio.StreamReader(limit=LONGEST_LINE)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    worker = Worker(settings_from_text((await reader.readline()).decode()))
    tasks: set[asyncio.Task[None]] = set()
    while line := await reader.readline():
        task = asyncio.create_task(_answer(worker, line.decode(), out))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
    os._exit(0)  # the client is gone: nobody may be asked anything more


async def _answer(worker: Worker, line: str, out: TextIO) -> None:
    number, _, task = line.partition(" ")
    result = await worker.probe(task_from_text(task))
    try:
        out.write(f"{json.dumps(int(number))} {result_to_text(result)}\n")
        out.flush()
    except OSError:
        os._exit(0)


if __name__ == "__main__":
    main()
