"""The report as SARIF 2.1.0 (OASIS), for code scanning: a rule for each route, a result for each of its reasons."""

from __future__ import annotations

import json
import re
import shlex
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import quote

from prober.model import ExitStatus, Reason, Verdict
from prober.model.reasons import CATALOGUE
from prober.report.grouping import (
    WORST_FIRST,
    by_route,
    file_and_line,
    harm_of,
    notes_of,
    result_groups,
    route_of,
    service_sentences,
    since_of,
)
from prober.report.markdown import block, code, escaped_sentence
from prober.report.summary import last_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from prober.report.shape import FindingRecord, Record

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
# An unproven route is a result too, as a note: without one, code scanning would close the alert of an open route.
_LEVELS = {Verdict.LEAK: "error", Verdict.DRIFT: "warning", Verdict.UNPROVEN: "note", Verdict.UNREACHABLE: "note"}
# GitHub reads it as a CVSS score: 9 and more is critical, 4 and more medium, less is low.
_MARKUP = re.compile(r"\](?=\()|\{(?=\d)")
_SEVERITIES = {Verdict.LEAK: "9.1", Verdict.DRIFT: "5.0", Verdict.UNPROVEN: "2.0", Verdict.UNREACHABLE: "2.0"}


def render_sarif(record: Record) -> str:
    """Write one run; results come worst first, since viewers may truncate the list."""
    routes = by_route(record["findings"])
    rule_indexes = {route: number for number, route in enumerate(routes)}
    results = [
        _result(group, rule_indexes[route])
        for route in sorted(routes, key=lambda name: harm_of(routes[name]))
        for group in _by_reason(routes[route])
    ]
    run: dict[str, Json] = {
        "tool": {
            "driver": {
                "name": record["tool"]["name"],
                "version": record["tool"]["version"],
                "rules": [_rule(route, group) for route, group in routes.items()],
            }
        },
        "automationDetails": {"id": f"lockdown-prober/{record['profile']}/{record['run']}"},
        "columnKind": "unicodeCodePoints",
        "invocations": [_invocation(record)],
        "results": [result for _, result in sorted(results, key=lambda ranked: ranked[0])],
        "properties": {
            "run": record["run"],
            "verdict": record["verdict"],
            "profile": record["profile"],
            "observedMode": record["observed_mode"],
            "depth": record["depth"],
            "release": record["release"],
            "counts": {**record["counts"]},
            "services": {name: entry["url"] for name, entry in record["services"].items()},
        },
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=1) + "\n"


def _rule(route: str, group: list[FindingRecord]) -> Json:
    worst = next((verdict for verdict in WORST_FIRST if any(f["verdict"] == verdict for f in group)), None)
    first = next((finding for finding in group if finding["verdict"] == worst), group[0])
    more = f"prober explain {shlex.quote(route)}"
    entry = CATALOGUE[Reason(first["reason"])]
    reason = f"{entry.reason}: {entry.meaning}; {entry.action}."
    help_text = [first["why"], reason, f"Fix: {first['fix']}", f"See: {first['curl']}", f"More: {more}"]
    help_markdown = [
        escaped_sentence(first["why"]),
        escaped_sentence(reason),
        f"**Fix:** {escaped_sentence(first['fix'])}",
        block(first["curl"]),
        f"More: {code(more)}",
    ]
    properties: dict[str, Json] = {"tags": ["security", "authentication", first["guard"]], "precision": "very-high"}
    if worst:
        properties["security-severity"] = _SEVERITIES[worst]
    return {
        "id": route,
        "shortDescription": {"text": f"{route} must refuse unauthenticated clients as its profile expects"},
        "fullDescription": {"text": first["why"] or route},
        "help": {"text": "\n\n".join(help_text), "markdown": "\n\n".join(help_markdown)},
        "defaultConfiguration": {"level": _LEVELS[worst or Verdict.LEAK]},
        "properties": properties,
    }


