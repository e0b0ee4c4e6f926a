"""The examples of docs/: applications that a reader runs, and what a run says of each."""

from __future__ import annotations

from pathlib import Path

import prober

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"


def open_routes(name: str, url: str) -> tuple[int, set[str]]:
    """Probe an example at this URL with the definitions beside it: the exit status, and the routes that are open."""
    report = prober.run(prober.load(EXAMPLES / name / "prober.yaml", services={"web": url}))
    leaks = {f.probe.route.name for f in report.findings if f.verdict is prober.Verdict.LEAK}
    return report.exit_status, leaks
