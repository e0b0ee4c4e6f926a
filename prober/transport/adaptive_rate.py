"""How fast may a service be asked whose limit does not say so? As fast as it answers, from where the limit first bit.

Only where a rest has helped: a limit of one route, which bites again at once, says nothing of all the others.
"""

from __future__ import annotations

SLOWER = 1.5  # times, when it bites again
MOST_GAP = 2.0  # seconds: what lets less through than that is waited for by rests, which cost no other route anything
FASTER = 0.98  # times, with each answer: the first measure has long rests in it


class AdaptiveRate:
    """Watches one service from where its limit first bit."""

    def __init__(self) -> None:
        """Nothing has bitten yet, and nothing need be waited for."""
        self._since: float | None = None
        self._answers = 0
        self._has_helped = False
        self.gap = 0.0  # seconds between two requests

    def bitten(self, now: float) -> None:
        """Take note of a refusal, and space what comes."""
        if self._since is None:
            self._since, self._answers = now, 0
        elif self.gap:
            self.gap = min(self.gap * SLOWER, MOST_GAP)
        elif self._answers and self._has_helped:
            self.gap = min((now - self._since) / self._answers, MOST_GAP)

    def answered(self, *, was_refused: bool) -> None:
        """Take note of an answer, and whether it came to what had been refused before."""
        self._answers += 1
        self._has_helped = self._has_helped or was_refused
        self.gap *= FASTER
