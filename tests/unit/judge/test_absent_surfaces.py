"""Surfaces that a deployment does not serve, whole or in part."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from prober.judge.service_wide import HALF_HEARD, settle
from prober.model import Answered, Reason, Unsent, Verdict
from tests.support.one_service import (
    CRASHED,
    HEALTHY,
    HOST,
    HTML,
    JSON,
    LATE,
    LEAK,
    MIGRATE,
    NOT_FOUND,
    NOTE,
    NOTES,
    PAUSED,
    PROFILE,
    REFUSED,
    SILENCE,
    SURFACE,
    WALL,
    answer,
    replies,
    settled,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.judge.controls import Controls
    from prober.model import Finding, Outcome, Plan, Profile, Surface

    Judged = Callable[..., tuple[tuple[Finding, ...], Controls]]


def test_a_surface_that_is_not_there_at_all_is_skipped_in_sight(judged_of: Judged, plan: Plan) -> None:
    found, report, missing = settled(judged_of, plan, replies(REFUSED, healthz=HEALTHY, notes=NOT_FOUND, **{"1": NOT_FOUND}))  # fmt: skip
    assert {path for path, what in found.items() if what == (Verdict.SKIPPED, Reason.NOT_SERVED)} == {NOTES, NOTE}
    assert missing == ("notes",)
    assert report.said is None


def test_a_surface_whose_best_posture_is_to_be_absent_is_absent_too(judged_of: Judged, plan: Plan) -> None:
    found, _, missing = settled(judged_of, plan, replies(REFUSED, healthz=HEALTHY, migrate=NOT_FOUND))
    assert found[MIGRATE] == (Verdict.SKIPPED, Reason.NOT_SERVED)
    assert missing == ("migrate",)


@pytest.mark.parametrize(
    ("surface", "path", "verdict", "reason"),
    [
        pytest.param("notes", NOTES, Verdict.DRIFT, Reason.MISSING, id="guarded"),
        pytest.param("migrate", MIGRATE, Verdict.LOCKED, Reason.AS_PROMISED, id="absent-is-locked"),
    ],
)
def test_a_declared_surface_is_never_skipped(
    judged_of: Judged, plan: Plan, surface: str, path: str, verdict: Verdict, reason: Reason
) -> None:
    reply = replies(NOT_FOUND, healthz=HEALTHY, me=REFUSED)
    found, _, missing = settled(judged_of, plan, reply, surface)
    assert found[path] == (verdict, reason)
    assert missing == tuple(sorted({"notes", "migrate"} - {surface}))


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(REFUSED, id="refuses"),
        pytest.param(CRASHED, id="broken"),
        pytest.param(answer(403), id="otherwise"),
        pytest.param(answer(405), id="handler"),
        pytest.param(LEAK, id="open"),
        pytest.param(WALL, id="a-wall"),
        pytest.param(answer(429), id="throttled"),
        pytest.param(answer(502), id="a-gateway"),
    ],
)  # fmt: skip
def test_a_surface_of_which_a_part_answers_is_there(judged_of: Judged, plan: Plan, other: Answered) -> None:
    reply = replies(REFUSED, healthz=HEALTHY, notes=NOT_FOUND, **{"1": other})
    found, _, missing = settled(judged_of, plan, reply)
    assert found[NOTES] == (Verdict.DRIFT, Reason.MISSING)
    assert found[NOTE][0] is not Verdict.SKIPPED
    assert missing == ()


@pytest.mark.parametrize("silent", [pytest.param(SILENCE, id="no-answer"), pytest.param(LATE, id="not-sent")])
def test_a_surface_that_nobody_answered_for_is_not_called_absent(
    judged_of: Judged, plan: Plan, silent: Outcome
) -> None:
    reply = replies(REFUSED, healthz=HEALTHY, notes=silent, **{"1": silent})
    found, _, missing = settled(judged_of, plan, reply)
    assert {found[NOTES][0], found[NOTE][0]} <= {Verdict.UNREACHABLE, Verdict.UNPROVEN}
    assert missing == ()


def test_what_is_absent_and_what_fails_as_a_whole_says_so_in_each_finding(judged_of: Judged, plan: Plan) -> None:
    reply = replies(REFUSED, healthz=HEALTHY, notes=NOT_FOUND, **{"1": NOT_FOUND})
    findings, controls = judged_of(plan, reply)
    found, _, _ = settle(findings, controls, frozenset())
    absent = {finding.detail for finding in found if finding.verdict is Verdict.SKIPPED}
    assert absent == {"not served here, and no declaration says that it must be"}
    findings, controls = judged_of(plan, replies(PAUSED))
    paused, (report,), _ = settle(findings, controls, frozenset())
    assert {finding.detail for finding in paused} == {report.said}


def test_a_refusal_that_nowhere_gets_too_is_not_absent(judged_of: Judged, plan: Plan) -> None:
    """Of a route whose best posture is to be absent, too: what is locked by a refusal is there."""
    found, _, missing = settled(judged_of, plan, replies(REFUSED, REFUSED, healthz=HEALTHY))
    assert found[MIGRATE] == (Verdict.LOCKED, Reason.AS_PROMISED)
    assert missing == ()


@pytest.mark.parametrize(
    ("answered", "absent"),
    [
        pytest.param(answer(410, "gone"), True, id="gone"),
        pytest.param(answer(404, "<title>App</title>", HTML), True, id="the-page-that-nowhere-gets"),
        pytest.param(answer(500, "x"), False, id="broken-like-nowhere"),
    ],
)
def test_a_route_that_may_be_absent_is_so_when_it_is_like_nowhere(
    judged_of: Judged, plan: Plan, answered: Answered, *, absent: bool
) -> None:
    found, _, missing = settled(judged_of, plan, replies(REFUSED, answered, healthz=HEALTHY, migrate=answered))
    assert (found[MIGRATE] == (Verdict.SKIPPED, Reason.NOT_SERVED)) is absent
    assert (missing == ("migrate",)) is absent


def test_a_leak_is_there_whatever_it_resembles(judged_of: Judged, plan: Plan) -> None:
    """Every path answers 404 with a key in it: the surface that does so is not absent."""
    told = answer(404, '{"error":"not_found","apiKey":"0123456789abcdef"}', JSON)
    found, _, missing = settled(judged_of, plan, replies(REFUSED, told, healthz=HEALTHY, migrate=told))
    assert found[MIGRATE] == (Verdict.LEAK, Reason.DISCLOSED)
    assert missing == ()


def test_a_success_is_never_absence(judged_of: Judged, plan: Plan) -> None:
    """Whatever page every path gets: what hides behind it, nobody knows."""
    shell = answer(200, "<title>App</title>", HTML)
    found, _, missing = settled(judged_of, plan, replies(REFUSED, shell, healthz=HEALTHY, migrate=shell))
    assert found[MIGRATE] == (Verdict.UNPROVEN, Reason.MISSING)
    assert missing == ()


@pytest.mark.parametrize(
    ("body", "headers", "served"),
    [
        pytest.param('{"error":"not_found"}', JSON, "not-known", id="the-words-of-the-whole-api"),
        pytest.param("<title>404</title>", HTML, "no", id="the-page-of-the-router"),
    ],
)
def test_the_404_of_an_impossible_id_may_be_the_handlers(
    body: str, headers: tuple[str, str], served: str, judged_of: Judged, surface_of: Callable[[str], Surface],
    profile_of: Callable[[str], Profile], plan_of: Callable[..., Plan],
) -> None:  # fmt: skip
    """A surface that takes nothing but ids is not known to be absent where an API says 404 in one way."""
    links = SURFACE.format(name="links") + "  - {route: GET /api/links/:id, guard: session, why: w, fix: f}\n"
    me = SURFACE.format(name="me") + "  - {route: GET /api/me, guard: session, why: w, fix: f}\n"
    plan = plan_of([surface_of(links), surface_of(me)], profile_of(PROFILE), urls={"web": f"http://{HOST}:3000"})
    not_found = answer(404, body, headers)
    found, _, missing = settled(judged_of, plan, replies(not_found, not_found, me=REFUSED))
    if served == "no":
        assert (found["/api/links/:id"], missing) == ((Verdict.SKIPPED, Reason.NOT_SERVED), ("links",))
    else:
        assert (found["/api/links/:id"], missing) == ((Verdict.UNPROVEN, Reason.MISSING), ())


@pytest.mark.parametrize(
    ("other", "missing_one", "other_one", "absent"),
    [
        pytest.param(SILENCE, (Verdict.UNPROVEN, Reason.MISSING), (Verdict.UNREACHABLE, Reason.TIMEOUT), (), id="silent"),
        pytest.param(LATE, (Verdict.UNPROVEN, Reason.MISSING), (Verdict.UNPROVEN, Reason.CUT_SHORT), (), id="late"),
        pytest.param(
            Unsent(reason=Reason.NOT_SENT, detail="x"), (Verdict.SKIPPED, Reason.NOT_SERVED), (Verdict.SKIPPED, Reason.NOT_SERVED), ("notes",),
            id="skipped",
        ),
    ],
)  # fmt: skip
def test_a_surface_of_which_a_part_is_missing_and_the_rest_is(
    judged_of: Judged,
    plan: Plan,
    other: Outcome,
    missing_one: tuple[Verdict, Reason],
    other_one: tuple[Verdict, Reason],
    absent: tuple[str, ...],
) -> None:
    reply = replies(REFUSED, healthz=HEALTHY, notes=NOT_FOUND, **{"1": other})
    found, _, missing = settled(judged_of, plan, reply)
    assert (found[NOTES], found[NOTE], missing) == (missing_one, other_one, absent)


def test_what_is_half_heard_says_so(judged_of: Judged, plan: Plan) -> None:
    findings, controls = judged_of(plan, replies(REFUSED, healthz=HEALTHY, notes=NOT_FOUND, **{"1": SILENCE}))
    found, _, _ = settle(findings, controls, frozenset())
    assert [finding.detail for finding in found if finding.probe.route.path == NOTES] == [HALF_HEARD]
