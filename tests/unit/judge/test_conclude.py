"""What the findings of a run come to: its verdict, its exit status and its notes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest

from prober.judge.conclude import DECLARED, UNVERIFIED, Conclusion, Policy, conclude, judge_all, leaks_of
from prober.judge.observations import Observations
from prober.model import (
    EarlierFinding,
    EarlierReport,
    ExitStatus,
    Reason,
    ReleaseSource,
    Skip,
    Source,
    SourceCoverage,
    Unsent,
    Verdict,
    Waiver,
    WaiverScope,
)
from tests.support.one_service import (
    HEALTH,
    HEALTHY,
    JSON,
    LATE,
    LEAK,
    ME,
    NOT_FOUND,
    NOTES,
    REFUSED,
    SILENCE,
    answer,
    replies,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.model import Finding, Outcome, Plan, Request

NOW, LATER = "2026-11-22T10:00:00Z", "2026-11-24T10:00:00Z"
MOVED = answer(403, '{"error":"not_signed_in"}', JSON)
SKIPPED = Reason.NO_HELD_SECRET


def observe(plan: Plan, reply: Callable[[Request], Outcome]) -> Observations:
    made = Observations(plan)
    for control in plan.not_found_controls:
        made.record(control, reply(control.request))
    for probe in plan.probes:
        made.record(probe, reply(probe.request))
    return made


def run(plan: Plan, policy: Policy | None = None, unknown: Outcome = NOT_FOUND, /, **said: Outcome) -> Conclusion:
    """Conclude a run in which health is well, and everything is refused that nothing is said of."""
    seen = observe(plan, replies(REFUSED, unknown, **{"healthz": HEALTHY, **said}))
    return conclude(plan, seen, policy or Policy(started_at=NOW), judge_all(plan, seen, LATE))


def name(plan: Plan, path: str) -> str:
    return next(probe.id for probe in plan.probes if probe.route.path == path)


def without(plan: Plan, path: str) -> Plan:
    """Skip this path's probe."""
    skips = tuple(Skip(probe=p, reason=SKIPPED, detail="no target") for p in plan.probes if p.route.path == path)
    return replace(plan, probes=tuple(p for p in plan.probes if p.route.path != path), skips=skips)


def of(conclusion: Conclusion, path: str) -> Finding:
    return next(finding for finding in conclusion.findings if finding.probe.route.path == path)


@pytest.mark.parametrize(
    ("said", "verdict", "status"),
    [
        pytest.param({}, Verdict.LOCKED, ExitStatus.LOCKED, id="all-refused"),
        pytest.param({"me": LEAK}, Verdict.LEAK, ExitStatus.LEAK, id="one-is-open"),
        pytest.param({"me": MOVED}, Verdict.DRIFT, ExitStatus.LEAK, id="one-refuses-otherwise"),
        pytest.param({"me": SILENCE}, Verdict.UNREACHABLE, ExitStatus.NO_VERDICT, id="one-is-silent"),
    ],
)
def test_a_run_is_as_bad_as_its_worst_finding(
    plan: Plan, said: dict[str, Outcome], verdict: Verdict, status: ExitStatus
) -> None:
    conclusion = run(plan, **said)
    assert (conclusion.verdict, conclusion.exit_status) == (verdict, status)


def test_what_was_not_sent_is_judged_by_why(plan: Plan) -> None:
    judged = judge_all(plan, Observations(plan), Unsent(reason=Reason.CUT_SHORT, detail="late"))
    assert {(finding.reason, finding.detail) for finding in judged} == {(Reason.CUT_SHORT, "late")}


def test_a_run_of_which_nothing_came_back_has_no_verdict(plan: Plan) -> None:
    nothing = Observations(plan)
    conclusion = conclude(plan, nothing, Policy(started_at=NOW), judge_all(plan, nothing, LATE))
    assert conclusion.exit_status is ExitStatus.NO_VERDICT


def test_leaks_alone_are_worth_a_second_look(plan: Plan) -> None:
    seen = observe(plan, replies(REFUSED, healthz=HEALTHY, me=LEAK, notes=MOVED))
    assert [probe.route.path for probe in leaks_of(plan, seen, judge_all(plan, seen, LATE))] == [ME]


