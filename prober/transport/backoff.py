"""Backoff for a service that becomes slow or fails under load: a small machine must survive a gate."""

from __future__ import annotations

HEALTHY_START = 10  # good responses, before a response counts as slow or failed
IN_A_ROW = 3  # slow or failed responses, before the first pause
SLOW_MS = 1500  # a faster response is never slow
SLOW_FACTOR = 8  # times the usual duration
FIRST_PAUSE = 0.25  # seconds; doubled for each further slow or failed response
MAX_PAUSES = 5  # in a row: what these do not fix is not overload, but the service's normal response (503 to everything)
MAX_TOTAL_PAUSE = 30.0  # seconds in total: a few routes that always fail are not overload either


class Backoff:
    """Decides on pauses from the responses of one service."""

    def __init__(self) -> None:
        """Start without a usual duration."""
        self._good = 0
        self._usual_ms = 0.0
        self._slow_or_failed = 0
        self._total_pause = 0.0

    def pause_after(self, elapsed_ms: int, *, failed: bool) -> float:
        """Record a response, and return the seconds to pause after it; usually 0."""
        slow = elapsed_ms > max(SLOW_MS, SLOW_FACTOR * self._usual_ms)
        if self._good < HEALTHY_START or not (failed or slow):
            self._slow_or_failed = 0
            if not failed:
                self._good += 1
                self._usual_ms += (elapsed_ms - self._usual_ms) / self._good
            return 0.0
        self._slow_or_failed += 1
        if self._slow_or_failed < IN_A_ROW:
            return 0.0
        earlier_pauses = self._slow_or_failed - IN_A_ROW
        if earlier_pauses >= MAX_PAUSES:
            self._good, self._usual_ms, self._slow_or_failed = 0, 0.0, 0
            return 0.0
        pause = min(float(FIRST_PAUSE * 2**earlier_pauses), MAX_TOTAL_PAUSE - self._total_pause)
        self._total_pause += pause
        return pause
