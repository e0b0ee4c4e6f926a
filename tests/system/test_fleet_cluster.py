"""`prober fleet --cluster` on two worker processes of Dask: the same results as here, and nothing is begun twice."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest
import trustme

from tests.support.fleet import Behind, until, write_fleet
from tests.support.fleet_client import PROBER, comparable, environment, lost, named, read, run, started, words

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.integration, pytest.mark.slow]
distributed = pytest.importorskip("distributed")
SCRIPT = Path(__file__).parents[1] / "support" / "dask_cluster.py"
PAGES = ("/info/main/workers.html", "/json/counts.json", "/json/identity.json", "/metrics", "/status")
SECRETS = {"SHOP_KEY_SHOP_11": "kept-for-11-bbbbbbbb", "SHOP_KEY_SHOP_12": "kept-for-12-aaaaaaaa"}


class Cluster:
    def __init__(self, process: subprocess.Popen[str], log: Path) -> None:
        assert process.stdout is not None
        facts = json.loads(process.stdout.readline())
        self.address, self.pages, self.process, self.log = facts["address"], facts["pages"], process, log
        self.here = ("--cluster", self.address)

    def workers(self) -> list[int]:
        """The workers, without what Dask starts to watch over them."""
        found = [
            child for child in psutil.Process(self.process.pid).children(recursive=True) if child.num_threads() > 1
        ]
        return [child.pid for child in found if any(c.laddr.port for c in child.net_connections("inet") if c.laddr)]

    def pages_now(self) -> str:
        """What the scheduler's pages show, and its own state and those of the workers."""
        shown = [self.page(path) for path in PAGES]
        with distributed.Client(self.address, set_as_default=False) as client:
            logs = [client.get_scheduler_logs(), client.get_worker_logs(), client.get_events()]
            client.dump_cluster_state(str(self.log.with_name("state")), format="yaml")
        return "\n".join([*shown, str(logs), self.log.with_name("state.yaml").read_text(), self.log.read_text()])

    def page(self, path: str) -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.pages}{path}", timeout=5) as answer:
            text: str = answer.read().decode()
        return text


@contextmanager
def dask(log: Path, *kind: str, **env: str) -> Iterator[Cluster]:
    with log.open("w") as stream:
        process = subprocess.Popen([sys.executable, SCRIPT, *kind], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=stream, text=True, env={**os.environ, **env})  # fmt: skip
        yield Cluster(process, log)
        process.communicate("", timeout=30)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with dask(tmp_path_factory.mktemp("cluster") / "log", **SECRETS) as cluster:
        yield cluster


@pytest.fixture
def cluster(whole: Cluster) -> Cluster:
    """The cluster with both of its workers: those that a test has killed are started again."""
    until(lambda: len(whole.workers()) == 2, patience=30.0)
    return whole


def with_secret(fleet: Path) -> None:
    """Have a route refuse a secret that each deployment has for itself."""
    surface = fleet.parent / "probes" / "things.yaml"
    surface.write_text(surface.read_text().replace("guard: session\n", "guard: session\n  refuse: [shop-key]\n"))
    text = fleet.read_text(encoding="utf-8")
    fleet.write_text(text.replace("defaults:", "defaults:\n  hold: {shop-key: 'env:SHOP_KEY_{NAME}'}"))


def test_a_fleet_is_probed_on_a_cluster_with_secrets_that_only_its_workers_have(
    behind: Behind, cluster: Cluster, tmp_path: Path
) -> None:
    behind.leaky.add("127.0.0.12")
    behind.echoes = SECRETS["SHOP_KEY_SHOP_11"]
    fleet, journal = write_fleet(tmp_path, behind, range(11, 14)), tmp_path / "journal"
    with_secret(fleet)
    plan = subprocess.run([PROBER, "fleet", "plan", str(fleet), *cluster.here], capture_output=True, text=True, check=False)  # fmt: skip
    assert plan.returncode == 2
    assert "missing  env:SHOP_KEY_SHOP_13, on tcp://" in plan.stdout
    assert "env:SHOP_KEY_SHOP_11, on" not in plan.stdout
    behind.delay = 0.2
    client = started(fleet, *cluster.here, "--journal", str(journal))
    until(lambda: len(behind.runs) >= 2)
    meanwhile = cluster.pages_now()
    record = read(client.communicate(timeout=60)[0])
    assert (client.returncode, named(record, "leak"), named(record, "locked")) == (1, {"shop-12"}, {"shop-11"})
    assert named(record, "no-verdict") == {"shop-13"}
    shown = json.dumps(record) + journal.read_text() + meanwhile + cluster.pages_now()
    assert "shop-12" in shown
    assert "tcp://127.0.0.1" in meanwhile
    assert [secret for secret in SECRETS.values() if secret in shown] == []
    assert {len(runs) for runs in behind.runs.values()} == {1}


def test_a_cluster_finds_in_sixty_addresses_what_this_machine_finds(
    behind: Behind, cluster: Cluster, tmp_path: Path
) -> None:
    behind.leaky |= {"127.0.0.77", "127.0.0.101"}
    fleet = write_fleet(tmp_path, behind, range(50, 110))
    there = run(fleet, *cluster.here)
    assert {len(runs) for runs in behind.runs.values()} == {1}
    here = run(fleet)
    assert (there[0], named(there[1], "leak")) == (1, {"shop-77", "shop-101"})
    assert comparable(there[1]) == comparable(here[1])


