"""What a whole service, or a whole surface, has in common is said once. Pure; never hides a leak."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from prober.judge.attribution import APPLICATION
from prober.judge.controls import ServiceControls, blanket
from prober.judge.whole_service import Answers, ServiceWideVerdict, is_absent, whole_verdict
from prober.model import Answered, Finding, Kind, Reason, ServiceReport, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prober.judge.controls import Controls

_KEPT = frozenset({Verdict.SKIPPED})
NOT_SERVED = "not served here, and no declaration says that it must be"
EVERY_PATH_OPENS = (
    "every path gets this success, also one that does not exist, so whether the surface is served is not known: "
    "declare it, or leave it out"
)
ONLY_IDS = (
    "every route of this surface takes an id, and an unknown id gets what an unknown path gets, so whether it is "
    "served is not known: declare it, or leave it out"
)
HALF_HEARD = "missing, but not every route of this surface was answered: whether it is served here is not known"


def settle(
    findings: Iterable[Finding], controls: Controls, declared: frozenset[str]
) -> tuple[tuple[Finding, ...], tuple[ServiceReport, ...], tuple[str, ...]]:
    """Give the findings once services and surfaces are seen whole, what is said of each service, and what is absent."""
    settled: dict[str, Finding] = {}
    reports: list[ServiceReport] = []
    missing: list[str] = []
    everything = _compared(tuple(findings))
    for name, known in controls.services.items():
        own = [finding for finding in everything if finding.probe.request.service == name]
        whole = whole_verdict(own, known)
        if whole is None:
            own, gone = _not_served(own, known, declared)
            missing += gone
        else:
            own = [finding if finding.verdict in _KEPT else _as_whole(finding, whole) for finding in own]
        settled.update((finding.probe.id, finding) for finding in own)
        reports.append(_report(own, known, whole))
    return tuple(settled[finding.probe.id] for finding in everything), tuple(reports), tuple(sorted(set(missing)))


def _compared(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """What is right because it opens nothing proves something only beside a plain request that is locked."""
    locked = {f.probe.route.name for f in findings if f.verdict is Verdict.LOCKED and f.reason is Reason.AS_PROMISED}
    plain = [f for f in findings if f.probe.variant is None and f.probe.credential.kind is Kind.ANONYMOUS]
    open_anyway = {f.probe.route.name for f in plain if f.verdict is Verdict.LEAK}
    softly = {f.probe.route.name for f in plain if f.reason is Reason.SOFT_REFUSAL}
    alone = ServiceWideVerdict(
        verdict=Verdict.SKIPPED,
        reason=Reason.UNCOMPARED,
        said="the unmodified request was not refused, so variants prove nothing",
        rule="plain-request-not-locked",
    )

    def says_nothing(finding: Finding) -> bool:
        name = finding.probe.route.name
        if finding.reason is Reason.OPENS_NOTHING:
            return name not in locked
        if finding.probe.request.method == "HEAD" and name in softly:
            return True  # the page that refuses has no body here by which to know it
        return finding.probe.variant is not None and name in open_anyway

    compared = (_as_whole(finding, alone) if says_nothing(finding) else finding for finding in findings)
    leaking = {finding.probe.request.service for finding in findings if finding.verdict is Verdict.LEAK}
    return tuple(_as_whole(f, _STOPPED) if _was_stopped(f, leaking) else f for f in compared)


# What went out was stopped for a grant that turned out to be none, so that the rest of the door is not known.
_STOPPED = ServiceWideVerdict(
    verdict=Verdict.UNPROVEN,
    reason=Reason.OPENED_ALREADY,
    said="not sent: an earlier probe seemed to get in, or the application failed over it",
    rule="stopped-for-no-grant",
)


def _was_stopped(finding: Finding, leaking: set[str]) -> bool:
    return finding.reason is Reason.OPENED_ALREADY and finding.probe.request.service not in leaking


def _as_whole(finding: Finding, whole: ServiceWideVerdict) -> Finding:
    return replace(finding, verdict=whole.verdict, reason=whole.reason, detail=whole.said, rule=whole.rule)


def _is_meant(finding: Finding) -> bool:
    """Say whether it is the expected answer, of whoever is to give it."""
    return finding.rule == "as-expected"


def _report(own: list[Finding], known: ServiceControls, whole: ServiceWideVerdict | None) -> ServiceReport:
    # Whoever takes offence at an odd request stands in front of the application, and not in its place.
    instead = [f for f in own if f.reason is not Reason.OPENS_NOTHING and not _is_meant(f)]
    others = {finding.answered_by for finding in instead if finding.answered_by not in (None, APPLICATION)}
    answered = [finding for finding in own if isinstance(finding.outcome, Answered)]
    said = whole.said if whole else None
    silent = [finding.detail for finding in own if not isinstance(finding.outcome, Answered)]
    if said is None and silent and len(set(silent)) == 1 and len(answered) <= 1:
        said = silent[0]  # nobody is there, or somebody else at the first look: the same is true of every probe
    by_application = any(finding.answered_by == APPLICATION or _is_meant(finding) for finding in answered)
    return ServiceReport(
        service=known.service,
        alive=by_application and not (whole and whole.reason is Reason.BROKEN),
        blanket=blanket(known, [finding.probe.promise for finding in own]) is not None,
        intermediary=min((name for name in others if name), default=None),
        said=said,
    )


# --- surfaces that nobody declared ------------------------------------------------------------------------------------


def _not_served(
    own: list[Finding], known: ServiceControls, declared: frozenset[str]
) -> tuple[list[Finding], list[str]]:  # fmt: skip
    """Skip, in sight, the surfaces that nobody declared and that are not there at all.

    Where that does not follow from what came back, nobody knows whether the surface is served: unproven.
    """
    heard: dict[str, Answers] = {}
    silent: set[str] = set()
    for finding in own:
        if isinstance(finding.outcome, Answered):
            heard.setdefault(finding.probe.route.surface, []).append((finding, finding.outcome))
        elif finding.verdict is not Verdict.SKIPPED:
            silent.add(finding.probe.route.surface)
    absent = {
        surface: _absence(found, answers_all=surface not in silent)
        for surface, found in heard.items()
        if surface not in declared and all(_is_gone(f, answer, known) for f, answer in found)
    }
    settled = [
        _as_whole(f, absent[f.probe.route.surface])
        if f.probe.route.surface in absent and (isinstance(f.outcome, Answered) or f.probe.route.surface not in silent)
        else f
        for f in own
    ]
    return settled, sorted(surface for surface, whole in absent.items() if whole is _NOT_SERVED)


_NOT_SERVED = ServiceWideVerdict(
    verdict=Verdict.SKIPPED, reason=Reason.NOT_SERVED, said=NOT_SERVED, rule="surface-not-served"
)  # fmt: skip


def _absence(found: Answers, *, answers_all: bool) -> ServiceWideVerdict:
    """Say what follows from it that every answer of a surface is what an unknown path gets."""
    if any(answer.succeeded for _, answer in found):
        said, rule = EVERY_PATH_OPENS, "surface-like-every-path"
    elif not answers_all:
        said, rule = HALF_HEARD, "surface-half-answered"
    elif all(_may_be_of_the_id(finding, answer) for finding, answer in found):
        said, rule = ONLY_IDS, "surface-of-ids"
    else:
        return _NOT_SERVED
    return ServiceWideVerdict(verdict=Verdict.UNPROVEN, reason=Reason.MISSING, said=said, rule=rule)


def _may_be_of_the_id(finding: Finding, answer: Answered) -> bool:
    """Say whether a 404 may be a handler's that looked for an impossible id, in the words of the whole API."""
    is_page = "html" in (answer.header("content-type") or "")
    return ":" in finding.probe.route.path and not is_page


def _is_gone(finding: Finding, answer: Answered, known: ServiceControls) -> bool:
    """A route is gone when it was asked for and nothing is there."""
    if finding.verdict is Verdict.LOCKED and finding.probe.route.absent_is_locked:
        return known.is_like_not_found(finding.probe, answer) and answer.status in {404, 410}
    return is_absent(finding, answer, known)
