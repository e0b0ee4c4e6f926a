"""Standard input, output and error: where a process was started without one of them, and where one breaks."""

from __future__ import annotations

import os
import sys
import threading
from typing import NoReturn

_BUG = 70  # of ExitStatus, whose module --version need not pay for


def fill_closed_streams() -> None:
    """Put one that takes nothing in the place of each stream that was closed before we began.

    Else the next file that is opened would have its number, and messages would go into a report.
    Writing there fails, as on a full disk, so that a run that prints nothing does not end with 0.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            handle = os.open(os.devnull, os.O_RDONLY)
            os.dup2(handle, number)  # which child processes have too; mostly it has this number already
            os.set_inheritable(number, True)  # noqa: FBT003 - it takes no names
            setattr(sys, name, os.fdopen(number, "w" if number else "r"))


def leave(status: int) -> NoReturn:
    """End the process with this status, also where what was printed cannot be written: Python would choose another.

    At once where no thread is to be waited for: Python's own end takes every module apart, which costs 40 ms.
    """
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())  # Python flushes again at its exit
            status = status or _BUG
        except AttributeError:  # it was closed before we began
            continue
    if all(thread.daemon or thread is threading.main_thread() for thread in threading.enumerate()):
        os._exit(status)
    sys.exit(status)
