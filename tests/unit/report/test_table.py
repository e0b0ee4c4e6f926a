"""The table: golden files of whole reports at 80 columns, and what holds of every one of them."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from prober.model import (
    ExitStatus,
    Finding,
    Reason,
    Report,
    Verdict,
)
from prober.report.json_format import render_json
from prober.report.record import record
from prober.report.summary import last_line
from prober.report.table import NARROWEST, render_table
from tests.support.tables import (
    CASES,
    EVERY_CASE,
    NO_FORM,
    all_locked,
    answer,
    drift_in_groups,
    interrupted,
    leak,
    locked,
    not_served,
    nothing_proven,
    silence,
    tolerated,
    unreachable,
    wall,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.report.shape import Record

    Make = Callable[..., Finding]
    MakeReport = Callable[..., Report]
    Case = Callable[[Make, MakeReport], Report]


@pytest.mark.parametrize("name", list(CASES))
def test_a_report_looks_exactly_so(
    finding_of: Make, report_of: MakeReport, golden: Callable[[str], str], name: str
) -> None:
    assert render_table(record(CASES[name](finding_of, report_of)), width=80) == golden(f"{name}.txt")


def test_verbose_lists_what_is_locked_too(
    finding_of: Make, report_of: MakeReport, golden: Callable[[str], str]
) -> None:
    assert render_table(record(leak(finding_of, report_of)), width=80, verbose=True) == golden("leak-verbose.txt")


@pytest.mark.parametrize(
    ("case", "verdict", "status", "sentence"),
    [
        pytest.param(
            all_locked, "locked", ExitStatus.LOCKED,
            "LOCKED: all 5 probes of 2 routes got the answer profile 'oauth' expects; 1 probe of 1 route skipped", id="locked",
        ),
        pytest.param(
            leak, "leak", ExitStatus.LEAK, "LEAK: 2 routes are open to anyone; 1 more answered unexpectedly", id="leak",
        ),
        pytest.param(
            drift_in_groups, "drift", ExitStatus.LEAK,
            "DRIFT: no route is open, but 8 routes answered unexpectedly", id="drift",
        ),
        pytest.param(
            tolerated, "locked", ExitStatus.LOCKED,
            "LOCKED: 2 probes of 2 routes got the answer profile 'oauth' expects, 1 drifted and were tolerated", id="tolerated",
        ),
        pytest.param(
            unreachable, "unreachable", ExitStatus.NO_VERDICT, "NO VERDICT: 4 probes of 4 routes got no response", id="unreachable",
        ),
        pytest.param(
            wall, "unproven", ExitStatus.NO_VERDICT, "NO VERDICT: 2 probes of 2 routes proved nothing, 1 probe of 1 route got the expected answer", id="wall",
        ),
        pytest.param(
            interrupted, "leak", ExitStatus.LEAK, "INTERRUPTED: 1 route open to anyone so far; the rest was not checked",
            id="interrupted",
        ),
        pytest.param(
            not_served, "locked", ExitStatus.LOCKED,
            "LOCKED: all 2 probes of 1 route got the answer profile 'oauth' expects; 2 surfaces not served here", id="not-served",
        ),
        pytest.param(
            nothing_proven, "unproven", ExitStatus.NO_VERDICT,
            "NO VERDICT: nothing was probed; 1 probe of 1 route skipped", id="nothing-proven",
        ),
    ],
)  # fmt: skip
def test_the_last_line_is_the_verdict_in_one_sentence(
    finding_of: Make, report_of: MakeReport, case: Case, verdict: str, status: ExitStatus, sentence: str
) -> None:
    whole = record(case(finding_of, report_of))
    assert (whole["verdict"], whole["exit_status"]) == (verdict, status)
    assert last_line(whole) == sentence
    assert render_table(whole, width=NARROWEST).splitlines()[-1] == sentence


@pytest.mark.parametrize("case", EVERY_CASE)
def test_the_table_says_nothing_that_the_record_does_not_hold(
    finding_of: Make, report_of: MakeReport, case: Case
) -> None:
    """What is read back from JSON, and nothing else, makes the same table."""
    whole = record(case(finding_of, report_of))
    read: Record = json.loads(render_json(whole))
    assert render_table(read, verbose=True) == render_table(whole, verbose=True)


@pytest.mark.parametrize("verbose", [False, True])
@pytest.mark.parametrize("case", EVERY_CASE)
def test_the_table_counts_each_route_once(
    finding_of: Make, report_of: MakeReport, case: Case, *, verbose: bool
) -> None:
    """The columns add up to the routes of the record, but for surfaces that are not served; no row is all locked."""
    whole = record(case(finding_of, report_of))
    blocks = [block.splitlines() for block in render_table(whole, verbose=verbose).split("\n\n")]
    rows = next((block[2:] for block in blocks if block[0].startswith("routes of surface ")), [])
    numbers = [int(number) for row in rows for number in re.findall(r"(?<= )\d+(?= |$)", row.removeprefix("1 other"))]
    absent = {f["route"] for f in whole["findings"] if f["reason"] == Reason.NOT_SERVED}
    locked_as_a_whole = not verbose and not rows
    expected = 0 if locked_as_a_whole else whole["coverage"]["routes"] - len(absent)
    assert sum(numbers) == expected


def test_only_surfaces_with_something_to_say_have_a_row(finding_of: Make, report_of: MakeReport) -> None:
    quiet = [f for n in range(3) for f in locked(finding_of, 2, surface=f"quiet-{n}", path=f"/q/{n}")]
    table = render_table(record(report_of(*quiet, *locked(finding_of, 1, path="/ok"), finding_of(path="/open"))))
    assert [line.split() for line in table.splitlines() if re.match(r"(routes of|me |3 other|quiet)", line)] == [
        ["routes", "of", "surface", "leak", "locked"], ["me", "1", "1"], ["3", "other", "surfaces", "3"],
    ]  # fmt: skip


def test_bad_news_comes_first_and_worst_first(finding_of: Make, report_of: MakeReport) -> None:
    findings = [
        *locked(finding_of, 1),
        finding_of(Verdict.UNREACHABLE, Reason.TIMEOUT, "no answer", path="/d", outcome=silence("x")),
        finding_of(Verdict.UNPROVEN, Reason.GATEWAY, "by a gateway", path="/c", outcome=answer(502)),
        finding_of(Verdict.DRIFT, Reason.BROKEN, "got 500", path="/b", outcome=answer(500)),
        finding_of(path="/a"),
    ]
    heads = [line.split()[0] for line in render_table(record(report_of(*findings))).splitlines() if re.match(r"[A-Z]+  ", line)]  # fmt: skip
    assert heads == ["LEAK", "DRIFT", "UNPROVEN", "UNREACHABLE"]


def test_one_cause_is_one_entry_that_names_every_route(finding_of: Make, report_of: MakeReport) -> None:
    """One guard that lets everybody in: the fix, the reason why and the curl line are shown once."""
    findings = [finding_of(path=f"/api/{n}", why=f"why {n}") for n in range(8)]
    entry = next(part for part in render_table(record(report_of(*findings))).split("\n\n") if part.startswith("LEAK  "))
    assert entry.splitlines()[0] == "LEAK  me: 8 routes are open to anyone (guard session)"
    assert [f"GET /api/{n}" in entry for n in range(8)] == [True] * 8
    assert [entry.count(f"\n  {fact} ") for fact in ("why", "fix", "reproduce")] == [1, 1, 1]
    assert "prober explain 'me: *'" in entry


def test_a_mass_skipped_for_one_reason_is_counted_unless_all_is_asked_for(
    finding_of: Make, report_of: MakeReport
) -> None:
    skipped = [
        finding_of(Verdict.SKIPPED, Reason.EFFECT, NO_FORM.detail, path=f"/api/{n}", outcome=NO_FORM) for n in range(9)
    ]
    whole = record(report_of(*locked(finding_of, 1), *skipped))
    short, every = (" ".join(render_table(whole, verbose=verbose).split()) for verbose in (False, True))
    assert "me: GET /api/2 and 6 more: an open door would act" in short
    assert "me: GET /api/7 and me: GET /api/8: an open door would act" in every


def test_only_the_verdicts_are_painted(finding_of: Make, report_of: MakeReport) -> None:
    painted: list[tuple[str, str]] = []

    def paint(text: str, verdict: str) -> str:
        painted.append((text, verdict))
        return f"<{text}>"

    whole = record(leak(finding_of, report_of))
    table = render_table(whole, paint=paint)
    first = table.split("\n\n")[0].replace("<", "").replace(">", "").splitlines()
    assert {text for text, _ in painted} == {"LEAK", "DRIFT", last_line(whole), *first}
    assert re.sub("[<>]", "", table) == render_table(whole)
