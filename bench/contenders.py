"""The contenders of the bench that are not ours and not curl, where they are installed: schemathesis and stepci.

`SCHEMATHESIS` and `STEPCI` name their programs; else they are looked for on the PATH. Both do another job than ours:
they are given as many requests to the same server, and their own checks. What is not there is skipped, in sight.
"""

# A script's part, not a package.
# ruff: noqa: INP001

from __future__ import annotations

import json
import os
import shutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

GUARDED = 75  # routes of the description, each with GET and POST: as many requests as ours, about


def program(name: str) -> str | None:
    """Give the path of a contender, None where it is not installed."""
    named = os.environ.get(name.upper())
    return shutil.which(named or name)


def schemathesis(folder: Path, url: str) -> list[str] | None:
    """Write a description of the guarded routes; give the command that tests them, None without the program."""
    installed = program("schemathesis")
    if installed is None:
        return None
    refused = {"responses": {"401": {"description": "refused"}}}
    paths = {f"/guarded/{number}": {"get": refused, "post": refused} for number in range(GUARDED)}
    description = {"openapi": "3.0.3", "info": {"title": "bench", "version": "1"}, "paths": paths}
    (folder / "openapi.json").write_text(json.dumps(description), encoding="utf-8")
    command = [installed, "run", "openapi.json", "--url", url, "--workers", "8", "--phases", "fuzzing"]
    command += ["--checks", "status_code_conformance", "--max-examples", "1"]
    return [*command, "--tls-verify", str(folder / "ca.pem"), "--no-color"]


def stepci(folder: Path, url: str, requests: int) -> list[str] | None:
    """Write a workflow of so many requests, in tests that run side by side; give the command, None without it."""
    installed = program("stepci")
    if installed is None:
        return None
    steps = [
        {"name": str(number), "http": {"url": f"{url}/guarded/{number}", "method": "GET", "check": {"status": 401}}}
        for number in range(requests)
    ]
    tests = {f"t{number}": {"steps": [step]} for number, step in enumerate(steps)}
    workflow = {"version": "1.1", "name": "bench", "config": {"concurrency": 40}, "tests": tests}
    (folder / "stepci.json").write_text(json.dumps(workflow), encoding="utf-8")  # JSON is YAML too
    return [
        "env",
        f"NODE_EXTRA_CA_CERTS={folder / 'ca.pem'}",
        "STEPCI_DISABLE_ANALYTICS=1",
        installed,
        "run",
        "stepci.json",
    ]
