"""How findings differ from an earlier report's, what of it fails, and how the differences are told."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from prober.judge.baseline import (
    FailOn,
    baseline_notes,
    change_of,
    compare_with_baseline,
    differences,
    fails,
    is_known,
    notes_of,
)
from prober.model import (
    Change,
    EarlierFinding,
    Finding,
    FindingDiff,
    Reason,
    Verdict,
    Waived,
)
from tests.support.earlier_findings import (
    DRIFT,
    LEAK,
    LOCKED,
    LONG_AGO,
    ME,
    NOW,
    SKIPPED,
    THEN,
    UNPROVEN,
    WAIVED,
    WAIVER,
    earlier,
    told,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    Make = Callable[..., Finding]


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [
        pytest.param(LOCKED, LOCKED, None, id="as-it-was"),
        pytest.param(LEAK, LEAK, None, id="open-as-it-was"),
        pytest.param(WAIVED, WAIVED, None, id="waived-as-it-was"),
        pytest.param(LOCKED, LEAK, Change.OPENED, id="locked-to-leak"),
        pytest.param(DRIFT, LEAK, Change.OPENED, id="drift-to-leak"),
        pytest.param(UNPROVEN, LEAK, Change.OPENED, id="unproven-to-leak"),
        pytest.param(SKIPPED, LEAK, Change.OPENED, id="skipped-to-leak"),
        pytest.param(LOCKED, WAIVED, Change.OPENED, id="locked-to-a-leak-that-is-waived"),
        pytest.param(LEAK, LOCKED, Change.CLOSED, id="leak-to-locked"),
        pytest.param(WAIVED, LOCKED, Change.CLOSED, id="waived-leak-to-locked"),
        pytest.param(LEAK, DRIFT, Change.CHANGED, id="leak-to-drift"),
        pytest.param(LEAK, SKIPPED, Change.CHANGED, id="leak-to-skipped"),
        pytest.param(LEAK, told("leak disclosed"), Change.CHANGED, id="leak-for-another-reason"),
        pytest.param(DRIFT, LOCKED, Change.CHANGED, id="drift-to-locked"),
        pytest.param(LOCKED, DRIFT, Change.CHANGED, id="locked-to-drift"),
        pytest.param(LEAK, WAIVED, Change.CHANGED, id="a-waiver-closes-nothing"),
        pytest.param(WAIVED, LEAK, Change.CHANGED, id="a-waiver-that-ends-opens-nothing"),
        pytest.param(None, LOCKED, Change.NEW, id="new"),
        pytest.param(None, LEAK, Change.NEW, id="new-and-open"),
        pytest.param(LEAK, None, Change.GONE, id="gone"),
        pytest.param(None, None, None, id="never-there"),
    ],
)
def test_what_became_of_a_finding(
    before: EarlierFinding | None, after: EarlierFinding | None, change: Change | None
) -> None:
    assert change_of(before, after) is change


@pytest.mark.parametrize(
    ("before", "after", "known"),
    [
        pytest.param(LEAK, LEAK, True, id="leak-that-was-one"),
        pytest.param(DRIFT, DRIFT, True, id="drift-that-was-one"),
        pytest.param(LEAK, DRIFT, True, id="drift-that-was-worse"),
        pytest.param(DRIFT, told("drift broken"), True, id="drift-of-another-kind"),
        pytest.param(DRIFT, LEAK, False, id="leak-that-was-drift"),
        pytest.param(LOCKED, LEAK, False, id="leak-that-was-locked"),
        pytest.param(SKIPPED, LEAK, False, id="leak-that-was-skipped"),
        pytest.param(WAIVED, LEAK, False, id="leak-that-was-waived"),
        pytest.param(UNPROVEN, DRIFT, False, id="drift-that-was-unproven"),
        pytest.param(None, LEAK, False, id="leak-that-was-not-there"),
        pytest.param(UNPROVEN, UNPROVEN, False, id="unproven-fails-always"),
        pytest.param(told("unreachable dns"), told("unreachable dns"), False, id="unreachable-fails-always"),
        pytest.param(LEAK, UNPROVEN, False, id="unproven-that-was-a-leak"),
        pytest.param(LEAK, LOCKED, False, id="locked-is-not-bad"),
    ],
)
def test_what_is_known_was_as_bad_before(before: EarlierFinding | None, after: EarlierFinding, known: bool) -> None:  # noqa: FBT001
    assert is_known(before, after) is known


def test_differences_keep_the_later_order_and_what_is_gone_comes_last() -> None:
    was = {
        "gone": told("leak granted", "gone"),
        "same": told("locked as-promised", "same"),
        "x": told("leak granted", "x"),
    }
    now = {"x": told("locked as-promised", "x"), "same": was["same"], "new": told("leak granted", "new")}
    found = differences(was, now)
    assert [(entry.id, entry.change) for entry in found] == [
        ("x", Change.CLOSED), ("new", Change.NEW), ("gone", Change.GONE),
    ]  # fmt: skip
    assert (found[0].before, found[0].after) == (was["x"], now["x"])


@pytest.mark.parametrize(
    ("before", "after", "opened", "new"),
    [
        pytest.param(LOCKED, LEAK, True, True, id="opened"),
        pytest.param(None, LEAK, True, True, id="a-new-probe-that-leaks"),
        pytest.param(WAIVED, LEAK, True, True, id="a-waiver-that-ended"),
        pytest.param(LOCKED, WAIVED, False, False, id="opened-and-waived"),
        pytest.param(LOCKED, DRIFT, False, True, id="drifted"),
        pytest.param(None, DRIFT, False, True, id="a-new-probe-that-drifts"),
        pytest.param(LEAK, DRIFT, False, False, id="better-though-not-good"),
        pytest.param(LEAK, told("leak disclosed"), False, False, id="open-for-another-reason"),
        pytest.param(LEAK, LOCKED, False, False, id="closed"),
        pytest.param(LOCKED, UNPROVEN, False, False, id="unproven"),
        pytest.param(LEAK, None, False, False, id="gone"),
        pytest.param(None, LOCKED, False, False, id="a-new-probe-that-is-locked"),
    ],
)  # fmt: skip
def test_what_fails_a_comparison(
    before: EarlierFinding | None, after: EarlierFinding | None, *, opened: bool, new: bool
) -> None:
    found = [FindingDiff(id=ME, change=change_of(before, after) or Change.CHANGED, before=before, after=after)]
    assert (fails(found, FailOn.OPENED), fails(found, FailOn.NEW), fails(found, FailOn.ANY)) == (opened, new, True)


@pytest.mark.parametrize("fail_on", list(FailOn))
def test_no_difference_fails_nothing(fail_on: FailOn) -> None:
    assert not fails([], fail_on)


@pytest.mark.parametrize(
    ("before", "verdict", "since"),
    [
        pytest.param(LEAK, Verdict.LEAK, THEN, id="as-it-was-then"),
        pytest.param(told("leak granted", since=LONG_AGO), Verdict.LEAK, LONG_AGO, id="as-it-was-long-before"),
        pytest.param(told("waived leak granted", since=LONG_AGO), Verdict.LEAK, LONG_AGO, id="waived-then"),
        pytest.param(LOCKED, Verdict.LEAK, NOW, id="opened-now"),
        pytest.param(told("drift missing", since=LONG_AGO), Verdict.LEAK, NOW, id="worse-now"),
        pytest.param(told("unproven gateway", since=LONG_AGO), Verdict.UNPROVEN, LONG_AGO, id="unproven-still"),
        pytest.param(told("leak granted", since=LONG_AGO), Verdict.LOCKED, None, id="closed-now"),
        pytest.param(SKIPPED, Verdict.SKIPPED, None, id="skipped-still"),
        pytest.param(told("leak granted", "another"), Verdict.LEAK, None, id="not-looked-at-then"),
    ],
)
def test_since_when_a_finding_is_so(
    before: EarlierFinding, verdict: Verdict, since: str | None, finding_of: Make
) -> None:
    (found,), _ = compare_with_baseline((finding_of(verdict),), earlier(before), started_at=NOW, fail_on_new=False)
    assert found.since == since


def test_a_waived_finding_is_compared_by_what_it_was(finding_of: Make) -> None:
    set_aside = Waived(waiver=WAIVER, verdict=Verdict.LEAK, reason=Reason.GRANTED)
    finding = replace(finding_of(Verdict.SKIPPED, Reason.WAIVED), waived=set_aside)  # fmt: skip
    (found,), baseline = compare_with_baseline((finding,), earlier(LEAK), started_at=NOW, fail_on_new=True)
    assert (found.change, found.since) == (Change.CHANGED, THEN)
    assert baseline is not None
    assert baseline.known == frozenset()


def test_without_a_baseline_nothing_is_compared(finding_of: Make) -> None:
    findings = (finding_of(),)
    assert compare_with_baseline(findings, None, started_at=NOW, fail_on_new=False) == (findings, None)


def test_what_is_known_is_excused_only_where_that_is_asked_for(finding_of: Make) -> None:
    for fail_on_new, excused in ((True, frozenset({ME})), (False, frozenset[str]())):
        _, baseline = compare_with_baseline((finding_of(),), earlier(LEAK), started_at=NOW, fail_on_new=fail_on_new)
        assert baseline is not None
        assert (baseline.known, baseline.excused) == (frozenset({ME}), excused)


def test_a_baseline_counts_what_differs(finding_of: Make) -> None:
    findings = (finding_of(), finding_of(Verdict.LOCKED, path="/b"), finding_of(Verdict.LOCKED, path="/c"))
    gone = [told(f"{word} x", f"gone-{word}") for word in ("leak", "drift", "locked")]
    was = earlier(LOCKED, told("leak granted", "me: GET /b [anonymous]"), told("waived leak x", "gone-waived"), *gone)
    _, baseline = compare_with_baseline(findings, was, started_at=NOW, fail_on_new=False)
    assert baseline is not None
    assert dict(baseline.counts) == {"opened": 1, "closed": 1, "changed": 0, "new": 1, "gone": 4}
    assert baseline.lost == 3


HERE = {"profile": "oauth", "depth": "standard", "services": {"web": "http://h"}}


@pytest.mark.parametrize(
    ("now", "apart"),
    [
        pytest.param({}, None, id="nothing"),
        pytest.param({"profile": "dev-shim"}, "profile oauth then, dev-shim now", id="profile"),
        pytest.param({"depth": "deep"}, "depth standard then, deep now", id="depth"),
        pytest.param({"services": {"web": "http://i"}}, "web http://h then, http://i now", id="url"),
        pytest.param(
            {"services": {"mcp": "http://m"}}, "mcp nowhere then, http://m now; web http://h then, nowhere now", id="services"
        ),
    ],
)  # fmt: skip
def test_a_baseline_of_something_else_is_said_to_be(now: dict[str, str], apart: str | None, finding_of: Make) -> None:
    _, baseline = compare_with_baseline((finding_of(),), earlier(LEAK), started_at=NOW, fail_on_new=False)
    said = f"the baseline a.json and this run are not of the same thing: {apart}"
    assert baseline_notes(baseline, **{**HERE, **now}) == ([said] if apart else [])  # type: ignore[arg-type]
    assert baseline_notes(None, **HERE) == []  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("gone", "note"),
    [
        pytest.param(["one"], "1 finding that is bad in a.json is no probe of this run: not checked", id="one"),
        pytest.param(["one", "two"], "2 findings that are bad in a.json are no probes of this run: not checked", id="two"),
    ],
)  # fmt: skip
def test_bad_news_that_nobody_looked_for_is_said(gone: list[str], note: str, finding_of: Make) -> None:
    was = earlier(LEAK, *(told("leak granted", name) for name in gone))
    _, baseline = compare_with_baseline((finding_of(),), was, started_at=NOW, fail_on_new=False)
    assert baseline_notes(baseline, **HERE) == [note]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("before", "after", "notes"),
    [
        pytest.param({}, {}, [], id="nothing"),
        pytest.param(
            {}, {"depth": "deep"}, ["the two are not of the same thing: depth standard then, deep now"], id="another-depth"
        ),
        pytest.param({"started_at": NOW}, {"started_at": THEN}, ["a.json is the later one of the two"], id="the-wrong-way-round"),
        pytest.param(
            {"interrupted": True}, {}, ["a.json is of a run that was interrupted: what it did not see seems changed"], id="interrupted"
        ),
    ],
)  # fmt: skip
def test_why_two_reports_may_differ_though_nothing_changed_is_said(
    before: dict[str, object], after: dict[str, object], notes: list[str]
) -> None:
    assert notes_of(earlier(**before), earlier(**{"file": "b.json", **after})) == notes