def _by_reason(findings: Iterable[FindingRecord]) -> list[list[FindingRecord]]:
    """Group the bad and the waived findings of a route by verdict and reason; a waived one by what it would be."""
    groups: dict[tuple[str, str | None], list[FindingRecord]] = {}
    for finding in findings:
        if finding["waived"] or finding["verdict"] in _LEVELS:
            verdict, _, reason = (finding["waived"] or f"{finding['verdict']}: {finding['reason']}").partition(": ")
            groups.setdefault((f"{verdict}: {reason}", finding["waiver"]), []).append(finding)
    return list(groups.values())


def _result(group: Sequence[FindingRecord], rule: int) -> tuple[tuple[bool, int], Json]:
    """Make the result of a route and a reason, and give its place: what is waived comes last, else the worst first."""
    first = group[0]
    word, _, reason = (first["waived"] or f"{first['verdict']}: {first['reason']}").partition(": ")
    verdict, since = Verdict(word), since_of(group)
    details = "; ".join(f"{found.detail} ({', '.join(found.credentials)})" for found in result_groups(group))
    message = f"{verdict.upper()}{f' since {since}' if since else ''}: {reason}: {details}"
    fingerprint = f"{route_of(first)} [{reason}]"
    result: dict[str, Json] = {
        "ruleId": route_of(first),
        "ruleIndex": rule,
        "level": _LEVELS[verdict],
        "message": {"text": _plain(message)},
        "locations": [
            {
                "physicalLocation": _physical(first["source"]),
                "logicalLocations": [{"fullyQualifiedName": route_of(first), "kind": "resource"}],
            }
        ],
        "relatedLocations": [
            {"id": 1, "physicalLocation": _physical(first["promise_source"]), "message": {"text": "expected answer"}}
        ],
        "occurrenceCount": len(group),
        "partialFingerprints": {"routeReason/v1": fingerprint, "primaryLocationLineHash": _fingerprint(fingerprint)},
        "properties": {
            "findings": [finding["id"] for finding in group],
            "weight": first.get("weight"),
            **{
                name: first[name]
                for name in (
                    "verdict", "reason", "promised", "status", "location", "answered_by", "sent", "change", "since",
                    "curl",
                )
            },
        },
    }  # fmt: skip
    if first["waived"]:
        result["suppressions"] = [
            {"kind": "external", "status": "accepted", "justification": f"{first['waiver']}: {first['detail']}"}
        ]
    return (bool(first["waived"]), list(_LEVELS).index(verdict)), result


def _plain(text: str) -> str:
    """Break placeholders and links in a plain-text message (sections 3.11.5 and 3.11.6)."""
    return _MARKUP.sub(lambda match: f"{match.group()} ", text)


def _physical(source: str) -> Json:
    file, line = file_and_line(source)
    path = quote(file, safe="/")
    uri = f"file://{path}" if path.startswith("/") else path
    return {"artifactLocation": {"uri": uri}, "region": {"startLine": line}}


def _fingerprint(name: str) -> str:
    """Give the fingerprint in GitHub's form: a finding keeps its alert when its definition moves."""
    return f"{sha256(name.encode('utf-8', 'replace')).hexdigest()[:16]}:1"


def _invocation(record: Record) -> Json:
    ended = datetime.fromisoformat(record["started_at"]) + timedelta(milliseconds=record["elapsed_ms"])
    messages = [*(f"{name}: {messages}" for name, messages in service_sentences(record).items()), *notes_of(record)]
    notes: list[Json] = [{"level": "warning", "message": {"text": _plain(text)}} for text in messages]
    judged = record["exit_status"] in {ExitStatus.LOCKED, ExitStatus.LEAK} and not record["interrupted"]
    return {
        "executionSuccessful": judged,
        "exitCode": record["exit_status"],
        "exitCodeDescription": last_line(record),
        "startTimeUtc": record["started_at"],
        "endTimeUtc": ended.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "toolExecutionNotifications": notes,
    }
