"""The report as lines of JSON: each read back alone, the run's last, and together the whole record."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from prober.report.ndjson import early_line, finding_line, render_ndjson, run_line
from prober.report.record import record
from prober.report.redact import forms_of

if TYPE_CHECKING:
    from prober.model import Report


def test_a_line_for_each_finding_and_one_for_the_run_are_the_whole_record(mixed_report: Report) -> None:
    whole = record(mixed_report)
    *findings, run = [json.loads(line) for line in render_ndjson(whole).splitlines()]
    assert [line.pop("type") for line in findings] == ["finding"] * 7
    assert run.pop("type") == "run"
    assert {**run, "findings": findings} == whole


def test_a_leak_is_one_line_that_a_filter_finds(mixed_report: Report) -> None:
    leaks = [line for line in render_ndjson(record(mixed_report)).splitlines() if '"verdict": "leak", "reason"' in line]
    assert [json.loads(line)["id"] for line in leaks] == [
        "migrate: POST /api/migrate [anonymous]", "migrate: POST /api/migrate [bogus-bearer]",
    ]  # fmt: skip


def test_lines_written_one_by_one_while_it_runs_are_those_of_the_report(mixed_report: Report) -> None:
    whole = record(mixed_report)
    assert "".join([*map(finding_line, whole["findings"]), run_line(whole)]) == render_ndjson(whole)


def test_what_an_answer_seems_to_mean_is_no_finding_yet(mixed_report: Report) -> None:
    early = json.loads(early_line(mixed_report.findings[1], forms_of(["200"])))
    assert early == {
        "type": "early", "id": "migrate: POST /api/migrate [anonymous]", "verdict": "leak", "reason": "granted",
        "detail": "got <redacted>, expected 401",
    }  # fmt: skip


def test_a_line_end_stands_only_at_the_end_of_a_line(mixed_report: Report) -> None:
    text = render_ndjson(record(mixed_report))
    assert text.isascii()
    assert text.count("\n") == 8
    assert text.endswith("}\n")
