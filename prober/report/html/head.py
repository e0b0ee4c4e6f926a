"""The head of the page: the verdict in one sentence, what is open, what to do first, and of which run this is."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from prober.model import Verdict
from prober.report.grouping import since_of, told
from prober.report.html.entries import by_route, count, worst_first
from prober.report.html.markup import Markup, element, lines, link, together
from prober.report.summary import last_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from prober.report.html.entries import Entry, Group
    from prober.report.shape import Record, ServiceRecord

_FAILING = frozenset({Verdict.LEAK, Verdict.DRIFT})
_UNKNOWN = frozenset({Verdict.UNPROVEN, Verdict.UNREACHABLE})
_NAMED = 3  # routes, credentials or notes that are named before the rest is counted


def head(record: Record, entries: Sequence[Entry]) -> Markup:
    """Say first what somebody must know who reads nothing else."""
    word, colon, sentence = last_line(record).partition(": ")
    title = element("h1", element("span", word + colon, class_=f"word {record['verdict']}"), sentence)
    parts = [title, _lead(record, entries), _of_the_run(record)]
    return element("header", lines(parts), class_=record["verdict"])


def _lead(record: Record, entries: Sequence[Entry]) -> Markup | None:
    """Name what is open, since when, and what to do first; then what the run itself remarked."""
    said = told(record)
    notes = record["notes"]
    pairs = [*_what_to_do(entries, said), *said.items(), *(("note", note) for note in notes[:_NAMED])]
    if notes[_NAMED:]:
        more = element("ul", *(element("li", note) for note in notes[_NAMED:]))
        folded = element("details", element("summary", f"{len(notes) - _NAMED} more"), more)
        pairs.append(("notes", folded))
    rows = [element("div", element("dt", name), element("dd", text)) for name, text in pairs]
    return element("dl", lines(rows), class_="lead") if rows else None


def _what_to_do(entries: Sequence[Entry], said: Mapping[str, str]) -> list[tuple[str, Markup | str]]:
    """Take the worst routes; where a whole service says nothing, its sentence stands instead."""
    bad = [entry for entry in entries if entry.kind in _FAILING]
    unknown = [entry for entry in entries if entry.kind in _UNKNOWN and entry.finding["service"] not in said]
    if not bad:
        return _unknown(unknown)
    groups = worst_first(by_route(bad))
    kind = groups[0].kind
    worst = [group for group in groups if group.kind == kind]
    return [("open" if kind == Verdict.LEAK else kind, _named(worst, kind)), ("first", worst[0].worst.finding["fix"])]


def _unknown(entries: Iterable[Entry]) -> list[tuple[str, Markup | str]]:
    """Where nothing is proven, no door is to be mended: say what stood in the way, the most frequent first."""
    details = Counter((entry.kind, entry.finding["detail"]) for entry in entries)
    return [
        (kind, together([detail, " ", element("small", count(number, "probe"))]))
        for (kind, detail), number in details.most_common(_NAMED)
    ]


def _named(routes: Sequence[Group], kind: str) -> Markup:
    named = [
        together(
            [
                link(route.worst.anchor, f"{route.worst.finding['surface']}: {route.name}", page=route.worst.page),
                _to_whom(route, kind),
            ]
        )
        for route in routes[:_NAMED]
    ]
    more = f", and {count(len(routes) - _NAMED, 'route')} more" if routes[_NAMED:] else None
    return together([together(named, between=", "), more])


def _to_whom(route: Group, kind: str) -> str:
    """Say what opened it, and since when; of many ways, the first."""
    ways = [entry for entry in route.entries if entry.kind == kind]
    more = f" and {len(ways) - 1} more" if ways[1:] else ""
    seen = since_of([entry.finding for entry in ways])
    since = f", since {seen}" if seen else ""
    return f"{' to' if kind == Verdict.LEAK else ':'} {ways[0].presented}{more}{since}"


def _of_the_run(record: Record) -> Markup:
    """One line of what was run against what."""
    coverage = record["coverage"]
    said = [_service(name, entry) for name, entry in record["services"].items()]
    said += [
        f"profile {record['profile']} (observed: {record['observed_mode'] or 'unknown'})",
        f"depth {record['depth']}",
        f"{coverage['probed']} of {count(coverage['routes'], 'route')}",
        f"{count(record['requests'], 'request')} in {record['elapsed_ms'] / 1000:.1f} s",
        *([f"release {record['release']}"] if record["release"] else []),
        record["started_at"],
        f"run {record['run']}",
    ]
    return element("p", *(element("span", text) for text in said), class_="run")


def _service(name: str, entry: ServiceRecord) -> str:
    flags = [
        "" if entry["alive"] else "not alive",
        "blanket refusal" if entry["blanket"] else "",
        f"behind {entry['intermediary']}" if entry["intermediary"] else "",
    ]
    told = ", ".join(flag for flag in flags if flag)
    return f"{name} {entry['url']}" + (f" ({told})" if told else "")
