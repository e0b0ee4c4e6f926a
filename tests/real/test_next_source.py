"""What the source of our application says, beside what Next.js itself made of it, and beside what runs."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from prober.audit.source.audit import audit_source
from prober.audit.source.handler_status import GuardStatus
from prober.discovery.coverage import discovered_in
from prober.model import SourceGuards
from tests.real.next_apps import BOTH, NEXT_16, App, broken, folder_of
from tests.real.probing import PROBER

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.real, pytest.mark.timeout(600)]  # the first test of a version installs and builds it

OWN = SourceGuards(wrappers=("door",))  # the lock of every handler of ours
UNGUARDED = (
    "export async function GET() {\n  return Response.json(await (await fetch(process.env.EXPORTS)).json());\n}\n"
)


def as_discovered(path: str) -> str:
    """Write a path of Next.js's own manifest as a discovered one is written."""
    return re.sub(r"\[([^\]]+)\]", r":\1", re.sub(r"\[\.\.\.([^\]]+)\]", r":\1+", path))


@pytest.mark.parametrize("app", BOTH)
def test_every_route_that_the_framework_knows_is_discovered_and_no_other(app: App) -> None:
    folder = folder_of(app)
    manifest = json.loads((folder / ".next" / "app-path-routes-manifest.json").read_text())
    served = {as_discovered(path) for path in manifest.values() if not path.startswith("/_")}
    assert len(served) > 40
    assert {route.path for route in discovered_in(audit_source(folder, OWN))} == served


@pytest.mark.parametrize("app", BOTH)
def test_every_handler_is_guarded_once_our_own_lock_is_named(app: App) -> None:
    doors = audit_source(folder_of(app), OWN).handlers
    assert {door.status for door in doors} == {GuardStatus.OK}


@pytest.fixture
def careless(tmp_path: Path) -> Path:
    """The same source with one handler that lost its lock."""
    source = tmp_path / "source"
    shutil.copytree(folder_of(NEXT_16), source, ignore=shutil.ignore_patterns(".next", "node_modules"))
    (source / "app" / "api" / "exports" / "route.js").write_text(UNGUARDED)
    return source


def test_route_that_lost_its_guard_is_found_without_the_network(careless: Path) -> None:
    open_ = {door.name for door in audit_source(careless, OWN).handlers if door.status is not GuardStatus.OK}
    assert open_ == {"GET /api/exports"}


def test_route_without_a_probe_is_discovered(careless: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [PROBER, "discover", "nextjs", str(careless), "--surface", "all"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=True,
    )
    assert "route: 'GET /api/exports'" in done.stdout
    assert "GET /api/me'" not in done.stdout


def test_route_without_a_probe_is_found_open_where_it_runs(careless: Path, probe_next: Any) -> None:
    only = ("--only", "health: *", "--only", "discovered: GET /api/exports*")
    run = probe_next(NEXT_16, broken("exports-open"), "--source", str(careless), *only, surfaces=("health", "me"))
    assert run.told == (1, "leak")
    assert {route for route, _, _ in run.routes()} == {"discovered: GET /api/exports"}
    assert "GET /api/exports (app/api/exports/route.js:1)" in run.report["coverage"]["source"]["unknown_to_probes"]


def test_route_without_a_probe_is_locked_where_it_is(careless: Path, probe_next: Any) -> None:
    only = ("--only", "health: *", "--only", "discovered: GET /api/exports*")
    environment = broken("nothing")
    assert probe_next(NEXT_16, environment, "--source", str(careless), *only, surfaces=("health", "me")).told == (
        0,
        "locked",
    )
    required = (*only, "--require-coverage")
    assert probe_next(NEXT_16, environment, "--source", str(careless), *required, surfaces=("health", "me")).status == 1
