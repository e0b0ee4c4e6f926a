"""A guard that hides its routes: 404 is a refusal where a key has shown that the route is there. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from prober.model import Answered, Kind, Reason, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prober.model import Finding


def confirm_hidden(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Make a lock of each expected refusal as for an unknown path, where a held secret opened the very route."""
    every = tuple(findings)
    there = {finding.probe.route: finding.probe.credential.name for finding in every if _is_opened(finding)}
    return tuple(
        _as_lock(finding, there[finding.probe.route])
        if finding.rule == "route-may-be-gone" and finding.probe.route in there
        else finding
        for finding in every
    )


def _is_opened(finding: Finding) -> bool:
    probe, answered = finding.probe, finding.outcome
    admitted = probe.credential.kind is Kind.HELD and probe.credential.name in probe.route.admits
    return admitted and finding.verdict is Verdict.LOCKED and isinstance(answered, Answered) and answered.succeeded


def _as_lock(finding: Finding, key: str) -> Finding:
    status = finding.outcome.status if isinstance(finding.outcome, Answered) else ""
    detail = f"got {status}, the same as for an unknown path, and '{key}' shows that the route is there"
    return replace(
        finding, verdict=Verdict.LOCKED, reason=Reason.AS_PROMISED, detail=detail, rule="hidden-and-there"
    )  # fmt: skip
