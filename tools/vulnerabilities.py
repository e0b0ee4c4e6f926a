"""`python -m tools.vulnerabilities`: fails where a package that we install has a known vulnerability.

It asks the package index's own service of advisories by pip-audit. Where that service does not answer, or does not know
the packages, nothing was looked at: that is said, and is no failure.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

LOCKS = ("requirements.lock", "requirements-extras.lock", "requirements-build.lock")
ROOT = Path(__file__).parents[1]
SECONDS = 120  # for one lock: the service is asked once for each package


def verdict_on(lock: str, output: str) -> tuple[bool, list[str]]:
    """Say whether a lock may go out, and the lines to print, of what pip-audit wrote for it (JSON, or nothing)."""
    try:
        dependencies: list[dict[str, Any]] = json.loads(output)["dependencies"]
    except ValueError:
        return True, [f"{lock}: skipped: the service of advisories does not answer"]
    found = [
        f"{lock}: {entry['name']} {entry['version']}: {vulnerability['id']}"
        + (f" (fixed in {', '.join(vulnerability['fix_versions'])})" if vulnerability["fix_versions"] else "")
        for entry in dependencies
        for vulnerability in entry.get("vulns", ())
    ]
    unknown = sum("skip_reason" in entry for entry in dependencies)
    asked = len(dependencies) - unknown
    lines = [*found, f"{lock}: {asked} packages looked up, {len(found)} known vulnerabilities"]
    if unknown:
        lines.append(
            f"{lock}: skipped: the service of advisories does not know {unknown} of {len(dependencies)} packages"
        )
    return not found, lines


def main() -> int:
    """Ask about every lock; give the exit status: 1 where a vulnerability is known, else 0."""
    status = 0
    for lock in LOCKS:
        command = [sys.executable, "-m", "pip_audit", "--requirement", str(ROOT / lock), "--no-deps", "--disable-pip"]
        command += ["--format", "json", "--progress-spinner", "off"]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)  # noqa: S603
            output = done.stdout
        except subprocess.TimeoutExpired:
            output = ""
        good, lines = verdict_on(lock, output)
        print("\n".join(lines))  # noqa: T201
        status |= not good
    return status


if __name__ == "__main__":
    sys.exit(main())
