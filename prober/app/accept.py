"""Writes an inventory of what a run has found, for people to review."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from prober.app.baseline import load_report
from prober.app.load import load_inventory
from prober.definitions.document import parse_document
from prober.definitions.inventory import FILE, parse_inventory
from prober.errors import UsageError
from prober.judge.inventory import inventory_of
from prober.model import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from prober.model import EarlierReport, Inventory

_HEAD = """\
# Which routes this deployment has. `prober accept` writes this file; review it as you review code.
# What is absent here may be missing. A route that answers is judged all the same.
"""


def accept(report_file: str, *, folder: Path, by: str) -> tuple[Inventory, Inventory | None]:
    """Write the inventory of a report into the folder of a prober.yaml; give it, and the one that it replaces.

    Raises UsageError for a report that proves nothing: of an interrupted run, or without a lock or a leak.
    """
    report = load_report(report_file)
    _refuse_empty(report)
    earlier = load_inventory(folder)
    path = folder / FILE
    made = inventory_of(report, by=by, at=datetime.now(UTC).date().isoformat(), file=str(path), earlier=earlier)
    text = render(made)
    parse_inventory(parse_document(text, file=str(path)))
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}", fix="check the folder and its permissions") from None
    return made, earlier


def render(inventory: Inventory) -> str:
    """Write an inventory as YAML, its routes in order."""
    release = f", release: {json.dumps(inventory.release)}" if inventory.release else ""
    return (
        f"{_HEAD}accepted: {{at: {inventory.at}, by: {json.dumps(inventory.by)}{release}}}\n"
        f"{_block('there', inventory.there)}{_block('absent', inventory.absent)}"
    )


def _block(key: str, routes: Iterable[str]) -> str:
    lines = "".join(f"  - {json.dumps(name)}\n" for name in sorted(routes))
    return f"{key}:\n{lines}" if lines else ""


def _refuse_empty(report: EarlierReport) -> None:
    if report.interrupted:
        raise UsageError(f"{report.file} is of a run that was interrupted", fix="give the report of a run that ended")
    if not any(finding.held in {Verdict.LOCKED, Verdict.LEAK} for finding in report.findings.values()):
        what = f"{report.file} has no route that was locked or open: it may be of another deployment"
        raise UsageError(what, fix="see why nothing was proven, and run it again")
