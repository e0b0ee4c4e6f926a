"""What `prober history` tells: what is open now and since when, what was and for how long, when nobody looked. Pure."""

from __future__ import annotations

import json
import textwrap
from typing import TYPE_CHECKING, TypedDict

from prober.canary import tables
from prober.canary.messages import doors, seen_first
from prober.canary.times import between, lasted, said, stamp
from prober.model import Change

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from prober.canary.standing import Standing
    from prober.canary.store import History

SCHEMA = 1
NARROWEST = 60
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


class BeatRecord(TypedDict):
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


class AccountRecord(TypedDict):
    """All of it."""

    schema: int
    at: str
    last_run: RunRecord | None
    open: list[OpenRecord]
    over: list[OverRecord]
    missed: list[BeatRecord]
    beats: list[BeatRecord]
    queued: list[QueuedRecord]


def account(history: History, *, now: float, since: float) -> AccountRecord:
    """Ask the history, from this moment on."""
    begin = stamp(since)
    changes = history.rows(tables.CHANGES_SINCE, since=begin, most=10 * MOST)
    opened = {(str(row[0]), str(row[6])): _text(row[7]) for row in changes if row[1] == Change.OPENED}
    beats = [
        BeatRecord(at=str(at), kind=str(kind), detail=str(detail), count=int(str(count)))
        for at, kind, detail, count in history.rows(tables.BEATS_SINCE, since=begin, most=MOST)
    ]
    runs = [
        RunRecord(
            run=str(row[0]), started_at=str(row[1]), ended_at=str(row[2]), state=str(row[3]), verdict=_text(row[4]),
            exit_status=None if row[5] is None else int(str(row[5])), release=_text(row[6]), said=str(row[12]),
        )
        for row in history.rows(tables.LAST_RUNS, most=1)
    ]  # fmt: skip
    over = [
        OverRecord(
            id=str(row[0]), was=str(row[2]), now=_text(row[3]), since=str(row[9]), until=str(row[6]),
            seconds=int(str(row[10] or 0)), opened_at_release=opened.get((str(row[0]), str(row[9]))),
            closed_at_release=_text(row[7]),
        )
        for row in changes if row[9] is not None
    ]  # fmt: skip
    return AccountRecord(
        schema=SCHEMA,
        at=stamp(now),
        last_run=runs[0] if runs else None,
        open=[_open(standing, stamp(now)) for standing in history.standing().values() if standing.is_open],
        over=over[:MOST],
        missed=[beat for beat in beats if beat["kind"] == "missed"],
        beats=beats,
        queued=[
            QueuedRecord(receiver=str(name), made_at=str(made), tries=int(str(tries)), failed=_text(failed))
            for name, made, tries, failed in history.rows(tables.ALERTS_OPEN, most=MOST)
        ],
    )


def _open(standing: Standing, now: str) -> OpenRecord:
    return OpenRecord(
        id=standing.id, verdict=str(standing.verdict), reason=standing.reason, detail=standing.detail,
        since=standing.since.at, seconds=between(standing.since.at, now), release=standing.since.release,
        release_before=standing.since.before, seen_at=standing.seen_at, told_at=standing.told_at,
    )  # fmt: skip


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def render_account_json(found: AccountRecord) -> str:
    """Write it as indented JSON, in ASCII so that no log or terminal can misread it."""
    return json.dumps(found, indent=1) + "\n"


def render_account(found: AccountRecord, *, width: int = 80) -> str:
    """Lay it out for a terminal of this width: what is open first, and last what the last run said."""
    blocks = [
        _block("open now", _open_lines(found["open"])) or ["open now: nothing"],
        _block("was open", _over_lines(found["over"])),
        _block("missed", [f"{said(beat['at'])}: {beat['detail']}" for beat in found["missed"]]),
        _block("alerts that wait", [_queued(entry) for entry in found["queued"]]),
        [_last(found)],
    ]
    width = max(width, NARROWEST)
    wrapped = [[part for line in block for part in _wrapped(line, width)] for block in blocks if block]
    return "\n\n".join("\n".join(block) for block in wrapped) + "\n"


def _block(heading: str, lines: Sequence[str]) -> list[str]:
    return [f"{heading} ({len(lines)})", *(f"  {line}" for line in lines)] if lines else []


def _open_lines(entries: Iterable[OpenRecord]) -> list[str]:
    ways = {
        entry["id"]: f"{entry['verdict']} for {lasted(entry['seconds'])}: {entry['detail']}; "
        f"{seen_first(entry['since'], entry['release'], entry['release_before'])}"
        for entry in entries
    }
    return _by_route(ways)


def _over_lines(entries: Iterable[OverRecord]) -> list[str]:
    lines: dict[str, list[str]] = {}
    for entry in entries:
        at = f" (opened at {entry['opened_at_release']})" if entry["opened_at_release"] else ""
        end = {"locked": "", None: ", then not probed any more"}.get(entry["now"], f", then {entry['now']}")
        way = (
            f"{entry['was']} for {lasted(entry['seconds'])}, {said(entry['since'])} to {said(entry['until'])}{at}{end}"
        )
        lines.setdefault(way, []).append(entry["id"])
    return [line for way, ids in lines.items() for line in _by_route(dict.fromkeys(ids, way))]


def _by_route(ways: dict[str, str]) -> list[str]:
    """A line for each route and what is said of it: what it was presented with is a list behind it."""
    alike: dict[tuple[str, str], list[str]] = {}
    for name, way in ways.items():
        alike.setdefault((name.partition(" [")[0], way), []).append(name)
    return [f"{route} [{', '.join(doors(ids)[route])}]: {way}" for (route, way), ids in alike.items()]


def _queued(entry: QueuedRecord) -> str:
    why = f": {entry['failed']}" if entry["failed"] else ""
    return f"to {entry['receiver'].partition(' ')[0]}, of {said(entry['made_at'])}, tried {entry['tries']} times{why}"


def _last(found: AccountRecord) -> str:
    last = found["last_run"]
    if last is None:
        return "no run yet"
    release = f", release {last['release']}" if last["release"] else ""
    ago = lasted(between(last["ended_at"], found["at"]))
    return f"last run {said(last['ended_at'])} ({ago} ago{release}): {last['said']}"


def _wrapped(line: str, width: int) -> list[str]:
    hang = " " * (len(line) - len(line.lstrip()) + 2)
    return textwrap.wrap(line, width, subsequent_indent=hang, break_on_hyphens=False, drop_whitespace=True)
