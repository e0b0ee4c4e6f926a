"""Causes: what one fix closes is one entry, what is worse comes first, and nothing that is bad is in no entry."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from prober.model import Reason, Verdict
from prober.report.causes import causes
from prober.report.grouping import NONE_TOO
from prober.report.record import record

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.model import Finding, Report

    Make = Callable[..., Finding]
    MakeReport = Callable[..., Report]

LADDER = ("anonymous", "bearer-undefined", "bearer-two-spaces", "bogus-bearer", "alg-none")
PROVES_NOTHING = {"verdict": Verdict.UNPROVEN, "reason": Reason.GATEWAY, "detail": "got 502 of a gateway"}
REACHED = {"verdict": Verdict.DRIFT, "reason": Reason.HANDLER_REACHED, "detail": "got 400, expected 401"}


def guarded(finding: Finding, guard: str) -> Finding:
    return replace(finding, probe=replace(finding.probe, route=replace(finding.probe.route, guard=guard)))


def names(report: Report) -> list[list[str]]:
    return [[route.name for route in cause.routes] for cause in causes(record(report))]


def test_an_endpoint_of_many_requests_is_one_entry(finding_of: Make, report_of: MakeReport) -> None:
    """As an unguarded MCP server: every request to its path has a guard of its own, and one fix closes them all."""
    mcp = {"surface": "mcp", "service": "mcp", "path": "/mcp"}
    report = report_of(
        finding_of(method="GET", **REACHED, **mcp),
        guarded(finding_of(method="POST", fix="Check the token.", **mcp), "mcp-token"),
        guarded(finding_of(method="DELETE", fix="Check it on DELETE.", **mcp), "mcp-stream"),
    )
    (cause,) = causes(record(report))
    assert [route.name for route in cause.routes] == ["mcp: POST /mcp", "mcp: DELETE /mcp", "mcp: GET /mcp"]
    assert cause.title() == "mcp: 2 routes are open to anyone, 1 more not locked (guard mcp-token)"
    assert cause.fixes == ("Check the token.", "Check it on DELETE.", "Call requireSession() first.")


@pytest.mark.parametrize(
    ("other", "entries"),
    [
        pytest.param({}, 1, id="the-same-guard-and-fix"),
        pytest.param({"surface": "orgs"}, 1, id="of-another-surface"),
        pytest.param({"fix": "Another one."}, 2, id="another-fix"),
        pytest.param({"service": "mcp"}, 2, id="another-service"),
        pytest.param({"credential": "bogus-bearer"}, 2, id="a-guard-that-lets-in-something-else"),
        pytest.param({"reason": Reason.DISCLOSED}, 2, id="another-reason"),
    ],
)
def test_open_routes_share_a_cause_where_one_fix_closes_them(
    finding_of: Make, report_of: MakeReport, other: dict[str, str], entries: int
) -> None:
    assert len(names(report_of(finding_of(path="/a"), finding_of(path="/b", **other)))) == entries


def test_an_open_path_does_not_tie_others_to_it_by_its_drift(finding_of: Make, report_of: MakeReport) -> None:
    report = report_of(
        finding_of(path="/a"), finding_of(path="/a", method="POST", **REACHED), finding_of(path="/b", **REACHED),
        finding_of(path="/c", fix="Another one."), finding_of(path="/c", method="PUT", **REACHED),
    )  # fmt: skip
    assert sorted(map(sorted, names(report))) == [
        ["me: GET /a", "me: POST /a"], ["me: GET /b"], ["me: GET /c", "me: PUT /c"],
    ]  # fmt: skip


def test_the_worst_comes_first(finding_of: Make, report_of: MakeReport) -> None:
    """By the verdict, and then by what an open route gives away."""
    report = report_of(
        finding_of(path="/d", **PROVES_NOTHING),
        *(finding_of(path=path, method=method, fix=path) for method, path in (
            ("GET", "/status"), ("GET", "/api/users"), ("POST", "/api/things"), ("GET", "/api/tokens"),
        )),
        finding_of(path="/api/keys", **REACHED),
    )  # fmt: skip
    assert names(report) == [
        ["me: GET /api/tokens"], ["me: POST /api/things"], ["me: GET /api/users"], ["me: GET /status"],
        ["me: GET /api/keys"], ["me: GET /d"],
    ]  # fmt: skip


def test_a_service_that_failed_as_a_whole_is_left_out_and_its_leaks_are_not(mixed_report: Report) -> None:
    service = replace(mixed_report.services[0], said="it is paused")
    assert names(replace(mixed_report, services=(service,))) == [["migrate: POST /api/migrate"], ["me: GET /api/b"]]


def test_no_bad_route_is_lost(mixed_report: Report) -> None:
    whole = record(mixed_report)
    bad = {f["route"] for f in whole["findings"] if f["verdict"] not in {Verdict.LOCKED, Verdict.SKIPPED}}
    assert {name for entry in names(mixed_report) for name in entry} == bad


@pytest.mark.parametrize(
    ("let_in", "variants", "shown"),
    [
        pytest.param(LADDER, 0, NONE_TOO, id="the-whole-ladder"),
        pytest.param(LADDER, 2, f"{NONE_TOO}; and with 2 variants", id="and-variants"),
        pytest.param(LADDER[1:], 0, ", ".join(LADDER[1:]), id="not-without-a-credential"),
        pytest.param(LADDER[:1], 0, "anonymous", id="one"),
        pytest.param(LADDER[:1], 6, "anonymous, anonymous + v0, anonymous + v1, anonymous + v2 and 3 more", id="many"),
    ],
)
def test_a_full_ladder_has_one_name(
    finding_of: Make, report_of: MakeReport, let_in: tuple[str, ...], variants: int, shown: str
) -> None:
    refused = [finding_of(Verdict.LOCKED, Reason.AS_PROMISED, credential=name) for name in LADDER if name not in let_in]
    dressed = [finding_of(variant=f"v{number}") for number in range(variants)]
    (cause,) = causes(record(report_of(*(finding_of(credential=name) for name in let_in), *dressed, *refused)))
    (result,) = cause.routes[0].results()
    assert result.presented == shown
    assert len(result.credentials) == len(let_in) + variants
