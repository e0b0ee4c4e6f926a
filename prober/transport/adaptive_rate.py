"""The request rate for a service that limits requests without saying its limit: the rate at which it answers.

It is measured from the first refusal on, and only if a pause has helped: the limit of one route, which refuses again at
once, says nothing about other routes.
"""

from __future__ import annotations

SLOWDOWN_FACTOR = 1.5  # times the gap, when the service refuses again
MAX_GAP = 2.0  # seconds: a slower limit is handled by pauses, which cost the other routes nothing
SPEEDUP_FACTOR = 0.98  # times the gap, with each response: the first measurement includes long pauses


class AdaptiveRate:
    """Measures the rate of one service from its first refusal on."""

    def __init__(self) -> None:
        """Start without a refusal, and so without a gap."""
        self._since: float | None = None
        self._answers = 0
        self._has_helped = False
        self.gap = 0.0  # seconds between two requests

    def record_throttled(self, now: float) -> None:
        """Record a refusal, and set or widen the gap."""
        if self._since is None:
            self._since, self._answers = now, 0
        elif self.gap:
            self.gap = min(self.gap * SLOWDOWN_FACTOR, MAX_GAP)
        elif self._answers and self._has_helped:
            self.gap = min((now - self._since) / self._answers, MAX_GAP)

    def record_response(self, *, was_refused: bool) -> None:
        """Record a response, and whether its request had been refused before."""
        self._answers += 1
        self._has_helped = self._has_helped or was_refused
        self.gap *= SPEEDUP_FACTOR
