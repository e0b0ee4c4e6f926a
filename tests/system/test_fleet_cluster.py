"""`prober fleet --cluster` on two worker processes of Dask: the same results as here, and nothing is begun twice."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from tests.support.fleet import Behind, serving, until, write_fleet

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.integration, pytest.mark.slow]
pytest.importorskip("distributed")
PROBER = str(Path(sys.executable).with_name("prober"))
SCRIPT = Path(__file__).parents[1] / "support" / "dask_cluster.py"
SECRETS = {"SHOP_KEY_SHOP_11": "kept-for-11-bbbbbbbb", "SHOP_KEY_SHOP_12": "kept-for-12-aaaaaaaa"}


class Cluster:
    def __init__(self, address: str, process: subprocess.Popen[str], log: Path) -> None:
        self.address, self.process, self.log = address, process, log

    def workers(self) -> list[int]:
        """The workers, without what Dask starts to watch over them."""
        found = [
            child for child in psutil.Process(self.process.pid).children(recursive=True) if child.num_threads() > 1
        ]
        return [child.pid for child in found if any(c.laddr.port for c in child.net_connections("inet") if c.laddr)]


@pytest.fixture(scope="module")
def behind() -> Iterator[Behind]:
    with serving() as server:
        yield server


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    log = tmp_path_factory.mktemp("cluster") / "log"
    with log.open("w") as stream:
        process = subprocess.Popen([sys.executable, SCRIPT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=stream, text=True, env={**os.environ, **SECRETS})  # fmt: skip
        assert process.stdout is not None
        yield Cluster(json.loads(process.stdout.readline())["address"], process, log)
        process.communicate("", timeout=30)


def words(fleet: Path, cluster: Cluster, *more: str) -> list[str]:
    return [PROBER, "fleet", "run", str(fleet), "--format", "json", "--cluster", cluster.address, *more]


def named(record: dict[str, Any], verdict: str) -> set[str]:
    assert sum(record["counts"].values()) == len(record["deployments"])
    return {entry["name"] for entry in record["deployments"] if entry["verdict"] == verdict}


def with_secret(fleet: Path) -> None:
    """Have a route refuse a secret that each deployment has for itself."""
    surface = fleet.parent / "probes" / "things.yaml"
    surface.write_text(surface.read_text().replace("guard: session\n", "guard: session\n  refuse: [shop-key]\n"))
    text = fleet.read_text(encoding="utf-8")
    fleet.write_text(text.replace("defaults:", "defaults:\n  hold: {shop-key: 'env:SHOP_KEY_{NAME}'}"))


def test_a_fleet_is_probed_on_a_cluster_with_secrets_that_only_its_workers_have(
    behind: Behind, cluster: Cluster, tmp_path: Path
) -> None:
    behind.runs.clear()
    behind.leaky.add("127.0.0.12")
    behind.echoes = SECRETS["SHOP_KEY_SHOP_11"]
    fleet, journal = write_fleet(tmp_path, behind, range(11, 14)), tmp_path / "journal"
    with_secret(fleet)
    plan = subprocess.run([PROBER, "fleet", "plan", str(fleet), "--cluster", cluster.address], capture_output=True, text=True, check=False)  # fmt: skip
    assert plan.returncode == 2
    assert "missing  env:SHOP_KEY_SHOP_13, on tcp://" in plan.stdout
    assert "env:SHOP_KEY_SHOP_11, on" not in plan.stdout
    done = subprocess.run(words(fleet, cluster, "--journal", str(journal)), capture_output=True, text=True, check=False)
    record = json.loads(done.stdout)
    assert (done.returncode, named(record, "leak"), named(record, "locked")) == (1, {"shop-12"}, {"shop-11"})
    assert named(record, "no-verdict") == {"shop-13"}
    kept = done.stdout + done.stderr + journal.read_text() + cluster.log.read_text()
    assert [secret for secret in SECRETS.values() if secret in kept] == []
    assert {len(runs) for runs in behind.runs.values()} == {1}


def test_a_worker_that_is_killed_loses_what_it_had_begun_and_nothing_is_begun_twice(
    behind: Behind, cluster: Cluster, tmp_path: Path
) -> None:
    behind.runs.clear()
    behind.leaky.clear()
    behind.delay = 0.1
    client = subprocess.Popen(words(write_fleet(tmp_path, behind, range(20, 32)), cluster, "--at-once", "6"), stdout=subprocess.PIPE, text=True)  # fmt: skip
    until(lambda: len(behind.runs) >= 4)
    os.kill(cluster.workers()[0], signal.SIGKILL)
    record = json.loads(client.communicate(timeout=90)[0])
    behind.delay = 0.0
    lost = {name for group in record["no_verdicts"] if group["why"].startswith("lost") for name in group["names"]}
    assert lost == named(record, "no-verdict")
    assert 1 <= len(lost) <= 6
    assert len(named(record, "locked")) == 12 - len(lost)
    assert client.returncode == 2
    assert {len(runs) for runs in behind.runs.values()} == {1}