def test_a_client_that_is_killed_leaves_a_journal_that_goes_on_and_nothing_is_begun_twice(
    behind: Behind, cluster: Cluster, tmp_path: Path
) -> None:
    behind.delay = 0.1
    fleet, journal = write_fleet(tmp_path, behind, range(20, 30)), tmp_path / "journal"
    surface = tmp_path / "probes" / "things.yaml"
    acting = "- {route: POST /api/things/9, guard: session, effect: acts, inert: {json: {}}, why: w, fix: f}\n"
    surface.write_text(surface.read_text().replace("routes:\n", f"routes:\n{acting}"))
    client = started(fleet, *cluster.here, "--at-once", "3", "--journal", str(journal))
    until(lambda: journal.exists() and journal.read_text().count('"done"') >= 3)
    client.kill()
    client.communicate(timeout=10)
    begun = {json.loads(line)["name"] for line in journal.read_text().splitlines() if '"begun"' in line}
    status, record = run(fleet, *cluster.here, "--journal", str(journal), "--resume")
    asked = {f"shop-{address.removeprefix('127.0.0.')}" for address in behind.runs}
    assert asked | lost(record) == {f"shop-{n}" for n in range(20, 30)}  # one may be lost before its first request
    assert lost(record) == named(record, "no-verdict")
    assert (status, 1 <= len(lost(record)) <= 3, lost(record) < begun) == (2, True, True)
    assert {len(runs) for runs in behind.runs.values()} == {1}


def test_a_worker_that_is_killed_loses_what_it_had_begun_and_nothing_is_begun_twice(
    behind: Behind, cluster: Cluster, tmp_path: Path
) -> None:
    behind.delay = 0.1
    client = started(write_fleet(tmp_path, behind, range(20, 32)), *cluster.here, "--at-once", "6")
    until(lambda: len(behind.runs) >= 4)
    os.kill(cluster.workers()[0], signal.SIGKILL)
    record = read(client.communicate(timeout=90)[0])
    assert lost(record) == named(record, "no-verdict")
    assert 1 <= len(lost(record)) <= 6
    assert len(named(record, "locked")) == 12 - len(lost(record))
    assert client.returncode == 2
    assert {len(runs) for runs in behind.runs.values()} == {1}


def test_a_worker_that_dies_when_all_was_asked_and_nothing_told_loses_that_deployment_alone(
    behind: Behind, cluster: Cluster, tmp_path: Path
) -> None:
    fleet = write_fleet(tmp_path, behind, range(30, 34))
    run(fleet, *cluster.here, "--at-once", "1")
    last = behind.asked("127.0.0.31")
    behind.forget()

    def kill(address: str, number: int) -> None:
        if (address, number) == ("127.0.0.31", last):
            for worker in cluster.workers():
                os.kill(worker, signal.SIGKILL)

    behind.on_request = kill
    client = started(fleet, *cluster.here, "--at-once", "1")
    record = read(client.communicate(timeout=90)[0])
    assert behind.asked("127.0.0.31") == last
    assert "shop-31" in lost(record)
    assert client.returncode == 2
    assert {len(runs) for runs in behind.runs.values()} == {1}


def certificates(folder: Path) -> dict[str, str]:
    """Make an authority and one certificate for all three, and name them as Dask reads them."""
    folder.mkdir()
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    authority.issue_cert("127.0.0.1", "localhost").private_key_and_cert_chain_pem.write_to_path(str(folder / "own.pem"))
    tls = "DASK_DISTRIBUTED__COMM__TLS"
    own = {f"{tls}__{who}__{what}": str(folder / "own.pem") for who in ("SCHEDULER", "WORKER", "CLIENT") for what in ("CERT", "KEY")}  # fmt: skip
    return {f"{tls}__CA_FILE": str(folder / "ca.pem"), **own, "DASK_DISTRIBUTED__COMM__REQUIRE_ENCRYPTION": "true"}


def test_a_cluster_over_tls_is_used_with_its_own_certificates_and_no_others(behind: Behind, tmp_path: Path) -> None:
    behind.leaky.add("127.0.0.41")
    fleet = write_fleet(tmp_path, behind, range(40, 44))
    ours, others = certificates(tmp_path / "ours"), certificates(tmp_path / "others")
    with dask(tmp_path / "log", "tls", **ours) as cluster:
        assert cluster.address.startswith("tls://127.0.0.1:")
        plain = cluster.address.replace("tls://", "tcp://")
        refused = {
            "without": subprocess.run(words(fleet, *cluster.here), capture_output=True, text=True, env=environment(), check=False),
            "others": subprocess.run(words(fleet, *cluster.here), capture_output=True, text=True, env=environment(**others), check=False),
            "plain": subprocess.run(words(fleet, "--cluster", plain), capture_output=True, text=True, env=environment(), check=False),
        }  # fmt: skip
        assert {kind: done.returncode for kind, done in refused.items()} == {"without": 64, "others": 64, "plain": 64}
        assert all("no cluster answers at" in done.stderr for done in refused.values()), refused
        assert behind.requests == 0
        status, record = run(fleet, *cluster.here, **ours)
    assert (status, named(record, "leak"), record["counts"]["locked"]) == (1, {"shop-41"}, 3)
    assert {len(runs) for runs in behind.runs.values()} == {1}
