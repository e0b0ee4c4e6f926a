"""The message that receivers get after a run: all that it changed, and what is still open. Pure.

A message names doors that stand open, so that it holds no curl line: whoever may act has `prober explain`.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict

from prober.canary.alert_state import CRASHED
from prober.canary.finding_state import BAD
from prober.canary.grouping import MOST_NAMED, Line, doors, lines_of
from prober.canary.times import between, lasted, time_text
from prober.model import Change, Verdict
from prober.model.finding_ids import route_of_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from prober.canary.finding_state import FindingState, Moment, Transition

SCHEMA = 1
MOST_LINES = 12  # of one heading, in the text
MOST_ENTRIES = 100  # of one list, in the JSON
CRASHES = route_of_id(CRASHED)
_HEADINGS = {
    Change.OPENED: "OPENED",
    Change.CHANGED: "CHANGED",
    Change.CLOSED: "CLOSED",
    Change.GONE: "NO LONGER PROBED",
}


class EntryRecord(TypedDict):
    """One finding of a message."""

    id: str
    change: str
    before: str | None
    verdict: str | None
    reason: str
    detail: str
    at: str
    release: str | None
    release_before: str | None
    since: str | None
    seconds: int | None


class MessageRecord(TypedDict):
    """A message, as a webhook is sent it."""

    schema: int
    id: str
    level: str
    title: str
    text: str
    deployment: str
    run: str
    at: str
    release: str | None
    counts: dict[str, int]
    opened: list[EntryRecord]
    changed: list[EntryRecord]
    closed: list[EntryRecord]
    gone: list[EntryRecord]
    still_open: list[EntryRecord]


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertContent:
    """What a run gives cause to tell."""

    deployment: str
    now: Moment
    transitions: tuple[Transition, ...]  # news only
    still: tuple[FindingState, ...]  # what the receivers are reminded of
    headline: str | None  # what to do first


def message(news: AlertContent, *, receiver: str) -> MessageRecord:
    """Write the message to one receiver; its id is the same however often it is made of the same run."""
    lists = {change: [_entry(s, news.now) for s in news.transitions if s.change is change] for change in _HEADINGS}
    still = [_still(state, news.now) for state in news.still]
    return MessageRecord(
        schema=SCHEMA,
        id=hashlib.sha256(f"{receiver} {news.now.run}".encode()).hexdigest()[:32],
        level=_level(news),
        title=_title(news),
        text=_text(news, lists, still),
        deployment=news.deployment,
        run=news.now.run,
        at=news.now.at,
        release=news.now.release,
        counts={**{change.value: len(entries) for change, entries in lists.items()}, "still_open": len(still)},
        opened=lists[Change.OPENED][:MOST_ENTRIES],
        changed=lists[Change.CHANGED][:MOST_ENTRIES],
        closed=lists[Change.CLOSED][:MOST_ENTRIES],
        gone=lists[Change.GONE][:MOST_ENTRIES],
        still_open=still[:MOST_ENTRIES],
    )


def seen_first(at: str, release: str | None, before: str | None) -> str:
    """Say when something was seen first, and at which release of the application."""
    if release is None:  # a transition without a release now may have had one before
        return f"since {time_text(at)}" + (f", after release {before}" if before else "")
    if before is None or before == release:
        return f"since {time_text(at)}, first seen with release {release}"
    return f"since {time_text(at)}, first seen with release {release} (previous: {before})"


def _level(news: AlertContent) -> str:
    """Give the worst of it: leak, warning, closed."""
    bad = [s.after for s in news.transitions if s.after in BAD or s.change is Change.GONE] + [
        s.verdict for s in news.still
    ]
    if Verdict.LEAK in bad:
        return "leak"
    return "warning" if bad else "closed"


def _title(news: AlertContent) -> str:
    began = [s for s in news.transitions if s.after in BAD and s.before not in BAD]
    leaks = doors(s.id for s in news.transitions if s.change is Change.OPENED)
    drifted = doors(s.id for s in began if s.after is Verdict.DRIFT)
    unknown = doors(s.id for s in began if s.after in {Verdict.UNPROVEN, Verdict.UNREACHABLE})
    locked = doors(s.id for s in news.transitions if s.after is Verdict.LOCKED)
    counted = {Change.OPENED, Change.CLOSED}
    others = (
        s for s in news.transitions if s.change not in counted and s not in began and s.after is not Verdict.LOCKED
    )
    changed = doors(s.id for s in others)
    still = doors(s.id for s in news.still)
    parts = [
        _counted(len(leaks), "route became public", "routes became public") + _named(leaks),
        _counted(len(drifted), "route answers unexpectedly", "routes answer unexpectedly")
        + ("" if leaks else _named(drifted)),
        "the canary's own runs crash" if unknown.pop(CRASHES, None) else "",
        f"{_counted(len(unknown), 'route', 'routes')} could not be checked" if unknown else "",
        _counted(len(locked), "route is locked again", "routes are locked again"),
        _counted(len(changed), "route changed", "routes changed"),
        _counted(len(still), "route is still not locked", "routes are still not locked")
        + ("" if leaks or drifted else _named(still)),
    ]
    return f"{', '.join(filter(None, parts))}: {news.deployment}"


def _named(routes: Iterable[str]) -> str:
    """Name the first of them: a person who is paged wants to know which."""
    names = [route.replace(": ", " ", 1) for route in routes]
    more = len(names) - MOST_NAMED
    shown = ", ".join(names[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
    return f" ({shown})" if names else ""


def _counted(count: int, one: str, many: str) -> str:
    return "" if count == 0 else f"1 {one}" if count == 1 else f"{count} {many}"


def _text(news: AlertContent, lists: dict[Change, list[EntryRecord]], still: list[EntryRecord]) -> str:
    blocks = [[_HEADINGS[change], *_lines(entries)] for change, entries in lists.items() if entries]
    if still:
        blocks.append(["STILL NOT LOCKED", *_lines(still)])
    ends = [news.headline] if news.headline else []
    ids = [s.id for s in news.transitions if s.after not in {None, Verdict.LOCKED}] + [s.id for s in news.still]
    named = next((name for name in ids if name != CRASHED), None)
    if named:
        ends.append(f"What is expected and how to fix it: prober explain '{named}'")
    return "\n\n".join("\n".join(block) for block in [*blocks, ends] if block)


def _lines(entries: Sequence[EntryRecord]) -> list[str]:
    """A line for each route and what became of it; of very many, the first."""
    lines = [f"- {line}" for line in lines_of(_line(entry) for entry in entries)]
    more = len(lines) - MOST_LINES
    return [*lines[:MOST_LINES], f"- and {more} more"] if more > 0 else lines


def _line(entry: EntryRecord) -> Line:
    """Say what became of it; a route that is locked again has a line of its own as well."""
    verdict = Verdict.LEAK if Verdict.LEAK in {entry["before"], entry["verdict"]} else entry["verdict"]
    return Line(id=entry["id"], verdict=verdict, words=_fate(entry))


def _fate(entry: EntryRecord) -> str:
    first = seen_first(entry["at"], entry["release"], entry["release_before"])
    match entry["change"]:
        case Change.CLOSED:
            return f"{entry['before']} until {time_text(entry['at'])}, for {lasted(entry['seconds'] or 0)}{_at(entry)}"
        case Change.GONE:
            return f"{entry['before']} when it was last probed; {entry['detail']}"
        case Change.CHANGED if entry["verdict"] == Verdict.LOCKED:
            return f"{entry['before']} until {time_text(entry['at'])}, for {lasted(entry['seconds'] or 0)}{_at(entry)}"
        case Change.CHANGED if entry["before"] in BAD:
            return f"{entry['before']} before, now {entry['verdict']}, {entry['detail']}; {first}"
        case "still-open":
            return f"{entry['verdict']}, {entry['detail']}; {first}, {lasted(entry['seconds'] or 0)} ago"
    return f"{entry['verdict']}, {entry['detail']}; {first}"


def _at(entry: EntryRecord) -> str:
    return f" (release {entry['release']})" if entry["release"] else ""


def _entry(transition: Transition, now: Moment) -> EntryRecord:
    over = transition.since is not None and transition.after is not None
    return EntryRecord(
        id=transition.id,
        change=transition.change,
        before=transition.before,
        verdict=transition.after,
        reason=transition.reason,
        detail=transition.detail,
        at=transition.at.at,
        release=transition.at.release,
        release_before=transition.at.before,
        since=transition.since,
        seconds=between(transition.since, transition.at.at if over else now.at) if transition.since else None,
    )


def _still(state: FindingState, now: Moment) -> EntryRecord:
    return EntryRecord(
        id=state.id,
        change="still-open",
        before=None,
        verdict=state.verdict,
        reason=state.reason,
        detail=state.detail,
        at=state.since.at,
        release=state.since.release,
        release_before=state.since.before,
        since=state.since.at,
        seconds=between(state.since.at, now.at),
    )
