"""The first and the last sentence of a report: what is wrong and what to do first, and the verdict."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from prober.model import Change, ExitStatus, Reason, Verdict
from prober.report.grouping import bad_routes, by_route, route_of, service_sentences, since_of
from prober.report.questions import QUESTIONS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from prober.report.shape import FindingRecord, Record

_SUCCESS = range(200, 300)
_NAMED = 3  # routes that are named, before the rest is a count


def headline(record: Record) -> str | None:
    """Give the sentence; None where nothing is wrong, and the last line says all."""
    if record["observed_mode"] not in {None, record["profile"]} and record["notes"]:
        note = record["notes"][0]  # one wrong variable explains forty open routes
        return f"{note[:1].upper()}{note[1:]}. Check the auth variables first."
    leaks = bad_routes(record, Verdict.LEAK)
    if leaks:
        opened = _opened(len(leaks), _to_held_secrets(leaks))
        return f"{opened}: {listed(list(leaks))}{_since(leaks)}. Do first: {_fix(leaks)}"
    drifted = bad_routes(record, Verdict.DRIFT)
    if drifted:
        routes = "1 route answers" if len(drifted) == 1 else f"{len(drifted)} routes answer"
        return f"{routes} unexpectedly: {listed(list(drifted))}{_since(drifted)}. Do first: {_fix(drifted)}"
    failed_services = [f"'{name}': {sentence}" for name, sentence in service_sentences(record).items()]
    unproven = [f for f in record["findings"] if f["verdict"] in {Verdict.UNPROVEN, Verdict.UNREACHABLE}]
    if failed_services:
        return f"Could not check {'; '.join(failed_services)}"
    if unproven:
        detail, count = Counter(finding["detail"] for finding in unproven).most_common(1)[0]
        others = f" ({count} of the {len(unproven)} probes without a verdict)" if len(unproven) > 1 else ""
        return f"Could not check {route_of(unproven[0])}: {detail}{others}"
    return None


def _to_held_secrets(leaks: dict[str, list[FindingRecord]]) -> int:
    """Count the routes that only a held secret opens: a stranger without one is refused."""
    return sum(all(finding.get("held") for finding in findings) for findings in leaks.values())


def _opened(routes: int, to_held_secrets: int) -> str:
    """Say how many routes are open, and to whom."""
    held = f"to a held secret that {'it' if to_held_secrets == 1 else 'they'} must refuse"
    if to_held_secrets == routes:
        return f"{_count(routes, 'route')} {_be(routes)} open {held}"
    to_anyone = routes - to_held_secrets
    more = f" and {to_held_secrets} {held}" if to_held_secrets else ""
    return f"{_count(to_anyone, 'route')} {_be(to_anyone)} open to anyone{more}"


def listed(names: Sequence[str], *, most: int = _NAMED) -> str:
    """Write the first names as a list, and count the rest."""
    if len(names) > most + 1:
        return f"{', '.join(names[:most])} and {len(names) - most} more"
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _since(routes: dict[str, list[FindingRecord]]) -> str:
    """Say since when one of these findings is known; nothing without an earlier report."""
    since = since_of([finding for findings in routes.values() for finding in findings])
    return f", since {moment(since)}" if since else ""


def moment(stamp: str) -> str:
    """Write a report's time stamp for people."""
    return f"{stamp.replace('T', ' ').removesuffix('Z')} UTC"


def _fix(routes: dict[str, list[FindingRecord]]) -> str:
    return next(iter(routes.values()))[0]["fix"]


def last_line(record: Record) -> str:
    """Give the verdict in one sentence."""
    counts, coverage = record["counts"], record["coverage"]
    leaks, drifted = _leaking_and_drifting(record)
    changes, unchecked = _changes(record), _unchecked(record)
    if record["interrupted"]:
        return f"INTERRUPTED: {_count(leaks, 'route')} open to anyone so far; the rest was not checked"
    failed = record["exit_status"] == ExitStatus.LEAK
    match record["verdict"]:
        case Verdict.LEAK | Verdict.DRIFT if not failed:
            return _known(record, leaks, drifted)
        case Verdict.LEAK:
            more = f"; {drifted} more answered unexpectedly" if drifted else ""
            return f"LEAK: {_opened(leaks, _to_held_secrets(_leaking(record)))}{more}{changes}{unchecked}"
        case Verdict.DRIFT:
            routes = _count(drifted, "route")
            return f"DRIFT: no route is open, but {routes} answered unexpectedly{changes}{unchecked}"
        case Verdict.LOCKED:
            everything = "" if counts["drift"] or counts["locked"] == 1 else "all "
            probes = f"{everything}{_count(counts['locked'], 'probe')} of {_count(coverage['probed'], 'route')}"
            tolerated = f", {counts['drift']} drifted and were tolerated" if counts["drift"] else ""
            expected = f"got the answer profile '{record['profile']}' expects"
            return f"LOCKED: {probes} {expected}{tolerated}{changes}{unchecked}"
        case value if value == QUESTIONS:
            return f"QUESTIONS: {_open_questions(record)}{changes}{unchecked}"
        case Verdict.UNREACHABLE:
            return f"NO VERDICT: {_probes_of(record, Verdict.UNREACHABLE)} got no response{unchecked}"
    return f"NO VERDICT: {_inconclusive(record)}{unchecked}"


