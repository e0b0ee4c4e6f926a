"""Findings and reports made by hand, for tests that start after the judge."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from prober.definitions.service import (
    parse_service,
)
from prober.judge.exit_status import exit_status, verdict_of_run
from prober.model import (
    Answer,
    Answered,
    Cause,
    Credential,
    Depth,
    Effect,
    Finding,
    Kind,
    Payload,
    Probe,
    Promise,
    Reason,
    Report,
    Request,
    Route,
    ServiceReport,
    Source,
    Unanswered,
    Unsent,
    Variant,
    Verdict,
)

if TYPE_CHECKING:
    from collections.abc import Iterable


URLS = {"web": "http://127.0.0.1:3000", "mcp": "http://127.0.0.1:3100"}


def make_finding(
    verdict: Verdict = Verdict.LEAK,
    reason: Reason = Reason.GRANTED,
    detail: str = "got 200, expected 401",
    *,
    path: str = "/api/me",
    method: str = "GET",
    surface: str = "me",
    service: str = "web",
    credential: str = "anonymous",
    variant: str | None = None,
    headers: tuple[tuple[str, str], ...] = (),
    content: bytes | None = None,
    effect: Effect = Effect.NONE,
    inert: bool = False,
    outcome: Answered | Unanswered | Unsent | None = None,
    why: str = "Strangers read who is signed in.",
    fix: str = "Call requireSession() first.",
    by: str | None = "application",
) -> Finding:
    """Make a finding; what is not given is that of an open door."""
    route = Route(
        surface=surface, service=service, id=None, method=method, path=path, guard="session", effect=effect,
        payload=Payload(content=content), inert=inert, absent_is_locked=False, refuse=(), never=(), quick=True,
        csrf=None, control=None, why=why, fix=fix, source=Source(file=f"probes/{surface}.yaml", line=4),
    )  # fmt: skip
    presented = Credential(
        name=credential, kind=Kind.BOGUS, family=None, headers=headers, query="", catches=""
    )  # fmt: skip
    with_variant = Variant(name=variant, headers=(), catches="") if variant else None
    source = Source(file="profiles/oauth.yaml", line=9)
    promise = Promise(answers=(Answer(statuses=(range(401, 402),), source=source),), skip=None, source=source)
    request = Request(service=service, method=method, target=path, headers=headers, content=content)
    probe = Probe(
        id=f"{route.name} [{credential}]" + (f" {variant}" if variant else ""), route=route, credential=presented,
        variant=with_variant, families=(), promise=promise, never=(), request=request,
    )  # fmt: skip
    outcome = outcome or Answered.of(status=200, headers=(), body=b"", whole=True, attempts=1, elapsed_ms=3)
    by = by if isinstance(outcome, Answered) else None
    return Finding(probe=probe, outcome=outcome, verdict=verdict, reason=reason, detail=detail, answered_by=by)


def make_report(*findings: Finding, services: Iterable[ServiceReport] = (), **facts: Any) -> Report:
    """Make the report of these findings, at one moment of one run."""
    verdicts = [finding.verdict for finding in findings]
    tolerate = facts.pop("tolerate_drift", False)
    names = dict.fromkeys(finding.probe.request.service for finding in findings)
    service_reports = tuple(services) or tuple(
        ServiceReport(service=parse_service(name, URLS[name]), alive=True, blanket=False, intermediary=None, said=None)
        for name in names
    )
    whole = Report(
        version="1.2.3", run="0123abcd", started_at="2026-11-22T10:00:00Z", elapsed_ms=1234,
        verdict=verdict_of_run(verdicts, tolerate_drift=tolerate),
        exit_status=exit_status(verdicts, tolerate_drift=tolerate), profile="oauth", observed_mode="oauth",
        depth=Depth.STANDARD, services=service_reports, findings=findings, not_served=(), untried=(), notes=(), requests=len(findings),
    )  # fmt: skip
    return replace(whole, **facts)


def make_mixed_report() -> Report:
    """Make a report with a finding of each verdict: an open door in two ways, and one of all else."""

    def answered(status: int, *headers: tuple[str, str], body: bytes = b"") -> Answered:
        return Answered.of(status=status, headers=headers, body=body, elapsed_ms=3)

    silence = Unanswered(cause=Cause.TIMEOUT, detail="no answer in 5 s", arrived=True, attempts=3, elapsed_ms=15000)
    unsent = Unsent(reason=Reason.EFFECT, detail="an open door would act")
    migrate: dict[str, Any] = {
        "surface": "migrate",
        "path": "/api/migrate",
        "method": "POST",
        "fix": "Set MIGRATION_SECRET.",
    }
    answer_headers = (("content-type", "application/json"), ("location", "/app"))
    return make_report(
        make_finding(Verdict.LOCKED, Reason.AS_PROMISED, "got 401, as expected", outcome=answered(401, body=b"no")),
        make_finding(outcome=answered(200, *answer_headers, body=b'{"version": 7}'), **migrate),
        make_finding(credential="bogus-bearer", headers=(("Authorization", "Bearer x"),), outcome=answered(200), **migrate),
        make_finding(Verdict.DRIFT, Reason.BROKEN, "got 500, expected 401", path="/api/b", outcome=answered(500)),
        make_finding(
            Verdict.UNPROVEN, Reason.INTERMEDIARY, "answered 403 by a wall", path="/api/c", by="a wall", outcome=answered(403)
        ),
        make_finding(Verdict.UNREACHABLE, Reason.TIMEOUT, silence.detail, path="/api/d", outcome=silence),
        make_finding(Verdict.SKIPPED, Reason.EFFECT, unsent.detail, path="/api/e", method="POST", outcome=unsent),
        not_served=("login",), untried=("mcp",), notes=("a note",), observed_mode=None,
    )  # fmt: skip
