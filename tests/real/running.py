"""Other people's servers while they run: each is started once for a file of tests, and ended by its process."""

from __future__ import annotations

import os
import random
import socket
import subprocess
import time
from typing import TYPE_CHECKING, NamedTuple

import pytest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

UP_WITHIN = 60.0  # seconds: Django and node on a busy machine
PORTS = range(20_000, 32_000)  # below those of the kernel's own choice, which the prober's connections take


class Served(NamedTuple):
    """A server that is up, and what the table calls it."""

    url: str
    server: str
    version: str
    form: str


class Servers:
    """Every server of one file of tests."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ports: dict[tuple[str, ...], int] = {}
        self._running: list[subprocess.Popen[bytes]] = []

    def url(self, command: Sequence[str], *, cwd: Path | None = None, env: Mapping[str, str] | None = None) -> str:
        """Give the URL of a server that is up; PORT in its command or environment is where it must listen."""
        key = (*command, str(cwd), *(f"{name}={value}" for name, value in sorted((env or {}).items())))
        if key not in self._ports:
            port = free_port()
            self.start(command, port=port, cwd=cwd, env=env)
            self._ports[key] = port
        return f"http://127.0.0.1:{self._ports[key]}"

    def start(
        self, command: Sequence[str], *, port: int, cwd: Path | None = None, env: Mapping[str, str] | None = None
    ) -> None:
        """Start a server and wait until it listens at its port."""
        process = self.launch(command, port=port, cwd=cwd, env=env)
        until = time.monotonic() + UP_WITHIN
        while process.poll() is None and time.monotonic() < until:
            with socket.socket() as attempt:
                if attempt.connect_ex(("127.0.0.1", port)) == 0:
                    return
            time.sleep(0.05)
        pytest.fail(f"the server did not come up:\n{self._log(port).read_text(errors='replace')}")

    def launch(
        self, command: Sequence[str], *, port: int, cwd: Path | None = None, env: Mapping[str, str] | None = None
    ) -> subprocess.Popen[bytes]:
        """Start a server, with nothing of ours in its environment, and do not wait for it."""
        clean = {"PATH": os.environ["PATH"], "HOME": str(self.folder), "NEXT_TELEMETRY_DISABLED": "1"}
        own = {name: value.replace("PORT", str(port)) for name, value in (env or {}).items()}
        words = [word.replace("PORT", str(port)) for word in command]
        with self._log(port).open("wb") as out:
            process = subprocess.Popen(
                words, cwd=cwd, env=clean | own, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT
            )
        self._running.append(process)
        return process

    def _log(self, port: int) -> Path:
        return self.folder / f"{port}.log"

    def end_all(self) -> None:
        """End the processes that were started here, and no others."""
        for process in self._running:
            process.terminate()
        for process in self._running:
            process.wait(timeout=30)


def free_port() -> int:
    """Give a port at which nobody listens."""
    for port in random.sample(PORTS, k=100):
        with socket.socket() as wanted:
            wanted.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if wanted.connect_ex(("127.0.0.1", port)) != 0:
                return port
    raise AssertionError("of a hundred ports none is free")
