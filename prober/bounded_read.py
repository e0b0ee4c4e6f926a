"""Reads a file to a bound of bytes, and a pipe or a device to a bound of time too: no input may hang a gate."""

from __future__ import annotations

import errno
import os
import select
import stat
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

PATIENCE = 3.0  # seconds in which a pipe (as of `<(command)`) must have come to its end
_CHUNK = 65_536


def read_bounded(path: Path, most: int) -> bytes:
    """Give at most `most` bytes of a file; raises OSError where it cannot be read, or a pipe does not end in time."""
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    try:
        is_file = stat.S_ISREG(os.fstat(handle).st_mode)
        return _read(handle, most, deadline=None if is_file else time.monotonic() + PATIENCE)
    finally:
        os.close(handle)


def is_readable(handle: int, *, within: float) -> bool:
    """Say whether there is something to read from a pipe within so many seconds, if only its end."""
    return bool(select.select([handle], [], [], within)[0])


def _read(handle: int, most: int, *, deadline: float | None) -> bytes:
    parts: list[bytes] = []
    left = most
    while left > 0:
        if deadline is not None and not _is_ready(handle, max(deadline - time.monotonic(), 0.0)):
            raise OSError(errno.ETIMEDOUT, f"it is not a regular file, and did not end in {PATIENCE:g} s")
        try:
            part = os.read(handle, min(left, _CHUNK))
        except BlockingIOError:
            continue
        if not part:
            break
        parts.append(part)
        left -= len(part)
    return b"".join(parts)


def _is_ready(handle: int, seconds: float) -> bool:
    """Wait for data or for the end; unlike a read, `poll` does not take a pipe without a writer for one that ended."""
    poll = select.poll()
    poll.register(handle, select.POLLIN | select.POLLHUP)
    return bool(poll.poll(seconds * 1000))
