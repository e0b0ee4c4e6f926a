"""The report for people: one sentence, then bad news first, then counts, and the verdict as the last line."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from tabulate import tabulate

from prober.model import Reason, Verdict
from prober.report.grouping import (
    WORST_FIRST,
    bad_routes,
    notes_of,
    result_groups,
    route_of,
    service_sentences,
    since_of,
)
from prober.report.summary import headline, last_line, moment

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.report.shape import FindingRecord, Record

NARROWEST = 60
_MARGIN = 8
_FACT_MARGIN = 14
_COLUMNS = (*WORST_FIRST, Verdict.SKIPPED, Verdict.LOCKED)
MOST_IN_FULL = 3  # routes of one surface with the same drift that are shown one by one; more share a block


def render_table(
    record: Record, *, width: int = 80, verbose: bool = False, paint: Callable[[str, str], str] = lambda text, _: text
) -> str:
    """Lay out the record for a terminal of this width; `paint` colours a text by its verdict."""
    width = max(width, NARROWEST)
    first = headline(record)
    blocks = [[paint(line, record["verdict"]) for line in _wrapped("", first, width, hang=0)]] if first else []
    blocks.append(_heading(record, width))
    blocks += [_wrapped("note  ", note, width, hang=6) for note in notes_of(record) if note[1:] not in (first or "")]
    blocks += [
        _wrapped(f"{name}  ", sentence, width, hang=len(name) + 2)
        for name, sentence in service_sentences(record).items()
    ]
    for verdict in WORST_FIRST:
        bad = [finding for group in bad_routes(record, verdict).values() for finding in group]
        blocks += _routes(bad, width, paint)
    blocks += _skipped(record, width)
    if verbose:
        locked = [f"{f['id']}: {f['detail']}" for f in record["findings"] if f["verdict"] == Verdict.LOCKED]
        blocks.append([line for text in locked for line in _wrapped("locked  ", text, width, hang=_MARGIN)])
    blocks.append(_counts(record))
    if record["not_served"]:
        names = ", ".join(record["not_served"])
        text = f"{names} (require one with --surface NAME, or 'surfaces:' in prober.yaml)"
        blocks.append(_wrapped("not served here: ", text, width, hang=4))
    if record["untried"]:
        text = f"{', '.join(record['untried'])} (their service has no URL: give --base-url, --mcp-url or --service)"
        blocks.append(_wrapped("not tried: ", text, width, hang=4))
    blocks.append([paint(last_line(record), record["verdict"])])  # never wrapped: `tail -1` must give it
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def _heading(record: Record, width: int) -> list[str]:
    where = [f"{name}  {entry['url']}" for name, entry in record["services"].items()]
    observed = record["observed_mode"] or "unknown"
    how = f"{record['profile']} (observed: {observed}), depth {record['depth']}, run {record['run']}"
    return [*where, *_wrapped("profile ", how, width, hang=_MARGIN)]


def _routes(findings: list[FindingRecord], width: int, paint: Callable[[str, str], str]) -> list[list[str]]:
    """Give each route a block; many routes of a surface with the same drift share one."""
    groups: dict[tuple[str, str, str], dict[str, list[FindingRecord]]] = {}
    for finding in findings:
        leaks = finding["verdict"] == Verdict.LEAK  # a leaking route always has a block of its own
        key = (finding["surface"], "", route_of(finding)) if leaks else (finding["surface"], finding["reason"], "")
        groups.setdefault(key, {}).setdefault(route_of(finding), []).append(finding)
    blocks: list[list[str]] = []
    for (surface, reason, _), routes in groups.items():
        if len(routes) <= MOST_IN_FULL:
            blocks += [_route(group, width, paint) for group in routes.values()]
            continue
        first = next(iter(routes.values()))[0]
        head = _head(first["verdict"], f"{surface}: {reason} on {len(routes)} routes", width, paint)
        details: dict[str, list[str]] = {}
        for name, group in routes.items():
            details.setdefault(group[0]["detail"], []).append(name.removeprefix(f"{surface}: "))
        summaries = [f"{', '.join(names)}: {detail}" for detail, names in details.items()]
        lines = [line for text in summaries for line in _wrapped("  ", text, width, hang=6)]
        blocks.append([*head, *lines, f"  reproduce   prober explain '{surface}: *'"])
    return blocks


def _route(group: list[FindingRecord], width: int, paint: Callable[[str, str], str]) -> list[str]:
    """Show a route: each result, then why it matters, the fix, where it is defined and how to reproduce it."""
    first = group[0]
    lines = _head(first["verdict"], route_of(first), width, paint)
    for result in result_groups(group):
        lines += _wrapped("  ", str(result), width, hang=4)
    since = since_of(group)
    lines += _wrapped("  since       ", moment(since), width, hang=_FACT_MARGIN) if since else []
    lines += _wrapped("  why         ", first["why"], width, hang=_FACT_MARGIN)
    lines += _wrapped("  fix         ", first["fix"], width, hang=_FACT_MARGIN)
    sources = " · ".join(dict.fromkeys(finding["promise_source"] for finding in group))
    lines += _wrapped("  defined in  ", f"{sources} · {first['source']}", width, hang=_FACT_MARGIN)
    lines.append(f"  reproduce   {first['curl']}")
    return lines


def _head(verdict: str, text: str, width: int, paint: Callable[[str, str], str]) -> list[str]:
    """Write the first line of a block; its first word is coloured after wrapping, which must not count the colour."""
    label = verdict.upper()
    first, *more = _wrapped(f"{label}  ", text, width, hang=_MARGIN)
    return [paint(label, verdict) + first.removeprefix(label), *more]


def _skipped(record: Record, width: int) -> list[list[str]]:
    """List what was skipped, a line for each reason; surfaces that are not served have a line of their own below."""
    reasons: dict[str, list[str]] = {}
    for finding in record["findings"]:
        if finding["verdict"] == Verdict.SKIPPED and finding["reason"] != Reason.NOT_SERVED:
            reasons.setdefault(finding["detail"], []).append(route_of(finding))
    routes_by_reason = [(", ".join(dict.fromkeys(routes)), detail) for detail, routes in reasons.items()]
    return [
        [line for names, why in routes_by_reason for line in _wrapped("skipped  ", f"{names}: {why}", width, hang=9)]
    ]


def _counts(record: Record) -> list[str]:
    rows: dict[str, dict[str, int]] = {}
    for finding in record["findings"]:
        if finding["reason"] != Reason.NOT_SERVED:
            row = rows.setdefault(finding["surface"], dict.fromkeys(_COLUMNS, 0))
            row[Verdict(finding["verdict"])] += 1
    shown = [verdict for verdict in _COLUMNS if any(row[verdict] for row in rows.values())]
    body = [[name, *(row[verdict] or "" for verdict in shown)] for name, row in rows.items()]
    align = ["left", *["right"] * len(shown)]
    return (
        tabulate(body, headers=["surface", *shown], disable_numparse=True, colalign=align).splitlines() if body else []
    )


def _wrapped(lead: str, text: str, width: int, *, hang: int) -> list[str]:
    return textwrap.wrap(
        lead + text, width, subsequent_indent=" " * hang, break_long_words=False, break_on_hyphens=False
    )  # fmt: skip
