"""The settings of a run: deadline, attempts, rate, and what fails it. Frozen; decides nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from prober.model import EarlierReport, ReleaseSource, SourceCoverage


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSettings:
    """How a run is conducted; nothing here changes what is promised."""

    run: str
    started_at: str
    deadline: float = 300.0
    wait: float = 0.0
    attempts: int = 3
    concurrency: int = 8
    rate: float | None = None
    tolerate_drift: bool = False
    require: tuple[str, ...] = ()
    insecure: bool = False
    baseline: EarlierReport | None = None  # what the findings are put beside
    fail_on_new: bool = False  # what was a leak or drift there does not fail the run
    source: SourceCoverage | None = None  # what the application's source has
    require_coverage: bool = False  # each of its routes must have a probe
    release: str | None = None  # of the application, where the user knows it
    release_source: ReleaseSource | None = None  # where it says so itself
