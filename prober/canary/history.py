"""The history: what every run found, what stands, what changed, and who is still to be told. One run, one transaction.

Whatever ends the process, and whenever, the history holds the runs that were written, whole, and nothing of another.
"""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from prober.canary import sql
from prober.canary.alert_state import FindingState, Moment, Pending
from prober.canary.database import open_database
from prober.canary.times import between, stamp
from prober.errors import UsageError
from prober.model import Change, Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from prober.canary.alert_state import StateUpdate, Transition
    from prober.canary.database import Database, Row, Value
    from prober.canary.messages import MessageRecord
    from prober.report.shape import Record

LONGER = 4  # times as long as runs are kept, changes are
SWEPT_EVERY = 3_600


@dataclass(frozen=True, slots=True, kw_only=True)
class CompletedRun:
    """One run, as it is kept; only one that finished has a record, and a verdict."""

    id: str
    started_at: str
    ended_at: str
    state: str  # finished, interrupted or crashed
    said: str
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


class History:
    """What the canary remembers. It has one writer; calls come from one thread at a time."""

    def __init__(self, database: Database) -> None:
        """Stand on a database whose tables are there."""
        self._db = database

    @classmethod
    def to_write(cls, said: str) -> History:
        """Open it, be its only writer, and bring its tables forward."""
        database = open_database(said, write=True)
        try:
            database.claim()
            sql.migrate(database)
        except BaseException as error:
            database.close()
            if isinstance(error, database.errors):
                raise UsageError(f"cannot make a history there: {error}", fix="name a --history of its own") from None
            raise
        return cls(database)

    @classmethod
    def to_read(cls, said: str) -> History:
        """Open it, and change nothing."""
        database = open_database(said, write=False)
        try:
            sql.version_of(database)
        except BaseException as error:
            database.close()
            if isinstance(error, database.errors):
                fix = "name the --history that 'prober watch' writes to"
                raise UsageError("that is no history of the canary", fix=fix) from None
            raise
        return cls(database)

    def close(self) -> None:
        """Close the database."""
        self._db.close()

    # --- writing ------------------------------------------------------------------------------------------------------

    def add(
        self,
        ran: CompletedRun,
        step: StateUpdate,
        alerts: Mapping[str, MessageRecord],
        *,
        told: Sequence[FindingState] = (),
        due: float,
    ) -> None:
        """Keep a run with all that follows from it, or nothing of it; `alerts` are by receiver, `told` is put as well.

        To keep a run that is there already changes nothing: a server may have committed what it could not say so of.
        """
        news = any(transition.is_news for transition in step.transitions)
        with self._db.transaction():
            if self._db.query(sql.IS_RUN, {"id": ran.id}):
                return
            self._db.execute(sql.ADD_RUN, [_run_row(ran, news=news)])
            self._db.execute(sql.PUT_STANDING, [_standing_row(s) for s in (*step.standing, *told)])
            self._db.execute(sql.DROP_STANDING, [{"finding": name} for name in step.gone])
            for transition in step.transitions:  # one by one: each is numbered after the one before
                self._db.execute(sql.ADD_CHANGE, [_change_row(transition, ran)])
            for receiver, message in alerts.items():
                row: dict[str, Value] = {"id": message["id"], "receiver": receiver, "made_at": ran.ended_at}
                self._db.execute(sql.ADD_ALERT, [{**row, "due": int(due), "message": json.dumps(message)}])

    def beat(self, kind: str, detail: str, *, at: str, count: int = 1) -> None:
        """Keep what happened to the watch itself: a missed beat, a definition that was refused, a start, an end."""
        with self._db.transaction():
            self._db.execute(sql.ADD_BEAT, [{"at": at, "kind": kind, "detail": detail, "count": count}])

    def told(self, name: str, *, at: float) -> None:
        """A receiver has taken this message: it is never sent again."""
        with self._db.transaction():
            self._db.execute(sql.ALERT_TOLD, [{"id": name, "at": stamp(at)}])

    def not_told(self, name: str, *, due: float, why: str, is_unwanted: bool = False) -> None:
        """It has not: try again then."""
        row: dict[str, Value] = {"id": name, "due": int(due), "failed": why, "unwanted": int(is_unwanted)}
        with self._db.transaction():
            self._db.execute(sql.ALERT_FAILED, [row])

    def sweep(self, *, now: float, keep: float) -> None:
        """Forget what is older than is kept; once an hour is often enough."""
        last = self._db.query(sql.FACT, {"name": "swept"})
        if last and abs(now - float(str(last[0][0]))) < SWEPT_EVERY:
            return
        limits: dict[str, Value] = {
            "without_news": sql.REPORTS_WITHOUT_NEWS, "with_news": sql.REPORTS_WITH_NEWS,
            "runs_before": stamp(max(now - keep, 0)), "changes_before": stamp(max(now - LONGER * keep, 0)),
            "most_changes": sql.MOST_CHANGES,
        }  # fmt: skip
        with self._db.transaction():
            for statement in sql.SWEEP:
                self._db.execute(statement, [{k: v for k, v in limits.items() if f":{k}" in statement}])
            self._db.execute(sql.PUT_FACT, [{"name": "swept", "value": str(now)}])
        self._db.shrink()

    # --- reading ------------------------------------------------------------------------------------------------------

    def standing(self) -> dict[str, FindingState]:
        """Give all that stands, by its id."""
        return {standing.id: standing for standing in map(_standing, self._db.query(sql.ALL_STANDING))}

    def last_release(self) -> str | None:
        """Give the release that a run saw last."""
        found = self._db.query(sql.LAST_RELEASE)
        return str(found[0][0]) if found else None

    def newest_end(self) -> str | None:
        """Give the latest time at which a run ended, also where the clock was set back after it."""
        found = self._db.query(sql.NEWEST_END)
        return _text(found[0][0]) if found else None

    def missing(self) -> str | None:
        """Say what has become of the place where it is kept, or None where it is still there."""
        return self._db.missing()

    def waiting(self, receiver: str) -> list[QueuedAlert]:
        """List what this receiver is still to be told, the oldest first."""
        return [
            QueuedAlert(
                id=str(name), due=_int(due), tries=_int(tries), message=str(message), is_unwanted=bool(unwanted)
            )
            for name, due, tries, message, unwanted in self._db.query(sql.WAITING, {"receiver": receiver})
        ]

    def rows(self, sql: str, *, since: str = "", most: int = 1_000) -> list[Row]:
        """Ask one of the questions of `tables` that has a beginning and an end."""
        values: dict[str, Value] = {"since": since, "most": most}
        return self._db.query(sql, {name: value for name, value in values.items() if f":{name}" in sql})

    def report(self, run: str) -> str | None:
        """Give a run's report in JSON, where it is kept."""
        found = self._db.query(sql.REPORT_OF, {"id": run})
        held = found[0][0] if found else None
        return zlib.decompress(held).decode() if isinstance(held, bytes) else None


