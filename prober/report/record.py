"""The report as plain, redacted values, which every format writes: the only way of the deployment's text into one."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from prober.model import Answered, Change, Unanswered, Verdict
from prober.report.curl import curl
from prober.report.held_secret_answers import NOT_QUOTED, cause_of, detail_of
from prober.report.questions import QUESTIONS
from prober.report.redact import Forms, clean, forms_of, harmless, without_encodings
from prober.report.shape import (
    BaselineRecord,
    CoverageRecord,
    FindingRecord,
    OverrideRecord,
    QuestionRecord,
    Record,
    ServiceRecord,
    SourceRecord,
    ToolRecord,
    WaiverRecord,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prober.model import BaselineReport, Finding, Report, ServiceReport, SourceCoverage, WaiverReport

SCHEMA = 1


def record(report: Report, *, secrets: Iterable[str] = ()) -> Record:
    """Make the record of a report; the values of `secrets` are redacted in every encoding."""
    hidden = forms_of(secrets)
    services = {entry.service.name: entry for entry in report.services}
    counts = Counter(finding.verdict for finding in report.findings)
    routes = {finding.probe.route.name for finding in report.findings}
    probed = {finding.probe.route.name for finding in report.findings if finding.verdict is not Verdict.SKIPPED}
    return Record(
        schema=SCHEMA,
        tool=ToolRecord(name="lockdown-prober", version=report.version),
        run=report.run,
        started_at=report.started_at,
        elapsed_ms=report.elapsed_ms,
        verdict=QUESTIONS if report.questions and report.verdict is Verdict.LOCKED else report.verdict,
        exit_status=int(report.exit_status),
        interrupted=report.interrupted,
        profile=report.profile,
        observed_mode=report.observed_mode,
        release=None if report.release is None else clean(report.release, hidden),
        depth=report.depth,
        requests=report.requests,
        notes=[clean(note, hidden) for note in report.notes],
        overrides=[
            OverrideRecord(option=entry.option, value=clean(entry.value, hidden), given_by=entry.given_by)
            for entry in report.overrides
        ],
        services={name: _service(entry, hidden) for name, entry in services.items()},
        not_served=list(report.not_served),
        untried=list(report.untried),
        counts={verdict.value: counts[verdict] for verdict in _ORDER},
        coverage=CoverageRecord(
            routes=len(routes), probed=len(probed), skipped=len(routes - probed), source=_source(report.source)
        ),
        waivers=[_waiver(entry, hidden) for entry in report.waivers],
        baseline=_baseline(report.baseline) if report.baseline else None,
        questions=[
            QuestionRecord(
                route=clean(question.route, hidden),
                answers=None if question.answers is None else clean(question.answers, hidden),
                found_in=clean(question.found_in, hidden),
            )
            for question in report.questions
        ],
        findings=[_finding(finding, services[finding.probe.request.service], hidden) for finding in report.findings],
    )


_ORDER = (Verdict.LOCKED, Verdict.LEAK, Verdict.DRIFT, Verdict.UNPROVEN, Verdict.UNREACHABLE, Verdict.SKIPPED)


def _service(entry: ServiceReport, hidden: Forms) -> ServiceRecord:
    return ServiceRecord(
        url=clean(entry.service.place, hidden),
        alive=entry.alive,
        blanket=entry.blanket,
        intermediary=entry.intermediary,
        said=None if entry.said is None else clean(entry.said, hidden),
        tls_expires=entry.tls_expires,
    )


def _finding(finding: Finding, service: ServiceReport, hidden: Forms) -> FindingRecord:
    probe, outcome = finding.probe, finding.outcome
    answered = outcome if isinstance(outcome, Answered) else None
    sent = outcome if isinstance(outcome, (Answered, Unanswered)) else None
    location = answered.header("location") if answered else None
    if probe.carries_secret and location is not None:
        location = NOT_QUOTED
    return FindingRecord(
        id=probe.id,
        route=probe.route.name,
        surface=probe.route.surface,
        service=probe.route.service,
        method=probe.route.method,
        path=probe.route.path,
        sent=probe.request.target,
        guard=probe.route.guard,
        weight=probe.route.weight,
        credential=probe.procedure or probe.credential.name,
        held=probe.carries_secret,
        variant=probe.variant.name if probe.variant else None,
        promised=_definition_text(str(probe.promise)) or None,
        verdict=finding.verdict,
        reason=finding.reason,
        rule=finding.rule,
        detail=clean(detail_of(finding), hidden),
        status=answered.status if answered else None,
        location=None if location is None else clean(location, hidden),
        answered_by=finding.answered_by,
        attempts=sent.attempts if sent else 0,
        elapsed_ms=sent.elapsed_ms if sent else None,
        confirmed=_confirmed(finding, hidden),
        change=finding.change,
        since=finding.since,
        waiver=_definition_text(finding.waived.waiver.name) if finding.waived else None,
        waived=f"{finding.waived.verdict}: {finding.waived.reason}" if finding.waived else None,
        source=str(probe.route.source),
        promise_source=str(probe.promise.source),
        why=_definition_text(probe.route.why),
        fix=_definition_text(probe.route.fix),
        curl=clean_curl(curl(probe, service.service), hidden),
    )


def _waiver(entry: WaiverReport, hidden: Forms) -> WaiverRecord:
    waiver = entry.cover.waiver
    return WaiverRecord(
        finding=None if waiver.finding is None else _definition_text(waiver.finding),
        surface=None if waiver.surface is None else _definition_text(waiver.surface),
        reason=clean(" ".join(waiver.reason.split()), hidden),
        owner=clean(waiver.owner, hidden),
        expires=waiver.expires.isoformat(),
        state=entry.state,
        probes=len(entry.cover.ids),
        waived=entry.waived,
        source=str(waiver.source),
    )


def _baseline(baseline: BaselineReport) -> BaselineRecord:
    """Give the comparison with the earlier report, whose text was made harmless when it was read."""
    earlier, counts = baseline.earlier, baseline.counts
    return BaselineRecord(
        run=earlier.run,
        started_at=earlier.started_at,
        profile=earlier.profile,
        depth=earlier.depth,
        fail_on="new" if baseline.fail_on_new else "any",
        known=len(baseline.known),
        opened=counts[Change.OPENED],
        closed=counts[Change.CLOSED],
        changed=counts[Change.CHANGED],
        new=counts[Change.NEW],
        gone=counts[Change.GONE],
    )


def _source(source: SourceCoverage | None) -> SourceRecord | None:
    if source is None:
        return None
    return SourceRecord(
        folder=_definition_text(source.folder),
        known=source.known,
        unknown_to_probes=[_definition_text(name) for name in source.unprobed],
        unknown_to_source=[_definition_text(name) for name in source.gone],
    )


def _definition_text(text: str) -> str:
    """Put the text of a definition on one line; bogus secrets in it stay readable."""
    return harmless(" ".join(text.split()))


def _confirmed(finding: Finding, hidden: Forms) -> str | None:
    """Say what the second request to a leaking route got; None if there was none."""
    outcome = finding.confirmed
    if outcome is None:
        return None
    if isinstance(outcome, Answered):
        return f"got {outcome.status} again"
    shape = cause_of(outcome) if finding.probe.carries_secret else None
    return f"second request: {clean(shape or outcome.detail, hidden)}"


def clean_curl(line: str, hidden: Forms) -> str:
    """Redact only the provided secrets in a curl line: a bogus JWT must stay, so that the line can be run."""
    return without_encodings(line, hidden)
