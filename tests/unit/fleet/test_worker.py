"""What a worker makes of a task before the first request: which secrets go where, and what may be sent a second time."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from prober.app.definition_cache import DefinitionCache
from prober.app.options import SendOptions
from prober.errors import UsageError
from prober.fleet.dispatch import task_of
from prober.fleet.plan import compares_times, is_repeatable
from prober.fleet.sources import load_inventory
from prober.fleet.tasks import WorkerSettings, settings_from_text, settings_to_text, task_from_text, task_to_text
from prober.fleet.worker import Worker

if TYPE_CHECKING:
    from pathlib import Path

    from prober.fleet.inventory import Member

GET = {"route": "GET /api/things", "guard": "session", "refuse": ["shop-key"], "why": "w", "fix": "f"}
ACT = {"route": "POST /api/things", "guard": "session", "effect": "acts", "inert": {"json": {}}, "why": "w", "fix": "f"}
SERVICES = {"services": {"web": "https://a.example"}}


@pytest.fixture(autouse=True)
def _secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_KEY", "kept-for-a-test")


def member(folder: Path, entry: dict[str, Any], *routes: dict[str, Any], hold: bool = True) -> Member:
    (folder / "probes").mkdir()
    (folder / "probes" / "a.yaml").write_text(json.dumps({"surface": "things", "about": "a", "routes": list(routes)}))
    own = "services: {web: 'https://a.example'}\n" if "sd" not in entry and "services" not in entry else ""
    (folder / "base.yaml").write_text(f"profile: oauth\nprobes: [probes]\nsurfaces: [things]\n{own}")
    (folder / "targets.json").write_text(json.dumps([{"targets": ["a.example"]}]))
    defaults = {"deployment": "base.yaml", **({"hold": {"shop-key": "env:SHOP_KEY"}} if hold else {})}
    fleet = {"fleet": "a", "defaults": defaults, "deployments": [entry]}
    (folder / "fleet.yaml").write_text(json.dumps(fleet))
    return load_inventory(folder / "fleet.yaml", DefinitionCache()).members[0]


def worker(*hold_for: str) -> Worker:
    return Worker(WorkerSettings(sending=SendOptions(), hold_for=hold_for))


def test_a_service_that_the_fleet_gives_may_have_its_secrets(tmp_path: Path) -> None:
    prepared = worker().plan(task_of(member(tmp_path, {"name": "a", **SERVICES}, GET)))
    assert any(probe.credential.secret for probe in prepared.plan.probes)


@pytest.mark.parametrize(
    "entry", [pytest.param({"sd": "targets.json"}, id="a-target"), pytest.param({"name": "a", "deployment": "base.yaml"}, id="a-prober.yaml")]
)  # fmt: skip
def test_what_is_listed_elsewhere_gets_a_secret_only_where_somebody_allows_it(
    entry: dict[str, Any], tmp_path: Path
) -> None:
    task = task_of(member(tmp_path, entry, GET))
    with pytest.raises(UsageError, match=r"a secret would go to https://a\.example:443"):
        worker().plan(task)
    assert worker("https://a.example").plan(task).plan.probes


@pytest.mark.parametrize(
    ("routes", "repeatable"), [pytest.param([GET], True, id="reads"), pytest.param([GET, ACT], False, id="acts")]
)
def test_only_what_just_reads_is_sent_a_second_time(
    routes: list[dict[str, Any]], repeatable: bool, tmp_path: Path  # noqa: FBT001 - a case
) -> None:  # fmt: skip
    plain = [{key: value for key, value in route.items() if key != "refuse"} for route in routes]
    found = member(tmp_path, {"name": "a", **SERVICES}, *plain, hold=False)
    assert is_repeatable(worker(), found) is repeatable


@pytest.mark.parametrize(
    ("depth", "alone"), [pytest.param("deep", True, id="deep"), pytest.param("standard", False, id="standard")]
)
def test_times_are_compared_in_the_depth_deep_alone(depth: str, alone: bool, tmp_path: Path) -> None:  # noqa: FBT001 - a case
    entry = {"name": "a", **SERVICES, "depth": depth, "hold": {"known-email": "env:SHOP_KEY"}}
    assert compares_times(member(tmp_path, entry, GET)) is alone


def test_tasks_and_settings_are_read_as_they_were_written_and_hold_no_secret(tmp_path: Path) -> None:
    task = task_of(member(tmp_path, {"name": "a", **SERVICES}, GET), 3.0)
    settings = WorkerSettings(sending=SendOptions(header=("x: env:SHOP_KEY",)), sources=("env:SHOP_KEY",), records="r")
    assert task_from_text(task_to_text(task)) == task
    assert settings_from_text(settings_to_text(settings)) == settings
    assert "kept-for-a-test" not in task_to_text(task) + settings_to_text(settings)
