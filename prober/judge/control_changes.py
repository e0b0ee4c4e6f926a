"""What a control that is answered otherwise later in a run means: what came after it proves nothing. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from prober.judge.attribution import attribute
from prober.judge.release import usual_release_in
from prober.model import Answered, Reason, Verdict

if TYPE_CHECKING:
    from prober.judge.observations import Observations
    from prober.model import Finding, Unanswered


def change_of(target: str, first: Answered, now: Answered | Unanswered) -> str | None:
    """Say how the answer to a control has changed since the run began, None where it has not.

    Only the status, who answers and the release count: what else an answer holds may change with every request.
    """
    if not isinstance(now, Answered):
        return f"{target} is not answered any more ({now.detail})"
    if now.status != first.status:
        return f"{target} got {first.status} at first, and {now.status} later"
    before, after = attribute(first), attribute(now)
    if before != after:
        return f"{target} was answered by {before} at first, and by {after} later"
    old, new = usual_release_in(first), usual_release_in(now)
    return f"{target} told of release {old} at first, and of {new} later" if old != new else None


def unproven_by_change(findings: tuple[Finding, ...], observations: Observations) -> tuple[Finding, ...]:
    """Take back each lock that was seen after the controls of its service were last as they had been."""
    return tuple(_taken_back(finding, observations) for finding in findings)


def _taken_back(finding: Finding, observations: Observations) -> Finding:
    service = finding.probe.request.service
    problem = observations.changed.get(service)
    if problem is None or finding.verdict is not Verdict.LOCKED:
        return finding
    if observations.recorded_at.get(finding.probe, 0) <= observations.last_good.get(service, 0):
        return finding
    return replace(
        finding, verdict=Verdict.UNPROVEN, reason=Reason.CHANGED_MIDWAY, rule="controls-changed",
        detail=f"{finding.detail}; but {problem}, so that whoever refused may not be the guard",
    )  # fmt: skip
