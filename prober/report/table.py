"""The report for people: one sentence, then bad news first, then counts, and the verdict as the last line."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from tabulate import tabulate

from prober.model import Reason, Verdict
from prober.report.causes import MOST_FIXES, causes
from prober.report.grouping import WORST_FIRST, by_route, notes_of, route_of, route_verdict, service_sentences, since_of
from prober.report.summary import headline, last_line, listed, moment

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.report.causes import Cause
    from prober.report.shape import Record

NARROWEST = 60
_MARGIN = 8
_FACT_MARGIN = 14
_NO_BREAK = "\u00a0"
_COLUMNS = (*WORST_FIRST, Verdict.SKIPPED, Verdict.LOCKED)
MOST_SKIPPED = 3  # routes skipped for one reason that are named before the rest is a count


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
    blocks += [_cause(cause, width, paint, verbose=verbose) for cause in causes(record)]
    blocks += _skipped(record, width, verbose=verbose)
    if verbose:
        locked = [f"{f['id']}: {f['detail']}" for f in record["findings"] if f["verdict"] == Verdict.LOCKED]
        blocks.append([line for text in locked for line in _wrapped("locked  ", text, width, hang=_MARGIN)])
    blocks.append(_counts(record, verbose=verbose))
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


def _cause(cause: Cause, width: int, paint: Callable[[str, str], str], *, verbose: bool) -> list[str]:
    """Show what shares a cause: each result with its routes, then why it matters, the fix and how to reproduce it."""
    first = cause.worst
    lines = _head(cause.verdict, cause.title(), width, paint)
    for routes, results in _alike(cause, shorten=not verbose).items():
        if len(cause.routes) > 1:
            names = ", ".join(route.replace(" ", _NO_BREAK) for route in routes)  # no line ends within a route
            lines += [text.replace(_NO_BREAK, " ") for text in _wrapped("  ", names, width, hang=4)]
        lead = "    " if len(cause.routes) > 1 else "  "
        lines += [line for text in results for line in _wrapped(lead, text, width, hang=len(lead) + 2)]
    since = since_of([finding for route in cause.routes for finding in route.bad])
    lines += _wrapped("  since       ", moment(since), width, hang=_FACT_MARGIN) if since else []
    lines += _wrapped("  why         ", first["why"], width, hang=_FACT_MARGIN)
    for number, fix in enumerate(cause.fixes[:MOST_FIXES]):
        lines += _wrapped("  also fix    " if number else "  fix         ", fix, width, hang=_FACT_MARGIN)
    sources = " · ".join(dict.fromkeys(finding["promise_source"] for finding in cause.routes[0].bad))
    lines += _wrapped("  defined in  ", f"{sources} · {first['source']}", width, hang=_FACT_MARGIN)
    lines.append(f"  reproduce   {first['curl']}")
    if len(cause.routes) > 1:
        commands = [f"prober explain '{surface}: *'" for surface in cause.surfaces[:MOST_FIXES]]
        lines += _wrapped("  each route  ", ", ".join(commands), width, hang=_FACT_MARGIN)
    return lines


def _alike(cause: Cause, *, shorten: bool) -> dict[tuple[str, ...], tuple[str, ...]]:
    """Give the routes that got the same results, and those results."""
    one_surface = len(cause.surfaces) == 1
    routes_by_results: dict[tuple[str, ...], list[str]] = {}
    for route in cause.routes:
        results = tuple(
            str(result) if result.verdict == cause.verdict else f"{result.verdict}, {result}"
            for result in route.results(shorten=shorten)
        )
        name = route.name.removeprefix(f"{cause.surfaces[0]}: ") if one_surface else route.name
        routes_by_results.setdefault(results, []).append(name)
    return {tuple(routes): results for results, routes in routes_by_results.items()}


def _head(verdict: str, text: str, width: int, paint: Callable[[str, str], str]) -> list[str]:
    """Write the first line of a block; its first word is coloured after wrapping, which must not count the colour."""
    label = verdict.upper()
    first, *more = _wrapped(f"{label}  ", text, width, hang=_MARGIN)
    return [paint(label, verdict) + first.removeprefix(label), *more]


def _skipped(record: Record, width: int, *, verbose: bool) -> list[list[str]]:
    """List what was skipped, a line for each reason; surfaces that are not served have a line of their own below."""
    reasons: dict[str, dict[str, None]] = {}
    for finding in record["findings"]:
        if finding["verdict"] == Verdict.SKIPPED and finding["reason"] != Reason.NOT_SERVED:
            reasons.setdefault(finding["detail"], {})[route_of(finding)] = None
    most = len(record["findings"]) if verbose else MOST_SKIPPED
    routes_by_reason = [(listed(list(routes), most=most), detail) for detail, routes in reasons.items()]
    return [
        [line for names, why in routes_by_reason for line in _wrapped("skipped  ", f"{names}: {why}", width, hang=9)]
    ]


def _counts(record: Record, *, verbose: bool) -> list[str]:
    """Count the routes of each surface by their worst verdict; surfaces that are locked as a whole share a row."""
    rows: dict[str, dict[str, int]] = {}
    for findings in by_route([f for f in record["findings"] if f["reason"] != Reason.NOT_SERVED]).values():
        row = rows.setdefault(findings[0]["surface"], dict.fromkeys(_COLUMNS, 0))
        row[route_verdict(findings)] += 1
    shown = [verdict for verdict in _COLUMNS if any(row[verdict] for row in rows.values())]
    body = [
        [name, *(row[verdict] or "" for verdict in shown)]
        for name, row in rows.items()
        if verbose or any(row[verdict] for verdict in _COLUMNS if verdict != Verdict.LOCKED)
    ]
    if not body:
        return []
    if len(body) < len(rows):
        named = {name for name, *_ in body}
        number = sum(row[Verdict.LOCKED] for name, row in rows.items() if name not in named)
        others = len(rows) - len(body)
        name = "1 other surface" if others == 1 else f"{others} other surfaces"
        body.append([name, *(number if verdict == Verdict.LOCKED else "" for verdict in shown)])
    align = ["left", *["right"] * len(shown)]
    return tabulate(
        body, headers=["routes of surface", *map(_heading_of, shown)], disable_numparse=True, colalign=align
    ).splitlines()


def _heading_of(verdict: Verdict) -> str:
    return "not probed" if verdict is Verdict.SKIPPED else verdict


def _wrapped(lead: str, text: str, width: int, *, hang: int) -> list[str]:
    return textwrap.wrap(
        lead + text, width, subsequent_indent=" " * hang, break_long_words=False, break_on_hyphens=False
    )  # fmt: skip
