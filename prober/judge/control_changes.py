"""What a control that is answered otherwise later in a run means: what came after it proves nothing. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from prober.judge.attribution import attribute
from prober.judge.release import usual_release_in
from prober.model import Answered, Effect, Reason, Verdict

if TYPE_CHECKING:
    from prober.judge.observations import ControlChange, Observations
    from prober.model import Finding, Probe, Unanswered


# What a ban, a wall or a failover gives at a route as well as the application does.
_OF_ANYBODY = frozenset({
    Reason.OVER_LOCKED, Reason.BROKEN, Reason.MISSING, Reason.WRONG_STATUS, Reason.BLANKET, Reason.INTERMEDIARY,
    Reason.GATEWAY,
})  # fmt: skip


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
    """Take back each lock, and each drift that anybody may give, from while a control was answered otherwise."""
    return tuple(_taken_back(finding, observations) for finding in findings)


def _taken_back(finding: Finding, observations: Observations) -> Finding:
    change = _change_at(finding, observations)
    if change is None or finding.verdict is Verdict.UNPROVEN:
        return finding
    return replace(
        finding, verdict=Verdict.UNPROVEN, reason=Reason.CHANGED_MIDWAY, rule="controls-changed",
        detail=f"{finding.detail}; but {change.problem}, so that whoever refused may not be the guard",
    )  # fmt: skip


def _change_at(finding: Finding, observations: Observations) -> ControlChange | None:
    of_anybody = finding.verdict is Verdict.LOCKED or finding.reason in {Reason.CHANGED_MIDWAY, *_OF_ANYBODY}
    return observations.change_at(finding.probe) if of_anybody else None


def doubtful(findings: tuple[Finding, ...], observations: Observations) -> list[Probe]:
    """Name the probes that are worth asking once more when the controls are as at first again.

    Not what may act, nor what took several requests: those were sent as often as they may be.
    """
    return [
        finding.probe
        for finding in findings
        if finding.probe.route.effect in {Effect.NONE, Effect.TRACE}
        and not finding.probe.procedure
        and _change_at(finding, observations) is not None
    ]
