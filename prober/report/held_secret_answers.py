"""What may be shown of an answer to a held secret: its shape, since it may repeat the secret in any form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.model import Answered, Reason, Unanswered, Verdict

if TYPE_CHECKING:
    from prober.model import Finding, Outcome

OPENS_NOTHING = "held-secret-opens-nothing"  # a rule of the judge's
NOT_QUOTED = "(not shown: a held secret was sent)"


def detail_of(finding: Finding) -> str:
    """Give the detail of a finding; where a held secret was sent, one that holds no word of the answer."""
    if not finding.probe.carries_secret:
        return finding.detail
    shape = _shape(finding)
    if shape is None:
        return finding.detail
    if finding.waived is None:
        return shape
    waiver = finding.waived.waiver
    return f"waived until {waiver.expires} by {waiver.owner} ({finding.waived.verdict}, {shape}): {waiver.reason}"


def cause_of(outcome: Outcome) -> str | None:
    """Say why nobody answered, without the words of what came back; None where somebody did."""
    return f"no response that can be read ({outcome.cause})" if isinstance(outcome, Unanswered) else None


def _shape(finding: Finding) -> str | None:
    outcome = finding.outcome
    if not isinstance(outcome, Answered):
        return cause_of(outcome)
    if finding.verdict is Verdict.LOCKED:
        return f"got {outcome.status}, as expected"
    if finding.rule == OPENS_NOTHING:
        return f"got {outcome.status}, as expected, but the secret opens nothing that it should open"
    if finding.reason is Reason.DISCLOSED:
        return f"got {outcome.status} with more than a refusal may hold ({finding.rule})"
    return f"got {outcome.status}, expected {finding.probe.promise} ({finding.reason})"
