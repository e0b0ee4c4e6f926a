"""A respelled path that gets the page of every path so spelled has opened nothing. Pure.

A single page beside an API answers `//api/me` as it answers any path outside `/api/`: the guard was not passed, since
the route was never reached. An unknown path in the same spelling proves it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from prober.judge.controls import SAFE_METHODS
from prober.judge.fingerprint import fingerprint
from prober.model import Answered, Reason, Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from prober.model import Finding, Outcome, Probe


def may_be_of_every_path(probe: Probe, outcome: Outcome) -> bool:
    """Say whether a read variant's success is worth a look at what an unknown path gets in the same spelling."""
    if probe.variant is None or probe.counterpart is None or probe.request.method not in SAFE_METHODS:
        return False
    if not isinstance(outcome, Answered) or not outcome.succeeded:
        return False
    return "html" in (outcome.header("content-type") or "")  # data is never a shell


def excuse_pages_of_every_path(
    findings: tuple[Finding, ...], counterparts: Mapping[str, Outcome]
) -> tuple[Finding, ...]:
    """Make `opens-nothing` of each variant that got what an unknown path gets; `counterparts` are by probe."""
    return tuple(
        _excused(finding) if _is_of_every_path(finding, counterparts.get(finding.probe.id)) else finding
        for finding in findings
    )


def _is_of_every_path(finding: Finding, counterpart: Outcome | None) -> bool:
    probe, answered = finding.probe, finding.outcome
    if finding.rule != "variant-opened" or probe.counterpart is None or not may_be_of_every_path(probe, answered):
        return False
    if not isinstance(answered, Answered) or not isinstance(counterpart, Answered):
        return False
    if counterpart.status != answered.status or not answered.body.strip():
        return False
    theirs = fingerprint(counterpart, probe.counterpart.target)
    return fingerprint(answered, probe.request.target).is_like(theirs)


def _excused(finding: Finding) -> Finding:
    status = finding.outcome.status if isinstance(finding.outcome, Answered) else 0
    detail = f"got {status}, with the page that an unknown path gets in the same spelling"
    return replace(
        finding, verdict=Verdict.LOCKED, reason=Reason.OPENS_NOTHING, detail=detail, rule="variant-page-of-every-path"
    )
