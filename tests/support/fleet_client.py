"""Starts `prober fleet run` as a user does, and reads its JSON report."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

PROBER = str(Path(sys.executable).with_name("prober"))


def words(fleet: Path, *more: str) -> list[str]:
    return [PROBER, "fleet", "run", str(fleet), "--format", "json", *more]


def environment(**more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PROBER_")}
    return {**kept, **more}


def started(fleet: Path, *more: str, **env: str) -> subprocess.Popen[str]:
    return subprocess.Popen(words(fleet, *more), stdout=subprocess.PIPE, text=True, env=environment(**env))


def run(fleet: Path, *more: str, **env: str) -> tuple[int, dict[str, Any]]:
    """Run to the end; every deployment has a verdict, and nothing is on standard error."""
    done = subprocess.run(words(fleet, *more), capture_output=True, text=True, env=environment(**env), timeout=90, check=False)  # fmt: skip
    assert done.stderr == ""
    return done.returncode, read(done.stdout)


def read(text: str) -> dict[str, Any]:
    record: dict[str, Any] = json.loads(text)
    assert sum(record["counts"].values()) == len(record["deployments"])
    return record


def verdicts(record: dict[str, Any]) -> dict[str, str]:
    return {entry["name"]: entry["verdict"] for entry in record["deployments"]}


def named(record: dict[str, Any], verdict: str) -> set[str]:
    return {name for name, of in verdicts(record).items() if of == verdict}


def lost(record: dict[str, Any]) -> set[str]:
    return {name for group in record["no_verdicts"] if group["why"].startswith("lost") for name in group["names"]}


def comparable(record: dict[str, Any]) -> dict[str, Any]:
    """What two runs that found the same have in common: all but ids, times and which part it was."""
    kept = {key: value for key, value in record.items() if key not in {"run", "started_at", "elapsed_ms", "shard", "names"}}  # fmt: skip
    kept["deployments"] = [{k: v for k, v in entry.items() if k != "run"} for entry in record["deployments"]]
    return kept


def pids_of(client: int) -> list[int]:
    return [int(pid) for pid in Path(f"/proc/{client}/task/{client}/children").read_text().split()]
