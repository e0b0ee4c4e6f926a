"""Whether the canary can run for weeks: memory, open files and CPU over 1,000 runs over TLS. Exit 1 on a miss.

It starts a TLS server and a watch with its page, in processes of their own, and asks the kernel how the watch fares.
For each run it asks of the page what is asked of it in a minute: four scrapes, and what a tab that stands open asks.
"""

# A script, not a package; it prints its table, and starts only what it names itself.
# ruff: noqa: INP001, S603, T201

from __future__ import annotations

import asyncio
import os
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from contextlib import closing
from pathlib import Path

HERE = Path(__file__).parent
RUNS = int(os.environ.get("RUNS", "1000"))
SETTLED = 500  # runs after which nothing may grow any more: caches are full by then, those 2 MB of SQLite among them
MOST_GROWTH = 2.0  # MiB, from there to the end
MOST_MEMORY = 60.0  # MiB
PAGE = "127.0.0.1:19420"
POLLS, SCRAPES = 11, 4  # in a minute: one tab that asks every five seconds, and Prometheus every fifteen
MOST_CPU = 0.5  # per cent of a core, at one run a minute
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def watch(words: list[str]) -> int:
    """Be the watch, without a pause between its runs: the command line allows none so short."""
    from prober.app.options import ProbeOptions, SendOptions, WatchOptions  # noqa: PLC0415 - of the child, as below
    from prober.app.status_server import place  # noqa: PLC0415
    from prober.canary.history import History  # noqa: PLC0415
    from prober.cli.read_options import read_options  # noqa: PLC0415
    from prober.cli.watch import Definitions, command, watch_with  # noqa: PLC0415

    given: dict[str, object] = {**command.make_context("watch", words).params, "every": 0.01}
    watching = read_options(WatchOptions, given)
    definitions = Definitions(read_options(ProbeOptions, given), read_options(SendOptions, given), (), log=print)
    history = History.to_write(watching.history)
    return asyncio.run(watch_with(watching, definitions, history, [], None, place(watching)))


def status_of(pid: int) -> tuple[float, int, float]:
    """Give resident MiB, open files, and the seconds of CPU so far."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    resident = next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))
    spent = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return resident / 1024, len(os.listdir(f"/proc/{pid}/fd")), sum(map(int, spent[11:13])) / os.sysconf("SC_CLK_TCK")  # noqa: PTH208 - a count


def runs_of(history: Path) -> int:
    """Count the runs so far; all of them must have found everything locked."""
    if not history.exists():
        return 0
    with closing(sqlite3.connect(f"{history.as_uri()}?mode=ro", uri=True)) as database:
        if not database.execute("SELECT 1 FROM sqlite_master WHERE name = 'runs'").fetchall():
            return 0
        found = dict(database.execute("SELECT verdict, COUNT(*) FROM runs GROUP BY verdict").fetchall())
    if set(found) - {"locked"}:
        sys.exit(f"the runs came to {found}")
    return int(found.get("locked", 0))


def main() -> int:
    """Watch the watch."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        subprocess.run([sys.executable, HERE / "stage.py", "certificate", folder], check=True)
        serving = [sys.executable, HERE / "server.py", folder / "server.pem", "0", "0"]
        with subprocess.Popen(serving, stdout=subprocess.PIPE, text=True) as server:
            port = server.stdout.readline().strip() if server.stdout else ""
            words = [sys.executable, __file__, "watch", "--base-url", f"https://127.0.0.1:{port}", "--cacert", "ca.pem"]
            words += ["--listen", PAGE]
            with (
                (folder / "said").open("w") as said,
                subprocess.Popen(words, cwd=folder, env=ENVIRONMENT, stderr=said) as canary,
            ):
                over = threading.Event()
                reader = threading.Thread(target=read, args=(folder / "prober-history.db", over))
                reader.start()
                try:
                    return measure(canary, folder / "prober-history.db")
                finally:
                    over.set()
                    reader.join()
                    canary.terminate()
                    server.terminate()


def read(history: Path, over: threading.Event) -> None:
    """Ask of the page, for each run, what is asked of it in a minute."""
    rounds = 0
    while not over.wait(0.01):
        if not runs_of(history) > rounds:
            continue
        tag = ask("/").get("ETag", "")
        for _ in range(POLLS):
            ask("/", **{"If-None-Match": tag})
        for _ in range(SCRAPES):
            ask("/metrics")
        rounds += 1
    print(f"the page was read in {rounds} rounds of {1 + POLLS + SCRAPES} requests")


def ask(path: str, **headers: str) -> dict[str, str]:
    """Ask for something of it, and give the headers of the answer."""
    request = urllib.request.Request(f"http://{PAGE}{path}", headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
            answer.read()
            return dict(answer.headers)
    except urllib.error.HTTPError as error:  # 304 is one for urllib
        return dict(error.headers)
    except OSError:  # not yet there, or not any more
        return {}


def measure(canary: subprocess.Popen[bytes], history: Path) -> int:
    """Print how it fares, every so many runs, and say whether it can go on for ever."""
    print(f"{'runs':>6} {'MiB':>7} {'files':>6} {'CPU s':>8} {'history KiB':>12}")
    told: list[tuple[int, float, int, float]] = []
    for wanted in (10, 100, SETTLED, *(n for n in (750,) if n < RUNS), RUNS):
        while (runs := runs_of(history)) < wanted:
            if canary.poll() is not None:
                sys.exit(f"the watch ended with {canary.returncode}")
            time.sleep(0.05)
        looks = [status_of(canary.pid) for _ in range(60) if not time.sleep(0.02)]  # fewest files: between two runs
        resident, files, cpu = looks[-1][0], min(files for _, files, _ in looks), looks[-1][2]
        told.append((runs, resident, files, cpu))
        print(f"{runs:6} {resident:7.1f} {files:6} {cpu:8.1f} {history.stat().st_size / 1024:12.0f}", flush=True)
    settled, last = told[2], told[-1]
    each = (last[3] - settled[3]) / (last[0] - settled[0])
    print(f"\na run costs {1000 * each:.0f} ms of CPU: {100 * each / 60:.2f} % of a core at one a minute")
    kept = (
        last[1] - settled[1] <= MOST_GROWTH
        and last[1] <= MOST_MEMORY
        and last[2] <= settled[2]
        and 100 * each / 60 <= MOST_CPU
    )
    print("ok" if kept else "MISSED")
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(watch(sys.argv[2:]) if sys.argv[1:2] == ["watch"] else main())
