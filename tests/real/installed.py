"""Other people's software, each installed and built once: into a folder of the repository, or where REAL_CACHE says."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CACHE = Path(os.environ.get("REAL_CACHE") or Path(__file__).parents[2] / ".venv-real").absolute()
NEXT = "node_modules/next/dist/bin/next"
UPDATE, INSTALL = ("apt-get", "update", "-qq"), ("apt-get", "install", "-qq", "-y", "--no-install-recommends")


def python(requirements: Path) -> str:
    """Give the interpreter of a venv that holds what is required, and nothing else."""
    made_with = f"py{sys.version_info.major}.{sys.version_info.minor}"

    def install(folder: Path) -> None:
        _run(sys.executable, "-m", "venv", str(folder))
        pip = (str(folder / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "--quiet")
        _run(*pip, "install", "--requirement", str(requirements))

    return str(_once(f"{requirements.stem}-{made_with}", [requirements], install) / "bin" / "python")


def node(package: Path) -> Path:
    """Give a copy of a folder, and beside it the node_modules that its lock file names; no script of theirs is run."""
    if shutil.which("npm") is None:
        pytest.skip("npm is not on this machine: install Node.js 20 or newer to run this test")

    def install(folder: Path) -> None:
        shutil.copytree(package, folder, dirs_exist_ok=True)
        _run("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", cwd=folder)

    return _once(package.name, _files(package), install)


def next_app(application: Path, version: Path, *, middleware: str) -> Path:
    """Give an application that is built with a version of Next.js, which stands in the folder above it."""
    versions = node(version)

    def build(folder: Path) -> None:
        shutil.copytree(application, folder, dirs_exist_ok=True)
        if (folder / "scaffold.mjs").exists():
            _run("node", "scaffold.mjs", middleware, cwd=folder)
        _run("node", f"../{NEXT}", "build", cwd=folder)

    return _once(f"{versions.name}/{application.name}", _files(application), build)


def debian(program: str, package: str) -> str:
    """Give the path of a program, from Debian's archive where it is missing."""
    if shutil.which(program) is None and shutil.which("apt-get") and os.geteuid() == 0:
        # It is the program alone that is wanted: runlevel 1 starts no service that comes with it.
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
        with _locked(CACHE / "apt.lock"):
            subprocess.run(UPDATE, env=quiet, check=False, timeout=300)
            subprocess.run([*INSTALL, package], env=quiet, check=False, timeout=300)
    found = shutil.which(program)
    if found is None:
        pytest.skip(f"{program} is not on this machine, and could not be installed: apt-get install {package}")
    return found


def version_of(program: str, *arguments: str) -> str:
    """Give the number by which a program calls itself."""
    said = subprocess.run([program, *arguments], capture_output=True, text=True, check=True)
    number = re.search(r"\d+\.\d+\.\d+", said.stdout + said.stderr)
    assert number is not None, said
    return number[0]


def required(requirements: Path, package: str) -> str:
    """Give the version at which a package is pinned."""
    pinned = dict(line.split("==") for line in requirements.read_text().splitlines() if "==" in line)
    return pinned[package]


def locked(package: Path, dependency: str) -> str:
    """Give the version at which npm's lock file holds a package."""
    lock = json.loads((package / "package-lock.json").read_text())
    return str(lock["packages"][f"node_modules/{dependency}"]["version"])


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _once(name: str, sources: list[Path], make: Callable[[Path], None]) -> Path:
    """Make a folder once for these sources; its name says of what, and a mark that all of it is there."""
    digest = hashlib.sha256(b"".join(path.name.encode() + path.read_bytes() for path in sources)).hexdigest()[:8]
    folder = CACHE / f"{name}-{digest}"
    mark = folder / "complete"
    with _locked(folder.with_name(f"{folder.name}.lock")):
        if not mark.exists():
            shutil.rmtree(folder, ignore_errors=True)
            make(folder)
            mark.touch()
    return folder


@contextmanager
def _locked(file: Path) -> Iterator[None]:
    """Hold a file's lock: the workers of one session want the same software."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _run(*command: str, cwd: Path | None = None) -> None:
    environment = {**os.environ, "NEXT_TELEMETRY_DISABLED": "1"}
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}{done.stderr}"
