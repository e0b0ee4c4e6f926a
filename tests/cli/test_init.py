"""`prober init`: what it writes is read back by the strict reader, and what it did not understand is said."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from prober.definitions.deployment import parse_deployment
from prober.definitions.document import load_document
from prober.definitions.surface import parse_surface

PROBER = str(Path(sys.executable).with_name("prober"))
HANDLER = "import {requireSession} from '@/lib/auth/requireSession';\nexport async function GET() {\n  await requireSession();\n  return Response.json({});\n}\n"
OAUTH = "AUTH_GITHUB_ID=x\nAUTH_GITHUB_SECRET=y\nAUTH_SECRET=z\nWEB_HOST_PORT=8080\n"


def route(home: Path, path: str, text: str = HANDLER) -> None:
    folder = home / "app" / path
    folder.mkdir(parents=True)
    (folder / "route.ts").write_text(text)


def init(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    words = [PROBER, "init", *arguments]
    return subprocess.run(words, capture_output=True, text=True, timeout=60, check=False, cwd=home)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A Next.js application with an MCP server, in mode oauth, with a route that no shipped surface knows."""
    (tmp_path / ".env").write_text(OAUTH)
    (tmp_path / "package.json").write_text(json.dumps({"dependencies": {"@modelcontextprotocol/sdk": "1"}}))
    for path in ("api/me", "api/me/password", "api/migrate", "api/exports"):
        route(tmp_path, path)
    return tmp_path


def test_what_is_written_is_a_deployment_that_can_be_planned(repository: Path) -> None:
    done = init(repository)
    assert (done.returncode, done.stderr) == (0, "")
    file = parse_deployment(load_document(repository / "prober.yaml"))
    assert (file.profile, dict(file.services)["web"]) == ("oauth", "http://localhost:8080")
    assert {"mcp", "mcp-health", "discovered"} <= set(file.surfaces)
    planned = subprocess.run([PROBER, "plan"], capture_output=True, text=True, timeout=60, check=False, cwd=repository)
    assert (planned.returncode, planned.stderr) == (0, "")
    assert "GET /api/exports" in planned.stdout


def test_routes_that_no_shipped_surface_knows_are_kept_guarded(repository: Path) -> None:
    init(repository)
    surface = parse_surface(load_document(repository / "lockdown" / "probes" / "discovered.yaml"))
    guards = {known.name: known.guard for known in surface.routes}
    assert guards["discovered: GET /api/exports"] == "session"


def test_what_was_not_understood_is_said(tmp_path: Path) -> None:
    route(tmp_path, "api/odd", "export {GET} from 'somewhere-else';\n")
    route(tmp_path, "api/open", "export async function GET() { return Response.json(await prisma.user.findMany()); }\n")
    said = init(tmp_path).stdout
    assert "no .env: the profile 'oauth' is a guess" in said
    assert "handlers whose guard is not clear: 1 (GET /api/odd)" in said
    assert "handlers that pass no guard: 1 (GET /api/open)" in said
    assert "put the deployment's own under 'services'" in said


def test_a_folder_without_anything_still_gets_a_start(tmp_path: Path) -> None:
    done = init(tmp_path, "--base-url", "https://brain.example.com")
    assert done.returncode == 0
    assert "no Next.js routes" in done.stdout
    file = parse_deployment(load_document(tmp_path / "prober.yaml"))
    assert dict(file.services) == {"web": "https://brain.example.com"}
    assert file.surfaces == ()


def test_what_is_there_is_not_replaced_unless_it_is_asked_for(repository: Path) -> None:
    (repository / "prober.yaml").write_text("mine: yes\n")
    done = init(repository)
    assert done.returncode == 64
    assert "prober.yaml is there already" in done.stderr
    assert (repository / "prober.yaml").read_text() == "mine: yes\n"
    assert init(repository, "--force").returncode == 0


@pytest.mark.parametrize("url", ["brain.example.com", "ftp://x", "https://user:pw@x"])
def test_a_url_that_is_none_stops_it_before_anything_is_written(tmp_path: Path, url: str) -> None:
    done = init(tmp_path, "--base-url", url)
    assert done.returncode == 64
    assert list(tmp_path.iterdir()) == []


def test_a_trap_in_the_env_file_is_said(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("AUTH_GITHUB_ID=\nALLOW_DEV_AUTH=true\n")
    assert "not understood:\n  .env: " in init(tmp_path).stdout


def test_catch_all_claims_no_shipped_surface(tmp_path: Path) -> None:
    route(tmp_path, "[...rest]", "export const GET = () => Response.json({});")
    done = init(tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert parse_deployment(load_document(tmp_path / "prober.yaml")).surfaces == ("discovered",)
