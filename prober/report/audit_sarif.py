"""An audit as SARIF 2.1.0, with the code flow of each handler: the guards that are called, and what is reached."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING
from urllib.parse import quote

from prober.model import ExitStatus
from prober.model.audit import Severity
from prober.report.redact import harmless
from prober.report.sarif import SCHEMA

if TYPE_CHECKING:
    from prober.model import Source
    from prober.model.audit import AuditFinding, AuditReport, Rule
    from prober.report.sarif import Json

_LEVELS = {Severity.LEAK: "error", Severity.DRIFT: "warning", Severity.UNPROVEN: "note", Severity.NOTE: "note"}
_SEVERITIES = {Severity.LEAK: "9.1", Severity.DRIFT: "5.0", Severity.UNPROVEN: "2.0", Severity.NOTE: "1.0"}


def render_audit_sarif(report: AuditReport, *, version: str) -> str:
    """Render for code scanning: a rule for each rule that is broken, a result for each finding, the worst first."""
    rules = list({breach.rule.id: breach.rule for breach in report.breaches}.values())
    places = {rule.id: number for number, rule in enumerate(rules)}
    run: dict[str, Json] = {
        "tool": {"driver": {"name": "lockdown-prober", "version": version, "rules": [_rule(rule) for rule in rules]}},
        "automationDetails": {"id": f"lockdown-prober/audit/{report.audit}"},
        "columnKind": "unicodeCodePoints",
        "invocations": [
            {"executionSuccessful": report.exit_status != ExitStatus.BUG, "exitCode": int(report.exit_status)}
        ],
        "results": [_result(breach, places[breach.rule.id]) for breach in report.breaches],
        "properties": {"verdict": str(report.verdict)},
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=1) + "\n"


def _rule(rule: Rule) -> Json:
    return {
        "id": rule.id,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.why},
        "help": {"text": f"{rule.why}\n\nFix: {rule.fix}\n\nMore: prober audit rules {rule.id}"},
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        "properties": {"tags": ["security"], "security-severity": _SEVERITIES[rule.severity]},
    }


def _result(breach: AuditFinding, rule: int) -> Json:
    result: dict[str, Json] = {
        "ruleId": breach.rule.id,
        "ruleIndex": rule,
        "level": _LEVELS[breach.rule.severity],
        "message": {"text": harmless(breach.what)},
        "locations": [{"physicalLocation": _physical(breach.source)}],
        "partialFingerprints": {"auditFinding/v1": _fingerprint(breach)},
    }
    if breach.flow:
        steps: list[Json] = [
            {"location": {"physicalLocation": _physical(source), "message": {"text": harmless(what)}}}
            for what, source in breach.flow
        ]
        result["codeFlows"] = [{"threadFlows": [{"locations": steps}]}]
    return result


def _physical(source: Source) -> Json:
    file = harmless(source.file)
    return {"artifactLocation": {"uri": quote(file)}, "region": {"startLine": max(1, source.line)}}


def _fingerprint(breach: AuditFinding) -> str:
    """Give what stays the same while lines move: the rule, the file and the handler or what is said."""
    subject = breach.what.partition(": ")[0]
    return sha256(f"{breach.rule.id}\n{breach.source.file}\n{subject}".encode()).hexdigest()[:32]
