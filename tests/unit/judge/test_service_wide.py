"""What a whole service has in common is said once; and nothing that is said of a whole hides a leak."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from prober.judge.service_wide import HALF_HEARD, settle
from prober.model import Answered, Cause, Control, Reason, Unanswered, Unsent, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.judge.controls import Controls
    from prober.model import Finding, Outcome, Plan, Profile, Request, ServiceReport, Surface

    Judged = Callable[..., tuple[tuple[Finding, ...], Controls]]
    Replies = dict[str, Outcome]

HTML = ("content-type", "text/html")
JSON = ("content-type", "application/json")
HOST = "app.test"


def answer(status: int, body: str = "", *headers: tuple[str, str]) -> Answered:
    return Answered.of(status=status, headers=headers, body=body.encode(), whole=True, attempts=1, elapsed_ms=1)


def to(url: str, status: int = 308) -> Answered:
    return answer(status, "", ("location", url))


HEALTHY = answer(200, '{"ok":true}', JSON)
REFUSED = answer(401, '{"error":"not_signed_in"}', JSON)
LEAK = answer(200, '{"users":[1]}', JSON)
NOT_FOUND = answer(404, "<html><title>404</title>nothing here</html>", HTML)
CRASHED = answer(500, "Internal Server Error")
PAUSED = answer(503, json.dumps({"jsonrpc": "2.0", "error": {"code": -32002, "message": "paused"}, "id": None}), JSON)
SILENCE = Unanswered(cause=Cause.TIMEOUT, detail="no answer in 5 s", arrived=True, attempts=3, elapsed_ms=1)
LATE = Unsent(reason=Reason.CUT_SHORT, detail="not sent within the deadline")
WALL = answer(403, "<title>Just a moment...</title>", HTML, ("cf-mitigated", "challenge"))

HEALTH, ME, NOTES, NOTE, MIGRATE = "/api/healthz", "/api/me", "/api/notes", "/api/notes/1", "/api/migrate"
GUARDED = (ME, NOTES, NOTE, MIGRATE)
EVERY = (HEALTH, *GUARDED)

SURFACE = """
surface: {name}
about: Made for a test.
routes:
"""
PROFILE = """
profile: made
about: Made for a test.
guards: {public: 200, session: 401, secret: 401}
"""


@pytest.fixture(scope="module")
def plan(
    surface_of: Callable[[str], Surface], profile_of: Callable[[str], Profile], plan_of: Callable[..., Plan]
) -> Plan:
    """Health; two surfaces behind a session; and one whose best posture is to be absent."""

    def surface(name: str, guard: str, *paths: str, absent: str = "drift") -> Surface:
        said = f", absent: {absent}" if absent == "locked" else ""
        lines = [f"  - {{route: GET {path}, guard: {guard}{said}, effect: none, why: w, fix: f}}\n" for path in paths]
        return surface_of(SURFACE.format(name=name) + "".join(lines))

    surfaces = [
        surface("health", "public", HEALTH),
        surface("me", "session", ME),
        surface("notes", "session", NOTES, NOTE),
        surface("migrate", "secret", MIGRATE, absent="locked"),
    ]
    made = profile_of(PROFILE)
    return plan_of(surfaces, made, urls={"web": f"http://{HOST}:3000"}, only=("* [anonymous]",))


def replies(others: Outcome, not_found: Outcome = NOT_FOUND, /, **said: Outcome) -> Callable[[Request], Outcome]:
    """Answer each path with what is said of it by its last part; and all others alike."""

    def reply(request: Request) -> Outcome:
        return not_found if "lockdown-probe" in request.target else said.get(request.target.rpartition("/")[2], others)

    return reply


def settled(
    judged_of: Judged, plan: Plan, reply: Callable[[Request], Outcome], *declared: str
) -> tuple[dict[str, tuple[Verdict, Reason]], ServiceReport, tuple[str, ...]]:
    """Give the verdict of each path, what is said of the service, and the surfaces that are not served."""
    findings, controls = judged_of(plan, reply)
    found, (report,), missing = settle(findings, controls, frozenset(declared))
    assert [finding.probe.id for finding in found] == [probe.id for probe in plan.probes]
    return {finding.probe.route.path: (finding.verdict, finding.reason) for finding in found}, report, missing


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


@pytest.fixture(scope="module")
def odd(routes_of: Callable[..., Surface], profile_of: Callable[[str], Profile], plan_of: Callable[..., Plan]) -> Plan:
    """Paths with a query, with a slash at the end, and one that ends in a capital letter."""
    surface = routes_of("GET /api/list?page=1", "GET /api/folder/", "GET /api/boX")
    return plan_of([surface], profile_of(PROFILE), urls={"web": f"http://{HOST}:3000"}, only=("* [anonymous]",))


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


# --- surfaces ---------------------------------------------------------------------------------------------------------


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


# --- what is said of a service ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("outcome", "said"),
    [pytest.param(SILENCE, "no answer in 5 s (3 attempts)", id="nobody"), pytest.param(LATE, LATE.detail, id="not-sent")],
)  # fmt: skip
def test_a_service_that_nobody_answers_for_says_so_once(
    judged_of: Judged, plan: Plan, outcome: Outcome, said: str
) -> None:
    _, report, missing = settled(judged_of, plan, lambda _: outcome)
    assert (report.alive, report.said, report.intermediary, missing) == (False, said, None, ())


@pytest.mark.parametrize(
    ("answered", "said"),
    [
        pytest.param({"me": WALL}, LATE.detail, id="the-first-look-met-a-wall"),
        pytest.param({"me": WALL, "notes": WALL}, None, id="more-than-one-was-answered"),
    ],
)
def test_what_was_not_sent_after_a_first_look_is_said_once(
    judged_of: Judged, plan: Plan, answered: Replies, said: str | None
) -> None:
    _, report, _ = settled(judged_of, plan, replies(LATE, **answered))
    assert report.said == said


def test_a_wall_is_named(judged_of: Judged, plan: Plan) -> None:
    found, report, missing = settled(judged_of, plan, replies(WALL, WALL))
    assert found == dict.fromkeys(EVERY, (Verdict.UNPROVEN, Reason.INTERMEDIARY))
    assert (report.alive, report.intermediary, missing) == (False, "Cloudflare challenge", ())


def test_a_blanket_refusal_is_told(judged_of: Judged, plan: Plan) -> None:
    found, report, missing = settled(judged_of, plan, replies(REFUSED, REFUSED, healthz=HEALTHY))
    assert found == dict.fromkeys(EVERY, (Verdict.LOCKED, Reason.AS_PROMISED))  # in the application's own words
    assert (report.blanket, missing) == (True, ())


def test_two_services_are_seen_each_for_itself(judged_of: Judged, plan: Plan) -> None:
    (web,) = plan.services
    mcp = replace(web, name="mcp", port=3100, url=f"http://{HOST}:3100")
    moved = [
        replace(probe, id=f"mcp {probe.id}", request=replace(probe.request, service="mcp")) for probe in plan.probes
    ]
    lost = [replace(path, request=replace(path.request, service="mcp")) for path in plan.not_found_controls]
    both = replace(
        plan, services=(web, mcp), probes=(*plan.probes, *moved), not_found_controls=(*plan.not_found_controls, *lost)
    )
    reply = replies(REFUSED, healthz=HEALTHY)
    findings, controls = judged_of(both, lambda request: CRASHED if request.service == "mcp" else reply(request))
    found, reports, _ = settle(findings, controls, frozenset())
    told = [(report.service.name, report.alive, report.said is not None) for report in reports]
    assert told == [("web", True, False), ("mcp", False, True)]
    assert {(finding.probe.request.service, finding.verdict) for finding in found} == {
        ("web", Verdict.LOCKED),
        ("mcp", Verdict.UNPROVEN),
    }


def test_what_one_service_lacks_is_not_forgotten_over_the_next(judged_of: Judged, plan: Plan) -> None:
    (web,) = plan.services
    mcp = replace(web, name="mcp", url="http://mcp.test", host="mcp.test")
    moved = [
        replace(probe, id=f"mcp {probe.id}", request=replace(probe.request, service="mcp")) for probe in plan.probes
    ]
    lost = [replace(path, request=replace(path.request, service="mcp")) for path in plan.not_found_controls]
    both = replace(
        plan, services=(web, mcp), probes=(*plan.probes, *moved), not_found_controls=(*plan.not_found_controls, *lost)
    )
    here = replies(REFUSED, healthz=HEALTHY, migrate=NOT_FOUND)
    there = replies(REFUSED, healthz=HEALTHY)
    findings, controls = judged_of(both, lambda request: (there if request.service == "mcp" else here)(request))
    _, _, missing = settle(findings, controls, frozenset())
    assert missing == ("migrate",)


def test_a_service_of_one_probe_that_nobody_answers_for_says_so(judged_of: Judged, plan: Plan) -> None:
    alone = replace(plan, probes=plan.probes[:1])
    findings, controls = judged_of(alone, lambda _: SILENCE)
    _, (report,), _ = settle(findings, controls, frozenset())
    assert report.said == "no answer in 5 s (3 attempts)"


# --- what is right only beside something else -------------------------------------------------------------------------

PAGE = "/settings"
PLAIN, DRESSED, BOGUS, OTHER = "anonymous", "anonymous middleware-subrequest", "bogus-bearer", "query-bogus"
TO_SIGN_IN = to("/signin", 307)
SOFT = answer(200, '{"error":"not_signed_in"}')


@pytest.fixture(scope="module")
def page(
    surface_of: Callable[[str], Surface], profile_of: Callable[[str], Profile], plan_of: Callable[..., Plan]
) -> Plan:
    """A page that redirects strangers: asked plainly, by the middleware's own header, and with two credentials."""
    surface = surface_of(SURFACE.format(name="page") + f"  - {{route: GET {PAGE}, guard: page, why: w, fix: f}}\n")
    made = profile_of(PROFILE.replace("guards: {", "guards: {page: {status: 307, location: /signin}, "))
    ids = ("* [anonymous]*", "* [bogus-bearer]", "* [query-bogus]")
    return plan_of([surface], made, urls={"web": f"http://{HOST}:3000"}, only=ids)


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