def test_drift_is_tolerated_where_it_may_be_and_not_of_a_probe_that_is_required(plan: Plan) -> None:
    tolerant = Policy(started_at=NOW, tolerate_drift=True)
    assert run(plan, tolerant, me=MOVED).exit_status is ExitStatus.LOCKED
    required = replace(tolerant, required=frozenset({name(plan, ME)}))
    assert run(plan, required, me=MOVED).exit_status is ExitStatus.LEAK
    assert run(plan, required, notes=MOVED).exit_status is ExitStatus.LOCKED
    assert run(plan, replace(required, tolerate_drift=False)).exit_status is ExitStatus.LOCKED


def test_a_skipped_probe_counts_where_it_is_required(plan: Plan) -> None:
    skipped = without(plan, ME)
    assert run(skipped).verdict is Verdict.LOCKED
    assert of(run(skipped), ME).verdict is Verdict.SKIPPED
    conclusion = run(skipped, Policy(started_at=NOW, required=frozenset({name(plan, ME), name(plan, NOTES)})))
    assert (conclusion.verdict, conclusion.exit_status) == (Verdict.UNPROVEN, ExitStatus.NO_VERDICT)
    assert conclusion.notes == (f"required, but skipped: {name(plan, ME)} (no target)",)


def test_a_skipped_probe_of_a_surface_that_is_not_served_is_left_out(plan: Plan) -> None:
    skipped = without(plan, "/api/notes")
    conclusion = run(skipped, None, **{"1": NOT_FOUND})
    assert conclusion.not_served == ("notes",)
    assert "/api/notes" not in {finding.probe.route.path for finding in conclusion.findings}


@pytest.mark.parametrize(("demanded", "status"), [(True, ExitStatus.LEAK), (False, ExitStatus.LOCKED)])
def test_a_route_of_the_source_without_a_probe_fails_where_each_must_have_one(
    plan: Plan, status: ExitStatus, *, demanded: bool
) -> None:
    source = SourceCoverage(folder="app", known=1, unprobed=("GET /api/x (x.ts)",), gone=())
    conclusion = run(plan, Policy(started_at=NOW, source=source, require_coverage=demanded))
    assert conclusion.exit_status is status
    assert any("GET /api/x" in note for note in conclusion.notes) is demanded
    assert run(plan, Policy(started_at=NOW, require_coverage=demanded)).exit_status is ExitStatus.LOCKED


def earlier(plan: Plan, path: str, *, started_at: str = NOW) -> EarlierReport:
    was = EarlierFinding(
        id=name(plan, path), verdict=Verdict.LEAK, held=Verdict.LEAK, reason=Reason.GRANTED, since=None
    )
    return EarlierReport(
        file="a.json", run="r", started_at=started_at, profile=plan.profile.name, depth=plan.depth, interrupted=False,
        services={service.name: service.url for service in plan.services}, findings={was.id: was},
    )  # fmt: skip


def test_what_was_as_bad_before_fails_no_run_that_fails_on_what_is_new_unless_it_is_required(plan: Plan) -> None:
    old = Policy(started_at=NOW, baseline=earlier(plan, ME), fail_on_new=True)
    assert (run(plan, old, me=LEAK).verdict, run(plan, old, me=LEAK).exit_status) == (
        Verdict.LEAK,
        ExitStatus.LOCKED,
    )
    assert run(plan, old, notes=LEAK).exit_status is ExitStatus.LEAK
    assert run(plan, replace(old, fail_on_new=False), me=LEAK).exit_status is ExitStatus.LEAK
    required = replace(old, required=frozenset({name(plan, ME)}))
    assert run(plan, required, me=LEAK).exit_status is ExitStatus.LEAK


