"""How fast and how small the prober is, side by side with curl: one run of this file, medians, exit 1 on a miss.

A target is missed when even the best of its runs misses it; where only the median does, that is noise, and said.
"""

# A script, not a package; it prints its table, and starts only what it names itself.
# ruff: noqa: INP001, S603, T201

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent
PROBER = Path(sys.executable).with_name("prober")
RUNS = 5
PROBES = 150
ROUTE_FILES = 2000
DELAY = 0.05  # seconds that the far server takes before each answer
MEBI = 1024  # of the kibibytes that the kernel counts in
# Users have bytecode: children write it, and the first run of each command is not counted.
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Took:
    """What one process took."""

    seconds: float
    cpu: float
    mebibytes: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of the table: the runs of one thing, and the most that its median may be."""

    what: str
    values: list[float]
    unit: str
    most: float | None = None

    @property
    def kept(self) -> str:
        """Say whether the target is kept."""
        if self.most is None:
            return ""
        if median(self.values) <= self.most:
            return "ok"
        return "noise" if min(self.values) <= self.most else "MISSED"

    def cells(self) -> list[str]:
        """Give the cells of the table."""
        target = "" if self.most is None else f"<= {self.most:g} {self.unit}"
        figures = (median(self.values), min(self.values), max(self.values))
        return [self.what, target, *(f"{figure:.3f}" if self.unit == "s" else f"{figure:.1f}" for figure in figures)]


def measured(command: list[str], folder: Path, *, whole: bool = False) -> Took:
    """Run a command to its end; where `whole`, its report must say that every probe is locked."""
    with (folder / "out").open("w+", encoding="utf-8") as out:
        started = time.perf_counter()
        process = subprocess.Popen(command, stdout=out, cwd=folder, env=ENVIRONMENT)
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        said = out.read()
    if process.returncode != 0:
        sys.exit(f"{command[0]} ended with {process.returncode}:\n{said[-2000:]}")
    if whole and json.loads(said)["counts"]["locked"] != PROBES:
        sys.exit(f"not {PROBES} probes are locked: {json.loads(said)['counts']}")
    return Took(seconds=seconds, cpu=used.ru_utime + used.ru_stime, mebibytes=used.ru_maxrss / MEBI)


@contextmanager
def server(folder: Path, *, core: int, delay: float) -> Iterator[str]:
    """Start a server on a core of its own; give its URL."""
    command = [sys.executable, str(HERE / "server.py"), str(folder / "server.pem"), str(core), str(delay)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=ENVIRONMENT)
    try:
        yield f"https://127.0.0.1:{(process.stdout.readline() if process.stdout else '').strip()}"
    finally:
        process.terminate()
        process.wait()


def several(commands: dict[str, list[str]], folder: Path) -> dict[str, list[Took]]:
    """Run each command once to warm up, then all of them in turn, so that a busy minute hits all alike."""
    took: dict[str, list[Took]] = {name: [] for name in commands}
    for turn in range(RUNS + 1):
        for name, command in commands.items():
            one = measured(command, folder, whole="run" in command)
            if turn:
                took[name].append(one)
    return took


def measure(folder: Path, *, core: int) -> list[Line]:
    """Measure everything; the servers are on `core`, all else where this process is."""
    stage = [sys.executable, str(HERE / "stage.py")]
    subprocess.run([*stage, "certificate", str(folder)], check=True)
    run = [str(PROBER), "run", "--cacert", "ca.pem", "--format", "json", "--base-url"]
    subprocess.run([sys.executable, str(HERE / "route_files.py"), str(folder / "source"), str(ROUTE_FILES)], check=True)
    audits = several({"audit": [str(PROBER), "audit", "source", "source"]}, folder)["audit"]
    with server(folder, core=core, delay=0) as near:
        here = several({"version": [str(PROBER), "--version"], "run": [*run, near]}, folder)
    with server(folder, core=core, delay=DELAY) as far:
        subprocess.run([*stage, "requests", str(folder), far], check=True)
        there = several(
            {"run": [*run, far], "loop": ["bash", "loop.sh"], "one": ["curl", "--config", "one.curl"]}, folder
        )
    return [
        Line(what="prober --version", values=[one.seconds for one in here["version"]], unit="s", most=0.15),
        Line(what=f"audit source, {ROUTE_FILES} routes", values=[one.seconds for one in audits], unit="s", most=10.0),
        Line(what="  of which CPU", values=[one.cpu for one in audits], unit="s"),
        Line(what="  peak memory", values=[one.mebibytes for one in audits], unit="MiB", most=200),
        Line(what=f"{PROBES} probes, TLS, one core", values=[one.seconds for one in here["run"]], unit="s", most=1.0),
        Line(what="  of which CPU", values=[one.cpu for one in here["run"]], unit="s"),
        Line(what="  peak memory", values=[one.mebibytes for one in here["run"]], unit="MiB", most=80),
        Line(what="the same at 50 ms", values=[one.seconds for one in there["run"]], unit="s"),
        Line(what="  curl, a process each", values=[one.seconds for one in there["loop"]], unit="s"),
        Line(what="  curl, one with keep-alive", values=[one.seconds for one in there["one"]], unit="s"),
    ]


def show(lines: list[Line]) -> bool:
    """Print the table; True when no target is missed."""
    print(f"{'what':<30} {'target':<12} {'median':>8} {'min':>8} {'max':>8}")
    for line in lines:
        what, target, *figures = line.cells()
        print(f"{what:<30} {target:<12} " + " ".join(f"{figure:>8}" for figure in figures) + f"  {line.kept}")
    ours, loop, one = (line.values for line in lines[-3:])
    ratio, best = median(loop) / median(ours), max(loop) / min(ours)
    least = 5
    kept = "ok" if ratio >= least else "noise" if best >= least else "MISSED"
    spread = f"{ratio:>8.1f} {min(loop) / max(ours):>8.1f} {best:>8.1f}"
    print(f"{'times as fast as a curl each':<30} {'>= 5':<12} {spread}  {kept}")
    print(f"{'times as fast as one curl':<30} {'':<12} {median(one) / median(ours):>8.1f}")
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MEBI
    print(f"\nmedians of {RUNS} runs; the bench itself holds {own:.0f} MiB, and no child counts less")
    words = [*(line.kept for line in lines), kept]
    if "noise" in words:
        print("noise: a median misses its target, and the best run keeps it; run it again on a quiet machine")
    return "MISSED" not in words


def main() -> int:
    """Pin this process, and so its children, to one core, and the servers to another."""
    ours, *others = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {ours})
    if not others:
        print("one core only: the servers share it, and every figure is worse than it should be")
    with tempfile.TemporaryDirectory() as folder:
        return 0 if show(measure(Path(folder), core=[*others, ours][0])) else 1


if __name__ == "__main__":
    sys.exit(main())
