"""The part of the status page that lists what is not locked now, and since when. Text from values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.canary.grouping import crowded, doors, summary_of_many, worst_first
from prober.canary.messages import seen_first
from prober.canary.times import lasted, seconds_of
from prober.model import Verdict
from prober.model.finding_ids import route_of_id
from prober.report.html.entries import mark
from prober.report.html.markup import Markup, element, lines, link
from prober.report.wording import count

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from prober.canary.finding_state import FindingState
    from prober.canary.snapshot import Snapshot
    from prober.report.html.entries import Entry

_ANONYMOUS = "anonymous"  # the credential that is none
_MOST_OPEN = 200


def open_routes(now: Snapshot, known: Mapping[str, Entry]) -> list[Markup]:
    """List what is not locked, the worst first and of that the oldest: a route each, with what it is open to."""
    bad = worst_first(now.open)
    crowds = crowded((state.id, _group_key(state)) for state in bad if state.verdict != Verdict.LEAK)
    groups: dict[tuple[str, ...], list[FindingState]] = {}
    for state in bad:
        key = _group_key(state)
        route = "" if key in crowds else route_of_id(state.id)
        groups.setdefault((route, *key), []).append(state)
    if not groups:
        return [element("p", mark("locked"), " Nothing is open.", class_="quiet")] if now.record else []
    title = element("h2", f"Not locked ({len(doors(state.id for state in bad))})")
    shown = [
        _door(route, group, known, now) if route else _crowd(group, now)
        for (route, *_), group in list(groups.items())[:_MOST_OPEN]
    ]
    more = len(groups) - _MOST_OPEN
    rest = [element("p", f"and {more} more: see 'prober history'")] if more > 0 else []
    return [title, element("ul", lines(shown), class_="doors"), *rest]


def _group_key(state: FindingState) -> tuple[str, ...]:
    return (str(state.verdict), state.detail, state.since.at)


def _door(route: str, group: Sequence[FindingState], known: Mapping[str, Entry], now: Snapshot) -> Markup:
    first = group[0]
    entry = known.get(first.id)
    name: Markup | str = route if entry is None else link(entry.anchor, route, page=entry.page)
    ways = doors(state.id for state in group)[route]
    facts = [] if entry is None else [("why", entry.finding["why"]), ("fix", entry.finding["fix"])]
    rows = [element("div", element("dt", name), element("dd", text)) for name, text in facts if text]
    way = element("p", _accessible(ways) if first.verdict == Verdict.LEAK else f"seen with {', '.join(ways)}")
    return _card(first, name, lines([way, element("dl", *rows, class_="facts") if rows else None]), now)


def _accessible(ways: Sequence[str]) -> str:
    """Say what opens a route: nothing at all, or which credentials."""
    if _ANONYMOUS not in ways:
        return f"accessible with {', '.join(ways)}"
    others = f" (and in {count(len(ways) - 1, 'other way')})" if ways[1:] else ""
    return f"accessible without credentials{others}"


def _crowd(group: Sequence[FindingState], now: Snapshot) -> Markup:
    """Show routes with the same verdict and detail as one: most of them share a cause."""
    ids = [state.id for state in group]
    routes = element("details", element("summary", "which"), element("p", ", ".join(doors(ids))))
    return _card(group[0], summary_of_many(ids), routes, now)


def _card(first: FindingState, name: Markup | str, whose: Markup, now: Snapshot) -> Markup:
    verdict = str(first.verdict)
    word = element("span", verdict, class_=f"word {verdict}")
    title = element("h3", mark(verdict), " ", word, " ", element("b", name))
    since = element("p", *_since(first, now), class_="quiet")
    return element("li", title, whose, element("p", first.detail), since, class_=verdict)


def _since(state: FindingState, now: Snapshot) -> list[Markup | str]:
    first = seen_first(state.since.at, state.since.release, state.since.before)
    return [
        element("time", first, datetime=state.since.at),
        f"; for {lasted(now.at - seconds_of(state.since.at))}",
    ]