@pytest.mark.parametrize(
    ("policy", "status", "went_back"),
    [
        pytest.param(Policy(started_at=NOW), ExitStatus.LOCKED, False, id="it-holds"),
        pytest.param(Policy(started_at=LATER), ExitStatus.LEAK, False, id="it-has-ended"),
        pytest.param(Policy(started_at=NOW, not_before=LATER), ExitStatus.LEAK, True, id="by-an-earlier-run"),
        pytest.param(Policy(started_at=LATER, not_before=NOW), ExitStatus.LEAK, False, id="by-this-machine"),
        pytest.param(Policy(started_at=NOW, not_before=NOW[:11] + "11:00:00Z"), ExitStatus.LOCKED, False, id="on-the-same-day"),
    ],
)  # fmt: skip
def test_a_waiver_ends_by_the_latest_time_that_is_known(
    plan: Plan, policy: Policy, status: ExitStatus, *, went_back: bool
) -> None:
    waiver = Waiver(
        finding=name(plan, ME), reason="r", owner="o", expires=date(2026, 11, 23), source=Source(file="w.yaml", line=1)
    )
    waived = replace(plan, waivers=(WaiverScope(waiver=waiver, ids=frozenset({name(plan, ME)})),))
    conclusion = run(waived, policy, me=LEAK)
    assert conclusion.exit_status is status
    assert any("clock says" in note for note in conclusion.notes) is went_back
    assert not any("clock says" in note for note in run(plan, policy).notes)


def test_a_baseline_tells_the_time_as_well(plan: Plan) -> None:
    waiver = Waiver(
        finding=name(plan, ME), reason="r", owner="o", expires=date(2026, 11, 23), source=Source(file="w.yaml", line=1)
    )
    waived = replace(plan, waivers=(WaiverScope(waiver=waiver, ids=frozenset({name(plan, ME)})),))
    policy = Policy(started_at=NOW, baseline=earlier(plan, NOTES, started_at=LATER))
    assert run(waived, policy, me=LEAK).exit_status is ExitStatus.LEAK


def test_notes_say_how_the_deployment_was_reached(plan: Plan) -> None:
    assert run(plan).notes == ()
    assert run(plan, Policy(started_at=NOW, insecure=True, notes=("by a tunnel",))).notes == (
        UNVERIFIED,
        "by a tunnel",
    )


@pytest.mark.parametrize("declared", [{"blanket_is_application": True}, {"blanket_paths": ("/api",)}])
def test_a_blanket_that_is_declared_is_said_where_there_is_one(plan: Plan, declared: dict[str, object]) -> None:
    believing = replace(plan, **declared)  # type: ignore[arg-type]
    assert DECLARED in run(believing, None, REFUSED).notes
    assert DECLARED not in run(believing).notes
    assert DECLARED not in run(plan, None, REFUSED).notes


def test_the_release_is_what_the_application_says_where_it_is_asked(plan: Plan) -> None:
    source = ReleaseSource(header="x-release")
    told = answer(200, '{"ok":true}', JSON, ("x-release", "7"))
    both = Policy(started_at=NOW, release_source=source, release="6")
    assert run(plan, both, healthz=told).release == "7"
    assert run(plan, Policy(started_at=NOW, release="6")).release == "6"
    assert run(plan, Policy(started_at=NOW, release_source=source), healthz=told).release == "7"
    assert run(plan, Policy(started_at=NOW, release_source=source, release="6")).release == "6"


def test_a_finding_names_the_header_that_opens_alone_and_its_second_look(plan: Plan) -> None:
    seen = observe(plan, replies(REFUSED, healthz=HEALTHY, me=LEAK))
    probe = next(probe for probe in plan.probes if probe.route.path == ME)
    seen.openers[probe.id] = "X-Forwarded-For"
    seen.confirmations[probe] = LEAK
    seen.tls_expires["web"] = 1_800_000_000.0
    conclusion = conclude(plan, seen, Policy(started_at=NOW), judge_all(plan, seen, LATE))
    assert of(conclusion, ME).detail.endswith("; X-Forwarded-For alone opens it")
    assert of(conclusion, ME).confirmed is LEAK
    assert "alone opens it" not in of(conclusion, NOTES).detail
    assert [service.tls_expires for service in conclusion.services] == ["2027-01-15T08:00:00Z"]
    assert [service.tls_expires for service in run(plan).services] == [None]
    assert of(run(plan), HEALTH).verdict is Verdict.LOCKED