def _run_row(ran: CompletedRun, *, news: bool) -> dict[str, Value]:
    record = ran.record
    report = None if record is None else zlib.compress(json.dumps(record).encode(), 6)
    return {
        "id": ran.id, "started_at": ran.started_at, "ended_at": ran.ended_at, "state": ran.state, "said": ran.said,
        "verdict": record["verdict"] if record else None, "exit_status": record["exit_status"] if record else None,
        "release": record["release"] if record else None, "profile": record["profile"] if record else None,
        "depth": record["depth"] if record else None, "counts": json.dumps(record["counts"] if record else {}),
        "requests": ran.requests, "elapsed_ms": record["elapsed_ms"] if record else 0, "news": int(news),
        "report": report,
    }  # fmt: skip


def _change_row(transition: Transition, ran: CompletedRun) -> dict[str, Value]:
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


def _standing_row(s: FindingState) -> dict[str, Value]:
    p = s.pending
    return {
        "finding": s.id, "verdict": s.verdict, "reason": s.reason, "detail": s.detail, "since_run": s.since.run,
        "since_at": s.since.at, "since_release": s.since.release, "since_before": s.since.before, "seen_at": s.seen_at,
        "told_at": s.told_at, "next_verdict": p.verdict if p else None, "next_reason": p.reason if p else None,
        "next_detail": p.detail if p else None, "next_run": p.since.run if p else None,
        "next_at": p.since.at if p else None, "next_release": p.since.release if p else None,
        "next_before": p.since.before if p else None, "next_runs": p.runs if p else None,
    }  # fmt: skip


def _standing(row: Row) -> FindingState:
    finding, verdict, reason, detail, *since, seen_at, told_at = row[:10]
    pending = None
    if row[10] is not None:
        pending = Pending(
            verdict=Verdict(str(row[10])), reason=str(row[11]), detail=str(row[12]), since=_moment(row[13:17]),
            runs=_int(row[17]),
        )  # fmt: skip
    return FindingState(
        id=str(finding), verdict=None if verdict is None else Verdict(str(verdict)), reason=str(reason),
        detail=str(detail), since=_moment(since), seen_at=str(seen_at), told_at=_text(told_at), pending=pending,
    )  # fmt: skip


def _moment(row: Sequence[Value]) -> Moment:
    run, at, release, before = row
    return Moment(run=str(run), at=str(at), release=_text(release), before=_text(before))


def _text(value: Value) -> str | None:
    return None if value is None else str(value)


def _int(value: Value) -> int:
    return int(str(value))
