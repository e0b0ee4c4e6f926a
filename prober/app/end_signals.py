"""The signals that end a run or a watch in order: what was found is reported, and the exit status is 130."""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def on_ending(loop: asyncio.AbstractEventLoop, end: Callable[[], object]) -> None:
    """Call `end` when a signal asks for the end; the terminal's going away is one, unless nohup has it ignored."""
    for number in ENDING:
        if number is not signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:
            loop.add_signal_handler(number, end)


async def until_done_or_ended(work: Coroutine[None, None, None]) -> bool:
    """Do the work; return True when a signal ended it first."""
    task = asyncio.ensure_future(work)
    on_ending(asyncio.get_running_loop(), task.cancel)
    try:
        await task
    except asyncio.CancelledError:
        return True
    return False
