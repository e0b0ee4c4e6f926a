"""What a whole service has in common is said once; and nothing that is said of a whole hides a leak."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from prober.judge.service_wide import settle
from prober.model import Answered, Reason, Verdict
from tests.support.one_service import (
    CRASHED,
    EVERY,
    GUARDED,
    HEALTH,
    HEALTHY,
    HOST,
    HTML,
    JSON,
    LEAK,
    ME,
    NOT_FOUND,
    NOTE,
    NOTES,
    PAUSED,
    PROFILE,
    REFUSED,
    SILENCE,
    answer,
    replies,
    settled,
    to,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.judge.controls import Controls
    from prober.model import Finding, Outcome, Plan, Profile, Request

    Judged = Callable[..., tuple[tuple[Finding, ...], Controls]]


def test_the_plan_of_these_tests_asks_every_path_once(plan: Plan) -> None:
    assert [probe.route.path for probe in plan.probes] == list(EVERY)
    assert plan.not_found_controls


def test_a_service_of_which_nothing_can_be_said_keeps_its_findings(judged_of: Judged, plan: Plan) -> None:
    found, report, missing = settled(judged_of, plan, replies(REFUSED, healthz=HEALTHY))
    assert found == dict.fromkeys(EVERY, (Verdict.LOCKED, Reason.AS_PROMISED))
    assert (report.alive, report.blanket, report.intermediary, report.said, missing) == (True, False, None, None, ())


def https(request: Request) -> Answered:
    return to(f"https://{HOST}{request.target}")


WHOLES = [
    pytest.param(replies(PAUSED, healthz=HEALTHY), Reason.PAUSED, "paused", True, id="paused-but-for-its-health"),
    pytest.param(replies(PAUSED), Reason.PAUSED, "paused", True, id="paused"),
    pytest.param(replies(CRASHED, CRASHED), Reason.BROKEN, "5xx to everything", False, id="broken"),
    pytest.param(replies(CRASHED, CRASHED, me=SILENCE), Reason.BROKEN, "5xx to everything", False, id="broken-and-silent"),
    pytest.param(https, Reason.USE_HTTPS, "to https", False, id="https"),
    pytest.param(replies(to(f"https://www.{HOST}/"), to(f"https://www.{HOST}/")), Reason.WRONG_BASE, "another host", False, id="elsewhere"),
    pytest.param(replies(NOT_FOUND, healthz=HEALTHY), Reason.WRONG_BASE, "guarded route is missing", True, id="wrong-base"),
    pytest.param(replies(NOT_FOUND), Reason.WRONG_BASE, "guarded route is missing", True, id="wrong-base-without-health"),
    pytest.param(replies(answer(200, "<title>App</title>", HTML), answer(200, "<title>App</title>", HTML)), Reason.WRONG_BASE, "is missing", True, id="shell"),
]  # fmt: skip


@pytest.mark.parametrize(("reply", "reason", "said", "alive"), WHOLES)
def test_a_service_that_fails_as_a_whole_is_told_once(
    judged_of: Judged, plan: Plan, reply: Callable[[Request], Outcome], reason: Reason, said: str, *, alive: bool
) -> None:
    found, report, missing = settled(judged_of, plan, reply)
    assert found == dict.fromkeys(EVERY, (Verdict.UNPROVEN, reason))
    assert said in str(report.said)
    assert report.service.url in str(report.said)
    assert (report.alive, missing) == (alive, ())


@pytest.mark.parametrize("path", GUARDED)
@pytest.mark.parametrize("reply", [pytest.param(case.values[0], id=case.id) for case in WHOLES])
def test_a_leak_is_hidden_by_nothing_that_is_true_of_the_rest(
    judged_of: Judged, plan: Plan, reply: Callable[[Request], Outcome], path: str
) -> None:
    found, report, _ = settled(judged_of, plan, lambda request: LEAK if request.target == path else reply(request))
    assert found[path] == (Verdict.LEAK, Reason.GRANTED)
    assert report.said is None


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(replies(PAUSED, healthz=HEALTHY, me=REFUSED), id="one-refuses"),
        pytest.param(replies(answer(503, '{"error":{"code":-32001}}', JSON), healthz=HEALTHY), id="another-code"),
        pytest.param(replies(answer(503, '{"error":"paused"}', JSON), healthz=HEALTHY), id="only-the-word"),
        pytest.param(replies(answer(503, "[-32002]", JSON), healthz=HEALTHY), id="no-object"),
        pytest.param(replies(answer(200, PAUSED.text, JSON), healthz=HEALTHY), id="no-failure"),
        pytest.param(replies(REFUSED, healthz=PAUSED), id="only-its-health"),
    ],
)
def test_only_a_service_that_says_so_everywhere_is_paused(
    judged_of: Judged, plan: Plan, reply: Callable[[Request], Outcome]
) -> None:
    found, report, _ = settled(judged_of, plan, reply)
    assert Reason.PAUSED not in {reason for _, reason in found.values()}
    assert report.said is None


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(replies(CRASHED, NOT_FOUND), id="nothing-is-not-found"),
        pytest.param(replies(CRASHED, NOT_FOUND, healthz=HEALTHY), id="health-is-right"),
        pytest.param(replies(CRASHED, NOT_FOUND, me=REFUSED), id="one-refuses"),
    ],
)
def test_a_broken_route_is_drift_while_anything_else_works(
    judged_of: Judged, plan: Plan, reply: Callable[[Request], Outcome]
) -> None:
    found, report, _ = settled(judged_of, plan, reply)
    assert found[NOTES] == (Verdict.DRIFT, Reason.BROKEN)
    assert report.said is None


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(
            lambda r: HEALTHY if r.target == HEALTH else NOT_FOUND if "lockdown-probe" in r.target else https(r),
            id="health-is-answered-and-an-unknown-path-is-not-found",
        ),
        pytest.param(lambda _: to(f"https://{HOST}/"), id="all-to-the-front-page"),
        pytest.param(lambda r: to(f"https://www.{HOST}{r.target}"), id="another-host"),
        pytest.param(lambda r: to(f"http://{HOST}:3000{r.target}/"), id="http"),
    ],
)
def test_only_a_redirect_of_everything_to_itself_over_tls_asks_for_https(
    judged_of: Judged, plan: Plan, reply: Callable[[Request], Outcome]
) -> None:
    found, _, _ = settled(judged_of, plan, reply)
    assert Reason.USE_HTTPS not in {reason for _, reason in found.values()}


EDGES = [
    pytest.param(https, Reason.USE_HTTPS, id="https"),
    pytest.param(lambda r: to(f"https://www.{HOST}{r.target}"), Reason.WRONG_BASE, id="another-host"),
    pytest.param(lambda r: to(f"{r.target}/"), Reason.WRONG_BASE, id="a-slash-more"),
]


@pytest.mark.parametrize("is_alive", [True, False], ids=["health-is-answered", "health-is-sent-away"])
@pytest.mark.parametrize(("edge", "reason"), EDGES)
def test_an_edge_that_sends_all_paths_away_says_so_whatever_it_lets_pass(
    edge: Callable[[Request], Answered], reason: Reason, judged_of: Judged, plan: Plan, *, is_alive: bool
) -> None:
    def reply(request: Request) -> Answered:
        return HEALTHY if is_alive and request.target == HEALTH else edge(request)

    found, report, _ = settled(judged_of, plan, reply)
    assert {reason for _, reason in found.values()} == {reason}
    assert report.said


@pytest.mark.parametrize(("edge", "_"), EDGES)
def test_an_edge_is_told_by_health_alone(
    edge: Callable[[Request], Answered], _: Reason, judged_of: Judged, plan: Plan
) -> None:
    def reply(request: Request) -> Answered:
        return HEALTHY if request.target == HEALTH else edge(request)

    probes = tuple(probe for probe in plan.probes if probe.route.path == HEALTH)
    findings, controls = judged_of(replace(plan, probes=probes), reply)
    found, (report,), _missing = settle(findings, controls, frozenset())
    assert {finding.verdict for finding in found} == {Verdict.UNPROVEN}
    assert report.said


def test_a_wall_that_sends_unknown_paths_away_is_no_edge_of_the_application(judged_of: Judged, plan: Plan) -> None:
    def reply(request: Request) -> Answered:
        sent = https(request)
        return (
            HEALTHY if request.target == HEALTH else replace(sent, headers=(*sent.headers, ("x-amzn-errortype", "X")))
        )

    probes = tuple(probe for probe in plan.probes if probe.route.path == HEALTH)
    findings, controls = judged_of(replace(plan, probes=probes), reply)
    _, (report,), _missing = settle(findings, controls, frozenset())
    assert report.said is None


@pytest.mark.parametrize(
    ("reply", "asks"),
    [
        pytest.param(https, True, id="each-as-it-is"),
        pytest.param(lambda r: to(f"https://{HOST}{r.target.split('?')[0]}"), True, id="without-its-query"),
        pytest.param(lambda r: to(f"https://{HOST}{r.target.rstrip('/')}"), True, id="without-its-slash"),
        pytest.param(lambda r: to(f"https://{HOST}{r.target.split('?')[0]}/"), True, id="with-a-slash-more"),
        pytest.param(lambda r: to(f"https://{HOST}{r.target.rstrip('X')}"), False, id="a-letter-less"),
        pytest.param(lambda r: to(f"https://{HOST}{r.target.split('?')[0]}X"), False, id="a-letter-more"),
    ],
)
def test_a_path_is_the_same_over_tls_whatever_its_query_and_its_last_slash(
    judged_of: Judged, odd: Plan, reply: Callable[[Request], Outcome], *, asks: bool
) -> None:
    assert len(odd.probes) == 3
    found, _, _ = settled(judged_of, odd, reply)
    assert ({reason for _, reason in found.values()} == {Reason.USE_HTTPS}) is asks


def test_over_tls_nothing_asks_for_https(judged_of: Judged, plan: Plan) -> None:
    (web,) = plan.services
    over_tls = replace(plan, services=(replace(web, scheme="https", url=f"https://{HOST}", port=443),))
    found, _, _ = settled(judged_of, over_tls, https)
    assert Reason.USE_HTTPS not in {reason for _, reason in found.values()}


def test_a_sign_in_elsewhere_is_no_move_of_the_service(judged_of: Judged, plan: Plan) -> None:
    found, report, _ = settled(judged_of, plan, replies(to("https://idp.test/login", 302), healthz=HEALTHY))
    assert found[HEALTH] == (Verdict.LOCKED, Reason.AS_PROMISED)
    assert Reason.WRONG_BASE not in {reason for _, reason in found.values()}
    assert report.said is None


def test_a_move_is_seen_by_what_is_open_to_all(judged_of: Judged, plan: Plan) -> None:
    """Guarded routes alone may all go to one sign-in elsewhere."""
    guarded = replace(plan, probes=tuple(probe for probe in plan.probes if probe.promise.refuses))
    findings, controls = judged_of(guarded, replies(to("https://idp.test/login", 302)))
    found, (report,), _ = settle(findings, controls, frozenset())
    assert {finding.reason for finding in found} == {Reason.WRONG_STATUS}
    assert report.said is None


def test_failing_as_promised_is_not_broken(judged_of: Judged, plan: Plan, profile_of: Callable[[str], Profile]) -> None:
    """Without its settings the application answers 503 to everything, in words of its own."""
    made = profile_of(PROFILE.replace("session: 401", "session: {status: 503, body: auth_not_configured}"))
    promised = tuple(
        replace(probe, promise=made.promise(probe.route.guard, probe.credential) or probe.promise)
        for probe in plan.probes
    )
    unset = answer(503, '{"error":"auth_not_configured"}', JSON)
    findings, controls = judged_of(replace(plan, probes=promised), replies(unset, unset))
    found, (report,), _ = settle(findings, controls, frozenset({"me", "notes"}))
    assert {f.probe.route.path for f in found if f.verdict is Verdict.LOCKED} == {ME, NOTES, NOTE}
    assert report.said is None


def test_a_throttled_service_is_neither_moved_nor_absent(judged_of: Judged, plan: Plan) -> None:
    found, _, missing = settled(judged_of, plan, replies(answer(429), answer(429), healthz=HEALTHY))
    assert {found[path] for path in GUARDED} == {(Verdict.UNPROVEN, Reason.THROTTLED)}
    assert missing == ()
