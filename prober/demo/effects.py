"""What the demo's handlers have really done since its start, counted so that a test can see harm. Decides nothing."""

from __future__ import annotations

from dataclasses import asdict, dataclass


@dataclass(slots=True, kw_only=True)
class Effects:
    """One count for each sort of harm. It changes while the demo runs; everything else here is frozen."""

    migrations: int = 0
    mails: int = 0
    sessions: int = 0
    keys: int = 0
    writes: int = 0
    erasures: int = 0
    users: int = 0
    spent: int = 0

    def counts(self) -> dict[str, int]:
        """Give every count by its name."""
        return asdict(self)

    @property
    def total(self) -> int:
        """How many effects there were, of whatever sort."""
        return sum(self.counts().values())
