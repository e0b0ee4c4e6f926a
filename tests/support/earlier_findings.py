"""Findings of an earlier run."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from prober.model import (
    EarlierFinding,
    EarlierReport,
    Source,
    Verdict,
    Waiver,
)

THEN, NOW, LONG_AGO = "2026-11-01T00:00:00Z", "2026-11-22T10:00:00Z", "2026-01-01T00:00:00Z"
ME = "me: GET /api/me [anonymous]"
WAIVER = Waiver(finding=ME, reason="r", owner="ops", expires=date(2026, 12, 31), source=Source(file="w.yaml", line=2))


def told(words: str, name: str = ME, *, since: str | None = None) -> EarlierFinding:
    """'leak granted', or 'waived leak granted'."""
    *waived, held, reason = words.split()
    verdict = Verdict.SKIPPED if waived else Verdict(held)
    return EarlierFinding(id=name, verdict=verdict, held=Verdict(held), reason=reason, since=since)


def earlier(*findings: EarlierFinding, **facts: object) -> EarlierReport:
    made = EarlierReport(
        file="a.json", run="0123abcd", started_at=THEN, profile="oauth", depth="standard", interrupted=False,
        services={"web": "http://h"}, findings={finding.id: finding for finding in findings},
    )  # fmt: skip
    return replace(made, **facts)  # type: ignore[arg-type]


LOCKED, LEAK, DRIFT, SKIPPED = (
    told(w) for w in ("locked as-promised", "leak granted", "drift missing", "skipped effect")
)
UNPROVEN, WAIVED = told("unproven gateway"), told("waived leak granted")
