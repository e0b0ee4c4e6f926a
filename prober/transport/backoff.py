"""Is a service that started well growing slow, or failing? Then it gets a rest: a small machine must survive a gate."""

from __future__ import annotations

HEALTHY_START = 10  # good answers, before anything counts as worse than usual
IN_A_ROW = 3  # strained answers, before the first rest
SLOW_MS = 1500  # nothing faster is slow
SLOWER = 8  # times the usual
FIRST_REST = 0.25  # seconds; doubled for each further strained answer
MOST_RESTS = 5  # in a row: what so much rest does not mend is not strain, but how the service is (it says 503 to all)
MOST_REST = 30.0  # seconds in all: routes that fail among others that do not are no strain either


class Backoff:
    """Watches the answers of one service."""

    def __init__(self) -> None:
        """Nothing is usual yet."""
        self._good = 0
        self._usual_ms = 0.0
        self._strained = 0
        self._rested = 0.0

    def rest_after(self, elapsed_ms: int, *, failed: bool) -> float:
        """Take note of an answer, and give the seconds to rest after it; mostly none."""
        slow = elapsed_ms > max(SLOW_MS, SLOWER * self._usual_ms)
        if self._good < HEALTHY_START or not (failed or slow):
            self._strained = 0
            if not failed:
                self._good += 1
                self._usual_ms += (elapsed_ms - self._usual_ms) / self._good
            return 0.0
        self._strained += 1
        if self._strained < IN_A_ROW:
            return 0.0
        rests = self._strained - IN_A_ROW
        if rests >= MOST_RESTS:
            self._good, self._usual_ms, self._strained = 0, 0.0, 0
            return 0.0
        rest = min(float(FIRST_REST * 2**rests), MOST_REST - self._rested)
        self._rested += rest
        return rest
