"""How the differences from a baseline are printed, and the last line of a run."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from prober.judge.baseline import (
    change_between,
    compare_with_baseline,
    differences,
    notes_of,
)
from prober.model import (
    Change,
    EarlierFinding,
    Finding,
    Reason,
    Verdict,
    Waived,
)
from prober.report.diff import changes, render_changes
from prober.report.json_format import render_json
from prober.report.record import record
from prober.report.summary import last_line
from tests.support.earlier_findings import LEAK, LOCKED, NOW, THEN, WAIVED, WAIVER, earlier, told

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.model import Report

    Make = Callable[..., Finding]
    MakeReport = Callable[..., Report]


# --- how they are told ------------------------------------------------------------------------------------------------


def compared(was: list[EarlierFinding], now: list[EarlierFinding]) -> dict:
    before, after = earlier(*was), earlier(*now, file="b.json", run="4567cdef", started_at=NOW)
    return changes(before, after, differences(before.findings, after.findings), notes_of(before, after))  # type: ignore[return-value]


def routes(words: str, *paths: str, ways: tuple[str, ...] = ("anonymous",)) -> list[EarlierFinding]:
    return [told(words, f"orgs: GET /api/{path} [{way}]") for path in paths for way in ways]


def test_differences_look_exactly_so(golden: Callable[[str], str]) -> None:
    was = [
        LOCKED, *routes("locked as-promised", "a", ways=("anonymous", "bogus-bearer] upper-case")),
        *routes("drift missing", "b", "c", "d", "e", ways=("anonymous", "bogus-bearer")), *routes("leak granted", "closed"),
        *routes("locked as-promised", "gone"),
    ]  # fmt: skip
    now = [
        LEAK, *routes("leak granted", "a", ways=("anonymous", "bogus-bearer] upper-case")),
        *routes("locked as-promised", "b", "c", "d", "e", ways=("anonymous", "bogus-bearer")),
        *routes("locked as-promised", "closed"), *routes("waived leak granted", "new"),
    ]  # fmt: skip
    whole = compared(was, now)
    assert render_changes(whole) == golden("diff.txt")  # type: ignore[arg-type]
    assert render_json(whole) == golden("diff.json")
    assert json.loads(render_json(whole)) == whole


@pytest.mark.parametrize(
    ("was", "now", "sentence"),
    [
        pytest.param([LEAK], [LEAK], "SAME: no finding differs", id="same"),
        pytest.param([LEAK], [LOCKED], "CHANGED: no route opened; 1 finding differs", id="closed"),
        pytest.param([LEAK, *routes("leak granted", "a")], [], "CHANGED: no route opened; 2 findings differ", id="gone"),
        pytest.param([LOCKED], [LEAK], "OPENED: 1 route is open that was not", id="opened"),
        pytest.param([WAIVED], [LEAK], "OPENED: 1 route is open that was not", id="no-longer-waived"),
        pytest.param([LOCKED], [WAIVED], "CHANGED: no route opened; 1 finding differs", id="opened-and-waived"),
        pytest.param([], routes("leak granted", "a", "b"), "OPENED: 2 routes are open that were not", id="new"),
        pytest.param([], routes("leak granted", "a", ways=("x", "y")), "OPENED: 1 route is open that was not", id="one-door-two-ways"),
    ],
)  # fmt: skip
def test_the_last_line_is_one_sentence(was: list[EarlierFinding], now: list[EarlierFinding], sentence: str) -> None:
    assert render_changes(compared(was, now)).splitlines()[-1] == sentence  # type: ignore[arg-type]


def test_an_open_door_is_never_folded_into_a_block_of_many() -> None:
    paths = [str(n) for n in range(9)]
    text = render_changes(compared(routes("locked as-promised", *paths), routes("leak granted", *paths)))  # type: ignore[arg-type]
    lines = text.splitlines()
    assert [sum(f"/api/{path}: locked" in line for line in lines) for path in paths] == [1] * 9


@pytest.mark.parametrize("width", [0, 60, 80, 200])
def test_it_fits_the_width(width: int) -> None:
    paths = [f"{'very-' * 12}long-{n}" for n in range(5)]
    whole = compared(
        routes("locked as-promised", *paths), routes("drift missing", *paths, ways=("anonymous", "x" * 40))
    )
    text = render_changes(whole, width=width)  # type: ignore[arg-type]
    assert max(map(len, text.splitlines())) <= max(width, 60)


# --- the last line of a run -------------------------------------------------------------------------------------------


def run_beside(was: list[EarlierFinding], report: Report, *, fail_on_new: bool = True) -> str:
    findings, baseline = compare_with_baseline(report.findings, earlier(*was), started_at=NOW, fail_on_new=fail_on_new)
    return last_line(record(replace(report, findings=findings, baseline=baseline)))


@pytest.mark.parametrize(
    ("verdicts", "status", "sentence"),
    [
        pytest.param([Verdict.LEAK, Verdict.LOCKED], 0, f"KNOWN: nothing new since the report of {THEN}; 1 route is still open", id="a-leak"),
        pytest.param([Verdict.DRIFT, Verdict.LOCKED], 0, f"KNOWN: nothing new since the report of {THEN}; 1 route still drifts", id="drift"),
        pytest.param(
            [Verdict.LEAK, Verdict.LEAK, Verdict.DRIFT, Verdict.DRIFT], 0,
            f"KNOWN: nothing new since the report of {THEN}; 2 routes are still open, 2 routes still drift", id="many",
        ),
        pytest.param(
            [Verdict.LEAK, Verdict.UNPROVEN], 2,
            f"NO VERDICT: 1 probe of 1 route proved nothing, 0 probes of 0 routes got the expected answer; known since the report of {THEN}: 1 route is still open",
            id="known-and-unproven",
        ),
    ],
)  # fmt: skip
def test_a_run_that_fails_for_nothing_new_is_not_called_locked(
    verdicts: list[Verdict], status: int, sentence: str, finding_of: Make, report_of: MakeReport
) -> None:
    report = report_of(*(finding_of(verdict, path=f"/{n}") for n, verdict in enumerate(verdicts)))
    assert run_beside([LOCKED], replace(report, exit_status=status)) == sentence  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("was", "verdict", "sentence"),
    [
        pytest.param(LOCKED, Verdict.LEAK, f"LEAK: 1 route is open to anyone; since the report of {THEN}: 1 opened", id="opened"),
        pytest.param(LEAK, Verdict.LEAK, f"LEAK: 1 route is open to anyone; since the report of {THEN}: none opened or closed", id="still-open"),
        pytest.param(LEAK, Verdict.LOCKED, f"LOCKED: 1 probe of 1 route got the answer profile 'oauth' expects; since the report of {THEN}: 1 closed", id="closed"),
    ],
)  # fmt: skip
def test_the_last_line_says_what_opened_and_closed(
    was: EarlierFinding, verdict: Verdict, sentence: str, finding_of: Make, report_of: MakeReport
) -> None:
    report = report_of(finding_of(verdict, Reason.GRANTED if verdict is Verdict.LEAK else Reason.AS_PROMISED))
    assert run_beside([was], report, fail_on_new=False) == sentence


@pytest.mark.parametrize(
    ("held", "said"),
    [
        pytest.param([Verdict.LEAK], "1 finding waived (1 leak)", id="a-leak"),
        pytest.param(
            [Verdict.LEAK, Verdict.LEAK, Verdict.DRIFT], "3 findings waived (2 leaks)", id="two-leaks-of-three"
        ),
        pytest.param([Verdict.DRIFT], "1 finding waived", id="drift"),
    ],
)
def test_waived_leaks_are_counted_in_the_last_line(
    held: list[Verdict], said: str, finding_of: Make, report_of: MakeReport
) -> None:
    findings = [
        replace(
            finding_of(Verdict.SKIPPED, Reason.WAIVED, path=f"/{n}"),
            waived=Waived(waiver=WAIVER, verdict=verdict, reason=Reason.GRANTED),
        )
        for n, verdict in enumerate(held)
    ]
    line = last_line(record(report_of(finding_of(Verdict.LOCKED), *findings)))
    assert line == f"LOCKED: 1 probe of 1 route got the answer profile 'oauth' expects; {said}"


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [
        pytest.param(None, Verdict.LEAK, Change.OPENED, id="new-and-open"),
        pytest.param(Verdict.LOCKED, Verdict.LEAK, Change.OPENED, id="opened"),
        pytest.param(Verdict.DRIFT, Verdict.LEAK, Change.OPENED, id="drift-that-opened"),
        pytest.param(Verdict.LEAK, Verdict.LOCKED, Change.CLOSED, id="closed"),
        pytest.param(Verdict.LEAK, Verdict.DRIFT, Change.CHANGED, id="no-leak-any-more-and-not-locked"),
        pytest.param(Verdict.LEAK, Verdict.UNREACHABLE, Change.CHANGED, id="nobody-knows"),
        pytest.param(Verdict.LOCKED, Verdict.DRIFT, Change.CHANGED, id="drift-opens-nothing"),
        pytest.param(Verdict.DRIFT, Verdict.LOCKED, Change.CHANGED, id="drift-closes-nothing"),
        pytest.param(Verdict.LEAK, Verdict.LEAK, None, id="still-open"),
        pytest.param(Verdict.LOCKED, Verdict.LOCKED, None, id="still-locked"),
    ],
)
def test_opened_and_closed_are_of_leaks_alone(before: Verdict | None, after: Verdict, change: Change | None) -> None:
    assert change_between(before, after) is change
