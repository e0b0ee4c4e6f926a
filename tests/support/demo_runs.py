"""Runs of the installed prober against a demo with doors open, and the reports that they leave in the folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from prober.demo.doors import door_named
from prober.demo.server import running

if TYPE_CHECKING:
    from collections.abc import Iterator

PROBER = Path(sys.executable).with_name("prober")
DOOR = "dev-shim-behind-oauth"
ME = "me: GET /api/me"
WAIVER = "waivers:\n  - {what}: '{name}'\n    reason: Mended in release 7.\n    owner: ops\n    expires: {expires}\n"


@contextmanager
def demo(*doors: str) -> Iterator[str]:
    with running("oauth", doors=[door_named(name) for name in doors]) as here:
        yield here.web_url


def prober(*arguments: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PROBER_")}
    return subprocess.run([PROBER, *arguments], capture_output=True, text=True, timeout=60, check=False, env=clean)


TWO = ("--surface", "me", "--surface", "health", "--only", ME, "--only", "health")
ONE = ("--surface", "me", "--only", ME)


def run(url: str, *options: str, what: tuple[str, ...] = TWO) -> tuple[int, dict, str]:
    """Probe a route or two; give the exit status, the report, and the last line of the table."""
    done = prober("run", "--profile", "oauth", "--base-url", url, *what, "--report", "json=now.json", *options)
    assert done.stderr == ""
    return done.returncode, json.loads(Path("now.json").read_text()), done.stdout.splitlines()[-1]


def waive(name: str, *, what: str = "finding", expires: str = "2999-12-31") -> tuple[str, str]:
    Path("waivers.yaml").write_text(WAIVER.format(what=what, name=name, expires=expires), encoding="utf-8")
    return "--waivers", "waivers.yaml"


def keep(name: str) -> None:
    Path("now.json").rename(name)


def move(name: str, url: str) -> None:
    """Make it a report of the deployment at this URL: a demo that is started again has another port."""
    report = json.loads(Path(name).read_text())
    Path(name).write_text(json.dumps(report).replace(report["services"]["web"]["url"], url), encoding="utf-8")


def finding(report: dict, name: str) -> dict:
    return next(found for found in report["findings"] if found["id"] == name)
