"""Findings that are right only beside others, and routes that were left alone."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from prober.judge.service_wide import settle
from prober.model import Control, Reason, Unsent, Verdict
from tests.support.one_service import (
    CRASHED,
    EVERY,
    GUARDED,
    HEALTH,
    HEALTHY,
    HTML,
    LEAK,
    NOT_FOUND,
    answer,
    replies,
    settled,
    to,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.judge.controls import Controls
    from prober.model import Finding, Outcome, Plan, Request

    Judged = Callable[..., tuple[tuple[Finding, ...], Controls]]


# --- what is right only beside something else -------------------------------------------------------------------------

PLAIN, DRESSED, BOGUS, OTHER = "anonymous", "anonymous middleware-subrequest", "bogus-bearer", "query-bogus"
TO_SIGN_IN = to("/signin", 307)
SOFT = answer(200, '{"error":"not_signed_in"}')


def asked_as(request: Request) -> str:
    names = {name for name, _ in request.headers}
    if "?" in request.target and "x-middleware-subrequest" not in names:
        return OTHER
    return DRESSED if "x-middleware-subrequest" in names else BOGUS if "Authorization" in names else PLAIN


LOCKED = (Verdict.LOCKED, Reason.AS_PROMISED)
NOTHING = (Verdict.LOCKED, Reason.OPENS_NOTHING)
OPEN = (Verdict.LEAK, Reason.GRANTED)
UNCOMPARED = (Verdict.SKIPPED, Reason.UNCOMPARED)
BROKEN = (Verdict.DRIFT, Reason.BROKEN)


@pytest.mark.parametrize(
    ("replies_to", "means"),
    [
        pytest.param({}, {PLAIN: LOCKED, DRESSED: NOTHING, BOGUS: LOCKED, OTHER: LOCKED}, id="all-is-locked"),
        pytest.param({OTHER: NOT_FOUND}, {PLAIN: LOCKED, DRESSED: NOTHING, BOGUS: LOCKED, OTHER: NOTHING}, id="a-query-makes-another-url"),
        pytest.param({DRESSED: LEAK}, {PLAIN: LOCKED, DRESSED: OPEN, BOGUS: LOCKED, OTHER: LOCKED}, id="only-the-header-opens"),
        pytest.param({DRESSED: LEAK, BOGUS: LEAK}, {PLAIN: LOCKED, DRESSED: OPEN, BOGUS: OPEN, OTHER: LOCKED}, id="a-credential-opens-too"),
        pytest.param({PLAIN: LEAK, DRESSED: LEAK}, {PLAIN: OPEN, DRESSED: UNCOMPARED, BOGUS: LOCKED, OTHER: LOCKED}, id="open-anyway"),
        pytest.param({PLAIN: LEAK, BOGUS: LEAK}, {PLAIN: OPEN, DRESSED: NOTHING, BOGUS: OPEN, OTHER: LOCKED}, id="open-anyway-but-for-the-header"),
        pytest.param(
            {PLAIN: CRASHED, BOGUS: CRASHED, OTHER: NOT_FOUND}, {PLAIN: BROKEN, DRESSED: UNCOMPARED, BOGUS: BROKEN, OTHER: UNCOMPARED},
            id="nothing-is-locked-to-compare-with",
        ),
    ],
)  # fmt: skip
def test_what_opens_nothing_proves_something_only_beside_what_is_locked(
    judged_of: Judged, page: Plan, replies_to: dict[str, Outcome], means: dict[str, tuple[Verdict, Reason]]
) -> None:
    lost = replies(NOT_FOUND)

    def reply(request: Request) -> Outcome:
        return lost(request) if "lockdown-probe-" in request.target else replies_to.get(asked_as(request), TO_SIGN_IN)

    findings, controls = judged_of(page, reply)
    found, _, _ = settle(findings, controls, frozenset({"page"}))
    assert {asked_as(f.probe.request): (f.verdict, f.reason) for f in found} == means
    said = {f.detail for f in found if f.reason is Reason.UNCOMPARED}
    assert said <= {"the unmodified request was not refused, so variants prove nothing"}


def test_what_is_skipped_stays_so_in_a_service_that_fails_as_a_whole(judged_of: Judged, page: Plan) -> None:
    findings, controls = judged_of(page, lambda _: CRASHED)
    found, (report,), _ = settle(findings, controls, frozenset({"page"}))
    assert report.said
    assert {asked_as(f.probe.request): f.reason for f in found} == {
        PLAIN: Reason.BROKEN, DRESSED: Reason.UNCOMPARED, BOGUS: Reason.BROKEN, OTHER: Reason.BROKEN,
    }  # fmt: skip


# --- a door that was left alone -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "verdict", "reason"),
    [
        pytest.param(LEAK, Verdict.SKIPPED, Reason.OPENED_ALREADY, id="it-did-open"),
        pytest.param(TO_SIGN_IN, Verdict.UNPROVEN, Reason.OPENED_ALREADY, id="it-only-seemed-to"),
    ],
)
def test_what_was_not_sent_for_a_grant_is_only_left_out_where_there_was_one(
    judged_of: Judged, page: Plan, first: Outcome, verdict: Verdict, reason: Reason
) -> None:
    lost = replies(NOT_FOUND)
    stopped = Unsent(reason=Reason.OPENED_ALREADY, detail="not sent")

    def reply(request: Request) -> Outcome:
        if "lockdown-probe-" in request.target:
            return lost(request)
        return first if asked_as(request) == PLAIN else stopped

    findings, controls = judged_of(page, reply)
    found, _, _ = settle(findings, controls, frozenset({"page"}))
    left = [f for f in found if asked_as(f.probe.request) in {BOGUS, OTHER} and f.probe.variant is None]
    assert {(f.verdict, f.reason) for f in left} == {(verdict, reason)}


@pytest.mark.parametrize(
    ("method", "plain", "reason"),
    [
        pytest.param("HEAD", SOFT, Reason.UNCOMPARED, id="a-soft-refusal-has-no-head"),
        pytest.param("HEAD", TO_SIGN_IN, Reason.GRANTED, id="a-real-one-has"),
        pytest.param("GET", SOFT, Reason.GRANTED, id="and-a-page-can-be-compared"),
    ],
)
def test_head_is_compared_only_with_what_a_head_can_tell(
    judged_of: Judged, page: Plan, method: str, plain: Outcome, reason: Reason
) -> None:
    lost = replies(NOT_FOUND)
    probes = [p if p.variant is None else replace(p, request=replace(p.request, method=method)) for p in page.probes]

    def reply(request: Request) -> Outcome:
        if "lockdown-probe-" in request.target:
            return lost(request)
        return {PLAIN: plain, DRESSED: LEAK}.get(asked_as(request), TO_SIGN_IN)

    findings, controls = judged_of(replace(page, probes=tuple(probes)), reply)
    found, _, _ = settle(findings, controls, frozenset({"page"}))
    assert [f.reason for f in found if asked_as(f.probe.request) == DRESSED] == [reason]


def test_a_wall_that_takes_offence_is_named_and_not_the_address(judged_of: Judged, plan: Plan) -> None:
    """What it says to an odd request opens nothing; that is no word of the application's about its paths."""
    wall = answer(403, "Access Denied", HTML, ("cf-mitigated", "block"))
    odd = replace(plan, probes=(*plan.probes, *(
        replace(probe, id=f"{probe.id} odd", credential=replace(probe.credential, odd=True)) for probe in plan.probes
    )))  # fmt: skip
    findings, controls = judged_of(odd, replies(wall, wall, healthz=HEALTHY))
    found, (report,), _ = settle(findings, controls, frozenset())
    plain = {finding.probe.route.path: finding.reason for finding in found if not finding.probe.credential.odd}
    assert plain == dict.fromkeys(GUARDED, Reason.INTERMEDIARY) | {HEALTH: Reason.AS_PROMISED}
    assert (report.intermediary, report.said) == ("Cloudflare challenge", None)


@pytest.mark.parametrize(
    ("control", "verdict"),
    [
        pytest.param(Control.ALIVE, Verdict.UNPROVEN, id="with-its-health"),
        pytest.param(None, Verdict.DRIFT, id="whose-health-is-not-known"),
    ],
)
def test_a_service_is_broken_though_its_router_still_knows_what_is_not_there(
    judged_of: Judged, plan: Plan, control: Control | None, verdict: Verdict
) -> None:
    """Next.js answers 404 for itself where nothing is, when its boot check throws and all else is 500."""
    first, *others = plan.probes
    told = replace(plan, probes=(replace(first, route=replace(first.route, control=control)), *others))
    found, _, _ = settled(judged_of, told, replies(CRASHED, NOT_FOUND))
    assert found == dict.fromkeys(EVERY, (verdict, Reason.BROKEN))
