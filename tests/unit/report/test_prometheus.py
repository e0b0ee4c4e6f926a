"""Metrics: read back by Prometheus' own parser, with what an alert asks for there in every run."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from prometheus_client.parser import text_string_to_metric_families

from prober.model import Verdict
from prober.report.prometheus import MOST_ROUTES, render_prometheus
from prober.report.record import record

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.model import Finding, Report
    from prober.report.shape import Record


def samples(whole: Record) -> dict[tuple[str, ...], float]:
    """Every sample by its name and the values of its labels."""
    families = list(text_string_to_metric_families(render_prometheus(whole)))
    assert {family.type for family in families} == {"gauge"}
    assert all(family.documentation for family in families)
    return {(s.name, *s.labels.values()): s.value for family in families for s in family.samples}


def test_a_leak_is_seen_by_surface_and_by_route(mixed_report: Report) -> None:
    found = samples(record(mixed_report))
    assert found["lockdown_exit_status",] == 1
    assert found["lockdown_findings", "migrate", "leak"] == 2
    assert found["lockdown_route_leaks", "migrate", "POST /api/migrate"] == 2


def test_what_is_not_there_is_a_nought_and_not_a_gap(mixed_report: Report) -> None:
    """An alert on a metric that is missing stays silent."""
    found = samples(record(mixed_report))
    assert found["lockdown_findings", "migrate", "drift"] == 0
    assert found["lockdown_run_verdict", "leak"] == 1
    assert found["lockdown_run_verdict", "locked"] == 0
    assert {labels[1:] for labels in found if labels[0] == "lockdown_findings"} == {
        (surface, verdict) for surface in ("me", "migrate") for verdict in Verdict
    }


def test_the_metrics_count_what_the_record_counts(mixed_report: Report) -> None:
    whole = record(mixed_report)
    found = samples(whole)
    for verdict, count in whole["counts"].items():
        assert (
            sum(value for key, value in found.items() if key[0] == "lockdown_findings" and key[2] == verdict) == count
        )
    assert found["lockdown_routes", "probed"] == whole["coverage"]["probed"]
    assert found["lockdown_routes", "skipped"] == whole["coverage"]["skipped"]
    assert found["lockdown_requests",] == whole["requests"]
    assert found["lockdown_surfaces_unseen", "not-served"] == 1
    assert found["lockdown_surfaces_unseen", "not-tried"] == 1


def test_times_are_seconds(mixed_report: Report) -> None:
    found = samples(record(mixed_report))
    assert found["lockdown_run_started_timestamp_seconds",] == 1795341600
    assert found["lockdown_run_duration_seconds",] == 1.234


def test_a_run_says_what_it_was_and_whom_it_met(mixed_report: Report) -> None:
    found = samples(record(replace(mixed_report, interrupted=True)))
    assert found["lockdown_info", "1.2.3", "oauth", "unknown", "standard", ""] == 1
    assert found["lockdown_service_alive", "web"] == 1
    assert found["lockdown_run_interrupted",] == 1


def test_waivers_are_counted_by_what_became_of_them(mixed_report: Report) -> None:
    whole = record(mixed_report)
    assert not [key for key in samples(whole) if key[0] == "lockdown_waivers"]
    whole["waivers"] = [{
        "finding": "*", "surface": None, "reason": "r", "owner": "o", "expires": "2026-12-01", "state": "expired", "probes": 1,
        "waived": 0, "source": "w.yaml:1",
    }]  # fmt: skip
    found = samples(whole)
    assert found["lockdown_waivers", "expired"] == 1
    assert found["lockdown_waivers", "applied"] == 0


@pytest.mark.parametrize("name", ['a"b', "a\\b", 'a\\"b', "a\\nb", "a{b}=,c", "ä 日本"])
def test_a_label_is_read_back_as_it_was(
    finding_of: Callable[..., Finding], report_of: Callable[..., Report], name: str
) -> None:
    whole = record(report_of(finding_of(surface=name, path=f"/{name}")))
    found = samples(whole)
    assert found["lockdown_findings", name, "leak"] == 1
    assert found["lockdown_route_leaks", name, f"GET /{name}"] == 1


def test_there_are_only_so_many_routes(finding_of: Callable[..., Finding], report_of: Callable[..., Report]) -> None:
    """A deployment that is open everywhere must not fill the database of the monitoring."""
    whole = record(report_of(*(finding_of(path=f"/{number}") for number in range(MOST_ROUTES + 1))))
    found = samples(whole)
    assert len([key for key in found if key[0] == "lockdown_route_leaks"]) == MOST_ROUTES
    assert found["lockdown_findings", "me", "leak"] == MOST_ROUTES + 1
