"""The installed command, and what one run of it said."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Self

    from tests.real.running import Served

PROBER = Path(sys.executable).with_name("prober")
Report = dict[str, Any]


class Run:
    """One run of the prober, read from its JSON report."""

    def __init__(self, status: int, report: Report) -> None:
        self.status = status
        self.report = report

    @classmethod
    def read(cls, status: int, text: str) -> Self:
        return cls(status, json.loads(text))

    @property
    def told(self) -> tuple[int, str]:
        return self.status, self.report["verdict"]

    def found(self, **where: str) -> list[Report]:
        """Give what was sent, and is of this guard, surface, credential or variant."""
        return [f for f in self.report["findings"] if f["verdict"] != "skipped" and where.items() <= f.items()]

    def said(self, **where: str) -> set[tuple[str, str, int | None]]:
        """Give the verdict, the reason and the status of each of these; skipped ones too, where an id is asked for."""
        those = (
            [f for f in self.report["findings"] if where.items() <= f.items()] if "id" in where else self.found(**where)
        )
        return {(f["verdict"], f["reason"], f["status"]) for f in those}

    def amiss(self) -> dict[str, tuple[str, str, str]]:
        """Give every probe that was not answered as promised, by its name."""
        return {f["id"]: (f["verdict"], f["reason"], f["detail"]) for f in self.found() if f["verdict"] != "locked"}

    def verdicts(self) -> dict[str, str]:
        """Give the same with its verdict alone."""
        return {name: verdict for name, (verdict, _, _) in self.amiss().items()}

    def routes(self) -> set[tuple[str, str, str]]:
        """Give the same by route, with the reasons."""
        return {(name.partition(" [")[0], verdict, reason) for name, (verdict, reason, _) in self.amiss().items()}

    def reasons(self) -> set[tuple[str, str]]:
        return {(verdict, reason) for verdict, reason, _ in self.amiss().values()}

    def skipped(self) -> dict[str, int]:
        reasons = [f["reason"] for f in self.report["findings"] if f["verdict"] == "skipped"]
        return {reason: reasons.count(reason) for reason in sorted(set(reasons))}


class Prober:
    """The command, in a folder of its own and without the environment of whoever runs the tests."""

    def __init__(self, folder: Path, rows: list[tuple[str, object]]) -> None:
        self.folder = folder
        self._rows = rows

    def __call__(self, served: Served, *arguments: str, env: Mapping[str, str] | None = None) -> Run:
        """Run it to its end, and keep for the table what it said of this server."""
        done = subprocess.run(
            command(*arguments), capture_output=True, text=True, cwd=self.folder, env=environment(env), check=False
        )
        assert done.stderr == ""
        run = Run.read(done.returncode, done.stdout)
        self._rows.append(("real", [*served[1:], run.report["depth"], *told_briefly(run)]))
        return run


def command(*arguments: str) -> list[str]:
    return [str(PROBER), "run", "--format", "json", *arguments]


def environment(own: Mapping[str, str] | None = None) -> dict[str, str]:
    """Whoever runs the tests may have a deployment of their own in the environment."""
    ours = ("PROBER_", "BASE_URL", "MCP_URL")
    clean = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return {**clean, **(own or {})}


def told_briefly(run: Run) -> tuple[str, str, str, int]:
    """Give a row's profile, verdict, findings (a route for each reason) and milliseconds."""
    first: dict[tuple[str, str], str] = {}
    for route, verdict, reason in dict.fromkeys(
        (name.partition(" [")[0], verdict, reason) for name, (verdict, reason, _) in run.amiss().items()
    ):
        first.setdefault((verdict, reason), route)
    findings = "; ".join(
        f"{verdict} {reason}: {route.partition(': ')[2]}" for (verdict, reason), route in first.items()
    )
    profile = Path(run.report["profile"]).stem
    return profile, f"{run.report['verdict']} ({run.status})", findings, run.report["elapsed_ms"]
