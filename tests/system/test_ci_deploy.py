"""docs/ci/deploy.sh: what is released, and what is not."""

from __future__ import annotations

import json
import shutil
import socket
from typing import TYPE_CHECKING

import pytest

from prober.demo.doors import door_named
from prober.demo.server import running
from tests.support.ci import CI, run

if TYPE_CHECKING:
    from pathlib import Path

DEPLOYMENT = "{{profile: oauth, services: {{web: '{web}', mcp: '{mcp}'}}, surfaces: [health, me, mcp]}}\n"


def released(folder: Path, **env: str) -> tuple[int, bool, str]:
    """Run the deploy script; whether it released is seen by what releasing left."""
    env = {"PROBER_WAIT": "0", "PROBER_ATTEMPTS": "1", **env}
    done = run("sh", CI / "deploy.sh", "touch", "released here", folder=folder, **env)
    return done.returncode, (folder / "released here").exists(), done.stderr


def test_what_is_locked_is_released(tmp_path: Path) -> None:
    with running("oauth") as demo:
        (tmp_path / "prober.yaml").write_text(DEPLOYMENT.format(web=demo.web_url, mcp=demo.mcp_url))
        assert released(tmp_path) == (0, True, "")
    assert json.loads((tmp_path / "lockdown.json").read_text())["verdict"] == "locked"


def test_a_leak_is_not_released(tmp_path: Path) -> None:
    with running("oauth", doors=[door_named("mcp-any-bearer")]) as demo:
        (tmp_path / "prober.yaml").write_text(DEPLOYMENT.format(web=demo.web_url, mcp=demo.mcp_url))
        status, went, said = released(tmp_path)
    assert (status, went) == (1, False)
    assert said == "LEAK: not released; lockdown.json says which door\n"


def test_what_cannot_be_reached_is_not_released(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    (tmp_path / "prober.yaml").write_text(DEPLOYMENT.format(web=url, mcp=url))
    status, went, said = released(tmp_path)
    assert (status, went) == (2, False)
    assert "no verdict: not released" in said


@pytest.mark.parametrize(
    ("text", "env", "status"),
    [
        pytest.param("profile: oauth\nsurface: me\n", {}, 78, id="a-wrong-definition"),
        pytest.param("profile: oauth\n", {}, 64, id="no-service"),
        pytest.param("profile: oauth\n", {"PROBER_DEPTH": "shallow"}, 64, id="a-wrong-variable"),
    ],
)
def test_what_is_not_probed_is_not_released(text: str, env: dict[str, str], status: int, tmp_path: Path) -> None:
    (tmp_path / "prober.yaml").write_text(text)
    ended, went, said = released(tmp_path, **env)
    assert (ended, went) == (status, False)
    assert "nothing was probed: not released" in said


def test_a_prober_that_is_not_there_releases_nothing(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "sh").symlink_to(str(shutil.which("sh")))
    status, went, said = released(tmp_path, PATH=str(tmp_path / "bin"))
    assert (status, went) == (127, False)
    assert "the prober failed (127): not released" in said


def test_without_a_command_it_says_so_and_probes_nothing(tmp_path: Path) -> None:
    done = run("sh", CI / "deploy.sh", folder=tmp_path)
    assert done.returncode == 64
    assert "say what releases" in done.stderr
