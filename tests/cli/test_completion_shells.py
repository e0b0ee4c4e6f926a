"""Completion in real shells: Tab is pressed on a terminal, and the scripts are read by their own shell."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.support.shells import SCRIPTS, SHELLS, given, run

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("own_folder")


@pytest.fixture(params=SHELLS)
def shell(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    if shutil.which(name) is None:
        assert os.environ.get("CI") != "true", f"{name} is not installed: apt-get install {name}"
        pytest.skip(f"{name} is not installed, and its completion is not tried: apt-get install {name}")
    return name


@pytest.fixture
def in_reach(tmp_path: Path) -> Path:
    """A folder with what the tests complete; `~/bin` holds the programs too."""
    (tmp_path / "kept file.json").touch()
    (tmp_path / "de").mkdir()
    (tmp_path / "de" / "deeper.json").touch()
    (tmp_path / "bin").symlink_to(SCRIPTS)
    return tmp_path


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        pytest.param("prober expl\tx", ["explain", "x"], id="a-command"),
        pytest.param("prober run --prof\tx", ["run", "--profile", "x"], id="an-option"),
        pytest.param("prober run --profile dev\t", ["run", "--profile", "dev-shim"], id="a-profile"),
        pytest.param("prober run --profile=dev\t", ["run", "--profile=dev-shim"], id="a-profile-behind-the-sign"),
        pytest.param("prober run --surface know\t", ["run", "--surface", "knowledge"], id="a-surface"),
        pytest.param("prober plan --depth qu\t", ["plan", "--depth", "quick"], id="a-depth"),
        pytest.param("prober run --format js\t", ["run", "--format", "json"], id="a-format"),
        pytest.param("prober run --report js\tx", ["run", "--report", "json=x"], id="a-report-and-no-space"),
        pytest.param("prober run --report json=kept\t", ["run", "--report", "json=kept file.json"], id="a-report-s-file"),
        pytest.param("prober run --hold=witness=file:./kept\t", ["run", "--hold=witness=file:./kept file.json"], id="a-file-behind-three-heads"),
        pytest.param("prober run --deployment=kep\t", ["run", "--deployment=kept file.json"], id="a-file-behind-the-sign"),
        pytest.param("prober run --report json=de\tdeep\t", ["run", "--report", "json=de/deeper.json"], id="a-folder-and-no-space"),
        pytest.param("prober run --deployment kep\t", ["run", "--deployment", "kept file.json"], id="a-file"),
        pytest.param("prober run --hold wit\tenv:TO_BE\t", ["run", "--hold", "witness=env:TO_BE_HELD"], id="a-held-secret"),
        pytest.param("prober explain GET\\ /api/kno\t", ["explain", "GET /api/knowledge"], id="a-route"),
        pytest.param("prober explain 'GET /api/heal\t", ["explain", "GET /api/healthz"], id="a-route-in-quotes"),
        pytest.param("prober explain migrate:\t", ["explain", "migrate: POST /api/migrate"], id="a-route-by-its-name"),
        pytest.param(
            "prober explain knowledge:\\ GET\\ /api/knowledge\\ \\[anon\t",
            ["explain", "knowledge: GET /api/knowledge [anonymous]"], id="a-finding",
        ),
        pytest.param("prober selftest --only mcp-any-bearer\\ in\\ dev\t", ["selftest", "--only", "mcp-any-bearer in dev-shim"], id="a-case"),
        pytest.param("prober demo --open mcp-any-b\t", ["demo", "--open", "mcp-any-bearer"], id="a-door"),
        pytest.param("prober schema surf\t", ["schema", "surface"], id="a-schema"),
        pytest.param("verify-lockdown --surface know\t", ["--surface", "knowledge"], id="the-drop-in"),
    ],
)  # fmt: skip
def test_tab_completes(shell: str, keys: str, words: list[str], in_reach: Path) -> None:
    assert given(shell, keys, in_reach) == words


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        pytest.param("prober schema surf\t", ["prober", "schema", "surface"], id="prober"),
        pytest.param(
            "verify-lockdown --surface know\t", ["verify-lockdown", "--surface", "knowledge"], id="the-drop-in"
        ),
    ],
)
def test_tab_completes_a_program_that_is_called_by_its_path(
    shell: str, keys: str, words: list[str], in_reach: Path
) -> None:
    to_the_start = "\x01"  # the line is said there, and not run
    called, *rest = given(shell, f"~/bin/{keys}{to_the_start}say ", in_reach)
    assert [called.rpartition("/")[2], *rest] == words


def test_a_script_is_one_that_its_shell_reads(shell: str) -> None:
    done = subprocess.run([shell, "-n"], input=run("completion", shell).stdout, capture_output=True, text=True, check=False)  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")


def test_the_script_for_bash_has_nothing_that_shellcheck_knows() -> None:
    script = run("completion", "bash").stdout
    done = subprocess.run(
        [SCRIPTS / "shellcheck", "--shell=bash", "-"], input=script, capture_output=True, text=True, check=False
    )
    assert done.stdout == ""
