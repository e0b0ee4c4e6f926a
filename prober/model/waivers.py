"""What is known beforehand of a run's findings: waivers, and an earlier report. Frozen; decides nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from prober.model.enums import Change, Reason, Verdict, WaiverState
    from prober.model.source import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    """What somebody answers for, until a day: findings by a glob over their ids, or a surface, one of the two."""

    finding: str | None = None
    surface: str | None = None
    reason: str
    owner: str
    expires: date  # valid through that day, UTC
    source: Source

    @property
    def name(self) -> str:
        """The words that it is called by."""
        return f"surface: {self.surface}" if self.finding is None else self.finding


@dataclass(frozen=True, slots=True, kw_only=True)
class WaiverScope:
    """A waiver and the probes of the plan that it means; `nearest` is what was probably meant where it means none."""

    waiver: Waiver
    ids: frozenset[str]
    nearest: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Waived:
    """Why a finding was set aside, and what it was."""

    waiver: Waiver
    verdict: Verdict
    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class WaiverReport:
    """What became of a waiver, and how many findings it set aside."""

    cover: WaiverScope
    state: WaiverState
    waived: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierFinding:
    """A finding as a report tells it; `held` and `reason` are what it was before a waiver set it aside."""

    id: str
    verdict: Verdict
    held: Verdict
    reason: str
    since: str | None

    def __str__(self) -> str:
        return f"{self.held}: {self.reason}" + ("" if self.verdict is self.held else " (waived)")


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierReport:
    """A report that was read back."""

    file: str
    run: str
    started_at: str
    profile: str
    depth: str
    interrupted: bool
    services: Mapping[str, str]  # name -> URL
    findings: Mapping[str, EarlierFinding]  # by id, in the report's order
    release: str | None = None  # of the application, where it was known


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingDiff:
    """A finding that two reports tell otherwise."""

    id: str
    change: Change
    before: EarlierFinding | None
    after: EarlierFinding | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BaselineReport:
    """How a run's findings differ from those of an earlier report; the known ones are leaks and drift there too."""

    earlier: EarlierReport
    fail_on_new: bool
    known: frozenset[str]
    lost: int  # leaks and drift of the earlier report that are no probes of this run
    counts: Mapping[Change, int]

    @property
    def excused(self) -> frozenset[str]:
        """The findings that do not fail the run."""
        return self.known if self.fail_on_new else frozenset()
