"""The history: what every run found, the current state, what changed, and the pending alerts. One run, one transaction.

Whatever ends the process, and whenever, the history holds the runs that were written, whole, and nothing of another.
"""

from __future__ import annotations

import json
import zlib
from typing import TYPE_CHECKING

from prober.canary import sql
from prober.canary.database import open_database
from prober.canary.history_rows import (
    QueuedAlert,
    change_row,
    run_row,
    state_of,
    state_row,
    text_or_none,
    whole_number,
)
from prober.canary.times import stamp
from prober.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from prober.canary.database import Database, Row, Value
    from prober.canary.finding_state import FindingState, StateUpdate
    from prober.canary.history_rows import CompletedRun

LONGER = 4  # changes are stored so many times as long as runs
SWEPT_EVERY = 3_600


class History:
    """The stored runs, changes and alerts. It has one writer; calls come from one thread at a time."""

    def __init__(self, database: Database) -> None:
        """Use a database whose tables exist."""
        self._db = database

    @classmethod
    def to_write(cls, place: str) -> History:
        """Open it as its only writer, and migrate its tables."""
        database = open_database(place, write=True)
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
    def to_read(cls, place: str) -> History:
        """Open it to read alone."""
        database = open_database(place, write=False)
        try:
            sql.version_of(database)
        except BaseException as error:
            database.close()
            if isinstance(error, database.errors):
                fix = "name the --history that 'prober watch' writes to"
                raise UsageError("that is not a history of the canary", fix=fix) from None
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
        alerts: Mapping[str, Mapping[str, object]],
        *,
        alerted: Sequence[FindingState] = (),
        due: float,
    ) -> None:
        """Store a run with all that follows from it, or nothing; `alerts` are by receiver, `alerted` further states.

        To store a run that is there already changes nothing: a server may have committed without being able to say so.
        """
        news = any(transition.is_news for transition in step.transitions)
        with self._db.transaction():
            if self._db.query(sql.IS_RUN, {"id": ran.id}):
                return
            self._db.execute(sql.ADD_RUN, [run_row(ran, news=news)])
            self._db.execute(sql.PUT_STATE, [state_row(s) for s in (*step.states, *alerted)])
            self._db.execute(sql.DROP_STATE, [{"finding": name} for name in step.gone])
            for transition in step.transitions:  # one by one: each is numbered after the one before
                self._db.execute(sql.ADD_CHANGE, [change_row(transition, ran)])
            for receiver, message in alerts.items():
                row: dict[str, Value] = {"id": str(message["id"]), "receiver": receiver, "made_at": ran.ended_at}
                self._db.execute(sql.ADD_ALERT, [{**row, "due": int(due), "message": json.dumps(message)}])

    def add_event(self, kind: str, detail: str, *, at: str, count: int = 1) -> None:
        """Store what happened to the watch itself: a missed beat, a definition that was refused, a start, an end."""
        with self._db.transaction():
            self._db.execute(sql.ADD_BEAT, [{"at": at, "kind": kind, "detail": detail, "count": count}])

    def delivered(self, name: str, *, at: float) -> None:
        """Record that a receiver has accepted this message: it is never sent again."""
        with self._db.transaction():
            self._db.execute(sql.ALERT_DELIVERED, [{"id": name, "at": stamp(at)}])

    def not_delivered(self, name: str, *, due: float, why: str, is_unwanted: bool = False) -> None:
        """Record that it has not, and when to try again."""
        row: dict[str, Value] = {"id": name, "due": int(due), "failed": why, "unwanted": int(is_unwanted)}
        with self._db.transaction():
            self._db.execute(sql.ALERT_FAILED, [row])

    def sweep(self, *, now: float, keep: float) -> None:
        """Delete what is past its retention; once an hour is often enough."""
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

    def states(self) -> dict[str, FindingState]:
        """Give all that stands, by its id."""
        return {state.id: state for state in map(state_of, self._db.query(sql.ALL_STATES))}

    def last_release(self) -> str | None:
        """Give the release that a run saw last."""
        found = self._db.query(sql.LAST_RELEASE)
        return str(found[0][0]) if found else None

    def newest_end(self) -> str | None:
        """Give the latest time at which a run ended, also where the clock was set back after it."""
        found = self._db.query(sql.NEWEST_END)
        return text_or_none(found[0][0]) if found else None

    def missing(self) -> str | None:
        """Say what became of the file that holds the history, or None if it is still there."""
        return self._db.missing()

    def waiting(self, receiver: str) -> list[QueuedAlert]:
        """List the messages that this receiver has not accepted yet, the oldest first."""
        return [
            QueuedAlert(
                id=str(name),
                due=whole_number(due),
                tries=whole_number(tries),
                message=str(message),
                is_unwanted=bool(unwanted),
            )
            for name, due, tries, message, unwanted in self._db.query(sql.WAITING, {"receiver": receiver})
        ]

    def rows(self, sql: str, *, since: str = "", most: int = 1_000) -> list[Row]:
        """Ask one of the questions of `tables` that has a beginning and an end."""
        values: dict[str, Value] = {"since": since, "most": most}
        return self._db.query(sql, {name: value for name, value in values.items() if f":{name}" in sql})

    def report(self, run: str) -> str | None:
        """Give a run's report in JSON, or None if it is not stored."""
        found = self._db.query(sql.REPORT_OF, {"id": run})
        held = found[0][0] if found else None
        return zlib.decompress(held).decode() if isinstance(held, bytes) else None
