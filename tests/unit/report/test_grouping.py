"""Findings by route: grouped as they came, and red only where the run fails by them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from prober.model import ExitStatus, Reason, Verdict
from prober.report.grouping import bad_routes, fails, file_and_line, result_groups, route_of, since_of
from prober.report.record import record

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.model import Finding, Report
    from prober.report.shape import BaselineRecord, Record


@pytest.fixture
def whole(finding_of: Callable[..., Finding], report_of: Callable[..., Report]) -> Record:
    """Give the record of one open door, and of one that is only open to somebody else."""
    other = finding_of(credential="bogus", variant="subrequest")
    return record(report_of(finding_of(), other, finding_of(Verdict.LOCKED, Reason.AS_PROMISED, path="/b")))


def beside(fail_on: str) -> BaselineRecord:
    return {
        "run": "r", "started_at": "2026-11-01T00:00:00Z", "profile": "oauth", "depth": "standard", "fail_on": fail_on, "known": 1,
        "opened": 0, "closed": 0, "changed": 0, "new": 0, "gone": 0,
    }  # fmt: skip


def test_one_route_is_one_group_and_what_happened_alike_is_told_once(whole: Record) -> None:
    routes = bad_routes(whole, Verdict.LEAK)
    assert list(routes) == ["me: GET /api/me"] == [route_of(whole["findings"][1])]
    assert list(map(str, result_groups(routes["me: GET /api/me"]))) == [
        "granted: got 200, expected 401 [anonymous, bogus + subrequest]"
    ]


def test_a_second_look_that_differs_is_another_way(whole: Record) -> None:
    whole["findings"][1]["confirmed"] = "got 401 again"
    assert [way.detail for way in result_groups(whole["findings"][:2])] == [
        "got 200, expected 401", "got 200, expected 401; got 401 again",
    ]  # fmt: skip


def test_since_when_is_the_earliest_that_is_known(whole: Record) -> None:
    assert since_of(whole["findings"]) is None
    whole["findings"][1]["since"] = "2026-11-02T00:00:00Z"
    whole["findings"][0]["since"] = "2026-11-03T00:00:00Z"
    assert since_of(whole["findings"]) == "2026-11-02T00:00:00Z"


@pytest.mark.parametrize(
    ("fail_on", "change", "since", "exit_status", "failing"),
    [
        pytest.param(None, None, None, ExitStatus.LEAK, True, id="a-leak"),
        pytest.param(None, None, None, ExitStatus.LOCKED, False, id="tolerated"),
        pytest.param(None, None, None, ExitStatus.NO_VERDICT, False, id="no-verdict"),
        pytest.param("any", None, "2026-11-01T00:00:00Z", ExitStatus.LEAK, True, id="known-and-that-is-no-excuse"),
        pytest.param("new", None, "2026-11-01T00:00:00Z", ExitStatus.LEAK, False, id="known"),
        pytest.param("new", "opened", "2026-11-22T10:00:00Z", ExitStatus.LEAK, True, id="opened"),
        pytest.param("new", "new", None, ExitStatus.LEAK, True, id="new"),
    ],
)
def test_what_fails_the_run_is_red(
    whole: Record, fail_on: str | None, change: str | None, since: str | None, exit_status: int, *, failing: bool
) -> None:
    whole["exit_status"] = exit_status
    whole["baseline"] = None if fail_on is None else beside(fail_on)
    whole["findings"][0] |= {"change": change, "since": since}
    assert fails(whole["findings"][0], whole) is failing
    assert not fails(whole["findings"][2], whole)


@pytest.mark.parametrize(
    ("source", "place"),
    [
        pytest.param("probes/me.yaml:4", ("probes/me.yaml", 4), id="file-and-line"),
        pytest.param("probes/me.yaml", ("probes/me.yaml", 1), id="file"),
        pytest.param("a:b", ("a:b", 1), id="no-number"),
        pytest.param("a:0", ("a:0", 1), id="no-line"),
        pytest.param(":4", (":4", 1), id="no-file"),
    ],
)
def test_a_source_is_a_file_and_a_line(source: str, place: tuple[str, int]) -> None:
    assert file_and_line(source) == place
