"""The size of the HTML page, and how long it takes."""

from __future__ import annotations

import json
import re
import sys
import time
import tracemalloc
from typing import TYPE_CHECKING

import pytest

from prober.model import Depth, Verdict
from prober.report.exchange import exchanges
from prober.report.html.entries import entries_of
from prober.report.html.page import render_html
from prober.report.record import record
from tests.support.html_pages import answered, page_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.model import Finding, Plan, Report

    Make = Callable[..., Finding]
    MakeReport = Callable[..., Report]


def big(plan: Plan, judged_of: Callable[..., tuple[tuple[Finding, ...], object]], report_of: MakeReport) -> Report:
    headers = (
        ("content-type", "application/json"),
        ("www-authenticate", "Bearer"),
        ("server", "x" * 60),
        ("date", "y" * 30),
    )
    answer = answered(401, json.dumps({"error": "not_signed_in", "detail": "z" * 60}), *headers)
    findings, _ = judged_of(plan, lambda _: answer)
    return report_of(*findings)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("depth", "at_least", "most"),
    [
        pytest.param(Depth.STANDARD, 550, 1_150_000, id="standard"),
        pytest.param(Depth.DEEP, 4_000, 5_000_000, id="deep"),
    ],
)
def test_page_stays_small_and_is_quickly_made(
    plan_of: Callable[..., Plan], judged_of: Callable[..., tuple[tuple[Finding, ...], object]], report_of: MakeReport,
    depth: Depth, at_least: int, most: int,
) -> None:  # fmt: skip
    report = big(plan_of(depth=depth), judged_of, report_of)
    whole, evidence = record(report), list(exchanges(report))
    started = time.process_time()
    page = render_html(whole, evidence)
    assert len(report.findings) > at_least
    assert time.process_time() - started < 1
    assert len(page.encode()) < most
    assert len(re.findall(r' id="f\d+"', page)) == len(report.findings)


def test_no_more_exchanges_are_held_than_the_page_has_room_for(finding_of: Make, report_of: MakeReport) -> None:
    wide = answered(401, "", ("server", "w" * 4_000))
    locked = [finding_of(Verdict.LOCKED, path=f"/{number}", outcome=wide) for number in range(2_000)]
    report = report_of(*locked)
    kept = record(report)
    tracemalloc.start()
    try:
        entries = entries_of(kept, exchanges(report))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert len(entries) == len(locked)
    assert peak < 2_200_000  # 2.8 MB where all are held


def test_a_page_is_not_copied_at_each_level_of_its_elements(finding_of: Make, report_of: MakeReport) -> None:
    refused = answered(401, "", ("server", "w" * 400))
    report = report_of(*(finding_of(Verdict.LOCKED, path=f"/{number}", outcome=refused) for number in range(2_000)))
    kept, evidence = record(report), list(exchanges(report))
    tracemalloc.start()
    try:
        size = sys.getsizeof(render_html(kept, evidence))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 3 * size  # nearly six times, where every level is a whole text


def test_exchanges_of_what_is_locked_are_left_out_whole_when_there_is_no_room(
    finding_of: Make, report_of: MakeReport
) -> None:
    wide = answered(401, "", ("server", "w" * 400))
    locked = [finding_of(Verdict.LOCKED, path=f"/{number}", outcome=wide) for number in range(2_000)]
    page = page_of(report_of(finding_of(path="/open", outcome=answered(200, "", ("server", "here"))), *locked))
    assert "server: here" in page
    assert "server: w" not in page
    assert "Their exchanges are left out to keep this page small" in page
