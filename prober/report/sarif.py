"""The report as SARIF 2.1.0 (OASIS), for code scanning: a rule for each route, a result for each bad finding."""

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
from prober.report.grouping import WORST_FIRST, by_route, file_and_line, notes_of, route_of, service_sentences, since_of
from prober.report.markdown import block, code, escaped_sentence
from prober.report.summary import last_line

if TYPE_CHECKING:
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
    ranked = [finding for verdict in WORST_FIRST for finding in record["findings"] if finding["verdict"] == verdict]
    ranked += [finding for finding in record["findings"] if finding["waived"]]
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
        "results": [_result(finding, rule_indexes[route_of(finding)]) for finding in ranked],
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


def _result(finding: FindingRecord, rule: int) -> Json:
    verdict = Verdict((finding["waived"] or finding["verdict"]).partition(":")[0])
    again = f" ({finding['confirmed']})" if finding["confirmed"] else ""
    since = since_of([finding])
    message = (
        f"{verdict.upper()}{f' since {since}' if since else ''}: {finding['detail']}{again} ({_presented(finding)})"
    )
    result: dict[str, Json] = {
        "ruleId": route_of(finding),
        "ruleIndex": rule,
        "level": _LEVELS[verdict],
        "message": {"text": _plain(message)},
        "locations": [
            {
                "physicalLocation": _physical(finding["source"]),
                "logicalLocations": [{"fullyQualifiedName": route_of(finding), "kind": "resource"}],
            }
        ],
        "relatedLocations": [
            {"id": 1, "physicalLocation": _physical(finding["promise_source"]), "message": {"text": "expected answer"}}
        ],
        "partialFingerprints": {"findingId/v1": finding["id"], "primaryLocationLineHash": _fingerprint(finding["id"])},
        "properties": {
            name: finding[name]
            for name in (
                "verdict", "reason", "credential", "variant", "promised", "status", "location", "answered_by", "sent",
                "change", "since", "curl",
            )
        },
    }  # fmt: skip
    if finding["waived"]:
        result["suppressions"] = [
            {"kind": "external", "status": "accepted", "justification": f"{finding['waiver']}: {finding['detail']}"}
        ]
    return result


def _plain(text: str) -> str:
    """Break placeholders and links in a plain-text message (sections 3.11.5 and 3.11.6)."""
    return _MARKUP.sub(lambda match: f"{match.group()} ", text)


def _presented(finding: FindingRecord) -> str:
    return finding["credential"] + (f" + {finding['variant']}" if finding["variant"] else "")


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
