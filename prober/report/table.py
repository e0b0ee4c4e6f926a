"""The report for people: one sentence, then bad news first, then counts, and the verdict as the last line."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from tabulate import tabulate

from prober.model import Reason, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.report.record import FindingRecord, Record

NARROWEST = 60
_MARGIN = 8
_BAD = (Verdict.LEAK, Verdict.DRIFT, Verdict.UNPROVEN, Verdict.UNREACHABLE)
_COLUMNS = (*_BAD, Verdict.SKIPPED, Verdict.LOCKED)
MOST_IN_FULL = 3  # routes of one surface that drift alike, before one block stands for them all


def render_table(
    record: Record, *, width: int = 80, verbose: bool = False, paint: Callable[[str, str], str] = lambda text, _: text
) -> str:
    """Lay the record out for a terminal of this width; `paint` colours a text by its verdict."""
    width = max(width, NARROWEST)
    blocks = [_heading(record, width)]
    blocks += [_wrapped("note  ", note, width, hang=6) for note in record["notes"]]
    told = {name: entry["said"] for name, entry in record["services"].items() if entry["said"]}
    blocks += [_wrapped(f"{name}  ", said, width, hang=len(name) + 2) for name, said in told.items()]
    for verdict in _BAD:
        bad = [f for f in record["findings"] if f["verdict"] == verdict and f["service"] not in told]
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
    blocks.append([paint(last_line(record), record["verdict"])])  # never folded: it is what `tail -1` must give
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def last_line(record: Record) -> str:
    """Say the verdict in one sentence."""
    counts, coverage = record["counts"], record["coverage"]
    bad = [finding for finding in record["findings"] if finding["verdict"] in {Verdict.LEAK, Verdict.DRIFT}]
    doors = _count(len({_name(f) for f in bad if f["verdict"] == Verdict.LEAK}), "open door")
    routes = _count(len({_name(finding) for finding in bad}), "route")
    unseen = _unseen(record)
    if record["interrupted"]:
        return f"INTERRUPTED: {doors} in what was seen so far; the rest is not known"
    match record["verdict"]:
        case Verdict.LEAK:
            return f"LEAK: {doors}; {routes} in all did not answer strangers as promised{unseen}"
        case Verdict.DRIFT:
            return f"DRIFT: nothing opened, but {routes} did not answer strangers as promised{unseen}"
        case Verdict.LOCKED:
            probed = _count(coverage["probed"], "route")
            tolerated = f", {counts['drift']} drifted and were tolerated" if counts["drift"] else ""
            kept = f"{counts['locked']} probes of {probed} were answered as '{record['profile']}' promises"
            return f"LOCKED: {kept}{tolerated}{unseen}"
        case Verdict.UNREACHABLE:
            return f"NO VERDICT: nobody answered {counts['unreachable']} of the probes{unseen}"
    unsaid = counts["unproven"] + counts["unreachable"]
    return f"NO VERDICT: {unsaid} probes proved nothing, {counts['locked']} were answered as promised{unseen}"


def _unseen(record: Record) -> str:
    """Count what was not looked at: silence must never mean locked."""
    skipped = sum(1 for f in record["findings"] if f["verdict"] == Verdict.SKIPPED and f["reason"] != Reason.NOT_SERVED)
    parts = [f"{_count(skipped, 'probe')} skipped"] if skipped else []
    parts += [f"{_count(len(record['not_served']), 'surface')} not served here"] if record["not_served"] else []
    parts += [f"{_count(len(record['untried']), 'surface')} not tried"] if record["untried"] else []
    return "; " + ", ".join(parts) if parts else ""


def _name(finding: FindingRecord) -> str:
    return finding["id"].split(" [")[0]


def _heading(record: Record, width: int) -> list[str]:
    where = [f"{name}  {entry['url']}" for name, entry in record["services"].items()]
    observed = record["observed_mode"] or "unknown"
    how = f"{record['profile']} (observed: {observed}), depth {record['depth']}, run {record['run']}"
    return [*where, *_wrapped("profile ", how, width, hang=_MARGIN)]


def _routes(findings: list[FindingRecord], width: int, paint: Callable[[str, str], str]) -> list[list[str]]:
    """A block for each route; but where many of a surface drift in the same way, one block for them all."""
    alike: dict[tuple[str, str, str], dict[str, list[FindingRecord]]] = {}
    for finding in findings:
        leaks = finding["verdict"] == Verdict.LEAK  # an open door has a block of its own, for all ways through it
        key = (finding["surface"], "", _name(finding)) if leaks else (finding["surface"], finding["reason"], "")
        alike.setdefault(key, {}).setdefault(_name(finding), []).append(finding)
    blocks: list[list[str]] = []
    for (surface, reason, _), routes in alike.items():
        if len(routes) <= MOST_IN_FULL:
            blocks += [_route(group, width, paint) for group in routes.values()]
            continue
        first = next(iter(routes.values()))[0]
        head = _head(first["verdict"], f"{surface}: {reason} on {len(routes)} routes", width, paint)
        details: dict[str, list[str]] = {}
        for name, group in routes.items():
            details.setdefault(group[0]["detail"], []).append(name.removeprefix(f"{surface}: "))
        said = [f"{', '.join(names)}: {detail}" for detail, names in details.items()]
        lines = [line for text in said for line in _wrapped("  ", text, width, hang=6)]
        blocks.append([*head, *lines, f"  see   prober explain '{surface}: *'"])
    return blocks


def _route(group: list[FindingRecord], width: int, paint: Callable[[str, str], str]) -> list[str]:
    """One route: what happened, in each way that it did; and once why it matters, what mends it and how to see it."""
    first = group[0]
    lines = _head(first["verdict"], _name(first), width, paint)
    ways: dict[tuple[str, str], list[str]] = {}
    for finding in group:
        shown = finding["credential"] + (f" + {finding['variant']}" if finding["variant"] else "")
        told = finding["detail"] + (f"; {finding['confirmed']}" if finding["confirmed"] else "")
        ways.setdefault((finding["reason"], told), []).append(shown)
    for (reason, detail), credentials in ways.items():
        lines += _wrapped(f"  {reason}: ", f"{detail} [{', '.join(credentials)}]", width, hang=4)
    lines += _wrapped("  why   ", first["why"], width, hang=_MARGIN)
    lines += _wrapped("  fix   ", first["fix"], width, hang=_MARGIN)
    places = " · ".join(dict.fromkeys(finding["promise_source"] for finding in group))
    lines += _wrapped("  said  ", f"{places} · {first['source']}", width, hang=_MARGIN)
    lines.append(f"  see   {first['curl']}")
    return lines


def _head(verdict: str, text: str, width: int, paint: Callable[[str, str], str]) -> list[str]:
    """The line that a block begins with; only its first word is painted, once it is known where lines end."""
    word = verdict.upper()
    first, *more = _wrapped(f"{word}  ", text, width, hang=_MARGIN)
    return [paint(word, verdict) + first.removeprefix(word), *more]


def _skipped(record: Record, width: int) -> list[list[str]]:
    """What was not looked at, a line for each reason; surfaces that are not served have a line of their own below."""
    reasons: dict[str, list[str]] = {}
    for finding in record["findings"]:
        if finding["verdict"] == Verdict.SKIPPED and finding["reason"] != Reason.NOT_SERVED:
            reasons.setdefault(finding["detail"], []).append(_name(finding))
    said = [(", ".join(dict.fromkeys(routes)), detail) for detail, routes in reasons.items()]
    return [[line for names, why in said for line in _wrapped("skipped  ", f"{names}: {why}", width, hang=9)]]


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


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")
