"""One line of a terminal that is drawn over itself, so many times a second at most."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from collections.abc import Callable

_CLEAR = "\r\x1b[K"


def is_wanted(stream: TextIO, *, quiet: bool) -> bool:
    """Say whether somebody looks at this stream, and at a terminal that can draw over a line."""
    return not quiet and stream.isatty() and os.environ.get("TERM") != "dumb"


class StatusLine:
    """Owns the line, and the time of its last drawing."""

    def __init__(self, stream: TextIO, *, every: float, now: Callable[[], float]) -> None:
        """Draw nothing yet; `every` is the least number of seconds between two drawings."""
        self._stream, self._every, self._now = stream, every, now
        self._drawn = float("-inf")

    def draw(self, line: Callable[[], str]) -> None:
        """Draw the line, cut to the terminal's width, when the last drawing is old enough."""
        if self._now() - self._drawn >= self._every:
            self._drawn = self._now()
            import shutil  # noqa: PLC0415 - a quiet run asks for no width

            width = shutil.get_terminal_size((80, 24)).columns
            self._write(_CLEAR + line()[: width - 1])

    def clear(self) -> None:
        """Leave the terminal's line empty."""
        self._write(_CLEAR)

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()
