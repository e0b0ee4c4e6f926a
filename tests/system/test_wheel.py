"""What `pip install` gives: a tool that works in any folder, with its definitions inside."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from prober import __version__

REPOSITORY = Path(__file__).parents[2]
pytestmark = pytest.mark.slow


def run(*words: str | Path, folder: Path) -> subprocess.CompletedProcess[str]:
    env = {name: value for name, value in os.environ.items() if not name.startswith(("PROBER_", "PYTHON", "PYTEST"))}
    return subprocess.run(words, cwd=folder, env=env, capture_output=True, text=True, check=False, timeout=300)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("dist")
    built = run(sys.executable, "-m", "build", "--wheel", "--outdir", out, folder=REPOSITORY)
    assert built.returncode == 0, built.stderr
    [path] = out.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The scripts of an environment that holds the wheel, what it depends on, and nothing else."""
    venv = tmp_path_factory.mktemp("venv")
    made = run(sys.executable, "-m", "venv", venv, folder=venv)
    assert made.returncode == 0, made.stderr
    filled = run(venv / "bin" / "pip", "install", "--quiet", "--disable-pip-version-check", wheel, folder=venv)
    assert filled.returncode == 0, filled.stderr
    return venv / "bin"


@pytest.fixture
def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


def test_wheel_holds_every_definition_and_no_test(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    shipped = {name.removeprefix("prober/shipped/") for name in names if name.startswith("prober/shipped/")}
    definitions = [*(REPOSITORY / "probes").rglob("*.yaml"), *(REPOSITORY / "profiles").rglob("*.yaml")]
    assert shipped == {path.relative_to(REPOSITORY).as_posix() for path in definitions}
    assert [name for name in names if name.startswith(("tests", "docs"))] == []


def test_wheel_names_the_plugin_of_pytest(wheel: Path) -> None:
    files = zipfile.ZipFile(wheel)
    [name] = [name for name in files.namelist() if name.endswith(".dist-info/entry_points.txt")]
    assert files.read(name).decode().split() == ["[pytest11]", "lockdown", "=", "prober.pytest_plugin"]
    assert "prober/pytest_plugin/fixtures.py" in files.namelist()


def test_wheel_holds_the_style_of_the_html_report(wheel: Path) -> None:
    assert "prober/report/html/page.css" in zipfile.ZipFile(wheel).namelist()


def test_wheel_is_of_this_version(wheel: Path) -> None:
    assert wheel.name == f"lockdown_prober-{__version__}-py3-none-any.whl"


@pytest.mark.parametrize(
    ("words", "status"),
    [
        pytest.param(["prober", "--version"], 0, id="version"),
        pytest.param(["prober", "plan", "--profile", "oauth", "--base-url", "http://127.0.0.1:1"], 0, id="plan"),
        pytest.param(["prober", "run", "--profile", "oauth", "--base-url", "{closed}"], 2, id="run"),
        pytest.param(["prober", "explain", "GET /api/me"], 0, id="explain"),
        pytest.param(["prober", "schema", "surface"], 0, id="schema"),
        pytest.param(["prober", "completion", "fish"], 0, id="completion"),
        pytest.param(["prober", "demo"], 64, id="demo-without-its-extra"),
        pytest.param(["verify-lockdown"], 64, id="drop-in-without-env"),
        pytest.param(["verify-lockdown", "--profile", "oauth", "--base-url", "{closed}", "--mcp-url", "{closed}"], 2, id="drop-in"),
    ],
)  # fmt: skip
def test_installed_tool_works_in_any_folder(
    words: list[str], status: int, installed: Path, closed_port: int, tmp_path: Path
) -> None:
    script, *arguments = [word.replace("{closed}", f"http://127.0.0.1:{closed_port}") for word in words]
    done = run(installed / script, *arguments, folder=tmp_path)
    assert done.returncode == status, done.stderr
    assert "Traceback" not in done.stderr


def test_installed_tool_plans_what_the_repository_plans(installed: Path, tmp_path: Path) -> None:
    """The table: it holds nothing of the run, whose random values differ."""
    arguments = ("plan", "--profile", "credentials", "--base-url", "http://h", "--mcp-url", "http://m")
    theirs = run(installed / "prober", *arguments, folder=tmp_path)
    ours = run(Path(sys.executable).parent / "prober", *arguments, folder=tmp_path)
    assert len(ours.stdout) > 10_000
    assert theirs.stdout == ours.stdout


def test_installed_tool_imports_nothing_of_the_repository(installed: Path, tmp_path: Path) -> None:
    done = run(installed / "python", "-c", "import prober; print(prober.__file__)", folder=tmp_path)
    assert Path(done.stdout.strip()).is_relative_to(installed.parent)


@pytest.mark.parametrize("script", ["prober", "verify-lockdown"])
@pytest.mark.parametrize("path", ["{folder}", ".", "/nowhere:{folder}"])
def test_no_package_of_a_checkout_takes_the_place_of_the_installed_one(
    script: str, path: str, installed: Path, tmp_path: Path
) -> None:
    (tmp_path / "prober").mkdir()
    (tmp_path / "prober" / "__init__.py").write_text("raise SystemExit(0)\n", encoding="utf-8")
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": path.replace("{folder}", str(tmp_path))}
    words: list[str | Path] = [installed / script, "--no-option-of-that-name"]
    done = subprocess.run(words, cwd=tmp_path, env=env, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 64, done.stderr
    python = subprocess.run([installed / "python", "-m", "prober"], cwd=tmp_path, env=env, check=False, timeout=60)
    assert python.returncode == 0  # what the scripts are kept from
