"""What the audits of the environment and of the ports share: which rules, what they come to, how it is printed."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import click

from prober import __version__
from prober.errors import UsageError, did_you_mean
from prober.judge.exit_status import exit_status, verdict_of_run
from prober.model import ExitStatus, Verdict
from prober.model.audit import AuditReport, Severity
from prober.plan.globs import matches
from prober.report.audit import render_audit, render_audit_json
from prober.report.audit_sarif import render_audit_sarif

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from prober.model.audit import AuditFinding, Rule

FORMAT = click.option(
    "--format",
    "format_",
    type=click.Choice(["text", "json", "sarif"]),
    default="text",
    show_default=True,
    help="Output format.",
)


def choose_rules(rules: Sequence[Rule], only: Iterable[str], skip: Iterable[str]) -> frozenset[str]:
    """Choose rules by globs over their ids; one that means none is a typo."""
    known = [rule.id for rule in rules]
    for option, globs in (("--rule", only), ("--skip", skip)):
        for glob in globs:
            if not any(matches(glob, [name]) for name in known):
                fix = did_you_mean(glob, known, otherwise="see 'prober audit rules'")
                raise UsageError(f"{option} '{glob}' matches no rule", fix=fix)
    wanted = {name for name in known if not only or any(matches(glob, [name]) for glob in only)}
    chosen = wanted - {name for name in known if any(matches(glob, [name]) for glob in skip)}
    if not chosen:
        raise UsageError("no rule is left to look at", fix="leave out --rule or --skip")
    return frozenset(chosen)


def print_findings(
    audit: str, breaches: tuple[AuditFinding, ...], looked_at: tuple[tuple[str, str], ...], *, rules: int, format_: str
) -> int:
    """Print what an audit found, and give the exit status: 1 for a leak or drift, 2 for what cannot be told."""
    severities = {breach.rule.severity for breach in breaches} - {Severity.NOTE}
    verdicts = [Verdict.LOCKED, *(Verdict(severity) for severity in severities)]
    status = exit_status(verdicts)
    report = AuditReport(
        audit=audit,
        rules=rules,
        breaches=breaches,
        looked_at=looked_at,
        verdict=verdict_of_run(verdicts),
        exit_status=status,
    )
    if format_ == "json":
        click.echo(render_audit_json(report, version=__version__), nl=False)
    elif format_ == "sarif":
        click.echo(render_audit_sarif(report, version=__version__), nl=False)
    else:
        click.echo(render_audit(report, width=shutil.get_terminal_size((80, 24)).columns), nl=False)
    return ExitStatus(status)
