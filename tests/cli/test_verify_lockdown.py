"""verify-lockdown against the demo, in each mode that a .env can ask for."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from prober.cli.verify_lockdown import SURFACES, VOUCHERS
from prober.demo.server import running

VERIFY = str(Path(sys.executable).with_name("verify-lockdown"))
OAUTH = "AUTH_GITHUB_ID=id\nAUTH_GITHUB_SECRET=secret\nAUTH_SECRET=secret\n"
ADMIN = "ADMIN_USERNAME=admin\nADMIN_PASSWORD_HASH='$2b$12$no.real.hash'\n"


def verify(folder: Path, env: str, mode: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    (folder / ".env").write_text(env)
    with running(mode) as demo:
        urls = {"BASE_URL": demo.web_url, "MCP_URL": demo.mcp_url}
        return subprocess.run(
            [VERIFY, *arguments],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            cwd=folder,
            env={**os.environ, **urls},
        )


@pytest.mark.parametrize(
    ("env", "mode", "named"),
    [
        pytest.param(OAUTH, "oauth", "OAUTH", id="oauth"),
        pytest.param(ADMIN, "credentials", "CREDENTIALS", id="credentials"),
        pytest.param(ADMIN + OAUTH, "credentials+oauth", "CREDENTIALS+OAUTH", id="both"),
        pytest.param("ALLOW_DEV_AUTH=True\n", "dev-shim", "DEV_SHIM", id="dev-shim"),
        pytest.param("", "unconfigured", "UNCONFIGURED", id="unconfigured"),
        pytest.param("AUTH_GITHUB_ID=\nAUTH_SECRET=''\n", "unconfigured", "UNCONFIGURED", id="empty-is-unset"),
    ],
)
def test_a_deployment_in_the_mode_of_its_env_is_locked(env: str, mode: str, named: str, tmp_path: Path) -> None:
    done = verify(tmp_path, env, mode)
    assert done.returncode == 0, done.stdout
    assert done.stderr == f"Mode: {named} (from .env)\n"


@pytest.mark.parametrize(
    ("env", "mode"),
    [
        pytest.param(OAUTH, "dev-shim", id="believed-in-oauth-and-got-the-shim"),
        pytest.param("", "dev-shim", id="unconfigured-fell-through-to-the-shim"),
        pytest.param(ADMIN, "unconfigured", id="the-env-is-not-the-one-that-runs"),
    ],
)
def test_a_deployment_in_another_mode_is_no_lock(env: str, mode: str, tmp_path: Path) -> None:
    done = verify(tmp_path, env, mode)
    assert done.returncode == 1
    assert done.stdout.startswith("The deployment looks like it runs in mode")


def test_the_profile_that_is_named_overrules_the_env(tmp_path: Path) -> None:
    done = verify(tmp_path, OAUTH, "unconfigured", "--profile", "unconfigured")
    assert (done.returncode, done.stderr) == (0, "Mode: UNCONFIGURED (from --profile)\n")


def test_what_it_takes_for_granted_is_what_the_example_declares() -> None:
    example = Path(__file__).parents[2] / "docs" / "examples" / "brain-platform" / "prober.yaml"
    assert set(yaml.safe_load(example.read_text())["surfaces"]) == {*SURFACES, VOUCHERS}
