"""The report as lines of JSON: early findings while the run goes on, then the final findings, and the run."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from prober.report.held_secret_answers import detail_of
from prober.report.redact import Forms, clean

if TYPE_CHECKING:
    from prober.model import Finding
    from prober.report.shape import FindingRecord, Record


def render_ndjson(record: Record) -> str:
    """Write a line for each finding, in the order of the plan, and the line of the run last."""
    return "".join([*map(finding_line, record["findings"]), run_line(record)])


def early_line(finding: Finding, hidden: Forms) -> str:
    """Write a provisional finding as one line; only the lines of `type` finding are final."""
    provisional = {"verdict": finding.verdict, "reason": finding.reason, "detail": clean(detail_of(finding), hidden)}
    return json.dumps({"type": "early", "id": finding.probe.id, **provisional}) + "\n"


def finding_line(finding: FindingRecord) -> str:
    """Write one finding as one line, with its end; `type` distinguishes it from the run's line."""
    return json.dumps({"type": "finding", **finding}) + "\n"


def run_line(record: Record) -> str:
    """Write the facts of the whole run as one line, with its end: a stream without it was cut off."""
    return json.dumps({"type": "run", **{key: value for key, value in record.items() if key != "findings"}}) + "\n"
