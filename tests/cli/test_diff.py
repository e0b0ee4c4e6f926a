"""`prober diff` of two reports, and what becomes of an earlier report when a run starts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.demo_runs import DOOR, ME, demo, keep, prober, run

pytestmark = pytest.mark.usefixtures("own_folder")


@pytest.fixture
def reports(own_folder: None) -> None:  # noqa: ARG001 - they are written in this folder
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
    assert done.stdout.splitlines()[-1] == "OPENED: 1 route is open that was not"
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
    assert told["said"].startswith("CHANGED: no route opened")


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
