"""The same requests by us, curl and others, on loopback and at a round trip of 50 ms: runs in turn, and their ratios.

Absolute times are this machine's, and of this minute; the ratios are of one run. It decides nothing.
"""

# A script, not a package; it prints its tables, and starts only what it names itself.
# ruff: noqa: INP001, S603, T201

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import delay
from contenders import schemathesis, stepci

from bench import ENVIRONMENT, HERE, PROBER, PROBES, Took, measured

if TYPE_CHECKING:
    from collections.abc import Iterator

ROUND_TRIP = 0.05  # seconds
RUNS = 7
SLOW_RUNS = 2  # of what takes a process for each request
BUDGET = 120.0  # seconds for one table, after which no further round begins


@dataclass(frozen=True, slots=True, kw_only=True)
class Contender:
    """A way to send the requests. `seldom`: it takes so long that a few runs must do."""

    name: str
    command: list[str]
    seldom: bool = False


def contenders(url: str, folder: Path) -> list[Contender]:
    """Name all that are compared; the first is what the others are divided by."""
    others = {
        "schemathesis, 8 workers": schemathesis(folder, url),
        "stepci, 40 at once": stepci(folder, url, PROBES),
    }
    for name, command in others.items():
        if command is None:
            print(f"{name}: skipped, it is not installed (see docs/performance.md)")
    run = [str(PROBER), "run", "--cacert", "ca.pem", "--format", "json", "--base-url", url]
    parallel = [
        "curl",
        "--silent",
        "--parallel",
        "--parallel-immediate",
        "--parallel-max",
        "50",
        "--config",
        "one.curl",
    ]
    return [
        Contender(name="prober run", command=run),
        Contender(name="prober run --concurrency 40", command=[*run, "--concurrency", "40"]),
        Contender(name="curl --parallel-max 50", command=parallel),
        Contender(name="curl, one after the other", command=["curl", "--config", "one.curl"]),
        Contender(name="curl, a process each", command=["bash", "loop.sh"], seldom=True),
        *(Contender(name=name, command=command, seldom=True) for name, command in others.items() if command),
    ]


@contextmanager
def server(start: list[str], host: str, folder: Path, core: int) -> Iterator[str]:
    """Start the server at its end of the line; give its URL."""
    command = [*start, sys.executable, str(HERE / "server.py"), str(folder / "server.pem"), str(core), "0", host]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=ENVIRONMENT)
    try:
        yield f"https://{host}:{(process.stdout.readline() if process.stdout else '').strip()}"
    finally:
        process.terminate()
        process.wait()


def in_turn(entries: list[Contender], start: list[str], folder: Path) -> dict[str, list[Took]]:
    """Run each once to warm up, and then all in turn: a busy minute hits all alike."""
    took: dict[str, list[Took]] = {entry.name: [] for entry in entries}
    began = time.monotonic()
    for turn in range(RUNS + 1):
        if turn > 1 and time.monotonic() - began > BUDGET:
            print(f"(ended after {turn - 1} rounds: {BUDGET:g} s are over)")
            break
        for entry in entries:
            if entry.seldom and not 1 <= turn <= SLOW_RUNS:
                continue
            one = measured([*start, *entry.command], folder, whole="run" in entry.command)
            if turn:
                took[entry.name].append(one)
    return took


def show(title: str, took: dict[str, list[Took]]) -> None:
    """Print the table of one place."""
    load = os.getloadavg()[0]
    print(f"\n{title}: {PROBES} probes over TLS, medians; load {load:.1f} on {os.cpu_count()} processors")
    print(f"{'':<30} {'wall s':>8} {'CPU s':>8} {'peak MiB':>9} {'wall, ours = 1':>15} {'CPU, ours = 1':>14}")
    [ours, *_] = took.values()
    for name, runs in took.items():
        wall, cpu = median(one.seconds for one in runs), median(one.cpu for one in runs)
        peak = median(one.mebibytes for one in runs)
        ratios = (wall / median(one.seconds for one in ours), cpu / median(one.cpu for one in ours))
        print(f"{name:<30} {wall:>8.3f} {cpu:>8.3f} {peak:>9.1f} {ratios[0]:>15.2f} {ratios[1]:>14.2f}")


def compare(title: str, ends: tuple[list[str], list[str]], host: str, folder: Path, core: int) -> None:
    """Measure at one place and print it."""
    client, far = ends
    with server(far, host, folder, core) as url:
        subprocess.run([sys.executable, str(HERE / "stage.py"), "requests", str(folder), url], check=True)
        show(title, in_turn(contenders(url, folder), client, folder))


def main() -> int:
    """Pin the client to one core and the server to another, where there are two."""
    ours, *others = sorted(os.sched_getaffinity(0))
    core = [*others, ours][0]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        subprocess.run([sys.executable, str(HERE / "stage.py"), "certificate", name], check=True)
        compare("on loopback", ([], []), "127.0.0.1", folder, core)
        if (reason := delay.why_not()) is not None:
            print(f"\nat {ROUND_TRIP * 1000:g} ms: skipped, {reason}")
            return 0
        with delay.line(ROUND_TRIP) as ends:
            compare(f"at {ROUND_TRIP * 1000:g} ms", ends, delay.SERVER, folder, core)
    return 0


if __name__ == "__main__":
    sys.exit(main())
