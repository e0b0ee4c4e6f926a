"""What a fleet costs, side by side with a shell loop of `prober run`: one run of this file, exit 1 on a miss.

`python bench/fleet.py` needs some ten minutes. Each pair is measured three times in turn, and the medians of their
ratios count.
"""

# A script, not a package; it prints its table, starts only what it names itself, and is about numbers.
# ruff: noqa: INP001, PLR2004, S603, T201

from __future__ import annotations

import asyncio
import json
import os
import random
import resource
import shlex
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from prober.app.options import SendOptions  # noqa: E402 - the repository is on the path only now
from prober.fleet.options import ChoiceOptions, KeepOptions, PaceOptions  # noqa: E402
from prober.fleet.run import FleetRun, load_fleet  # noqa: E402
from prober.fleet.tasks import Cause, FleetVerdict, Result, result_to_text, task_from_text  # noqa: E402
from tests.support.fleet import Behind, serving, write_fleet  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PROBER = str(Path(sys.executable).with_name("prober"))
ROUTES = 59  # guarded ones, with two probes each, and a health route
DEPLOYMENTS = 24
ROUNDS = 3  # of each pair; the median of their ratios counts
FAR = 0.05  # seconds that the far server takes before each answer
MEBI = 1024  # of the kibibytes that the kernel counts in


@dataclass(frozen=True, slots=True, kw_only=True)
class Took:
    """What a command took, with all of its own processes."""

    seconds: float
    cpu: float


def measured(command: list[str], folder: Path) -> Took:
    """Run a command to its end; it must find everything locked."""
    started = time.perf_counter()
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{command[1:4]} ended with {process.returncode}")
    return Took(seconds=time.perf_counter() - started, cpu=used.ru_utime + used.ru_stime)


def fleet_run(folder: Path, *more: str) -> Took:
    """Probe the fleet in a folder."""
    return measured([PROBER, "fleet", "run", "fleet.yaml", "--quiet", *more], folder)


def loop(folder: Path, behind: Behind, count: int, *, at_once: int) -> Took:
    """Probe so many deployments with a run each."""
    urls = "\n".join(behind.url(number) for number in range(1, count + 1))
    one = shlex.join([PROBER, "run", "--deployment", "base.yaml", "--depth", "quick", "--quiet", "--base-url"])
    return measured(["sh", "-c", f"echo '{urls}' | xargs -P{at_once} -n1 {one}"], folder)


def in_turn(one: Callable[[], Took], other: Callable[[], Took]) -> list[tuple[Took, Took]]:
    """Measure two commands one after the other, again and again: load of the machine falls on both."""
    return [(one(), other()) for _ in range(ROUNDS)]


@contextmanager
def cluster() -> Iterator[str]:
    """Start two worker processes of Dask, and give the scheduler's address."""
    script = ROOT / "tests" / "support" / "dask_cluster.py"
    process = subprocess.Popen(
        [sys.executable, script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    if process.stdout is None:
        sys.exit("the cluster did not start")
    yield json.loads(process.stdout.readline())["address"]
    process.communicate("")


class Synthetic:
    """Workers that answer at once: nine of ten deployments are locked, the others leak in a dozen ways."""

    async def open(self, settings: str) -> None:
        """Start nothing."""

    async def probe(self, task: str) -> str:
        """Make a result up."""
        name = task_from_text(task).name
        chance = random.Random(name)  # noqa: S311 - no secret
        if chance.random() < 0.9:
            return result_to_text(Result(name=name, verdict=FleetVerdict.LOCKED, requests=120, sentence="LOCKED: all"))
        causes = tuple(
            Cause(surface="api", route=f"GET /api/things/{chance.randrange(40)}", verdict="leak", reason="granted")
            for _ in range(12)
        )
        return result_to_text(Result(name=name, verdict=FleetVerdict.LEAK, sentence="LEAK: 12 routes", causes=causes))

    async def close(self) -> None:
        """End nothing."""


def client_memory(folder: Path, count: int) -> None:
    """Take the results of so many deployments in a process of its own, and print the most memory that it took."""
    fleet = load_fleet(ChoiceOptions(fleet=str(folder / "fleet.yaml")))
    run = FleetRun(fleet, SendOptions(), PaceOptions(), KeepOptions())
    asyncio.run(run.probe(Synthetic()))
    record = run.record()
    if sum(record["counts"].values()) != count:
        sys.exit("a deployment was forgotten")
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MEBI)


def memory_of_client(folder: Path, behind: Behind) -> float:
    """Give the mebibytes that a client takes for 10,000 deployments."""
    write_fleet(folder, behind, range(1, 10_001))
    command = [sys.executable, str(Path(__file__)), "client", str(folder), "10000"]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def main() -> None:
    """Measure, print the table, and exit 1 where a target is missed."""
    lines: list[tuple[str, float, str, bool]] = []
    with serving() as behind, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_fleet(folder, behind, range(1, DEPLOYMENTS + 1), routes=ROUTES)
        fleet_run(folder)  # bytecode is written, and names are looked up
        near = in_turn(lambda: fleet_run(folder), lambda: loop(folder, behind, 8, at_once=1))
        each = median(fleet.cpu for fleet, _ in near) / DEPLOYMENTS
        ratio = median(fleet.cpu / DEPLOYMENTS / (shell.cpu / 8) for fleet, shell in near)
        lines.append((f"CPU a deployment: {each * 1000:.0f} ms, of a loop", ratio, "<= 0.30", ratio <= 0.30))
        behind.delay = FAR
        far = in_turn(
            lambda: fleet_run(folder, "--processes", "2"), lambda: loop(folder, behind, DEPLOYMENTS, at_once=2)
        )
        took, faster = median(fleet.seconds for fleet, _ in far), median(b.seconds / a.seconds for a, b in far)
        lines.append((f"at 50 ms: {took:.1f} s; faster than xargs -P2 by", faster, ">= 5", faster >= 5))
        with cluster() as address:
            behind.delay = 0.0
            write_fleet(folder, behind, range(1, 2 * DEPLOYMENTS + 1), routes=ROUTES)
            pairs = in_turn(
                lambda: fleet_run(folder, "--cluster", address), lambda: fleet_run(folder, "--processes", "2")
            )
        speed = median(here.seconds / there.seconds for there, here in pairs)
        lines.append(("speed on a cluster of two processes, of this machine's", speed, ">= 0.9", speed >= 0.9))
        many = in_turn(lambda: _many(folder, behind, 100), lambda: _many(folder, behind, 1000))
        growth = median(large.cpu / 1000 / (small.cpu / 100) for small, large in many)
        lines.append(("CPU a deployment: 1,000 deployments, of 100", growth, "<= 1.10", growth <= 1.10))
        memory = memory_of_client(folder, behind)
        lines.append(("MiB of the client, 10,000 deployments", memory, "<= 120", memory <= 120))
    for what, value, target, kept in lines:
        print(f"{what:<62} {value:>8.2f}  {target:<8} {'ok' if kept else 'MISSED'}")
    sys.exit(0 if all(line[3] for line in lines) else 1)


def _many(folder: Path, behind: Behind, count: int) -> Took:
    write_fleet(folder, behind, range(1, count + 1), routes=9)
    return fleet_run(folder)


if __name__ == "__main__":
    if sys.argv[1:2] == ["client"]:
        client_memory(Path(sys.argv[2]), int(sys.argv[3]))
    else:
        main()
