"""The routes that a deployment has, as somebody accepted them. Frozen; decides nothing."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Inventory:
    """Names of routes, as the ids of their probes begin with them: `knowledge: GET /api/knowledge`."""

    there: frozenset[str]
    absent: frozenset[str]
    at: str  # the day, as in 2026-12-31
    by: str
    release: str | None = None
    file: str

    @property
    def accepted(self) -> str:
        """Who accepted it, when and of which release."""
        release = f", release {self.release}" if self.release else ""
        return f"accepted on {self.at} by {self.by}{release}"
