"""The head of the page: the verdict in one sentence, what is open, what to do first, and the facts of the run."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from prober.model import Verdict
from prober.report.grouping import notes_of, service_sentences, since_of
from prober.report.html.entries import by_route, worst_first
from prober.report.html.markup import Markup, element, lines, link, together
from prober.report.summary import last_line, listed
from prober.report.wording import count

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from prober.report.html.entries import Entry, Group
    from prober.report.shape import Record, ServiceRecord

_FAILING = frozenset(verdict for verdict in Verdict if verdict.fails)
_UNKNOWN = frozenset({Verdict.UNPROVEN, Verdict.UNREACHABLE})
_NAMED = 3  # routes, credentials or notes that are named before the rest is counted


def head(record: Record, entries: Sequence[Entry]) -> Markup:
    """Show what a reader must know who reads nothing else."""
    verdict_word, colon, sentence = last_line(record).partition(": ")
    title = element("h1", element("span", verdict_word + colon, class_=f"word {record['verdict']}"), sentence)
    parts = [title, _lead(record, entries), _run_facts(record)]
    return element("header", lines(parts), class_=record["verdict"])


def _lead(record: Record, entries: Sequence[Entry]) -> Markup | None:
    """Name what is open, since when, and what to do first; then the notes of the run."""
    service_failures = service_sentences(record)
    notes = notes_of(record)
    pairs = [
        *_what_to_do(entries, service_failures),
        *_questions(record),
        *service_failures.items(),
        *(("Note", note) for note in notes[:_NAMED]),
    ]
    if notes[_NAMED:]:
        more = element("ul", *(element("li", note) for note in notes[_NAMED:]))
        folded = element("details", element("summary", f"{len(notes) - _NAMED} more"), more)
        pairs.append(("Notes", folded))
    rows = [element("div", element("dt", name), element("dd", text)) for name, text in pairs]
    return element("dl", lines(rows), class_="lead") if rows else None


def _what_to_do(entries: Sequence[Entry], service_failures: Mapping[str, str]) -> list[tuple[str, Markup | str]]:
    """Name the worst routes and the first fix; a service that failed as a whole has its own sentence instead."""
    bad = [entry for entry in entries if entry.kind in _FAILING]
    unknown = [
        entry for entry in entries if entry.kind in _UNKNOWN and entry.finding["service"] not in service_failures
    ]
    if not bad:
        return _unknown(unknown)
    groups = worst_first(by_route(bad))
    kind = groups[0].kind
    worst = [group for group in groups if group.kind == kind]
    label = "Open" if kind == Verdict.LEAK else kind.capitalize()
    return [(label, _named(worst, kind)), ("Do first", worst[0].worst.finding["fix"])]


def _questions(record: Record) -> list[tuple[str, str]]:
    """Name the routes that a reader has to decide on; the table at the end of the page has them all."""
    routes = [question["route"] for question in record["questions"] if question["answers"] is not None]
    return [("Public?", listed(routes))] if routes else []


def _unknown(entries: Iterable[Entry]) -> list[tuple[str, Markup | str]]:
    """Give the reasons why nothing was proven, the most frequent first: there is no route to fix."""
    details = Counter((entry.kind, entry.finding["detail"]) for entry in entries)
    return [
        (kind.capitalize(), together([detail, " ", element("small", count(number, "probe"))]))
        for (kind, detail), number in details.most_common(_NAMED)
    ]


def _named(routes: Sequence[Group], kind: str) -> Markup:
    links = [
        together(
            [
                link(route.worst.anchor, f"{route.worst.finding['surface']}: {route.name}", page=route.worst.page),
                _accessible_with(route, kind),
            ]
        )
        for route in routes[:_NAMED]
    ]
    more = f", and {count(len(routes) - _NAMED, 'route')} more" if routes[_NAMED:] else None
    return together([together(links, between=", "), more])


def _accessible_with(route: Group, kind: str) -> str:
    """Name the first credential that got the bad result, count the others, and say since when."""
    bad_entries = [entry for entry in route.entries if entry.kind == kind]
    more = f" and {len(bad_entries) - 1} more" if bad_entries[1:] else ""
    first_seen = since_of([entry.finding for entry in bad_entries])
    since = f", since {first_seen}" if first_seen else ""
    return f" ({bad_entries[0].presented}{more}){since}"


def _run_facts(record: Record) -> Markup:
    """Show in one line what was probed, and how."""
    coverage = record["coverage"]
    facts = [_service(name, entry) for name, entry in record["services"].items()]
    facts += [
        f"profile {record['profile']} (observed: {record['observed_mode'] or 'unknown'})",
        f"depth {record['depth']}",
        f"{coverage['probed']} of {count(coverage['routes'], 'route')}",
        f"{count(record['requests'], 'request')} in {record['elapsed_ms'] / 1000:.1f} s",
        *([f"release {record['release']}"] if record["release"] else []),
        record["started_at"],
        f"run {record['run']}",
    ]
    return element("p", *(element("span", text) for text in facts), class_="run")


def _service(name: str, entry: ServiceRecord) -> str:
    flags = [
        "" if entry["alive"] else "not alive",
        "blanket refusal" if entry["blanket"] else "",
        f"behind {entry['intermediary']}" if entry["intermediary"] else "",
    ]
    flag_text = ", ".join(flag for flag in flags if flag)
    return f"{name} {entry['url']}" + (f" ({flag_text})" if flag_text else "")
