"""The line on standard error that says how far a run has come; on a terminal only, and gone when the run has ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from prober.app.status_line import StatusLine
from prober.model import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.model import Finding

_BETWEEN = 0.1  # seconds between two drawings


class Progress:
    """Counts findings, and draws the count."""

    def __init__(self, stream: TextIO, *, total: int, now: Callable[[], float]) -> None:
        """Draw nothing yet."""
        self._total, self._now = total, now
        self._started = now()
        self._status_line = StatusLine(stream, every=_BETWEEN, now=now)
        self._seen = 0
        self._open: set[str] = set()

    def tell(self, finding: Finding) -> None:
        """Count a finding in, and draw when the last drawing is old enough."""
        self._seen += 1
        if finding.verdict is Verdict.LEAK:
            self._open.add(finding.probe.route.name)
        self._status_line.draw(self._line)

    def clear(self) -> None:
        """Leave the line empty."""
        self._status_line.clear()

    def _line(self) -> str:
        count = len(self._open)
        doors = f", {count} {'route seems' if count == 1 else 'routes seem'} open" if count else ""
        return f"{self._seen} of {self._total} probes{doors}, {self._now() - self._started:.0f} s"
