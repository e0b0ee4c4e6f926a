"""Nothing is begun twice whenever a process dies, and a run in pieces gives what a whole run gives; at the pace it was told."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.fleet import Behind, until, write_fleet
from tests.support.fleet_client import (
    PROBER,
    comparable,
    environment,
    lost,
    named,
    pids_of,
    read,
    run,
    started,
    verdicts,
    words,
)

pytestmark = pytest.mark.integration
ONE = ("--processes", "1", "--at-once", "1")


def kinds(journal: Path) -> Counter[str]:
    return Counter(json.loads(line)["type"] for line in journal.read_text().splitlines())


def test_sixty_addresses_of_one_server_have_their_own_verdicts(behind: Behind, tmp_path: Path) -> None:
    behind.leaky |= {"127.0.0.77", "127.0.0.101"}
    status, record = run(write_fleet(tmp_path, behind, range(50, 110)))
    assert (status, named(record, "leak")) == (1, {"shop-77", "shop-101"})
    assert record["counts"]["locked"] == 58
    assert {len(runs) for runs in behind.runs.values()} == {1}
    assert len(behind.runs) == 60


def test_a_worker_that_dies_when_all_was_asked_and_nothing_told_loses_that_deployment_alone(
    behind: Behind, tmp_path: Path
) -> None:
    """It is killed while the last answer of a deployment is on its way: all is done there, and nobody knows."""
    fleet, journal = write_fleet(tmp_path, behind, range(30, 34)), tmp_path / "journal"
    _, before = run(fleet, *ONE)
    last = behind.asked("127.0.0.31")
    behind.forget()
    client = started(fleet, *ONE, "--journal", str(journal))

    def kill(address: str, number: int) -> None:
        if (address, number) == ("127.0.0.31", last):
            os.kill(pids_of(client.pid)[0], signal.SIGKILL)

    behind.on_request = kill
    record = read(client.communicate(timeout=60)[0])
    assert behind.asked("127.0.0.31") == last
    assert (client.returncode, lost(record)) == (2, {"shop-31"})
    assert record["counts"]["locked"] == before["counts"]["locked"] - 1
    assert {len(runs) for runs in behind.runs.values()} == {1}
    assert kinds(journal) == {"fleet": 1, "begun": 4, "done": 3}


def test_a_worker_that_dies_when_it_has_told_takes_no_result_with_it(behind: Behind, tmp_path: Path) -> None:
    behind.delay = 0.05
    fleet, journal = write_fleet(tmp_path, behind, range(30, 36)), tmp_path / "journal"
    client = started(fleet, *ONE, "--journal", str(journal))
    until(lambda: journal.exists() and kinds(journal)["done"] == 2)
    told = {json.loads(line)["name"] for line in journal.read_text().splitlines() if '"done"' in line}
    os.kill(pids_of(client.pid)[0], signal.SIGKILL)
    record = read(client.communicate(timeout=60)[0])
    assert told <= named(record, "locked")
    assert len(lost(record)) <= 1
    assert {len(runs) for runs in behind.runs.values()} == {1}


def test_a_run_that_goes_on_after_its_client_was_killed_gives_what_a_whole_run_gives(
    behind: Behind, tmp_path: Path
) -> None:
    behind.leaky |= {"127.0.0.33", "127.0.0.38"}
    behind.delay = 0.05
    fleet, journal = write_fleet(tmp_path, behind, range(30, 40)), tmp_path / "journal"
    whole = run(fleet)
    behind.runs.clear()
    client = started(fleet, "--at-once", "3", "--journal", str(journal))
    until(lambda: journal.exists() and kinds(journal)["done"] >= 3)
    workers = pids_of(client.pid)
    client.kill()
    client.communicate(timeout=10)
    until(lambda: not any(Path(f"/proc/{pid}/exe").exists() for pid in workers))
    done = {json.loads(line)["name"] for line in journal.read_text().splitlines() if '"done"' in line}
    status, record = run(fleet, "--journal", str(journal), "--resume")
    assert (status, comparable(record)) == (whole[0], comparable(whole[1]))
    assert {name: len(behind.runs[f"127.0.0.{name[5:]}"]) for name in done} == dict.fromkeys(done, 1)
    assert run(fleet, "--journal", str(journal), "--resume")[1]["run"] == record["run"]


def test_shards_that_are_merged_give_what_a_whole_run_gives(behind: Behind, tmp_path: Path) -> None:
    behind.leaky |= {"127.0.0.33", "127.0.0.38"}
    fleet = write_fleet(tmp_path, behind, range(30, 40), expect={"at-least": 10})
    fleet.write_text(fleet.read_text().replace(behind.url(34), "http://127.0.0.34:1"))
    quickly = ("--attempts", "1", "--wait", "0")
    status, whole = run(fleet, *quickly)
    files = [tmp_path / f"shard-{number}.json" for number in (1, 2, 3)]
    behind.runs.clear()
    for number, file in enumerate(files, start=1):
        run(fleet, *quickly, "--shard", f"{number}/3", "--report", f"json={file}")
    merged = subprocess.run([PROBER, "fleet", "merge", *map(str, files), "--format", "json"], capture_output=True, text=True, env=environment(), check=False)  # fmt: skip
    assert (merged.returncode, status) == (1, 1)
    assert comparable(read(merged.stdout)) == comparable(whole)
    assert {len(runs) for runs in behind.runs.values()} == {1}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=["int", "term", "hup"])
def test_a_run_that_is_interrupted_says_so_and_goes_on_later(behind: Behind, tmp_path: Path, number: int) -> None:
    behind.delay = 0.1
    fleet, journal = write_fleet(tmp_path, behind, range(30, 40)), tmp_path / "journal"
    client = started(fleet, "--at-once", "2", "--journal", str(journal))
    until(lambda: journal.exists() and kinds(journal)["done"] >= 2)
    client.send_signal(number)
    record = read(client.communicate(timeout=30)[0])
    assert (client.returncode, record["interrupted"]) == (130, True)
    assert record["exit_status"] != 0
    behind.delay = 0.0
    status, record = run(fleet, "--journal", str(journal), "--resume")
    assert (status, record["interrupted"], record["counts"]["locked"]) == (0, False, 10)


def test_a_run_under_nohup_outlives_its_terminal(behind: Behind, tmp_path: Path) -> None:
    behind.delay = 0.1
    fleet = write_fleet(tmp_path, behind, range(30, 34))
    client = subprocess.Popen(["nohup", *words(fleet, *ONE)], stdout=subprocess.PIPE, text=True, env=environment())
    until(lambda: behind.requests > 2)
    client.send_signal(signal.SIGHUP)
    assert read(client.communicate(timeout=60)[0])["counts"]["locked"] == 4
    assert client.returncode == 0


def busiest(behind: Behind, within: float, addresses: set[str] | None = None) -> int:
    """Count the requests of the busiest stretch of so many seconds."""
    times = sorted(at for at, address in behind.times if addresses is None or address in addresses)
    return max(sum(start <= at < start + within for at in times) for start in times)


@pytest.mark.parametrize(
    ("option", "hosts"),
    [
        pytest.param(["--host-rate", "10"], [{"match": "127.0.0.3?", "together": "edge"}], id="host-rate"),
        pytest.param([], [{"match": "127.0.0.3?", "together": "edge", "rate": 10}], id="rate-of-the-fleet"),
        pytest.param(["--total-rate", "10"], [{"match": "nobody"}], id="total-rate"),
    ],
)
def test_the_pace_is_kept_within_a_deployment_and_between_them(
    option: list[str], hosts: list[dict[str, Any]], behind: Behind, tmp_path: Path
) -> None:
    hosts = [{"rate": 1000, **host} if host["match"] == "nobody" else host for host in hosts]
    status, record = run(write_fleet(tmp_path, behind, range(30, 33), hosts=hosts), *option)
    assert (status, record["counts"]["locked"]) == (0, 3)
    assert busiest(behind, 1.0) <= 10 * 1.2 + 1, "a fifth more than was allowed"
    assert behind.requests > 20


def test_a_limiter_in_front_of_several_is_met_by_one_at_a_time(behind: Behind, tmp_path: Path) -> None:
    behind.delay = 0.03
    hosts = [{"match": "127.0.0.3?", "together": "edge"}]
    _, record = run(write_fleet(tmp_path, behind, range(30, 36), hosts=hosts))
    assert record["counts"]["locked"] == 6
    order = [address for _, address in behind.times]
    assert len([one for one, before in zip(order, [None, *order], strict=False) if one != before]) == 6, "mixed"


def test_targets_of_a_file_and_of_a_url_are_probed_as_deployments(behind: Behind, tmp_path: Path) -> None:
    behind.leaky.add("127.0.0.31")
    fleet = write_fleet(tmp_path, behind, range(30, 31))
    groups = [{"targets": [behind.url(31), f"127.0.0.32:{behind.port}"], "labels": {"env": "prod", "tenant": "a b"}}]
    (tmp_path / "targets.json").write_text(json.dumps(groups))
    behind.targets = json.dumps([{"targets": [behind.url(33)], "labels": {"env": "preview"}}])
    text = yaml.safe_load(fleet.read_text())
    text["deployments"] += [
        {"sd": "targets.json", "name": "{tenant}-{instance}"},
        {"sd": f"{behind.url(40)}/targets", "name": "{env}"},
    ]
    fleet.write_text(yaml.safe_dump(text))
    status, record = run(fleet)
    named_31, named_32 = (f"a-b-127.0.0.{n}-{behind.port}" for n in (31, 32))
    assert (status, verdicts(record)) == (
        1, {"shop-30": "locked", named_31: "leak", named_32: "locked", "preview": "locked"}
    )  # fmt: skip
