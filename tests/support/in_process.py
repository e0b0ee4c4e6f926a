"""A whole run in this process, at a server of the test's own: what a second of start-up is saved by."""

from __future__ import annotations

from typing import TYPE_CHECKING

import prober
from tests.support.payroll import ORDER

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from prober.model import Finding


def run_here(
    folder: Path, url: str, *, surface: str, profile: str, service: str = "web", besides: Iterable[str] = (),
    depth: str | None = None, hold: Mapping[str, str] | None = None,
) -> tuple[int, dict[str, tuple[str, str]]]:  # fmt: skip
    """Give the exit status, and each path's worst verdict with its reason; `besides` are shipped surfaces."""
    (folder / "probes").mkdir()
    (folder / "probes" / "own.yaml").write_text(surface, encoding="utf-8")
    (folder / "own-profile.yaml").write_text(profile, encoding="utf-8")
    name = surface.partition("surface: ")[2].partition("\n")[0]
    named = ", ".join((name, *besides))
    where = f"profile: ./own-profile.yaml\nservices: {{{service}: '{url}'}}\nsurfaces: [{named}]\nprobes: [./probes]\n"
    (folder / "prober.yaml").write_text(where, encoding="utf-8")
    loaded = prober.load(folder / "prober.yaml", depth=depth, hold=hold)
    report = prober.run(loaded)
    worst: dict[str, Finding] = {}
    for finding in report.findings:
        was = worst.setdefault(finding.probe.route.path, finding)
        worst[finding.probe.route.path] = min(was, finding, key=lambda each: ORDER.index(each.verdict))
    return report.exit_status, {path: (finding.verdict, finding.reason) for path, finding in worst.items()}
