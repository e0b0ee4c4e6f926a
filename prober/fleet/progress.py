"""The line on standard error that says how far a fleet's run has come: rate, leaks so far, and the time left."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from prober.app.status_line import StatusLine
from prober.fleet.tasks import FleetVerdict

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.fleet.tasks import Result

_BETWEEN = 0.2  # seconds between two drawings
_WIDTH = 20  # of the bar


class FleetProgress:
    """Counts results, and draws the count."""

    def __init__(self, stream: TextIO, *, total: int, now: Callable[[], float]) -> None:
        """Draw nothing yet."""
        self._total, self._now = total, now
        self._started = now()
        self._status_line = StatusLine(stream, every=_BETWEEN, now=now)
        self._done = self._leaks = 0

    def tell(self, result: Result) -> None:
        """Count a result in, and draw when the last drawing is old enough."""
        self._done += 1
        self._leaks += result.verdict is FleetVerdict.LEAK
        self._status_line.draw(self.line)

    def line(self) -> str:
        """Say how far it is."""
        passed = max(self._now() - self._started, 0.001)
        rate = self._done / passed
        left = (self._total - self._done) / rate if rate else 0.0
        filled = "#" * (_WIDTH * self._done // max(self._total, 1))
        minutes, seconds = divmod(round(left), 60)
        leaks = f", {self._leaks} leak{'' if self._leaks == 1 else 's'} so far" if self._leaks else ""
        return f"[{filled:<{_WIDTH}}] {self._done} of {self._total}, {rate:.1f}/s{leaks}, {minutes}:{seconds:02} left"

    def clear(self) -> None:
        """Leave the line empty."""
        self._status_line.clear()
