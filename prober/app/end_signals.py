"""The signals that end a run or a watch in order: what was found is reported, and the exit status is 130."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def on_ending(loop: asyncio.AbstractEventLoop, end: Callable[[], object]) -> None:
    """Call `end` when a signal asks for the end; the terminal's going away is one, unless nohup has it ignored."""
    for number in ENDING:
        if number is not signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:
            loop.add_signal_handler(number, end)
