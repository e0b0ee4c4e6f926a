"""Accepted findings: what a waiver excuses, until when, and what it never does."""

from __future__ import annotations

from pathlib import Path

import pytest

from prober.demo.server import running
from prober.demo.stacks import STACKS
from tests.support.demo_runs import DOOR, ME, ONE, demo, finding, prober, run, waive

pytestmark = pytest.mark.usefixtures("own_folder")


def test_a_waived_leak_is_still_found_and_is_counted_in_the_last_line() -> None:
    with demo(DOOR) as url:
        status, report, last = run(url, *waive(f"{ME} *"))
    found = finding(report, f"{ME} [anonymous]")
    assert (status, report["verdict"]) == (0, "locked")
    assert (found["verdict"], found["reason"], found["status"]) == ("skipped", "waived", 200)
    assert (found["waiver"], found["waived"]) == (f"{ME} *", "leak: granted")
    assert found["detail"].startswith("waived until 2999-12-31 by ops (leak, granted: got 200, expected 401")
    assert found["detail"].endswith(": Mended in release 7.")
    count = sum(1 for entry in report["findings"] if entry["waived"])
    assert report["waivers"] == [
        {"finding": f"{ME} *", "surface": None, "reason": "Mended in release 7.", "owner": "ops", "expires": "2999-12-31",
         "state": "applied", "probes": count + 36, "waived": count, "source": "waivers.yaml:2"},
    ]  # fmt: skip
    assert count > 1
    assert last.endswith(f"{count} findings waived ({count} leaks)")


def test_a_waiver_of_another_finding_waives_nothing() -> None:
    with demo(DOOR) as url:
        status, report, last = run(url, *waive("health: GET /api/readyz *"))
    assert (status, finding(report, f"{ME} [anonymous]")["verdict"]) == (1, "leak")
    assert last.startswith("LEAK: 1 route is open to anyone")
    assert report["notes"] == [
        "waiver 'health: GET /api/readyz *' of ops, waivers.yaml:2, is not needed: all that it covers in this run is locked"
    ]


def test_an_expired_waiver_waives_nothing_and_is_said_at_the_top() -> None:
    with demo(DOOR) as url:
        status, report, _ = run(url, *waive(f"{ME} *", expires="2020-01-01"))
    assert status == 1
    assert report["notes"][0].endswith("has expired and does not apply any more: it was valid until 2020-01-01")
    assert report["waivers"][0]["state"] == "expired"


def test_where_all_is_waived_there_is_no_verdict() -> None:
    with demo(DOOR) as url:
        assert run(url, what=ONE)[0] == 1
        status, report, last = run(url, *waive(f"{ME} *"), what=ONE)
    assert (status, report["verdict"]) == (2, "unproven")
    assert last.startswith("NO VERDICT")


def test_what_is_required_cannot_be_waived() -> None:
    with demo(DOOR) as url:
        status, report, _ = run(url, *waive(f"{ME} *"), "--require", f"{ME} [anonymous]")
    assert status == 2
    assert any(note.startswith(f"required, but skipped: {ME} [anonymous] (waived until") for note in report["notes"])


def test_a_surface_is_waived_only_by_its_name() -> None:
    with demo(DOOR) as url:
        refused = prober("run", "--profile", "oauth", "--base-url", url, "--surface", "me", *waive("me: *"))
        status, report, _ = run(url, *waive("me", what="surface"))
    assert (refused.returncode, refused.stdout) == (78, "")
    assert refused.stderr == (
        "waivers.yaml:2: 'me: *' covers every probe of surface 'me'\n"
        "  fix: name fewer findings, or write 'surface: me' instead of 'finding' to waive all of it\n"
    )
    assert (status, finding(report, f"{ME} [anonymous]")["waiver"]) == (0, "surface: me")


def test_the_deployments_own_waivers_lie_beside_it() -> None:
    Path("lock").mkdir()
    waive(f"{ME} *")
    Path("waivers.yaml").rename("lock/own.yaml")
    Path("lock/prober.yaml").write_text("waivers: own.yaml\n", encoding="utf-8")
    with demo(DOOR) as url:
        status, report, _ = run(url, "--deployment", "lock/prober.yaml")
        other, _, _ = run(url, "--deployment", "lock/prober.yaml", *waive("health: GET /api/readyz *"))
    assert (status, report["waivers"][0]["source"]) == (0, "lock/own.yaml:2")
    assert other == 1


def test_a_plan_reads_the_waivers_too() -> None:
    done = prober("plan", "--profile", "oauth", "--base-url", "http://h", "--surface", "me", *waive("me: *"))
    assert done.returncode == 78


def test_a_dead_stack_that_is_all_waived_is_no_verdict() -> None:
    with running("oauth", stack=STACKS["hangs-up"]) as here:
        status, report, _ = run(here.web_url, *waive("me", what="surface"), "--attempts", "1", what=ONE)
    assert (status, report["counts"]["locked"]) == (2, 0)
    assert finding(report, f"{ME} [anonymous]")["waived"].startswith("unreachable: ")
