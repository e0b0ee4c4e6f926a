"""A respelled path that gets the page of every path so spelled has opened nothing. Pure.

A single page beside an API answers `//api/me` as it answers any path outside `/api/`: the guard was not passed, since
the route was never reached. An unknown path in the same spelling proves it. Of a request that could change data more is
asked: nothing that the handler would accept was sent, and a plain read of that unknown path gets the page as well. A
handler that was reached would have rejected the request, or answered as no read is answered.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from prober.judge.controls import SAFE_METHODS
from prober.judge.fingerprint import fingerprint
from prober.model import Answered, Effect, Reason, Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from prober.model import Finding, Outcome, Probe, Request


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """What an unknown path in a probe's spelling got: by the probe's method, and by a read where that is another."""

    same: Outcome
    read: Outcome | None = None


def may_be_of_every_path(probe: Probe, outcome: Outcome) -> bool:
    """Say whether a variant's success is worth a look at what an unknown path gets in the same spelling."""
    if probe.variant is None or probe.counterpart is None or not (is_read(probe.request) or _takes_no_effect(probe)):
        return False
    if not isinstance(outcome, Answered) or not outcome.succeeded:
        return False
    return "html" in (outcome.header("content-type") or "")  # data is never a shell


def is_read(request: Request) -> bool:
    """Say whether a request is one that reads."""
    return request.method in SAFE_METHODS


def _takes_no_effect(probe: Probe) -> bool:
    """Say whether a handler that was reached would reject what is sent, or would not act on it."""
    route = probe.route
    return route.effect in {Effect.NONE, Effect.TRACE} or (route.inert and not probe.is_beyond_inert)


def excuse_pages_of_every_path(
    findings: tuple[Finding, ...], counterparts: Mapping[str, Outcome], reads: Mapping[str, Outcome]
) -> tuple[Finding, ...]:
    """Make `opens-nothing` of each variant that got what an unknown path gets; both mappings are by probe."""
    return tuple(
        _excused(finding)
        if finding.rule == "variant-opened"
        and is_of_every_path(finding.probe, finding.outcome, _unknown(finding.probe.id, counterparts, reads))
        else finding
        for finding in findings
    )


def _unknown(probe: str, counterparts: Mapping[str, Outcome], reads: Mapping[str, Outcome]) -> Unknown | None:
    return Unknown(same=counterparts[probe], read=reads.get(probe)) if probe in counterparts else None


def is_of_every_path(probe: Probe, answered: Outcome, unknown: Unknown | None) -> bool:
    """Say whether an unknown path in the same spelling got this very page."""
    if probe.counterpart is None or unknown is None or not may_be_of_every_path(probe, answered):
        return False
    if not isinstance(answered, Answered) or not answered.body.strip():
        return False
    if not _is_same_page(probe, answered, unknown.same):
        return False
    if is_read(probe.request):
        return True
    same = isinstance(unknown.same, Answered) and _names(unknown.same) == _names(answered)
    return same and _is_same_page(probe, answered, unknown.read)


def _is_same_page(probe: Probe, answered: Answered, other: Outcome | None) -> bool:
    if probe.counterpart is None or not isinstance(other, Answered) or other.status != answered.status:
        return False
    theirs = fingerprint(other, probe.counterpart.target)
    return fingerprint(answered, probe.request.target).is_like(theirs)


def _names(answered: Answered) -> set[str]:
    """The names of its headers: a handler that was reached sets some that no page of every path has."""
    return {name for name, _ in answered.headers}


def _excused(finding: Finding) -> Finding:
    status = finding.outcome.status if isinstance(finding.outcome, Answered) else 0
    detail = f"got {status}, with the page that an unknown path gets in the same spelling"
    return replace(
        finding, verdict=Verdict.LOCKED, reason=Reason.OPENS_NOTHING, detail=detail, rule="variant-page-of-every-path"
    )
