"""The metrics of the watch."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from prober.canary.metrics import Metrics
from tests.support.status_visits import AT, get, kept, now_of

if TYPE_CHECKING:
    from pathlib import Path

    from prober.canary.snapshot import Snapshot
    from prober.report.shape import Record

pytestmark = pytest.mark.integration


def test_the_last_run_and_what_stands_are_measured(tmp_path: Path, leaking: Record) -> None:
    now = now_of(leaking, AT + 90, missed=3, crashed=2, last_locked=AT - 500)
    status, head, body = get(now, kept(tmp_path, leaking), "/metrics")
    found = dict(line.rsplit(" ", 1) for line in body.splitlines() if line and not line.startswith("#"))
    assert (status, "text/plain; version=" in head) == (200, True)
    assert float(found['lockdown_canary_exposure_seconds{surface="migrate"}']) == 90
    assert float(found['lockdown_canary_exposure_seconds{surface="me"}']) == 0
    assert float(found['lockdown_canary_standing{surface="migrate",verdict="leak"}']) == 2
    assert float(found['lockdown_findings_by_reason{reason="granted",verdict="leak"}']) == 2
    assert float(found['lockdown_canary_runs_total{state="crashed"}']) == 2
    assert {name: float(found[name]) for name in found if "canary" in name and "{" not in name} == {
        "lockdown_canary_started_timestamp_seconds": AT - 60, "lockdown_canary_last_finished_timestamp_seconds": AT + 90,
        "lockdown_canary_last_success_timestamp_seconds": AT - 500, "lockdown_canary_missed_beats_total": 3,
        "lockdown_canary_alerts_queued": 0, "lockdown_canary_history_up": 1,
    }  # fmt: skip
    assert float(found["lockdown_exit_status"]) == 1
    assert float(found["process_resident_memory_bytes"]) > 0


def test_openmetrics_are_given_where_they_are_asked_for(tmp_path: Path, leaking: Record) -> None:
    _, head, body = get(now_of(leaking), kept(tmp_path, leaking), "/metrics", "Accept: application/openmetrics-text")
    assert "application/openmetrics-text" in head
    assert body.endswith("# EOF\n")


def test_a_deployment_that_names_ever_new_releases_makes_no_endless_series(leaking: Record) -> None:
    at: list[Snapshot] = [now_of(leaking)]
    metrics = Metrics(lambda: at[0])
    seen: set[str] = set()
    for number in range(300):
        found = leaking.copy()
        found["release"] = f"{number}-" + "x" * 500
        at[0] = now_of(found)
        body = metrics.render("", queued=0)[0].decode()
        release = re.search(r'release="([^"]*)"', body)
        assert release is not None
        assert len(release[1]) <= 64
        seen.add(release[1])
    assert len(seen) == 201
    assert "other" in seen


def test_expiry_of_a_certificate_is_a_metric(leaking: Record) -> None:
    found = leaking.copy()
    found["services"] = {"web": {**leaking["services"]["web"], "tls_expires": "2001-09-09T01:46:40Z"}}
    body = Metrics(lambda: now_of(found)).render("", queued=0)[0].decode()
    assert 'lockdown_service_tls_expires_timestamp_seconds{service="web"} 1e+09' in body
