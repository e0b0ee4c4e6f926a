"""A report as test cases, one for the run and one for each route, for JUnit and for other people's test frameworks.

Cases come worst first, as in every format. Judges nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from prober.model import ExitStatus, Verdict
from prober.report.grouping import (
    UNKNOWN,
    WORST_FIRST,
    by_route,
    fails,
    file_and_line,
    harm_of,
    result_groups,
    route_verdict,
    since_of,
)
from prober.report.summary import last_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from prober.report.shape import FindingRecord, Record

RUN = "the run reaches a verdict"
_OF_THE_RUN = "run"


class CaseOutcome(StrEnum):
    """What became of a case. A value is the name of JUnit's element, but for the one that passed and has none."""

    PASSED = "passed"
    FAILED = "failure"
    ERROR = "error"  # no verdict
    SKIPPED = "skipped"  # not sent, waived or tolerated

    @property
    def is_bad(self) -> bool:
        """A test framework must fail for it."""
        return self in {CaseOutcome.FAILED, CaseOutcome.ERROR}


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One test case; every text is redacted. `text` has the evidence, why it matters and the fix."""

    name: str  # of a route: surface, method and path
    surface: str
    outcome: CaseOutcome
    reason: str  # why it is not locked, one of `prober.Reason`; the verdict, for the run
    message: str
    text: str
    file: str  # where the route is defined; empty for the run
    elapsed_ms: int


def cases_of(record: Record) -> tuple[Case, ...]:
    """Give the run's own case, then a case for each route, the worst first."""
    routes = by_route(record["findings"])
    worst_first = sorted(routes, key=lambda route: harm_of(routes[route]))
    return (_run_case(record), *(_route_case(name, routes[name], record) for name in worst_first))


def _run_case(record: Record) -> Case:
    """Give the case that has an error where there is no verdict."""
    unknown = record["interrupted"] or record["exit_status"] == ExitStatus.NO_VERDICT
    message = last_line(record)
    return Case(
        name=RUN, surface=_OF_THE_RUN, outcome=CaseOutcome.ERROR if unknown else CaseOutcome.PASSED,
        reason=record["verdict"], message=message, text=message, file="", elapsed_ms=0,
    )  # fmt: skip


def _route_case(name: str, findings: Sequence[FindingRecord], record: Record) -> Case:
    outcome, verdict = _outcome(findings, record), route_verdict(findings)
    bad = [finding for finding in findings if finding["verdict"] == verdict]
    tolerated = outcome is CaseOutcome.SKIPPED and verdict != Verdict.SKIPPED
    return Case(
        name=name,
        surface=findings[0]["surface"],
        outcome=outcome,
        reason=bad[0]["reason"],
        message=f"tolerated: {bad[0]['detail']}" if tolerated else bad[0]["detail"],
        text=_reasons_to_skip(bad) if verdict == Verdict.SKIPPED else _evidence(findings, bad[0]),
        file=file_and_line(findings[0]["source"])[0],
        elapsed_ms=sum(finding["elapsed_ms"] or 0 for finding in findings),
    )


def _outcome(findings: Sequence[FindingRecord], record: Record) -> CaseOutcome:
    """Say what became of a route's case; a leak or drift by which the run does not fail is skipped, not failed."""
    if any(fails(finding, record) for finding in findings):
        return CaseOutcome.FAILED
    match route_verdict(findings):
        case Verdict.LOCKED:
            return CaseOutcome.PASSED
        case Verdict.SKIPPED:
            return CaseOutcome.SKIPPED
    unknown = any(finding["verdict"] in UNKNOWN for finding in findings)
    return CaseOutcome.ERROR if unknown else CaseOutcome.SKIPPED


def _reasons_to_skip(findings: Sequence[FindingRecord]) -> str:
    lines: dict[str, None] = {}
    for finding in findings:
        lines[f"skipped: {finding['reason']}: {finding['detail']}"] = None
        if finding["waiver"]:
            lines[f"waived: {finding['waiver']} ({finding['waived']})"] = None
    return "\n".join(lines)


def _evidence(findings: Sequence[FindingRecord], worst: FindingRecord) -> str:
    """Write all evidence into the text: GitLab shows the text of a case, and not the message."""
    bad = sorted(
        (finding for finding in findings if finding["verdict"] in WORST_FIRST),
        key=lambda finding: WORST_FIRST.index(Verdict(finding["verdict"])),
    )
    first_seen = since_of(bad)
    since = f" since {first_seen}" if first_seen else ""
    lines = [f"{result.verdict.upper()}{since}: {result}" for result in result_groups(bad)]
    lines += [
        f"why:        {worst['why']}",
        f"fix:        {worst['fix']}",
        f"defined in: {worst['promise_source']} · {worst['source']}",
        f"reproduce:  {worst['curl']}",
    ]
    return "\n".join(lines)
