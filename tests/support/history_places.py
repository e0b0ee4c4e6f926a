"""Histories in SQLite and PostgreSQL, and what is written to them."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from prober.canary.finding_state import StateUpdate
from prober.canary.history import History
from prober.canary.history_rows import CompletedRun
from prober.canary.times import stamp

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


DAY = 86_400.0
NOTHING = StateUpdate(states=(), gone=(), transitions=())
START = 1_795_000_000.0


# --- the two places ---------------------------------------------------------------------------------------------------


def tools_of_postgres() -> Path | None:
    """Debian's package puts them by their version, and not on the PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    return found[-1].parent if found else None


@pytest.fixture(scope="session")
def postgres() -> Iterator[Callable[[str], str]]:
    """A server of our own, on a socket in a folder of our own; it gives the URL of a new database by its name."""
    tools = tools_of_postgres()
    if tools is None:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)("apt-get install postgresql")
    folder = Path(f"/tmp/prober-pg-{os.getpid()}")  # a socket's path may have 107 letters
    folder.mkdir(mode=0o755)
    user: dict[str, Any] = {}
    if os.geteuid() == 0:  # it refuses to run as root
        who = pwd.getpwnam("postgres" if "postgres" in {entry.pw_name for entry in pwd.getpwall()} else "nobody")
        os.chown(folder, who.pw_uid, who.pw_gid)
        user = {"user": who.pw_uid, "group": who.pw_gid, "extra_groups": []}
    quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.STDOUT, "cwd": folder, **user}
    where = ["-D", str(folder / "data")]
    subprocess.run([tools / "initdb", "--auth=trust", "--username=canary", "--no-sync", *where], check=True, **quiet)
    options = ["-c", "listen_addresses=", "-c", f"unix_socket_directories={folder}", "-c", "fsync=off"]
    server = subprocess.Popen([tools / "postgres", *where, *options], **quiet)
    try:
        assert wait_until((folder / ".s.PGSQL.5432").exists)
        subprocess.run([tools / "pg_isready", "-h", folder, "-t", "20"], check=False, **quiet)

        def make(name: str) -> str:
            create: list[str | Path] = [
                "-h",
                folder,
                "-U",
                "canary",
                "-d",
                "postgres",
                "-qc",
                f'CREATE DATABASE "{name}"',
            ]
            said = [tools / "psql", *create]
            assert wait_until(lambda: subprocess.run(said, check=False, **quiet).returncode == 0)
            return f"postgresql://canary@/{name}?host={folder}"

        yield make
    finally:
        server.send_signal(signal.SIGQUIT)
        server.wait(20)
        shutil.rmtree(folder)


def wait_until(true: Callable[[], bool], seconds: float = 20.0) -> bool:
    until = time.monotonic() + seconds
    while not (done := true()) and time.monotonic() < until:
        time.sleep(0.05)
    return done


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.integration)])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return str(tmp_path / "history.db")
    url: str = request.getfixturevalue("postgres")(f"h{abs(hash(request.node.name))}")
    return url


@pytest.fixture
def history(place: str) -> Iterator[History]:
    with closing(History.to_write(place)) as opened:
        yield opened


# --- what is kept -----------------------------------------------------------------------------------------------------


def ran(n: int, *, state: str = "interrupted", days: float = 0.0) -> CompletedRun:
    at = START + n * 60 + days * DAY
    return CompletedRun(
        id=f"run-{n}", started_at=stamp(at), ended_at=stamp(at + 1), state=state, sentence=f"said {n}", requests=n
    )
