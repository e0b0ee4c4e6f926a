"""What the tests against other people's servers share: installing them once, starting them once, running the prober."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "lockdown-prober" / "real"
PROBER = Path(sys.executable).with_name("prober")
UP_WITHIN = 60.0  # seconds: Django and node on a busy machine
Report = dict[str, Any]


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "real: installs and starts a server that nobody here wrote")


# --- what is installed ------------------------------------------------------------------------------------------------


class Installed:
    """Other people's software, each installed once into a folder whose name says what is in it."""

    def python(self, requirements: Path) -> Path:
        """Give the interpreter of a venv that holds what is required."""
        version = f"py{sys.version_info.major}.{sys.version_info.minor}"

        def install(folder: Path) -> None:
            subprocess.run([sys.executable, "-m", "venv", folder], check=True)
            python = folder / "bin" / "python"
            subprocess.run([python, "-m", "pip", "install", "--quiet", "--requirement", requirements], check=True)

        return self._once(f"{requirements.stem}-{version}", requirements, install) / "bin" / "python"

    def node(self, package: Path) -> Path:
        """Give a folder whose node_modules holds what package.json names; scripts of packages are not run."""
        if shutil.which("npm") is None:
            pytest.skip("npm is not on this machine: install Node.js 20 or newer to run this test")

        def install(folder: Path) -> None:
            folder.mkdir(parents=True)
            shutil.copy(package, folder / "package.json")
            shutil.copy(package.with_name("package-lock.json"), folder / "package-lock.json")
            command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]
            subprocess.run(command, cwd=folder, check=True)

        return self._once(package.parent.name, package.with_name("package-lock.json"), install)

    @staticmethod
    def debian(program: str, package: str) -> str:
        """Give the path of a program, from Debian's archive where it is missing."""
        found = shutil.which(program)
        if found is None and shutil.which("apt-get") and os.geteuid() == 0:
            CACHE.mkdir(parents=True, exist_ok=True)
            with (CACHE / "apt.lock").open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                # Somebody's policy may start the service that comes with it: it is the program alone that is wanted.
                quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
                subprocess.run(["apt-get", "install", "-qq", "-y", package], env=quiet, check=False, timeout=300)
            found = shutil.which(program)
        if found is None:
            pytest.skip(f"{program} is not on this machine, and could not be installed: apt-get install {package}")
        return found

    @staticmethod
    def _once(name: str, wanted: Path, install: Any) -> Path:
        digest = hashlib.sha256(wanted.read_bytes()).hexdigest()[:12]
        folder = CACHE / f"{name}-{digest}"
        CACHE.mkdir(parents=True, exist_ok=True)
        with Path(f"{folder}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # the workers of one session want the same
            if not (folder / "complete").exists():
                shutil.rmtree(folder, ignore_errors=True)
                install(folder)
                (folder / "complete").touch()
        return folder


@pytest.fixture(scope="session")
def installed() -> Installed:
    return Installed()


# --- what runs --------------------------------------------------------------------------------------------------------


class Servers:
    """Every server of this session, each started once and ended by its process."""

    def __init__(self, logs: Path) -> None:
        self.folder = logs
        self._ports: dict[tuple[str, ...], int] = {}
        self._running: list[subprocess.Popen[bytes]] = []

    def port(self, command: Sequence[str], *, cwd: Path | None = None, env: Mapping[str, str] | None = None) -> int:
        """Give the port of a server that is up; PORT in its command is where it must listen."""
        key = (*command, *map(str, (env or {}).items()))
        if key not in self._ports:
            port = free_port()
            said = {name: value.replace("PORT", str(port)) for name, value in (env or {}).items()}
            self.start([word.replace("PORT", str(port)) for word in command], port=port, cwd=cwd, env=said)
            self._ports[key] = port
        return self._ports[key]

    def start(
        self, command: Sequence[str], *, port: int, cwd: Path | None = None, env: Mapping[str, str] | None = None
    ) -> None:
        """Start a server and wait until it listens at its port."""
        log = self.folder / f"{port}.log"
        with log.open("wb") as out:
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, cwd=cwd,
                env={**os.environ, **(env or {})},
            )  # fmt: skip
        self._running.append(process)
        until = time.monotonic() + UP_WITHIN
        while process.poll() is None and time.monotonic() < until:
            with socket.socket() as attempt:
                if attempt.connect_ex(("127.0.0.1", port)) == 0:
                    return
            time.sleep(0.05)
        pytest.fail(f"the server did not come up:\n{log.read_text(errors='replace')}")

    @staticmethod
    def free_port() -> int:
        return free_port()

    def end_all(self) -> None:
        """End the processes that were started here, and no others."""
        for process in self._running:
            process.terminate()
        for process in self._running:
            process.wait(timeout=30)


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    started = Servers(tmp_path_factory.mktemp("servers"))
    yield started
    started.end_all()


def free_port() -> int:
    with socket.socket() as wanted:
        wanted.bind(("127.0.0.1", 0))
        return int(wanted.getsockname()[1])


# --- the prober -------------------------------------------------------------------------------------------------------


class Run:
    """One run of the prober, read from its JSON report."""

    def __init__(self, status: int, report: Report) -> None:
        self.status = status
        self.report = report

    @property
    def told(self) -> tuple[int, str]:
        return self.status, self.report["verdict"]

    def found(self, **where: str) -> list[Report]:
        """Give what was sent, and is of this guard, surface, credential or variant."""
        return [f for f in self.report["findings"] if f["verdict"] != "skipped" and where.items() <= f.items()]

    def said(self, **where: str) -> set[tuple[str, str, int | None]]:
        return {(f["verdict"], f["reason"], f["status"]) for f in self.found(**where)}

    def amiss(self) -> dict[str, tuple[str, str, str]]:
        """Give every probe that was not answered as promised, by its name."""
        return {f["id"]: (f["verdict"], f["reason"], f["detail"]) for f in self.found() if f["verdict"] != "locked"}

    def skipped(self) -> dict[str, int]:
        reasons = [f["reason"] for f in self.report["findings"] if f["verdict"] == "skipped"]
        return {reason: reasons.count(reason) for reason in sorted(set(reasons))}


class Prober:
    """The installed command, in a folder of its own and without the environment of whoever runs the tests."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, *arguments: str, env: Mapping[str, str] | None = None) -> Run:
        ours = ("PROBER_", "BASE_URL", "MCP_URL")
        clean = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        done = subprocess.run(
            [str(PROBER), "run", "--format", "json", *arguments],
            capture_output=True, text=True, cwd=self.folder, env={**clean, **(env or {})}, check=False,
        )  # fmt: skip
        assert done.stderr == ""
        return Run(done.returncode, json.loads(done.stdout))


@pytest.fixture
def prober(tmp_path: Path) -> Prober:
    return Prober(tmp_path)
