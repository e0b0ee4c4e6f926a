"""The line on standard error that says how far a run has come; on a terminal only, and gone when the run has ended."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, TextIO

from prober.model import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.model import Finding

_BETWEEN = 0.1  # seconds between two drawings
_CLEAR = "\r\x1b[K"


def is_wanted(stream: TextIO, *, quiet: bool) -> bool:
    """Say whether somebody looks at this stream, and at a terminal that can draw over a line."""
    return not quiet and stream.isatty() and os.environ.get("TERM") != "dumb"


class Progress:
    """Draws one line over itself."""

    def __init__(self, stream: TextIO, *, total: int, now: Callable[[], float]) -> None:
        """Draw nothing yet."""
        self._stream, self._total, self._now = stream, total, now
        self._started = now()
        self._drawn = float("-inf")
        self._seen = 0
        self._open: set[str] = set()

    def tell(self, finding: Finding) -> None:
        """Count a finding in, and draw when the last drawing is old enough."""
        self._seen += 1
        if finding.verdict is Verdict.LEAK:
            self._open.add(finding.probe.route.name)
        if self._now() - self._drawn >= _BETWEEN:
            self._drawn = self._now()
            width = shutil.get_terminal_size((80, 24)).columns
            self._write(_CLEAR + self._line()[: width - 1])

    def clear(self) -> None:
        """Leave the line as it was found."""
        self._write(_CLEAR)

    def _line(self) -> str:
        count = len(self._open)
        doors = f", {count} {'door seems' if count == 1 else 'doors seem'} open" if count else ""
        return f"{self._seen} of {self._total} probes{doors}, {self._now() - self._started:.0f} s"

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()
