"""How a run is sent: its name, its deadline, its attempts and its pace. Frozen; nothing here decides a verdict."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from prober.model import Override, ReleaseSource


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSettings:
    """How a run is sent. Times are in seconds."""

    run: str  # the name that every request of it carries
    started_at: str  # ISO 8601, UTC
    deadline: float = 300.0
    wait: float = 0.0  # for a deployment that is coming up
    attempts: int = 3
    concurrency: int = 8
    rate: float | None = None  # requests a second, at most
    release: str | None = None  # the one to wait for
    release_source: ReleaseSource | None = None  # where the application says which it is
    overrides: tuple[Override, ...] = ()  # what made the run narrower than prober.yaml, or sent it elsewhere
