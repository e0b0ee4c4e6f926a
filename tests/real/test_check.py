"""`prober check` with nothing named, against other people's servers: what it asks, what it finds, and its exit status."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from prober.demo.server import running
from tests.real import installed
from tests.real.fronts import Fronts
from tests.real.probing import PROBER, environment

if TYPE_CHECKING:
    from tests.real.running import Servers

pytestmark = [pytest.mark.real, pytest.mark.timeout(600)]  # the first test of a framework installs it

HERE = Path(__file__).parent
DOCS = {"GET /openapi.json", "GET /docs", "GET /redoc"}


def fastapi(form: str) -> list[str]:
    return [installed.python(HERE / "apis" / "apis.txt"), str(HERE / "apis" / "serve_fastapi.py"), "PORT", form, "."]


def mcp(*form: str) -> list[str]:
    return [installed.python(HERE / "mcp_py" / "mcp-1.txt"), str(HERE / "mcp_py" / "serve_mcp.py"), "PORT", *form]


def typescript(*form: str) -> list[str]:
    return ["node", str(installed.node(HERE / "mcp_ts") / "serve.js"), "PORT", *form]


def express(form: str) -> list[str]:
    return ["node", str(installed.node(HERE / "express") / "serve.js"), "PORT", form]


def check(url: str, folder: Path, *words: str) -> tuple[int, str, dict[str, Any]]:
    """Give the exit status, what was printed, and the report; an empty one where there was no run."""
    command = [str(PROBER), "check", url, "--report", "json=report.json", *words]
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder, env=environment(), check=False)
    report = folder / "report.json"
    whole = json.loads(report.read_text()) if report.exists() else {}
    return done.returncode, done.stdout + done.stderr, whole


def asked(report: dict[str, Any]) -> set[str]:
    return {question["route"] for question in report["questions"]}


def leaking(report: dict[str, Any]) -> set[str]:
    return {f"{found['method']} {found['path']}" for found in report["findings"] if found["verdict"] == "leak"}


@pytest.mark.parametrize(
    ("command", "status", "leaks", "questions"),
    [
        pytest.param(lambda: fastapi("http-bearer"), 0, set(), {*DOCS, "POST /api/notes"}, id="fastapi"),
        pytest.param(
            lambda: fastapi("oauth2-alone"), 1, {"GET /api/notes", "GET /api/notes/:number"}, {*DOCS, "POST /api/notes"},
            id="fastapi-any-bearer",
        ),
        pytest.param(lambda: mcp("locked"), 0, set(), set(), id="mcp"),
        pytest.param(lambda: mcp("any-bearer"), 1, {"POST /mcp"}, set(), id="mcp-any-bearer"),
        pytest.param(lambda: typescript("locked", "metadata"), 0, set(), set(), id="mcp-typescript"),
    ],
)  # fmt: skip
def test_every_open_door_is_named_and_nothing_else(
    command: Any, status: int, leaks: set[str], questions: set[str], servers: Servers, tmp_path: Path
) -> None:
    told, said, report = check(servers.url(command()), tmp_path)
    assert (told, leaking(report), asked(report)) == (status, leaks, questions), said


@pytest.mark.parametrize(
    "command",
    [pytest.param(lambda: mcp("open"), id="python"), pytest.param(lambda: typescript("open"), id="typescript")],
)
def test_open_endpoint_of_mcp_is_asked_about(command: Any, servers: Servers, tmp_path: Path) -> None:
    url = servers.url(command())
    status, said, _ = check(url, tmp_path)
    assert (status, "POST /mcp answers 400" in said) == (0, True)
    assert check(url, tmp_path, "--mcp", "/mcp")[0] == 1


def test_application_of_which_nothing_can_be_found_gets_no_verdict(servers: Servers, tmp_path: Path) -> None:
    url = servers.url(express("locked"))
    status, said, _ = check(url, tmp_path)
    assert (status, "GET /api/health answers 200" in said) == (2, True)
    assert check(url, tmp_path, "--deny", "/api/notes", "--deny", "/api/notes/:number")[0] == 0


@pytest.mark.parametrize("product", ["nginx", "caddy"])
def test_folder_behind_a_single_page_is_never_right(product: str, servers: Servers, tmp_path: Path) -> None:
    folder = tmp_path / "front"
    folder.mkdir()
    fronts = Fronts(folder, servers)
    (folder / "spa" / ".git").mkdir()
    (folder / "spa" / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    with running("oauth") as demo:
        served, options = fronts.before(demo, product, "single page")
        status, said, report = check(served.url, tmp_path, "--cacert", options[-1])
    assert (status, leaking(report)) == (1, {"GET /.git/HEAD"}), said
