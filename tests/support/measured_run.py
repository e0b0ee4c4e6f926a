"""A run of the prober whose memory, time and connections are measured, and what holds of every one."""

from __future__ import annotations

import json
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.support.hostile_deployment import Deployment

DEADLINE = 20.0
GRACE = 3.0  # seconds past the deadline: a process of Python starts, judges and ends in them
MOST_MEMORY = 100.0  # MiB, of the whole process
MOST_SAID = 3000  # characters of the report for each finding, however much the deployment talks

# Few requests, for what must be waited for: two at each of two routes, one that is safe to send again, one that is not.
FEW = ("--depth", "quick", "--only", "GET /api/healthz", "--only", "GET /api/knowledge", "--only", "POST /api/knowledge")  # fmt: skip
ONE = ("--depth", "quick", "--only", "GET /api/healthz", "--only", "knowledge: GET /api/knowledge [anonymous]")
ALL: tuple[str, ...] = ()
NAMED = "knowledge: GET /api/knowledge [anonymous]"
LOCKED = ("locked", "as-promised")
UNREAD = ("unproven", "unread")  # a refusal of which a part may hold anything
GRANTED = ("leak", "granted")
DISCLOSED = ("leak", "disclosed")
PROTOCOL = ("unreachable", "protocol")
TIMEOUT = ("unreachable", "timeout")
TLS = ("unreachable", "tls")

# Linux hands a parent's own peak on to what it spawns, so a small process starts the command and measures it.
LAUNCH = """
import os, sys
pid = os.posix_spawn(sys.argv[2], sys.argv[2:], os.environ)
status, usage = os.wait4(pid, 0)[1:]
with open(sys.argv[1], "w") as file:
    file.write(f"{os.waitstatus_to_exitcode(status)} {usage.ru_maxrss}")
"""

# Python imports this at its start; it writes down every address that the process connects to, and every name it asks for.
WITNESS = """
import os, sys
FILE = os.open(os.environ["WITNESS"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
def note(event, arguments):
    if event == "socket.connect":
        os.write(FILE, (":".join(map(str, arguments[1][:2])) + "\\n").encode())
    elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
        os.write(FILE, f"name {arguments[0]}\\n".encode())
sys.addaudithook(note)
"""


@dataclass(frozen=True, kw_only=True)
class Ran:
    """What a run said, and what it cost."""

    status: int
    out: str
    err: str
    seconds: float
    peak: float  # MiB
    reached: frozenset[str]

    @property
    def report(self) -> dict:
        return json.loads(self.out)

    def verdict(self, finding: str = NAMED) -> tuple[str, str]:
        (found,) = [f for f in self.report["findings"] if f["id"] == finding]
        return found["verdict"], found["reason"]

    def verdicts(self, surface: str = "knowledge") -> set[tuple[str, str]]:
        """Of variants only what is bad: neither what opens nothing nor what has nothing to compare with."""
        return {
            (f["verdict"], f["reason"])
            for f in self.report["findings"]
            if f["surface"] == surface
            and not (
                f["variant"] and (f["verdict"], f["reason"]) in {("locked", "opens-nothing"), ("skipped", "uncompared")}
            )
        }


Runs: TypeAlias = "Callable[..., Ran]"


def holds_of_every(ran: Ran, here: Deployment) -> None:
    assert ran.err == ""
    assert ran.status in {0, 1, 2}
    assert ran.peak <= MOST_MEMORY
    assert here.visits > 0
    assert ran.reached == {f"127.0.0.1:{here.port}"}, "it went somewhere else"
    assert acting(ran.out.replace("\n", "")) == set()


def holds_of_every_report(ran: Ran) -> None:
    assert ran.report["exit_status"] == ran.status
    assert len(ran.out) <= MOST_SAID * len(ran.report["findings"])
    assert acting("".join(strings(ran.report))) == set()


def acting(text: str) -> set[str]:
    """Give the characters that a terminal, an editor or a log would obey."""
    return {char for char in text if unicodedata.category(char) in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}}


def strings(value: object) -> Iterator[str]:
    entries = [*value, *value.values()] if isinstance(value, dict) else value if isinstance(value, list) else []
    yield from [value] if isinstance(value, str) else []
    for entry in entries:
        yield from strings(entry)
