"""What a fleet's plan costs is the sum of what each deployment's own plan costs, and few of them have to be planned."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import yaml

from prober.app.options import SendOptions
from prober.errors import ProberError
from prober.fleet.dispatch import task_of
from prober.fleet.options import ChoiceOptions
from prober.fleet.plan import plan_fleet
from prober.fleet.run import load_fleet
from prober.fleet.tasks import WorkerSettings
from prober.fleet.worker import Worker

if TYPE_CHECKING:
    from pathlib import Path

    from prober.app.prepare import PreparedRun
    from prober.fleet.run import LoadedFleet
    from prober.fleet.tasks import Task

ROUTES = [
    {"route": "GET /health", "guard": "public", "control": "alive", "why": "w", "fix": "f"},
    {"route": "GET /me", "guard": "session", "why": "w", "fix": "f"},
]
ADMITTED = {"route": "GET /mine", "guard": "session", "admits": ["witness"], "why": "w", "fix": "f"}
# Each kind twice: two that are alike must cost the same, two that are not must be planned each by itself.
MIXED = {
    "name": "https://{}.example.com",
    "port": "https://{}.example.com:8443",
    "path": "https://{}.example.com/app",
    "plain": "http://{}.example.com",
}
ADDRESSES = ("https://192.0.2.1", "https://192.0.2.2", "https://[2001:db8::1]", "https://[2001:db8::2]")
HERE = ("http://127.0.0.1:3000", "http://127.0.0.2:3000", "http://localhost:3000", "http://one.localhost:3000")


class _CountingWorker(Worker):
    """A worker that counts what it plans."""

    planned = 0

    def plan(self, task: Task) -> PreparedRun:
        """Count it."""
        self.planned += 1
        return super().plan(task)


def _fleet(folder: Path, deployments: list[dict[str, object]], **defaults: object) -> LoadedFleet:
    surface = {"surface": "own", "about": "A.", "routes": [*ROUTES, ADMITTED]}
    (folder / "probes").mkdir()
    (folder / "probes" / "own.yaml").write_text(yaml.safe_dump(surface), encoding="utf-8")
    base = "profile: oauth\nprobes: [probes]\nsurfaces: [own]\n"
    (folder / "base.yaml").write_text(base, encoding="utf-8")
    fleet = {"fleet": "acme", "defaults": {"deployment": "./base.yaml", **defaults}, "deployments": deployments}
    (folder / "fleet.yaml").write_text(yaml.safe_dump(fleet), encoding="utf-8")
    return load_fleet(ChoiceOptions(fleet=str(folder / "fleet.yaml")))


def _named(*urls: str) -> list[dict[str, object]]:
    return [{"name": f"shop-{number}", "services": {"web": url}} for number, url in enumerate(urls)]


def _worker() -> _CountingWorker:
    return _CountingWorker(WorkerSettings(sending=SendOptions()))


@pytest.mark.parametrize("depth", ["quick", "standard", "deep"])
def test_the_cost_of_a_fleet_is_that_of_each_deployment_planned_by_itself(tmp_path: Path, depth: str) -> None:
    urls = [form.format(name) for form in MIXED.values() for name in ("one", "two")]
    loaded = _fleet(tmp_path, _named(*urls, *ADDRESSES, *HERE), depth=depth)
    each = [_worker().plan(task_of(member)).plan.requests for member in loaded.inventory.chosen]
    worker = _worker()
    assert plan_fleet(loaded.inventory, worker).requests == sum(each)
    assert worker.planned == len(MIXED) + 1 + len(HERE)


def test_an_address_costs_other_requests_than_a_name(tmp_path: Path) -> None:
    loaded = _fleet(tmp_path, _named("https://one.example.com", "https://192.0.2.1"), depth="deep")
    name, address = (_worker().plan(task_of(member)).plan.requests for member in loaded.inventory.chosen)
    assert name != address  # else the test above would not notice if the two were taken for alike


def test_of_many_targets_that_are_alike_one_is_planned(tmp_path: Path) -> None:
    loaded = _fleet(tmp_path, _named(*(f"https://shop-{number}.example.com" for number in range(50))))
    worker = _worker()
    assert plan_fleet(loaded.inventory, worker).deployments == 50
    assert worker.planned == 1


def test_deployments_of_other_depths_or_other_services_are_not_alike(tmp_path: Path) -> None:
    one, other, both = _named("https://one.example.com", "https://two.example.com", "https://three.example.com")
    other["depth"] = "deep"
    both["services"] = {"web": "https://three.example.com", "mcp": "https://mcp.example.com"}
    worker = _worker()
    plan_fleet(_fleet(tmp_path, [one, other, both]).inventory, worker)
    assert worker.planned == 3


def test_where_secrets_go_each_deployment_is_planned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WITNESS", "s" * 40)
    targets = _named("https://one.example.com", "http://two.example.com", "https://three.example.com")
    loaded = _fleet(tmp_path, targets, hold={"witness": "env:WITNESS"})
    worker = _worker()
    plan = plan_fleet(loaded.inventory, worker)
    assert worker.planned == len(targets)
    with pytest.raises(ProberError) as raised:
        worker.plan(task_of(loaded.inventory.chosen[1]))
    assert plan.wrong == {raised.value.what: ["shop-1"]}  # no secret over plain HTTP
