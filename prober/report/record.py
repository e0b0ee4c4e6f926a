"""The report as plain, clean values: what every format writes. Nothing of the deployment passes but through here."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, TypedDict

from prober.model import Answered, Unanswered, Verdict
from prober.report.clean import HIDDEN, clean, forms_of, harmless
from prober.report.curl import curl

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prober.model import Finding, Outcome, Report, ServiceReport

SCHEMA = 1


class FindingRecord(TypedDict):
    """One finding, as design section 8 lists it."""

    id: str
    surface: str
    service: str
    method: str
    path: str
    sent: str
    guard: str
    credential: str
    variant: str | None
    promised: str | None
    verdict: str
    reason: str
    detail: str
    status: int | None
    location: str | None
    answered_by: str | None
    attempts: int
    elapsed_ms: int | None
    confirmed: str | None
    source: str
    promise_source: str
    why: str
    fix: str
    curl: str


class ServiceRecord(TypedDict):
    """What is said of a service."""

    url: str
    alive: bool
    blanket: bool
    intermediary: str | None
    said: str | None


class ToolRecord(TypedDict):
    """Who made the report."""

    name: str
    version: str


class CoverageRecord(TypedDict):
    """How many routes were planned, looked at, and not looked at."""

    routes: int
    probed: int
    skipped: int


class Record(TypedDict):
    """The whole report."""

    schema: int
    tool: ToolRecord
    run: str
    started_at: str
    elapsed_ms: int
    verdict: str
    exit_status: int
    interrupted: bool
    profile: str
    observed_mode: str | None
    depth: str
    requests: int
    notes: list[str]
    services: dict[str, ServiceRecord]
    not_served: list[str]
    untried: list[str]
    counts: dict[str, int]
    coverage: CoverageRecord
    findings: list[FindingRecord]


def record(report: Report, *, secrets: Iterable[str] = ()) -> Record:
    """Write the report down; `secrets` are values that must not be in it, whoever repeats them, in whatever form."""
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
        verdict=report.verdict,
        exit_status=int(report.exit_status),
        interrupted=report.interrupted,
        profile=report.profile,
        observed_mode=report.observed_mode,
        depth=report.depth,
        requests=report.requests,
        notes=[clean(note, hidden) for note in report.notes],
        services={name: _service(entry, hidden) for name, entry in services.items()},
        not_served=list(report.not_served),
        untried=list(report.untried),
        counts={verdict.value: counts[verdict] for verdict in _ORDER},
        coverage=CoverageRecord(routes=len(routes), probed=len(probed), skipped=len(routes - probed)),
        findings=[_finding(finding, services[finding.probe.request.service], hidden) for finding in report.findings],
    )


_ORDER = (Verdict.LOCKED, Verdict.LEAK, Verdict.DRIFT, Verdict.UNPROVEN, Verdict.UNREACHABLE, Verdict.SKIPPED)


def _service(entry: ServiceReport, hidden: tuple[str, ...]) -> ServiceRecord:
    return ServiceRecord(
        url=clean(entry.service.url, hidden),
        alive=entry.alive,
        blanket=entry.blanket,
        intermediary=entry.intermediary,
        said=None if entry.said is None else clean(entry.said, hidden),
    )


def _finding(finding: Finding, service: ServiceReport, hidden: tuple[str, ...]) -> FindingRecord:
    probe, outcome = finding.probe, finding.outcome
    answered = outcome if isinstance(outcome, Answered) else None
    met = outcome if isinstance(outcome, (Answered, Unanswered)) else None
    location = answered.header("location") if answered else None
    return FindingRecord(
        id=probe.id,
        surface=probe.route.surface,
        service=probe.route.service,
        method=probe.route.method,
        path=probe.route.path,
        sent=probe.request.target,
        guard=probe.route.guard,
        credential=probe.procedure or probe.credential.name,
        variant=probe.variant.name if probe.variant else None,
        promised=_own(str(probe.promise)) or None,
        verdict=finding.verdict,
        reason=finding.reason,
        detail=clean(finding.detail, hidden),
        status=answered.status if answered else None,
        location=None if location is None else clean(location, hidden),
        answered_by=finding.answered_by,
        attempts=met.attempts if met else 0,
        elapsed_ms=met.elapsed_ms if met else None,
        confirmed=_confirmed(finding.confirmed, hidden),
        source=str(probe.route.source),
        promise_source=str(probe.promise.source),
        why=_own(probe.route.why),
        fix=_own(probe.route.fix),
        curl=clean_curl(curl(probe, service.service), hidden),
    )


def _own(text: str) -> str:
    """The words of a definition may be folded over several lines; bogus secrets in them are meant to be read."""
    return harmless(" ".join(text.split()))


def _confirmed(again: Outcome | None, hidden: tuple[str, ...]) -> str | None:
    """Say what the second look at a leak got; None where there was none."""
    if again is None:
        return None
    if isinstance(again, Answered):
        return f"answered {again.status} again"
    return f"the second time: {clean(again.detail, hidden)}"


def clean_curl(line: str, hidden: tuple[str, ...]) -> str:
    """A curl line is our own making, so that only held values are taken out of it: a bogus JWT must stay to be sent."""
    for secret in hidden:
        line = line.replace(secret, HIDDEN)
    return line
