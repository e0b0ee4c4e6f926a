"""Findings by route, the worst first, for every format. Judges nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from prober.model import ExitStatus, Verdict

if TYPE_CHECKING:
    from prober.report.shape import FindingRecord, Record

WORST_FIRST = (Verdict.LEAK, Verdict.DRIFT, Verdict.UNPROVEN, Verdict.UNREACHABLE)
_UNKNOWN = frozenset({Verdict.UNPROVEN, Verdict.UNREACHABLE})
_FAILING = frozenset(verdict for verdict in Verdict if verdict.fails)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultGroup:
    """The credentials that gave the same result at a route."""

    reason: str
    detail: str
    credentials: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.reason}: {self.detail} [{', '.join(self.credentials)}]"


def route_of(finding: FindingRecord) -> str:
    """Give the name of a finding's route: the head of its id."""
    return finding["id"].split(" [")[0]


def by_route(findings: list[FindingRecord]) -> dict[str, list[FindingRecord]]:
    """Group findings by route, in the order in which the routes first appear."""
    routes: dict[str, list[FindingRecord]] = {}
    for finding in findings:
        routes.setdefault(route_of(finding), []).append(finding)
    return routes


def bad_routes(record: Record, verdict: Verdict) -> dict[str, list[FindingRecord]]:
    """Group the findings of one verdict by route, without those of a service that failed as a whole."""
    failed_services = service_sentences(record) if verdict in _UNKNOWN else {}
    return by_route([f for f in record["findings"] if f["verdict"] == verdict and f["service"] not in failed_services])


def service_sentences(record: Record) -> dict[str, str]:
    """Give the sentence of each service that failed as a whole."""
    return {name: entry["said"] for name, entry in record["services"].items() if entry["said"]}


def result_groups(group: list[FindingRecord]) -> tuple[ResultGroup, ...]:
    """Group the findings of a route by what happened, with the credentials that it happened to."""
    credentials_by_result: dict[tuple[str, str], list[str]] = {}
    for finding in group:
        presented = finding["credential"] + (f" + {finding['variant']}" if finding["variant"] else "")
        detail = finding["detail"] + (f"; {finding['confirmed']}" if finding["confirmed"] else "")
        credentials_by_result.setdefault((finding["reason"], detail), []).append(presented)
    return tuple(
        ResultGroup(reason=why, detail=detail, credentials=tuple(names))
        for (why, detail), names in credentials_by_result.items()
    )


def since_of(group: list[FindingRecord]) -> str | None:
    """Give the earliest time from which an earlier report knows one of these findings; None without one."""
    return min((finding["since"] for finding in group if finding["since"]), default=None)


def fails(finding: FindingRecord, record: Record) -> bool:
    """Say whether the run failed because of this finding: drift may be tolerated, and the baseline may know it."""
    if record["exit_status"] != ExitStatus.LEAK or finding["verdict"] not in _FAILING:
        return False
    baseline = record["baseline"]
    is_known = finding["change"] is None and finding["since"] is not None
    return not (is_known and baseline is not None and baseline["fail_on"] == "new")


def file_and_line(source: str) -> tuple[str, int]:
    """Split `file:line`; a source without a line is line 1 of its file."""
    file, _, line = source.rpartition(":")
    return (file, int(line)) if file and line.isdecimal() and int(line) > 0 else (source, 1)


def notes_of(record: Record) -> list[str]:
    """Give the notes of a run, and what made it narrower than prober.yaml or sent it elsewhere."""
    changes = (
        f"{entry['option']} {entry['value']}".rstrip() + f" (from {entry['given_by']})" for entry in record["overrides"]
    )
    return [*record["notes"], *(f"changed for this run: {change}" for change in changes)]
