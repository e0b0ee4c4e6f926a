"""A wide-open deployment with many acting routes: what a run takes with 500 of them and with 2,000, side by side.

Judging is linear where four times the routes take four times the CPU that is spent beyond the start of the program. It
exits 1 where the ratio or the peak of memory is missed even by the best of its runs.
"""

# A script, not a package; it prints its table, and starts only what it names itself.
# ruff: noqa: INP001, S603, T201

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

from bench import ENVIRONMENT, HERE, MEBI, PROBER, Took, server

FEW, MANY = 500, 2000  # routes
RUNS = 3
MOST_TIMES = 5.0  # as much CPU for four times the routes: a quarter more than linear, for a busy machine
MOST_PEAK = 100.0  # MiB
LEAK = 1  # the exit status of a run that found one
PROFILE = "profile: own\nabout: A.\npresents: {session: [bearer]}\nguards: {public: 200, session: 401}\n"
SURFACE = "surface: wide\nabout: A.\nroutes:\n  - {route: GET /open/0, guard: public, control: alive, why: w, fix: f}\n"
ROUTE = "  - {{route: POST /wide/{}, guard: session, effect: acts, inert: {{json: {{}}}}, why: w, fix: f}}\n"


def stage(folder: Path, routes: int) -> Path:
    """Write the definition of a deployment with so many acting routes; give its prober.yaml, without a service."""
    place = folder / str(routes)
    (place / "probes").mkdir(parents=True)
    (place / "probes" / "wide.yaml").write_text(SURFACE + "".join(map(ROUTE.format, range(1, routes + 1))))
    (place / "own.yaml").write_text(PROFILE)
    file = place / "prober.yaml"
    file.write_text("profile: ./own.yaml\nsurfaces: [wide]\nprobes: [./probes]\n")
    return file


def measured(file: Path, url: str, folder: Path) -> Took:
    """Probe it once to the end; every route that was asked must have been found open."""
    with (folder / "out").open("w+", encoding="utf-8") as out:
        command = [str(PROBER), "run", "--deployment", str(file), "--base-url", url]
        command += ["--cacert", str(folder / "ca.pem"), "--format", "json"]
        process = subprocess.Popen(command, stdout=out, env=ENVIRONMENT)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        said = out.read()
    if process.returncode != LEAK or not json.loads(said)["counts"]["leak"]:
        sys.exit(f"the run ended with {process.returncode}, and no route was found open:\n{said[-1000:]}")
    return Took(seconds=0.0, cpu=used.ru_utime + used.ru_stime, mebibytes=used.ru_maxrss / MEBI)


def main() -> int:
    """Measure both in turn, beside a deployment with one route, which is the start of the program."""
    ours, *others = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {ours})
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        subprocess.run([sys.executable, str(HERE / "stage.py"), "certificate", name], check=True)
        files = {routes: stage(folder, routes) for routes in (1, FEW, MANY)}
        took: dict[int, list[Took]] = {routes: [] for routes in files}
        with server(folder, core=[*others, ours][0], delay=0) as url:
            for _ in range(RUNS):
                for routes, file in files.items():
                    took[routes].append(measured(file, url, folder))
    print(f"{'a wide-open deployment':<30} {'CPU s':>8} {'peak MiB':>9}")
    for routes, runs in took.items():
        cpu, peak = median(one.cpu for one in runs), max(one.mebibytes for one in runs)
        print(f"{f'{routes} acting routes':<30} {cpu:>8.3f} {peak:>9.1f}")
    start = min(one.cpu for one in took[1])
    times = [(many.cpu - start) / (few.cpu - start) for few, many in zip(took[FEW], took[MANY], strict=True)]
    peak = min(one.mebibytes for one in took[MANY])
    print(
        f"{MANY} routes take {median(times):.1f} times the CPU of {FEW} "
        f"(linear: {MANY / FEW:g}; at most {MOST_TIMES:g})"
    )
    print(f"the peak of {MANY} routes is {peak:.1f} MiB (at most {MOST_PEAK:g})")
    return 0 if min(times) <= MOST_TIMES and peak <= MOST_PEAK else 1


if __name__ == "__main__":
    sys.exit(main())
