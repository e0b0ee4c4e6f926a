"""What the page takes from the history, in one question of it: what was open, the last runs, the releases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from prober.canary import sql
from prober.canary.summary import summarize
from prober.canary.times import stamp

if TYPE_CHECKING:
    from prober.canary.history import History
    from prober.canary.summary import SummaryRecord

DAYS = 90
_DAY = 86_400.0
_RUNS = 25
_RELEASES = 40


def run_path(run: str) -> str:
    """Give where a run's report is, as this page names it."""
    return f"runs/{quote(run, safe='')}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunLine:
    """One run, as the page lists it."""

    id: str
    ended_at: str
    state: str
    verdict: str | None
    release: str | None
    sentence: str
    has_report: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RecentRuns:
    """The last ninety days."""

    begin: float
    end: float
    summarize: SummaryRecord
    runs: tuple[RunLine, ...]
    releases: tuple[tuple[str, str], ...]  # each with the moment of the first run that saw it
    first_run: str | None  # of the stored runs, if it is within the ninety days


def past(history: History, *, now: float) -> RecentRuns:
    """Ask the history."""
    begin = max(now - DAYS * _DAY, 0.0)
    runs = [
        RunLine(
            id=str(row[0]), ended_at=str(row[2]), state=str(row[3]), verdict=None if row[4] is None else str(row[4]),
            release=None if row[6] is None else str(row[6]), sentence=str(row[12]), has_report=bool(row[13]),
        )
        for row in history.rows(sql.LAST_RUNS, most=_RUNS)
    ]  # fmt: skip
    first = history.rows(sql.FIRST_RUN, since=stamp(begin))
    return RecentRuns(
        begin=begin,
        end=now,
        summarize=summarize(history, now=now, since=begin),
        runs=tuple(runs),
        releases=tuple((str(r), str(at)) for r, at in history.rows(sql.RELEASES, since=stamp(begin), most=_RELEASES)),
        first_run=str(first[0][0]) if first and first[0][0] is not None else None,
    )
