"""A whole run, as users start it: against real loopback deployments that are right, broken, late, slow or gone."""

from __future__ import annotations

import json
import threading
import time
from typing import TYPE_CHECKING

import pytest

from prober.demo.server import running
from tests.support.whole_run import (
    HEALTHY,
    NOT_FOUND,
    REFUSED,
    Reply,
    deployment,
    free_port,
    members_only,
    probed,
    prober,
)

if TYPE_CHECKING:
    from pathlib import Path


def test_a_locked_deployment_exits_0_and_every_finding_is_there() -> None:
    with deployment(members_only) as here:
        status, report = probed("--base-url", here.url, "--surface", "me", "--surface", "health")
    assert status == 0
    assert report["verdict"] == "locked"
    assert {f["id"] for f in report["findings"]} >= {
        "me: GET /api/me [anonymous]",
        "health: GET /api/healthz [anonymous]",
    }
    assert {f["answered_by"] for f in report["findings"]} == {"application"}


def test_surfaces_that_nobody_declared_and_nobody_serves_are_skipped_in_sight() -> None:
    with deployment(members_only) as here:
        status, report = probed("--base-url", here.url)
    assert status == 0
    assert "tokens" in report["not_served"]
    assert {f["reason"] for f in report["findings"] if f["surface"] == "tokens"} == {"not-served"}


def test_a_declared_surface_that_is_not_there_is_drift() -> None:
    with deployment(members_only) as here:
        status, report = probed("--base-url", here.url, "--surface", "me", "--surface", "tokens")
    assert status == 1
    assert {f["reason"] for f in report["findings"] if f["surface"] == "tokens"} <= {"missing", "uncompared"}


def test_everything_missing_but_health_is_a_wrong_base_and_no_lock() -> None:
    def only_health(_method: str, path: str) -> Reply:
        return HEALTHY if path == "/api/healthz" else NOT_FOUND

    with deployment(only_health) as here:
        status, report = probed("--base-url", here.url)
    assert status == 2
    assert {f["reason"] for f in report["findings"] if f["verdict"] == "unproven"} == {"wrong-base"}


def test_one_open_door_among_missing_ones_is_still_a_leak() -> None:
    def one_open(_method: str, path: str) -> Reply:
        return HEALTHY if path in {"/api/healthz", "/api/knowledge"} else NOT_FOUND

    with deployment(one_open) as here:
        status, report = probed("--base-url", here.url)
    assert status == 1
    assert "knowledge: GET /api/knowledge [anonymous]" in {
        f["id"] for f in report["findings"] if f["verdict"] == "leak"
    }


def test_handlers_that_do_not_find_an_id_are_there_although_they_say_404() -> None:
    def unguarded(method: str, path: str) -> Reply:
        unknown = (404, {"Content-Type": "application/json"}, b'{"error":"unknown_machine"}')
        return (
            unknown
            if path.startswith("/api/ingest/") and method == "POST" and "lockdown-probe" not in path
            else members_only(method, path)
        )

    with deployment(unguarded) as here:
        status, report = probed("--base-url", here.url)
    assert status == 1
    assert "handler-reached" in {f["reason"] for f in report["findings"] if f["surface"] == "ingest"}


def test_a_deployment_in_another_mode_is_said_first() -> None:
    with running("dev-shim") as demo:
        done = prober("run", "--profile", "oauth", "--base-url", demo.web_url, "--mcp-url", demo.mcp_url)
    assert done.returncode == 1
    assert done.stdout.startswith("The deployment looks like it runs in mode 'dev-shim'")


def test_a_door_that_acts_is_not_tried_again_once_it_has_opened() -> None:
    def opens_to_undefined(method: str, path: str) -> Reply:
        return HEALTHY if path == "/api/migrate" else members_only(method, path)

    with deployment(opens_to_undefined) as here:
        status, report = probed("--base-url", here.url, "--surface", "migrate")
        sent = [entry for entry in here.arrived if entry[1] == "/api/migrate"]
    assert status == 1
    assert len(sent) == 1
    assert report["counts"]["leak"] == 1
    assert "opened-already" in {f["reason"] for f in report["findings"]}


def test_every_request_says_who_sends_it_and_asks_not_to_be_cached() -> None:
    with deployment(members_only) as here:
        status, report = probed("--base-url", here.url, "--surface", "me")
    assert status == 0
    assert len(here.arrived) >= report["requests"] > 0
    own = f"lockdown-prober/0.1.0 (run {report['run']}; authentication probe)"
    ours = [headers for *_, headers in here.arrived if headers["User-Agent"] == own]
    others = [headers for *_, headers in here.arrived if headers["User-Agent"] != own]
    assert {headers["Cache-Control"] for headers in ours} == {"no-cache"}
    assert {headers["User-Agent"].partition("/")[0] for headers in others} == {"Mozilla", "curl", "kube-probe"}
    assert {headers["X-Lockdown-Probe"] for headers in others} == {report["run"]}  # the run is named all the same
    assert not any("Cookie" in headers or "Authorization" in headers for headers in others)


