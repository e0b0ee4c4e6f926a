"""Rows of the history: how a run, a change and what stands are written into columns, and read back."""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from prober.canary.finding_state import FindingState, Moment, Pending
from prober.canary.times import between
from prober.model import Change, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from prober.canary.database import Row, Value
    from prober.canary.finding_state import Transition
    from prober.report.shape import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class CompletedRun:
    """One run as the history stores it; only a run that finished has a record and a verdict."""

    id: str
    started_at: str
    ended_at: str
    state: str  # finished, interrupted or crashed
    sentence: str  # what it came to
    requests: int = 0
    record: Record | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuedAlert:
    """A message that its receiver has not taken yet; `due` is on the wall clock."""

    id: str
    due: int
    tries: int
    message: str
    is_unwanted: bool  # the receiver was there, and did not want this one


def run_row(ran: CompletedRun, *, news: bool) -> dict[str, Value]:
    """Give the columns of a run; its report is deflated."""
    record = ran.record
    report = None if record is None else zlib.compress(json.dumps(record).encode(), 6)
    return {
        "id": ran.id, "started_at": ran.started_at, "ended_at": ran.ended_at, "state": ran.state, "said": ran.sentence,
        "verdict": record["verdict"] if record else None, "exit_status": record["exit_status"] if record else None,
        "release": record["release"] if record else None, "profile": record["profile"] if record else None,
        "depth": record["depth"] if record else None, "counts": json.dumps(record["counts"] if record else {}),
        "requests": ran.requests, "elapsed_ms": record["elapsed_ms"] if record else 0, "news": int(news),
        "report": report,
    }  # fmt: skip


def change_row(transition: Transition, ran: CompletedRun) -> dict[str, Value]:
    """Give the columns of a change, dated by the run that found it."""
    end = transition.at.at if transition.change is not Change.GONE else ran.started_at
    return {
        "finding": transition.id,
        "kind": transition.change,
        "was": transition.before,
        "verdict": transition.after,
        "reason": transition.reason,
        "detail": transition.detail,
        "run": transition.at.run,
        "happened_at": transition.at.at,
        "release": transition.at.release,
        "release_before": transition.at.before,
        "since": transition.since,
        "seconds": between(transition.since, end) if transition.since else None,
    }


def state_row(s: FindingState) -> dict[str, Value]:
    """Give the columns of what is known of a finding, with what is pending, by the names that stored databases have."""
    p = s.pending
    return {
        "finding": s.id, "verdict": s.verdict, "reason": s.reason, "detail": s.detail, "since_run": s.since.run,
        "since_at": s.since.at, "since_release": s.since.release, "since_before": s.since.before, "seen_at": s.seen_at,
        "told_at": s.alerted_at, "next_verdict": p.verdict if p else None, "next_reason": p.reason if p else None,
        "next_detail": p.detail if p else None, "next_run": p.since.run if p else None,
        "next_at": p.since.at if p else None, "next_release": p.since.release if p else None,
        "next_before": p.since.before if p else None, "next_runs": p.runs if p else None,
    }  # fmt: skip


def state_of(row: Row) -> FindingState:
    """Read what is known of a finding from its row."""
    finding, verdict, reason, detail, *since, seen_at, alerted_at = row[:10]
    pending = None
    if row[10] is not None:
        pending = Pending(
            verdict=Verdict(str(row[10])), reason=str(row[11]), detail=str(row[12]), since=_moment(row[13:17]),
            runs=whole_number(row[17]),
        )  # fmt: skip
    return FindingState(
        id=str(finding), verdict=None if verdict is None else Verdict(str(verdict)), reason=str(reason),
        detail=str(detail), since=_moment(since), seen_at=str(seen_at), alerted_at=text_or_none(alerted_at),
        pending=pending,
    )  # fmt: skip


def _moment(row: Sequence[Value]) -> Moment:
    run, at, release, before = row
    return Moment(run=str(run), at=str(at), release=text_or_none(release), before=text_or_none(before))


def text_or_none(value: Value) -> str | None:
    """Read a column that may be empty."""
    return None if value is None else str(value)


def whole_number(value: Value) -> int:
    """Read a column of whole numbers, which a database may give as text."""
    return int(str(value))
