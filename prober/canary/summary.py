"""What `prober history` shows: what is open and since when, what was open before, and gaps in monitoring. Pure."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, TypedDict

from prober.canary import sql
from prober.canary.finding_state import BAD
from prober.canary.grouping import worst_first
from prober.canary.history_rows import text_or_none
from prober.canary.times import between, stamp

if TYPE_CHECKING:
    from prober.canary.finding_state import FindingState
    from prober.canary.history import History

SCHEMA = 1
MOST = 500  # of each list: what is older is in the database


class RunRecord(TypedDict):
    """One run."""

    run: str
    started_at: str
    ended_at: str
    state: str
    verdict: str | None
    exit_status: int | None
    release: str | None
    said: str


class OpenRecord(TypedDict):
    """A finding that is bad now."""

    id: str
    verdict: str
    reason: str
    detail: str
    since: str
    seconds: int
    release: str | None
    release_before: str | None
    seen_at: str
    told_at: str | None


class OverRecord(TypedDict):
    """A finding that was bad, and how that ended."""

    id: str
    was: str
    now: str | None
    since: str
    until: str
    seconds: int
    opened_at_release: str | None
    closed_at_release: str | None


class EventRecord(TypedDict):
    """Something that happened to the watch itself."""

    at: str
    kind: str
    detail: str
    count: int


class QueuedRecord(TypedDict):
    """An alert that its receiver has not taken yet."""

    receiver: str
    made_at: str
    tries: int
    failed: str | None


class SummaryRecord(TypedDict):
    """All of it."""

    schema: int
    at: str
    last_run: RunRecord | None
    open: list[OpenRecord]
    over: list[OverRecord]
    missed: list[EventRecord]
    beats: list[EventRecord]
    queued: list[QueuedRecord]


def summarize(history: History, *, now: float, since: float) -> SummaryRecord:
    """Ask the history, from this moment on."""
    begin = stamp(since)
    leaks = history.rows(sql.LEAKS_SINCE, since=begin, most=10 * MOST)
    others = history.rows(sql.OTHERS_SINCE, since=begin, most=10 * MOST)
    changes = [*leaks, *others]
    began = {(str(row[0]), str(row[6])): text_or_none(row[7]) for row in changes if row[3] in BAD}
    beats = [
        EventRecord(at=str(at), kind=str(kind), detail=str(detail), count=int(str(count)))
        for at, kind, detail, count in history.rows(sql.BEATS_SINCE, since=begin, most=MOST)
    ]
    runs = [
        RunRecord(
            run=str(row[0]), started_at=str(row[1]), ended_at=str(row[2]), state=str(row[3]),
            verdict=text_or_none(row[4]), exit_status=None if row[5] is None else int(str(row[5])),
            release=text_or_none(row[6]), said=str(row[12]),
        )
        for row in history.rows(sql.LAST_RUNS, most=1)
    ]  # fmt: skip
    ended = [[row for row in rows if row[9] is not None][:MOST] for rows in (leaks, others)]
    over = [
        OverRecord(
            id=str(row[0]), was=str(row[2]), now=text_or_none(row[3]), since=str(row[9]), until=str(row[6]),
            seconds=int(str(row[10] or 0)), opened_at_release=began.get((str(row[0]), str(row[9]))),
            closed_at_release=text_or_none(row[7]),
        )
        for row in sorted(itertools.chain(*ended), key=lambda row: -int(str(row[11])))
    ]  # fmt: skip
    return SummaryRecord(
        schema=SCHEMA,
        at=stamp(now),
        last_run=runs[0] if runs else None,
        open=[_open(state, stamp(now)) for state in worst_first(history.states().values()) if state.is_open],
        over=over,
        missed=[beat for beat in beats if beat["kind"] == "missed"],
        beats=beats,
        queued=[
            QueuedRecord(receiver=str(name), made_at=str(made), tries=int(str(tries)), failed=text_or_none(failed))
            for name, made, tries, failed in history.rows(sql.ALERTS_OPEN, most=MOST)
        ],
    )


def _open(state: FindingState, now: str) -> OpenRecord:
    return OpenRecord(
        id=state.id, verdict=str(state.verdict), reason=state.reason, detail=state.detail,
        since=state.since.at, seconds=between(state.since.at, now), release=state.since.release,
        release_before=state.since.before, seen_at=state.seen_at, told_at=state.alerted_at,
    )  # fmt: skip
