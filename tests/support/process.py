"""How a command ended in a process of its own, and a socket that counts who connects."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import socket

SCRIPTS = Path(sys.executable).parent
ONE = ("--surface", "health", "--attempts", "1", "--timeout", "0.3", "--quiet")  # a run that is soon over


@dataclass(frozen=True)
class Ended:
    """How a process ended."""

    status: int
    out: str
    err: str


@dataclass(frozen=True)
class Silent:
    """A socket that takes every connection, answers none, and knows how many there were."""

    listener: socket.socket

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.listener.getsockname()[1]}"

    def connections(self) -> int:
        """Count, and end, the connections that wait."""
        count = 0
        while True:
            try:
                self.listener.accept()[0].close()
            except BlockingIOError:
                return count
            count += 1


def write(folder: Path, name: str, text: str) -> None:
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")


OAUTH = ("--profile", "oauth", "--base-url", "{url}")
