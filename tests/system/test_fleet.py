"""`prober fleet` against loopback servers: every deployment gets a verdict, each is probed once, and none waits for another."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.support.fleet import Behind, until, write_fleet
from tests.support.fleet_client import lost, named, pids_of, read, run, started, verdicts

pytestmark = pytest.mark.integration
TWO = ("--processes", "2")


def test_two_leaks_of_a_fleet_are_found_and_the_others_are_locked(behind: Behind, tmp_path: Path) -> None:
    behind.leaky |= {"127.0.0.14", "127.0.0.16"}
    status, record = run(write_fleet(tmp_path, behind, range(10, 22)), *TWO, "--records", str(tmp_path / "full"))
    assert (status, record["verdict"]) == (1, "leak")
    assert named(record, "leak") == {"shop-14", "shop-16"}
    assert record["counts"] == {"leak": 2, "drift": 0, "no-verdict": 0, "locked": 10}
    first = record["causes"][0]
    assert (first["route"], first["reason"], first["deployments"]) == ("GET /api/things/0", "granted", 2)
    assert first["apart"] == "env=preview (2 of 6)"
    assert {len(runs) for runs in behind.runs.values()} == {1}
    assert len(list((tmp_path / "full").glob("*.json.gz"))) == 12


def test_what_hangs_refuses_or_limits_holds_up_nobody_and_has_no_verdict(behind: Behind, tmp_path: Path) -> None:
    behind.hanging |= {"127.0.0.10", "127.0.0.11"}
    behind.limited |= {"127.0.0.12"}
    fleet = write_fleet(tmp_path, behind, range(10, 18))
    text = fleet.read_text(encoding="utf-8").replace(behind.url(13), "http://127.0.0.13:1")
    fleet.write_text(text, encoding="utf-8")
    started = time.monotonic()
    status, record = run(fleet, *TWO, "--timeout", "1", "--attempts", "1", "--deadline", "4")
    assert (status, record["verdict"]) == (2, "no-verdict")
    assert named(record, "no-verdict") == {"shop-10", "shop-11", "shop-12", "shop-13"}
    assert record["counts"]["locked"] == 4
    causes = {group["why"].partition(":")[0]: set(group["names"]) for group in record["no_verdicts"]}
    assert causes["timeout"] == {"shop-10", "shop-11"}
    assert causes["refused"] == {"shop-13"}
    assert time.monotonic() - started < 15


def test_a_killed_worker_loses_what_it_had_begun_and_nothing_is_begun_twice(behind: Behind, tmp_path: Path) -> None:
    behind.delay = 0.1
    client = started(write_fleet(tmp_path, behind, range(20, 32)), *TWO, "--at-once", "6")
    until(lambda: len(behind.runs) >= 4)
    os.kill(pids_of(client.pid)[0], signal.SIGKILL)
    record = read(client.communicate(timeout=60)[0])
    assert lost(record) == named(record, "no-verdict")
    assert 1 <= len(lost(record)) <= 6
    assert record["counts"]["locked"] == 12 - len(lost(record))
    assert client.returncode == 2
    assert {len(runs) for runs in behind.runs.values()} == {1}


def test_a_killed_client_leaves_a_journal_that_goes_on_where_it_ended(behind: Behind, tmp_path: Path) -> None:
    behind.delay = 0.1
    behind.leaky.add("127.0.0.27")
    fleet, journal = write_fleet(tmp_path, behind, range(20, 28)), tmp_path / "journal"
    text = (tmp_path / "probes" / "things.yaml").read_text(encoding="utf-8")
    acting = "- {route: POST /api/things/9, guard: session, effect: acts, inert: {json: {}}, why: w, fix: f}\n"
    (tmp_path / "probes" / "things.yaml").write_text(text.replace("routes:\n", f"routes:\n{acting}"), encoding="utf-8")
    client = started(fleet, *TWO, "--at-once", "3", "--journal", str(journal))
    until(lambda: journal.exists() and journal.read_text().count('"done"') >= 3)
    workers = pids_of(client.pid)
    client.kill()
    client.communicate(timeout=10)
    until(lambda: not any(Path(f"/proc/{pid}/exe").exists() for pid in workers))
    begun = {json.loads(line)["name"] for line in journal.read_text().splitlines() if '"begun"' in line}
    assert {f"shop-{address.removeprefix('127.0.0.')}" for address in behind.runs} <= begun
    status, record = run(fleet, *TWO, "--journal", str(journal), "--resume")
    gone = lost(record)
    assert status == 1
    assert gone == named(record, "no-verdict")
    assert gone
    assert gone < begun
    assert record["counts"]["locked"] + record["counts"]["leak"] + record["counts"]["drift"] == 8 - len(gone)
    assert {len(runs) for runs in behind.runs.values()} == {1}
    again = min(gone)
    _, record = run(fleet, *TWO, "--journal", str(journal), "--resume", "--again", again)
    assert named(record, "no-verdict") == gone - {again}
    assert len(behind.runs[f"127.0.0.{again.removeprefix('shop-')}"]) == 2


def test_no_secret_of_the_fleet_is_in_what_is_kept_and_one_that_is_missing_is_named(
    behind: Behind, tmp_path: Path
) -> None:
    behind.leaky.add("127.0.0.11")
    behind.echoes = "kept-for-12-aaaaaaaa"
    fleet = write_fleet(tmp_path, behind, range(11, 14))
    text = fleet.read_text(encoding="utf-8")
    surface = tmp_path / "probes" / "things.yaml"
    refusing = surface.read_text(encoding="utf-8").replace("guard: session\n", "guard: session\n  refuse: [session-secret]\n")  # fmt: skip
    surface.write_text(refusing, encoding="utf-8")
    held = "defaults:\n  hold: {session-secret: 'env:SHOP_SECRET_{NAME}'}"
    fleet.write_text(text.replace("defaults:", held), encoding="utf-8")
    secrets = {"SHOP_SECRET_SHOP_11": "kept-for-11-bbbbbbbb", "SHOP_SECRET_SHOP_12": "kept-for-12-aaaaaaaa"}
    journal, full = tmp_path / "journal", tmp_path / "full"
    status, record = run(fleet, *TWO, "--journal", str(journal), "--records", str(full), **secrets)
    assert (status, verdicts(record)["shop-11"], verdicts(record)["shop-13"]) == (1, "leak", "no-verdict")
    assert "SHOP_SECRET_SHOP_13" in record["no_verdicts"][0]["why"]
    unpacked = subprocess.run(["gzip", "-dc", *map(str, full.glob("*.gz"))], capture_output=True, text=True, check=True)
    kept = json.dumps(record) + journal.read_text() + unpacked.stdout
    assert "127.0.0.11" in kept
    assert [secret for secret in secrets.values() if secret in kept] == []
