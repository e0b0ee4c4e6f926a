"""The width of the table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from prober.report.record import record
from prober.report.table import NARROWEST, render_table
from tests.support.tables import EVERY_CASE, leak

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.model import (
        Finding,
        Report,
    )

    Make = Callable[..., Finding]
    MakeReport = Callable[..., Report]
    Case = Callable[[Make, MakeReport], Report]


def too_long(table: str, width: int) -> list[str]:
    """Lines over the width, but for curl lines and the verdict, which stay whole, and words that no line could hold."""
    *body, _ = table.splitlines()
    long = [line for line in body if len(line) > width and not line.startswith("  reproduce   ")]
    return [line for line in long if len(line.split()) > 1]


@pytest.mark.parametrize("width", [80, 100, 200])
@pytest.mark.parametrize("case", EVERY_CASE)
def test_no_line_is_over_the_width_but_curl_lines(
    finding_of: Make, report_of: MakeReport, case: Case, width: int
) -> None:
    long_names = {"observed_mode": "credentials+oauth", "profile": "credentials+oauth"}
    report = case(finding_of, lambda *findings, **facts: report_of(*findings, **{**facts, **long_names}))
    assert too_long(render_table(record(report), width=width, verbose=True), width) == []


def test_long_texts_are_folded_under_their_own_words(finding_of: Make, report_of: MakeReport) -> None:
    finding = finding_of(why="word " * 60, fix="word " * 60, path="/api/" + "x" * 100, detail="word " * 60)
    table = render_table(record(report_of(finding, notes=("word " * 60,))), width=80)
    assert too_long(table, 80) == []
    assert [line for line in table.split("\n\n", 1)[1].splitlines() if line.startswith("word")] == []


def test_a_terminal_that_is_too_narrow_gets_a_readable_width(finding_of: Make, report_of: MakeReport) -> None:
    whole = record(leak(finding_of, report_of))
    assert render_table(whole, width=1) == render_table(whole, width=NARROWEST)