def test_a_limit_of_which_the_headers_tell_is_never_reached() -> None:
    allowance = {"left": 30, "until": 0.0}
    lock = threading.Lock()
    refused = []

    def limited(method: str, path: str) -> Reply:
        with lock:
            now = time.monotonic()
            if now >= allowance["until"]:
                allowance.update(left=30, until=now + 2)
            allowance["left"] -= 1
            left, reset = allowance["left"], int(allowance["until"] - now) + 1
        if left < 0:
            refused.append(path)
            return 429, {"Retry-After": str(reset)}, b"{}"
        number, headers, body = (
            REFUSED
            if path.startswith("/api/knowledge") and "lockdown-probe" not in path
            else members_only(method, path)
        )
        told = {"x-ratelimit-limit": "30", "x-ratelimit-remaining": str(left), "x-ratelimit-reset": str(reset)}
        return number, {**headers, **told}, body

    with deployment(limited) as here:
        status, report = probed("--base-url", here.url, "--surface", "knowledge", "--surface", "health")
    assert (status, refused) == (0, [])
    assert report["counts"]["locked"] > 30


def test_a_limit_that_says_nothing_until_its_first_429_is_waited_out() -> None:
    served = {"count": 0, "until": 0.0}
    lock = threading.Lock()

    def limited(method: str, path: str) -> Reply:
        with lock:
            now = time.monotonic()
            if now >= served["until"]:
                served.update(count=0, until=now + 2)
            served["count"] += 1
            over = served["count"] > 25
        if over:
            return 429, {"Retry-After": "2"}, b"{}"
        return (
            REFUSED
            if path.startswith("/api/knowledge") and "lockdown-probe" not in path
            else members_only(method, path)
        )

    with deployment(limited) as here:
        status, report = probed("--base-url", here.url, "--surface", "knowledge", "--surface", "health")
    assert (status, report["counts"]["unproven"]) == (0, 0)


def test_one_open_origin_of_tls_that_nobody_vouches_for_is_unreachable(tmp_path: Path) -> None:
    done = prober(
        "run", "--profile", "oauth", "--base-url", "https://127.0.0.1:1", "--cacert", str(tmp_path / "none.pem")
    )
    assert done.returncode == 64
    assert "holds no certificates" in done.stderr


def test_reports_appear_whole_and_an_old_one_does_not_survive(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_text("old")
    with deployment(members_only) as here:
        prober("run", "--profile", "oauth", "--base-url", here.url, "--surface", "me", "--report", f"json={path}")
        assert json.loads(path.read_text())["verdict"] == "locked"
        url = f"http://127.0.0.1:{free_port()}"
        prober("run", "--profile", "oauth", "--base-url", url, "--surface", "me", "--report", f"json={path}")
    assert json.loads(path.read_text())["verdict"] == "unreachable"
    assert list(tmp_path.iterdir()) == [path]


def test_a_required_probe_that_is_skipped_is_no_verdict() -> None:
    def with_reminders(method: str, path: str) -> Reply:
        return REFUSED if path == "/api/downtime/actions/reminders" else members_only(method, path)

    with deployment(with_reminders) as here:
        chosen = ("--base-url", here.url, "--surface", "me", "--surface", "reminders")
        assert probed(*chosen)[0] == 0
        status, report = probed(*chosen, "--require", "reminders: *")
    assert status == 2
    assert report["notes"][0].startswith("required, but skipped: reminders: POST")


def test_drift_can_be_tolerated_and_a_leak_can_not() -> None:
    def drifts(method: str, path: str) -> Reply:
        return (403, {}, b"") if path == "/api/me" else members_only(method, path)

    def leaks(method: str, path: str) -> Reply:
        return HEALTHY if path == "/api/me" else members_only(method, path)

    chosen = ("--surface", "me", "--tolerate", "drift")
    with deployment(drifts) as here:
        assert probed("--base-url", here.url, *chosen)[0] == 0
        assert probed("--base-url", here.url, "--surface", "me")[0] == 1
    with deployment(leaks) as here:
        assert probed("--base-url", here.url, *chosen)[0] == 1


@pytest.mark.parametrize("depth", ["quick", "standard", "deep"])
def test_a_route_that_may_act_is_sent_once_when_it_leads_strangers_to_another_origin(depth: str) -> None:
    elsewhere: Reply = (302, {"Location": "https://elsewhere.example/done"}, b"")

    def migrates(method: str, path: str) -> Reply:
        return elsewhere if (method, path) == ("POST", "/api/migrate") else members_only(method, path)

    with deployment(migrates) as here:
        status, report = probed("--base-url", here.url, "--surface", "migrate", "--surface", "health", "--depth", depth)
    sent = [path for method, path, _ in here.arrived if (method, path) == ("POST", "/api/migrate")]
    assert (status, len(sent)) == (1, 1)
    assert {f["reason"] for f in report["findings"] if f["verdict"] == "leak"} == {"granted"}
