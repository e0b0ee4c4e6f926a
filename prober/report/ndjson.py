"""The report as lines of JSON: while it runs one for what each answer seems to mean, then the findings, and the run."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from prober.report.redact import clean

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prober.model import Finding
    from prober.report.shape import FindingRecord, Record


def render_ndjson(record: Record) -> str:
    """Write a line for each finding, in the order of the plan, and the run's as the last."""
    return "".join([*map(finding_line, record["findings"]), run_line(record)])


def early_line(finding: Finding, hidden: Iterable[str]) -> str:
    """Write what an answer seems to mean so far: only the lines of `type` finding are the last word."""
    seems = {"verdict": finding.verdict, "reason": finding.reason, "detail": clean(finding.detail, hidden)}
    return json.dumps({"type": "early", "id": finding.probe.id, **seems}) + "\n"


def finding_line(finding: FindingRecord) -> str:
    """Write one finding as one line, with its end; `type` tells it from the run's."""
    return json.dumps({"type": "finding", **finding}) + "\n"


def run_line(record: Record) -> str:
    """Write all that is said of the whole run as one line, with its end: a stream without it was cut off."""
    return json.dumps({"type": "run", **{key: value for key, value in record.items() if key != "findings"}}) + "\n"
