"""Findings by route, the worst first, for every format. Judges nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from prober.model import ExitStatus, Verdict, Weight, weight_of_name
from prober.model.finding_ids import route_of_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from prober.report.shape import FindingRecord, OverrideRecord, Record

WORST_FIRST = (Verdict.LEAK, Verdict.DRIFT, Verdict.UNPROVEN, Verdict.UNREACHABLE)
_ORDER_OF_ROUTES = (*WORST_FIRST, Verdict.LOCKED, Verdict.SKIPPED)
UNKNOWN = frozenset({Verdict.UNPROVEN, Verdict.UNREACHABLE})
NONE_TOO = "every credential, none included"
_ANONYMOUS = "anonymous"  # the credential that is none
_FEW = 2  # credentials of a whole ladder that are named all the same
_MOST_NAMED = 4  # credentials of a result, before the rest is a count
_FAILING = frozenset(verdict for verdict in Verdict if verdict.fails)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultGroup:
    """The credentials that gave the same result at a route, and those words for them that are shown."""

    verdict: str
    reason: str
    detail: str
    credentials: tuple[str, ...]
    presented: str

    def __str__(self) -> str:
        return f"{self.reason}: {self.detail} [{self.presented}]"


def route_of(finding: FindingRecord) -> str:
    """Give the name of a finding's route: the head of its id."""
    return route_of_id(finding["id"])


def by_route(findings: Iterable[FindingRecord]) -> dict[str, list[FindingRecord]]:
    """Group findings by route, in the order in which the routes first appear."""
    routes: dict[str, list[FindingRecord]] = {}
    for finding in findings:
        routes.setdefault(route_of(finding), []).append(finding)
    return routes


def bad_routes(record: Record, verdict: Verdict) -> dict[str, list[FindingRecord]]:
    """Group the findings of one verdict by route, the worst route first, without a service that failed as a whole."""
    failed_services = service_sentences(record) if verdict in UNKNOWN else {}
    bad = [f for f in record["findings"] if f["verdict"] == verdict and f["service"] not in failed_services]
    return by_route(sorted(bad, key=weight_rank))


def route_verdict(findings: Iterable[FindingRecord]) -> Verdict:
    """Give the verdict of a route: the worst of its findings; what was skipped counts where nothing else was sent."""
    verdicts = {finding["verdict"] for finding in findings}
    return next(verdict for verdict in _ORDER_OF_ROUTES if verdict in verdicts)


def harm_of(findings: Sequence[FindingRecord]) -> tuple[int, int]:
    """Give a route's place in the order of harm: by its verdict and, where that is bad, by what it gives away."""
    verdict = route_verdict(findings)
    return (_ORDER_OF_ROUTES.index(verdict), weight_rank(findings[0]) if verdict in WORST_FIRST else 0)


def weight_rank(finding: FindingRecord) -> int:
    """Give the place of a finding's route in the order of harm; 0 is the worst."""
    weight = finding.get("weight")
    return (weight_of_name(route_of(finding)) if weight is None else Weight(weight)).rank


def service_sentences(record: Record) -> dict[str, str]:
    """Give the sentence of each service that failed as a whole."""
    return {name: entry["said"] for name, entry in record["services"].items() if entry["said"]}


def result_groups(group: Iterable[FindingRecord], probed: Iterable[FindingRecord] = ()) -> tuple[ResultGroup, ...]:
    """Group the findings of a route by what happened, with the credentials that it happened to.

    Long lists of credentials are shortened where `probed` says what the route was presented with in all.
    """
    every = tuple(probed)
    results: dict[tuple[str, str, str], list[FindingRecord]] = {}
    for finding in group:
        detail = finding["detail"] + (f"; {finding['confirmed']}" if finding["confirmed"] else "")
        results.setdefault((finding["verdict"], finding["reason"], detail), []).append(finding)
    return tuple(
        ResultGroup(
            verdict=verdict,
            reason=why,
            detail=detail,
            credentials=tuple(map(presented_by, findings)),
            presented=_shortened(findings, every) if every else ", ".join(map(presented_by, findings)),
        )
        for (verdict, why, detail), findings in results.items()
    )


def presented_by(finding: FindingRecord) -> str:
    """Name what a probe presented: its credential, and its variant if it has one."""
    return finding["credential"] + (f" + {finding['variant']}" if finding["variant"] else "")


def _shortened(findings: Sequence[FindingRecord], probed: Sequence[FindingRecord]) -> str:
    """Name the credentials of a result; the whole ladder, with no credential at all in it, has one name."""
    names = [presented_by(finding) for finding in findings]
    plain = {finding["credential"] for finding in findings if not finding["variant"]}
    ladder = {finding["credential"] for finding in probed if not finding["variant"]}
    if len(plain) > _FEW and plain == ladder and _ANONYMOUS in plain:
        variants = sum(1 for finding in findings if finding["variant"])
        return NONE_TOO + (f"; and with {variants} variant{'' if variants == 1 else 's'}" if variants else "")
    if len(names) <= _MOST_NAMED + 1:
        return ", ".join(names)
    return f"{', '.join(names[:_MOST_NAMED])} and {len(names) - _MOST_NAMED} more"


def since_of(group: Iterable[FindingRecord]) -> str | None:
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
    return [*record["notes"], *map(override_line, record["overrides"])]


def override_line(entry: OverrideRecord) -> str:
    """Say what was changed for a run, and where that was given."""
    return "changed for this run: " + f"{entry['option']} {entry['value']}".rstrip() + f" (from {entry['given_by']})"
