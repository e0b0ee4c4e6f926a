"""The sentence that a report for people begins with, what is wrong and what to do first, and the one that ends it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from prober.model import Change, ExitStatus, Reason, Verdict
from prober.report.grouping import bad_routes, route_of, since_of, told

if TYPE_CHECKING:
    from prober.report.shape import FindingRecord, Record

_NAMED = 3  # routes that are named, before the rest is a count


def headline(record: Record) -> str | None:
    """Give the sentence; None where nothing is wrong, and the last line says all."""
    if record["observed_mode"] not in {None, record["profile"]} and record["notes"]:
        return f"First of all: {record['notes'][0]}"  # one variable, and not forty doors
    leaks = bad_routes(record, Verdict.LEAK)
    if leaks:
        doors = "1 door is" if len(leaks) == 1 else f"{len(leaks)} doors are"
        return f"{doors} open: {_listed(leaks)}{_since(leaks)}. First: {_fix(leaks)}"
    drifted = bad_routes(record, Verdict.DRIFT)
    if drifted:
        routes = "1 route does" if len(drifted) == 1 else f"{len(drifted)} routes do"
        return f"{routes} not answer as promised: {_listed(drifted)}{_since(drifted)}. First: {_fix(drifted)}"
    said = [f"{name}: {sentence}" for name, sentence in told(record).items()]
    unproven = [f for f in record["findings"] if f["verdict"] in {Verdict.UNPROVEN, Verdict.UNREACHABLE}]
    if said:
        return f"Nothing is known of {'; '.join(said)}"
    if unproven:
        detail, count = Counter(finding["detail"] for finding in unproven).most_common(1)[0]
        others = f" (so {count} of the {len(unproven)} probes that proved nothing)" if len(unproven) > 1 else ""
        return f"Nothing is known of {route_of(unproven[0])}: {detail}{others}"
    return None


def _listed(routes: dict[str, list[FindingRecord]]) -> str:
    names = list(routes)
    if len(names) > _NAMED + 1:
        return f"{', '.join(names[:_NAMED])} and {len(names) - _NAMED} more"
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _since(routes: dict[str, list[FindingRecord]]) -> str:
    """The earliest that any run has seen it; nothing where no earlier report was given."""
    since = since_of([finding for findings in routes.values() for finding in findings])
    return f", since {moment(since)}" if since else ""


def moment(stamp: str) -> str:
    """Word a report's own time for people."""
    return f"{stamp.replace('T', ' ').removesuffix('Z')} UTC"


def _fix(routes: dict[str, list[FindingRecord]]) -> str:
    return next(iter(routes.values()))[0]["fix"]


def last_line(record: Record) -> str:
    """Say the verdict in one sentence."""
    counts, coverage = record["counts"], record["coverage"]
    bad = [finding for finding in record["findings"] if finding["verdict"] in {Verdict.LEAK, Verdict.DRIFT}]
    doors = _count(len({route_of(f) for f in bad if f["verdict"] == Verdict.LEAK}), "open door")
    routes = _count(len({route_of(finding) for finding in bad}), "route")
    moved, unseen = _moved(record), _unseen(record)
    if record["interrupted"]:
        return f"INTERRUPTED: {doors} in what was seen so far; the rest is not known"
    failed = record["exit_status"] == ExitStatus.LEAK
    match record["verdict"]:
        case Verdict.LEAK | Verdict.DRIFT if not failed:
            return _known(record, bad)
        case Verdict.LEAK:
            return f"LEAK: {doors}; {routes} in all did not answer strangers as promised{moved}{unseen}"
        case Verdict.DRIFT:
            return f"DRIFT: nothing opened, but {routes} did not answer strangers as promised{moved}{unseen}"
        case Verdict.LOCKED:
            probed = _count(coverage["probed"], "route")
            tolerated = f", {counts['drift']} drifted and were tolerated" if counts["drift"] else ""
            kept = f"{counts['locked']} probes of {probed} were answered as '{record['profile']}' promises"
            return f"LOCKED: {kept}{tolerated}{moved}{unseen}"
        case Verdict.UNREACHABLE:
            return f"NO VERDICT: nobody answered {counts['unreachable']} of the probes{unseen}"
    unsaid = counts["unproven"] + counts["unreachable"]
    return f"NO VERDICT: {unsaid} probes proved nothing, {counts['locked']} were answered as promised{unseen}"


def _known(record: Record, bad: list[FindingRecord]) -> str:
    """Say of a run that fails for nothing new what is wrong all the same; it is not locked."""
    then = f"since the report of {record['baseline']['started_at']}" if record["baseline"] else "so far"
    doors = len({route_of(finding) for finding in bad if finding["verdict"] == Verdict.LEAK})
    drifted = len({route_of(finding) for finding in bad if finding["verdict"] == Verdict.DRIFT})
    still = [f"{_count(doors, 'door')} {'is' if doors == 1 else 'are'} still open"] if doors else []
    still += [f"{_count(drifted, 'route')} still drift{'s' if drifted == 1 else ''}"] if drifted else []
    counts = record["counts"]
    unsaid = counts["unproven"] + counts["unreachable"]
    if record["exit_status"] == ExitStatus.LOCKED:
        return f"KNOWN: nothing new {then}; {', '.join(still)}{_unseen(record)}"
    proved = f"{unsaid} probes proved nothing, {counts['locked']} were answered as promised"
    return f"NO VERDICT: {proved}; known {then}: {', '.join(still)}{_unseen(record)}"


def _moved(record: Record) -> str:
    """Say which doors have opened or closed since the earlier report."""
    baseline = record["baseline"]
    if baseline is None:
        return ""
    found, words = record["findings"], (Change.OPENED, Change.CLOSED)
    moved = {word: {route_of(finding) for finding in found if finding["change"] == word} for word in words}
    told = ", ".join(f"{len(names)} {word}" for word, names in moved.items() if names)
    return f"; since the report of {baseline['started_at']}: {told or 'none opened or closed'}"


def _unseen(record: Record) -> str:
    """Count what was not looked at, or set aside: silence must never mean locked."""
    skipped = Counter(finding["reason"] for finding in record["findings"] if finding["verdict"] == Verdict.SKIPPED)
    unsent = skipped.total() - skipped[Reason.NOT_SERVED] - skipped[Reason.WAIVED]
    parts = [f"{_count(unsent, 'probe')} skipped"] if unsent else []
    if skipped[Reason.WAIVED]:
        leaks = sum(1 for finding in record["findings"] if (finding["waived"] or "").startswith(Verdict.LEAK))
        worst = f" ({_count(leaks, 'leak')})" if leaks else ""
        parts.append(f"{_count(skipped[Reason.WAIVED], 'finding')} waived{worst}")
    parts += [f"{_count(len(record['not_served']), 'surface')} not served here"] if record["not_served"] else []
    parts += [f"{_count(len(record['untried']), 'surface')} not tried"] if record["untried"] else []
    return "; " + ", ".join(parts) if parts else ""


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")
