"""A variant that reached the handler is no lock: the guard was passed, and only the request's body stopped it. Pure.

What is sent to a route that may act cannot take effect, so that its handler rejects it. The same spelling of a path
that does not exist tells whether it was the handler, or what stands before it: a router that rejects the spelling does
so everywhere.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from prober.judge.controls import SAFE_METHODS
from prober.judge.fingerprint import fingerprint
from prober.model import Answered, Kind, Reason, Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from prober.model import Finding, Outcome, Probe

REJECTIONS = frozenset({400, 409, 411, 413, 415, 422})  # of a handler that has looked at the request
_NOT_FOUND = 404  # of a handler that has looked for the id


def may_be_the_handlers(probe: Probe, outcome: Outcome) -> bool:
    """Say whether this answer to a variant is worth a look at how an unknown path, spelled so, is answered."""
    if probe.variant is None or probe.counterpart is None or not isinstance(outcome, Answered):
        return False
    if probe.request.method in SAFE_METHODS:
        return False  # a read that is open answers with data, and a router may reject its id by 422
    if outcome.status == _NOT_FOUND:
        return ":" in probe.route.path and "json" in (outcome.header("content-type") or "")
    return outcome.status in REJECTIONS


def reveal_handlers(findings: tuple[Finding, ...], counterparts: Mapping[str, Outcome]) -> tuple[Finding, ...]:
    """Make a leak of each variant that its handler answered; `counterparts` are those of unknown paths, by probe."""
    plain = {
        finding.probe.route.name: finding.outcome
        for finding in findings
        if finding.probe.variant is None and finding.probe.credential.kind is Kind.ANONYMOUS
    }
    return tuple(
        _as_leak(finding, counterparts[finding.probe.id])
        if _is_handlers(finding, plain.get(finding.probe.route.name), counterparts.get(finding.probe.id))
        else finding
        for finding in findings
    )


def _is_handlers(finding: Finding, plain: Outcome | None, counterpart: Outcome | None) -> bool:
    answered = finding.outcome
    if finding.reason is not Reason.OPENS_NOTHING or not isinstance(answered, Answered):
        return False
    if not may_be_the_handlers(finding.probe, answered):
        return False
    if not isinstance(plain, Answered) or not isinstance(counterpart, Answered) or counterpart.failed:
        return False
    if plain.status == answered.status:
        return False  # the plain request is answered so as well: what that means is said there
    if answered.status != _NOT_FOUND:
        return counterpart.status not in {answered.status, 429}
    mine = fingerprint(answered, finding.probe.request.target)
    theirs = fingerprint(counterpart, finding.probe.counterpart.target if finding.probe.counterpart else "")
    return mine.content_type == theirs.content_type and mine.digest != theirs.digest


def _as_leak(finding: Finding, counterpart: Outcome) -> Finding:
    status = finding.outcome.status if isinstance(finding.outcome, Answered) else 0
    other = counterpart.status if isinstance(counterpart, Answered) else 0
    detail = (
        f"got {status} from the handler, where an unknown path in the same spelling gets {other}: the guard was "
        "passed, and only what was sent could not take effect"
    )
    return replace(
        finding, verdict=Verdict.LEAK, reason=Reason.GRANTED, detail=detail, rule="variant-reached-handler"
    )  # fmt: skip
