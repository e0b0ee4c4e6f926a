"""Waivers, a baseline and `prober diff`, as users run them, against the demo with a door open and shut."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from prober.demo.server import running
from prober.demo.stacks import STACKS
from tests.support.demo_runs import DOOR, ME, ONE, demo, finding, keep, move, prober, run, waive

pytestmark = pytest.mark.usefixtures("own_folder")


def test_a_door_that_opens_is_told_from_one_that_was_open() -> None:
    with demo() as url:
        assert run(url)[0] == 0
    keep("locked.json")
    with demo(DOOR) as url:
        move("locked.json", url)
        status, report, last = run(url, "--baseline", "locked.json", "--fail-on", "new")
        keep("open.json")
        again, known, known_last = run(url, "--baseline", "open.json", "--fail-on", "new")
        strict, _, _ = run(url, "--baseline", "open.json")
    then = json.loads(Path("locked.json").read_text())
    found = finding(report, f"{ME} [anonymous]")
    assert (status, report["verdict"], found["change"], found["since"]) == (1, "leak", "opened", report["started_at"])
    assert f"since the report of {then['started_at']}: 1 opened" in last
    assert report["baseline"]["opened"] == sum(1 for entry in report["findings"] if entry["verdict"] == "leak")
    still = finding(known, f"{ME} [anonymous]")
    assert (again, known["verdict"], known["exit_status"]) == (0, "leak", 0)
    assert (still["verdict"], still["change"], still["since"]) == ("leak", None, report["started_at"])
    assert (
        known_last
        == f"KNOWN: nothing new since the report of {report['started_at']}; 1 route is still open; 36 probes of 1 route skipped"
    )
    assert (known["baseline"]["fail_on"], known["baseline"]["known"]) == ("new", report["baseline"]["opened"])
    assert strict == 1


def test_a_door_that_closes_is_said_to_have_closed() -> None:
    with demo(DOOR) as url:
        run(url)
    keep("open.json")
    with demo() as url:
        move("open.json", url)
        status, report, last = run(url, "--baseline", "open.json", "--fail-on", "new")
    found = finding(report, f"{ME} [anonymous]")
    assert (status, found["change"], found["since"]) == (0, "closed", None)
    assert last.startswith("LOCKED: ")
    assert "1 closed" in last


def test_nobody_there_fails_whatever_was_known() -> None:
    with running("oauth", stack=STACKS["hangs-up"]) as here:
        run(here.web_url, "--attempts", "1")
        keep("dead.json")
        status, report, _ = run(here.web_url, "--attempts", "1", "--baseline", "dead.json", "--fail-on", "new")
    assert (status, report["baseline"]["known"]) == (2, 0)


def test_a_waiver_that_ends_fails_though_the_baseline_knew_of_it() -> None:
    with demo(DOOR) as url:
        assert run(url, *waive(f"{ME} *"))[0] == 0
        keep("waived.json")
        status, report, _ = run(url, "--baseline", "waived.json", "--fail-on", "new")
    assert (status, finding(report, f"{ME} [anonymous]")["change"]) == (1, "changed")


def test_known_doors_alone_lock_nothing() -> None:
    with demo(DOOR) as url:
        run(url, what=ONE)
        keep("open.json")
        status, report, last = run(url, "--baseline", "open.json", "--fail-on", "new", what=ONE)
    assert (status, report["verdict"]) == (2, "leak")
    assert last.startswith("NO VERDICT")


@pytest.mark.parametrize(
    ("was", "then", "apart"),
    [
        pytest.param('"profile": "oauth"', '"profile": "dev-shim"', "profile dev-shim then, oauth now", id="profile"),
        pytest.param("{url}", "https://other.example", "web https://other.example then, {url} now", id="url"),
    ],
)
def test_a_baseline_of_another_deployment_is_refused(was: str, then: str, apart: str) -> None:
    with demo() as url:
        run(url, what=ONE)
        Path("other.json").write_text(
            Path("now.json").read_text().replace(was.replace("{url}", url), then), encoding="utf-8"
        )
        done = prober("run", "--profile", "oauth", "--base-url", url, "--baseline", "other.json")
    assert done.returncode == 64
    expected = f"error: the baseline other.json is of another deployment: {apart.replace('{url}', url)}\n"
    assert done.stderr.startswith(expected)


def test_a_clock_that_went_back_revives_no_waiver() -> None:
    with demo(DOOR) as url:
        run(url, what=ONE)
        text = Path("now.json").read_text()
        started = json.loads(text)["started_at"]
        Path("later.json").write_text(text.replace(started, "2998-01-01T00:00:00Z"), encoding="utf-8")
        waiver = waive(f"{ME} *", expires="2997-12-31")
        assert run(url, *waiver)[0] == 0
        status, report, _ = run(url, *waiver, "--baseline", "later.json")
    assert status == 1
    assert report["waivers"][0]["state"] == "expired"
    assert "but an earlier run is of 2998-01-01T00:00:00Z: waivers end by the later" in " ".join(report["notes"])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        pytest.param(
            ["--fail-on", "new"], "--fail-on new has nothing to compare with\n  fix: give --baseline FILE, an earlier report", id="no-baseline"
        ),
        pytest.param(
            ["--baseline", "no.json"], "cannot read no.json: No such file or directory\n  fix: name a file that --report json=FILE wrote",
            id="missing",
        ),
        pytest.param(["--baseline", "bad.json"], "bad.json is not JSON\n  fix: name a file that --report json=FILE wrote", id="no-json"),
        pytest.param(
            ["--baseline", "cut.json"], "cut.json is of a run that was interrupted\n  fix: give the report of a run that ended",
            id="interrupted",
        ),
        pytest.param(
            ["--baseline", "link.json", "--report", "json=cut.json"],
            "--report 'json=cut.json' would write over the baseline\n"
            "  fix: write the report elsewhere, and make it the baseline once what it says is accepted",
            id="written-over",
        ),
    ],
)  # fmt: skip
def test_a_baseline_that_cannot_be_one_is_a_usage_error(options: list[str], message: str) -> None:
    with demo() as url:
        run(url)
    text = Path("now.json").read_text().replace('"interrupted": false', '"interrupted": true')
    Path("cut.json").write_text(text, encoding="utf-8")
    Path("bad.json").write_bytes(b"\xff")
    Path("link.json").symlink_to("cut.json")
    done = prober("run", "--profile", "oauth", "--base-url", "http://127.0.0.1:9", "--surface", "me", *options)
    assert (done.returncode, done.stdout, done.stderr) == (64, "", f"error: {message}\n")
    assert Path("cut.json").read_text() == text
