"""An audit as text and as JSON, by rule, the worst first. Decides nothing."""

from __future__ import annotations

import json
import textwrap
from typing import TYPE_CHECKING

from prober.model.audit import Severity
from prober.report.redact import harmless

if TYPE_CHECKING:
    from prober.model.audit import AuditFinding, AuditReport

SCHEMA = 1
NARROWEST = 60


def render_audit(report: AuditReport, *, width: int = 80) -> str:
    """Render for people."""
    blocks: dict[str, list[AuditFinding]] = {}
    for breach in report.breaches:
        blocks.setdefault(breach.rule.id, []).append(breach)
    wide = max(width, NARROWEST)
    parts = [_block(breaches, wide) for breaches in blocks.values()]
    parts.append(
        "\n".join(line for name, content in report.looked_at for line in _wrapped("", f"{name}: {content}", wide))
    )
    return "\n\n".join([*filter(None, parts), audit_sentence(report)]) + "\n"


def _block(breaches: list[AuditFinding], width: int) -> str:
    rule = breaches[0].rule
    lines = [f"{rule.severity}  {rule.id}  {rule.title}"]
    for breach in breaches:
        lines += _wrapped("  ", f"{breach.source}: {breach.what}", width)
    return "\n".join([*lines, *_wrapped("  why  ", rule.why, width), *_wrapped("  fix  ", rule.fix, width)])


def _wrapped(lead: str, text: str, width: int) -> list[str]:
    return textwrap.wrap(
        harmless(text),
        width,
        initial_indent=lead,
        subsequent_indent=" " * max(len(lead), 4),
        break_on_hyphens=False,
        break_long_words=False,
    )


def audit_sentence(report: AuditReport) -> str:
    """Give the result in one sentence."""
    broken = {breach.rule.id: breach.rule.severity for breach in report.breaches}
    counts = [
        f"{number} {severity}"
        for severity in Severity
        if (number := sum(each is severity for each in broken.values())) and severity is not Severity.NOTE
    ]
    notes = sum(severity is Severity.NOTE for severity in broken.values())
    noted = f"; {notes} {'note' if notes == 1 else 'notes'}" if notes else ""
    if not counts:
        return f"nothing is wrong ({_rules(report.rules)}){noted}"
    broken_rules = f"{_rules(sum(severity is not Severity.NOTE for severity in broken.values()))} of {report.rules}"
    return f"{report.verdict}: {broken_rules} broken ({', '.join(counts)}){noted}"


def _rules(number: int) -> str:
    return f"{number} {'rule' if number == 1 else 'rules'}"


def render_audit_json(report: AuditReport, *, version: str) -> str:
    """Render for programs."""
    record = {
        "schema": SCHEMA,
        "tool": {"name": "lockdown-prober", "version": version},
        "audit": report.audit,
        "verdict": report.verdict,
        "exit_status": int(report.exit_status),
        "rules": report.rules,
        "looked_at": [{"name": harmless(name), "seen": harmless(content)} for name, content in report.looked_at],
        "breaches": [
            {
                "rule": breach.rule.id,
                "severity": str(breach.rule.severity),
                "file": harmless(breach.source.file),
                "line": breach.source.line,
                "what": harmless(breach.what),
                "title": breach.rule.title,
                "why": breach.rule.why,
                "fix": breach.rule.fix,
                "source": breach.rule.source,
            }
            for breach in report.breaches
        ],
        "said": audit_sentence(report),
    }
    return json.dumps(record, indent=2, ensure_ascii=False) + "\n"
