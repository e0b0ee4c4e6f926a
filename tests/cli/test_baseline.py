"""Waivers, a baseline and `prober diff`, as users run them, against the demo with a door open and shut."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from prober.demo.doors import door_named
from prober.demo.server import running
from prober.demo.stacks import STACKS

if TYPE_CHECKING:
    from collections.abc import Iterator

PROBER = Path(sys.executable).with_name("prober")
DOOR = "dev-shim-behind-oauth"
ME = "me: GET /api/me"
WAIVER = "waivers:\n  - {what}: '{name}'\n    reason: Mended in release 7.\n    owner: ops\n    expires: {expires}\n"


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@contextmanager
def demo(*doors: str) -> Iterator[str]:
    with running("oauth", doors=[door_named(name) for name in doors]) as here:
        yield here.web_url


def prober(*arguments: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PROBER_")}
    return subprocess.run([PROBER, *arguments], capture_output=True, text=True, timeout=60, check=False, env=clean)


TWO = ("--surface", "me", "--surface", "health", "--only", ME, "--only", "health")
ONE = ("--surface", "me", "--only", ME)


def run(url: str, *options: str, what: tuple[str, ...] = TWO) -> tuple[int, dict, str]:
    """Probe a route or two; give the exit status, the report, and the last line of the table."""
    done = prober("run", "--profile", "oauth", "--base-url", url, *what, "--report", "json=now.json", *options)
    assert done.stderr == ""
    return done.returncode, json.loads(Path("now.json").read_text()), done.stdout.splitlines()[-1]


def waive(name: str, *, what: str = "finding", expires: str = "2999-12-31") -> tuple[str, str]:
    Path("waivers.yaml").write_text(WAIVER.format(what=what, name=name, expires=expires), encoding="utf-8")
    return "--waivers", "waivers.yaml"


def keep(name: str) -> None:
    Path("now.json").rename(name)


def move(name: str, url: str) -> None:
    """Make it a report of the deployment at this URL: a demo that is started again has another port."""
    report = json.loads(Path(name).read_text())
    Path(name).write_text(json.dumps(report).replace(report["services"]["web"]["url"], url), encoding="utf-8")


def finding(report: dict, name: str) -> dict:
    return next(found for found in report["findings"] if found["id"] == name)


# --- waivers ----------------------------------------------------------------------------------------------------------


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


# --- baseline ---------------------------------------------------------------------------------------------------------


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


# --- diff -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def reports() -> None:
    """locked.json and open.json, of the same deployment before and after."""
    with demo() as url:
        run(url)
    keep("locked.json")
    with demo(DOOR) as url:
        run(url)
    keep("open.json")


@pytest.mark.usefixtures("reports")
def test_diff_says_what_opened_and_fails_only_where_it_is_told_to() -> None:
    done = prober("diff", "locked.json", "open.json")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1] == "OPENED: 1 door is open that was not"
    assert f"  {ME}: locked (as-promised) -> leak (granted) [anonymous" in done.stdout
    fails = {
        (a, b): [prober("diff", f"{a}.json", f"{b}.json", "--fail-on", word).returncode for word in ("opened", "new", "any")]
        for a, b in (("locked", "open"), ("open", "locked"), ("open", "open"))
    }  # fmt: skip
    assert fails == {("locked", "open"): [1, 1, 1], ("open", "locked"): [0, 0, 1], ("open", "open"): [0, 0, 0]}


@pytest.mark.usefixtures("reports")
def test_diff_in_json_is_read_by_a_parser() -> None:
    done = prober("diff", "open.json", "locked.json", "--format", "json")
    told = json.loads(done.stdout)
    assert told["counts"]["closed"] == len([entry for entry in told["differences"] if entry["change"] == "closed"]) > 0
    assert told["differences"][0]["before"] == {"verdict": "leak", "reason": "granted", "waived": None}
    assert told["said"].startswith("CHANGED: no door opened")


def test_diff_of_what_is_no_report_is_a_usage_error() -> None:
    Path("x.json").write_text('{"schema": 7, "findings": []}', encoding="utf-8")
    done = prober("diff", "x.json", "x.json")
    assert (done.returncode, done.stdout) == (64, "")
    assert (
        done.stderr == "error: x.json has schema 7, but this prober reads 1\n  fix: create it again with this prober\n"
    )


def test_an_earlier_report_is_taken_away_whatever_becomes_of_the_run(tmp_path: Path) -> None:
    """A deploy script that reads it must not take yesterday's verdict for today's."""
    stale = tmp_path / "report.json"
    stale.write_text('{"verdict": "locked"}')
    ended = prober(
        "run", "--profile", "no-such-profile", "--base-url", "http://127.0.0.1:9", "--report", f"json={stale}"
    )
    assert ended.returncode != 0
    assert not stale.exists()
