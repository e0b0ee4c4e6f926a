"""Findings by route, the worst first, as formats for machines and pages show them. Judges nothing anew."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from prober.model import ExitStatus, Verdict

if TYPE_CHECKING:
    from prober.report.shape import FindingRecord, Record

WORST_FIRST = (Verdict.LEAK, Verdict.DRIFT, Verdict.UNPROVEN, Verdict.UNREACHABLE)
_UNKNOWN = frozenset({Verdict.UNPROVEN, Verdict.UNREACHABLE})
_FAILING = frozenset({Verdict.LEAK, Verdict.DRIFT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """What several credentials came to alike."""

    reason: str
    told: str
    credentials: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.reason}: {self.told} [{', '.join(self.credentials)}]"


def route_of(finding: FindingRecord) -> str:
    """Give the name of a finding's route: the head of its id."""
    return finding["id"].split(" [")[0]


def by_route(findings: list[FindingRecord]) -> dict[str, list[FindingRecord]]:
    """Group findings by their routes, in the order in which these first come."""
    routes: dict[str, list[FindingRecord]] = {}
    for finding in findings:
        routes.setdefault(route_of(finding), []).append(finding)
    return routes


def bad_routes(record: Record, verdict: Verdict) -> dict[str, list[FindingRecord]]:
    """Give the findings of one verdict by their routes, but for what is said of a whole service, once."""
    said = told(record) if verdict in _UNKNOWN else {}
    return by_route([f for f in record["findings"] if f["verdict"] == verdict and f["service"] not in said])


def told(record: Record) -> dict[str, str]:
    """Give what is said of whole services."""
    return {name: entry["said"] for name, entry in record["services"].items() if entry["said"]}


def ways(group: list[FindingRecord]) -> tuple[Way, ...]:
    """Say what happened at a route, once for all credentials that it happened to."""
    alike: dict[tuple[str, str], list[str]] = {}
    for finding in group:
        shown = finding["credential"] + (f" + {finding['variant']}" if finding["variant"] else "")
        told = finding["detail"] + (f"; {finding['confirmed']}" if finding["confirmed"] else "")
        alike.setdefault((finding["reason"], told), []).append(shown)
    return tuple(Way(reason=why, told=told, credentials=tuple(names)) for (why, told), names in alike.items())


def since_of(group: list[FindingRecord]) -> str | None:
    """Say since when a route is as bad as it is, where an earlier report told it."""
    return min((finding["since"] for finding in group if finding["since"]), default=None)


def fails(finding: FindingRecord, record: Record) -> bool:
    """Say whether this is what the run failed by: drift may be tolerated, and what a baseline knew be old news."""
    if record["exit_status"] != ExitStatus.LEAK or finding["verdict"] not in _FAILING:
        return False
    baseline = record["baseline"]
    known = finding["change"] is None and finding["since"] is not None
    return not (known and baseline is not None and baseline["fail_on"] == "new")


def place_of(source: str) -> tuple[str, int]:
    """Take `file:line` apart; what has no line is meant as a whole."""
    file, _, line = source.rpartition(":")
    return (file, int(line)) if file and line.isdecimal() and int(line) > 0 else (source, 1)