def _leaking_and_drifting(record: Record) -> tuple[int, int]:
    """Count the routes that leak, and those that only drift."""
    routes = {
        verdict: {route_of(finding) for finding in record["findings"] if finding["verdict"] == verdict}
        for verdict in (Verdict.LEAK, Verdict.DRIFT)
    }
    return len(routes[Verdict.LEAK]), len(routes[Verdict.DRIFT] - routes[Verdict.LEAK])


def _leaking(record: Record) -> dict[str, list[FindingRecord]]:
    return by_route(finding for finding in record["findings"] if finding["verdict"] == Verdict.LEAK)


def _inconclusive(record: Record) -> str:
    if record["coverage"]["probed"] == 0:
        return "nothing was probed"
    inconclusive = _probes_of(record, Verdict.UNPROVEN, Verdict.UNREACHABLE)
    return f"{inconclusive} proved nothing, {_probes_of(record, Verdict.LOCKED)} got the expected answer"


def _probes_of(record: Record, *verdicts: Verdict) -> str:
    """Count the probes with these verdicts, and their routes."""
    return _probes([finding for finding in record["findings"] if finding["verdict"] in verdicts])


def _probes(findings: Sequence[FindingRecord]) -> str:
    routes = {route_of(finding) for finding in findings}
    return f"{_count(len(findings), 'probe')} of {_count(len(routes), 'route')}"


def _open_questions(record: Record) -> str:
    """Count the routes of which nobody has said whether they may answer, and what was refused."""
    asked = sum(1 for question in record["questions"] if question["answers"] is not None)
    unasked = len(record["questions"]) - asked
    parts = [f"{_count(asked, 'route')} answer{'s' if asked == 1 else ''} without credentials"] if asked else []
    parts += [f"{_count(unasked, 'route')} {'was' if unasked == 1 else 'were'} not asked"] if unasked else []
    refused = [f for f in record["findings"] if f["verdict"] == Verdict.LOCKED and (f["status"] or 0) not in _SUCCESS]
    parts.append(
        f"{_probes(refused)} {'was' if len(refused) == 1 else 'were'} refused" if refused else "no route refuses"
    )
    return "; ".join(parts)


def _known(record: Record, leaks: int, drifted: int) -> str:
    """Word the verdict of a run in which nothing is new, but something is still wrong: it is not locked."""
    then = f"since the report of {record['baseline']['started_at']}" if record["baseline"] else "so far"
    still = [f"{_count(leaks, 'route')} {_be(leaks)} still open"] if leaks else []
    still += [f"{_count(drifted, 'route')} still drift{'s' if drifted == 1 else ''}"] if drifted else []
    if record["exit_status"] == ExitStatus.LOCKED:
        return f"KNOWN: nothing new {then}; {', '.join(still)}{_unchecked(record)}"
    return f"NO VERDICT: {_inconclusive(record)}; known {then}: {', '.join(still)}{_unchecked(record)}"


def _changes(record: Record) -> str:
    """Count the routes that have opened or closed since the earlier report."""
    baseline = record["baseline"]
    if baseline is None:
        return ""
    findings = record["findings"]
    routes = {
        change: {route_of(finding) for finding in findings if finding["change"] == change}
        for change in (Change.OPENED, Change.CLOSED)
    }
    counts = ", ".join(f"{len(names)} {change}" for change, names in routes.items() if names)
    return f"; since the report of {baseline['started_at']}: {counts or 'none opened or closed'}"


def _unchecked(record: Record) -> str:
    """Count what was not checked, or was waived: what is not mentioned would pass for locked."""
    skipped = [finding for finding in record["findings"] if finding["verdict"] == Verdict.SKIPPED]
    unsent = [finding for finding in skipped if finding["reason"] not in {Reason.NOT_SERVED, Reason.WAIVED}]
    waived = sum(1 for finding in skipped if finding["reason"] == Reason.WAIVED)
    parts = [f"{_probes(unsent)} skipped"] if unsent else []
    if waived:
        leaks = sum(1 for finding in record["findings"] if (finding["waived"] or "").startswith(Verdict.LEAK))
        worst = f" ({_count(leaks, 'leak')})" if leaks else ""
        parts.append(f"{_count(waived, 'finding')} waived{worst}")
    parts += [f"{_count(len(record['not_served']), 'surface')} not served here"] if record["not_served"] else []
    parts += [f"{_count(len(record['untried']), 'surface')} not tried"] if record["untried"] else []
    return "; " + ", ".join(parts) if parts else ""


def _be(number: int) -> str:
    return "is" if number == 1 else "are"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")
