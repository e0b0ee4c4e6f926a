"""What the controls show of a service before any of its probes is judged."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from prober.judge.controls import NotFoundAnswer, ServiceControls, blanket
from prober.judge.fingerprint import fingerprint
from prober.model import Answered, Cause, Kind, Reason, Request, Unanswered, Unsent
from tests.support.judging import read_controls

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.model import Outcome, Plan, Probe, Profile, Service, Surface

HTML = ("content-type", "text/html; charset=utf-8")
JSON = ("content-type", "application/json")


def answer(status: int, body: str = "", *headers: tuple[str, str]) -> Answered:
    return Answered.of(status=status, headers=headers, body=body.encode(), whole=True, attempts=1, elapsed_ms=1)


NOT_FOUND = answer(404, "<html><title>404</title>nothing</html>", HTML)
SHELL = answer(200, "<html><title>App</title><div id=root></div></html>", HTML)
SIGN_IN = answer(200, "<html><title>Sign in</title><form></form></html>", HTML)
REFUSED = answer(401, '{"error":"no"}', JSON)
PROVIDERS = answer(200, '{"github":{}}', JSON)
SILENCE = Unanswered(cause=Cause.TIMEOUT, detail="no answer", arrived=True, attempts=1, elapsed_ms=1)
UNSENT = Unsent(reason=Reason.CUT_SHORT, detail="late")

SURFACE = """
surface: made
about: Made for a test.
routes:
  - {route: GET /signin, guard: public, why: w, fix: f}
  - {route: GET /api/healthz, guard: public, control: alive, why: w, fix: f}
  - {route: GET /api/auth/providers, guard: public, control: sign-in, why: w, fix: f}
  - {route: GET /api/auth/session, guard: session-of-nobody, control: cookies, why: w, fix: f}
  - {route: GET /api/me, guard: session, why: w, fix: f}
  - {route: POST /api/notes, guard: session, effect: trace, send: {json: {}}, why: w, fix: f}
"""
PROFILE = """
profile: made
about: Made for a test.
guards: {public: 200, session: {status: 401, body: not_signed_in}, session-of-nobody: 200}
presents: {session: [cookie], session-of-nobody: [cookie]}
"""


@pytest.fixture(scope="module")
def plan(
    surface_of: Callable[[str], Surface], profile_of: Callable[[str], Profile], plan_of: Callable[..., Plan]
) -> Plan:
    return plan_of([surface_of(SURFACE)], profile_of(PROFILE), urls={"web": "http://app.test"})


@pytest.fixture(scope="module")
def read(plan: Plan) -> Callable[..., ServiceControls]:
    """Read the controls of a service that answers each path so: by its last part, and 404 where nothing is said."""

    def controls(not_found: Outcome = NOT_FOUND, **said: Outcome) -> ServiceControls:
        def reply(request: Request) -> Outcome:
            return said.get(request.target.rpartition("/")[2], NOT_FOUND)

        outcomes = [(probe, reply(probe.request)) for probe in plan.probes]
        return read_controls(plan, [(path, not_found) for path in plan.not_found_controls], outcomes).services["web"]

    return controls


# --- nowhere ----------------------------------------------------------------------------------------------------------


def test_nowhere_is_asked_beside_the_guarded_routes_by_their_sort_of_method(plan: Plan) -> None:
    assert {(path.prefix, path.request.method) for path in plan.not_found_controls} >= {
        ("/api/", "GET"),
        ("/api/", "POST"),
    }


@pytest.mark.parametrize("outcome", [pytest.param(SILENCE, id="no-answer"), pytest.param(UNSENT, id="not-sent")])
def test_a_path_that_nobody_answered_for_shows_nothing(read: Callable[..., ServiceControls], outcome: Outcome) -> None:
    assert read(not_found=outcome).not_found == ()


def a_probe(plan: Plan, path: str) -> Probe:
    return next(probe for probe in plan.probes if probe.route.path == path)


def test_an_answer_is_compared_with_what_nowhere_got_by_the_same_sort_of_method(
    plan: Plan, read: Callable[..., ServiceControls]
) -> None:
    known = read()
    get, post = (known.beside(a_probe(plan, path)) for path in ("/api/me", "/api/notes"))
    assert get is not None
    assert post is not None
    assert (get.safe_method, post.safe_method) == (True, False)


def seen(prefix: str, answered: Answered, *, safe: bool = True) -> NotFoundAnswer:
    mark = fingerprint(answered, f"{prefix}lockdown-probe")
    return NotFoundAnswer(prefix=prefix, target=f"{prefix}lost", safe_method=safe, answered=answered, fingerprint=mark)


@pytest.fixture(scope="module")
def web(service_of: Callable[..., Service]) -> Service:
    return service_of("web", "http://app.test")


@pytest.mark.parametrize(
    ("not_found", "beside"),
    [
        pytest.param([], None, id="none"),
        pytest.param([seen("/", SHELL)], "/", id="the-only-one"),
        pytest.param([seen("/", SHELL), seen("/api/", NOT_FOUND)], "/api/", id="the-nearest"),
        pytest.param([seen("/api/", NOT_FOUND), seen("/", SHELL)], "/api/", id="the-nearest-in-any-order"),
        pytest.param([seen("/other/", SHELL)], None, id="only-elsewhere"),
        pytest.param([seen("/api/", NOT_FOUND, safe=False), seen("/", SHELL)], "/", id="its-method-before-its-folder"),
        pytest.param([seen("/api/", NOT_FOUND, safe=False)], "/api/", id="another-method-where-there-is-no-other"),
    ],
)
def test_the_nearest_path_is_the_one_to_compare_with(
    plan: Plan, web: Service, not_found: list[NotFoundAnswer], beside: str | None
) -> None:
    found = ServiceControls(service=web, not_found=tuple(not_found)).beside(a_probe(plan, "/api/me"))
    assert (found.prefix if found else None) == beside


@pytest.mark.parametrize(
    ("answered", "like"),
    [
        pytest.param(NOT_FOUND, True, id="the-very-page"),
        pytest.param(answer(404, "<html><title>404</title>nothing</html>", ("content-type", "TEXT/HTML")), True, id="its-type-in-other-words"),
        pytest.param(answer(404, '{"error":"not_found"}', JSON), False, id="json"),
        pytest.param(answer(401, "<html><title>404</title>nothing</html>", HTML), False, id="another-status"),
    ],
)  # fmt: skip
def test_an_answer_is_like_nowhere_or_not(plan: Plan, web: Service, answered: Answered, *, like: bool) -> None:
    known = ServiceControls(service=web, not_found=(seen("/api/", NOT_FOUND),))
    assert known.is_like_not_found(a_probe(plan, "/api/me"), answered) is like


def test_without_a_nowhere_nothing_is_like_it(plan: Plan, web: Service) -> None:
    assert not ServiceControls(service=web).is_like_not_found(a_probe(plan, "/api/me"), NOT_FOUND)


# --- who writes -------------------------------------------------------------------------------------------------------

SIGNED = ("x-powered-by", "Express")


@pytest.mark.parametrize(
    ("said", "not_found", "answered", "wrote"),
    [
        pytest.param({"healthz": answer(200, "ok", SIGNED)}, NOT_FOUND, answer(401, "no", SIGNED), True, id="its-signature"),
        pytest.param({"healthz": answer(200, "ok", SIGNED)}, NOT_FOUND, answer(401, "no", ("x-powered-by", "PHP")), False, id="another-signature"),
        pytest.param({"healthz": answer(200, "ok", SIGNED)}, NOT_FOUND, answer(401, "no"), False, id="no-signature"),
        pytest.param({"healthz": answer(200, "ok", ("server", "nginx"))}, NOT_FOUND, answer(401, "no", ("server", "nginx")), False, id="the-name-of-a-proxy"),
        pytest.param({"healthz": answer(200, "ok", ("x-ratelimit-limit", "9"))}, NOT_FOUND, answer(401, "no", ("x-ratelimit-limit", "8")), True, id="a-limit-that-counts-down"),
        pytest.param({"healthz": answer(403, "ok", SIGNED)}, NOT_FOUND, answer(401, "no", SIGNED), False, id="only-where-an-open-route-is-as-promised"),
        pytest.param({"healthz": answer(200, "x", SIGNED)}, answer(200, "x", SIGNED), answer(401, "no", SIGNED), False, id="not-where-nowhere-gets-the-same"),
        pytest.param({"me": answer(401, "not_signed_in", SIGNED)}, NOT_FOUND, answer(401, "no", SIGNED), False, id="a-refusal-is-no-proof-of-its-author"),
        pytest.param({"me": answer(401, "you are not_signed_in")}, NOT_FOUND, answer(401, "you are not_signed_in"), True, id="words-that-a-promise-asks-for"),
        pytest.param({"me": answer(401, "go away")}, NOT_FOUND, answer(401, "go away"), False, id="words-that-nobody-promised"),
        pytest.param({}, NOT_FOUND, answer(401, "no", ("server", "uvicorn")), True, id="an-application-server"),
        pytest.param({}, NOT_FOUND, answer(401, '{"error":"not_signed_in"}', JSON), True, id="its-own-words"),
        pytest.param({}, NOT_FOUND, answer(401), False, id="nothing"),
    ],
)  # fmt: skip
def test_the_author_of_an_answer_is_known_by_what_only_the_application_writes(
    read: Callable[..., ServiceControls],
    said: dict[str, Answered],
    not_found: Answered,
    answered: Answered,
    *,
    wrote: bool,
) -> None:
    assert read(not_found, **said).wrote(answered, "/api/x") is wrote


@pytest.mark.parametrize(
    ("said", "not_found", "found"),
    [
        pytest.param({"signin": SIGN_IN}, NOT_FOUND, True, id="there"),
        pytest.param({}, NOT_FOUND, False, id="not-there"),
        pytest.param({"signin": SHELL}, SHELL, False, id="the-shell-that-nowhere-gets"),
        pytest.param({"signin": answer(403, SIGN_IN.text, HTML)}, NOT_FOUND, False, id="refused"),
        pytest.param({"signin": answer(200, SIGN_IN.text, HTML, ("cf-mitigated", "challenge"))}, NOT_FOUND, False, id="a-wall's"),
    ],
)  # fmt: skip
def test_the_sign_in_page_is_the_one_that_an_open_route_shows(
    read: Callable[..., ServiceControls], said: dict[str, Answered], not_found: Answered, *, found: bool
) -> None:
    page = read(not_found, **said).sign_in_page
    assert (page is not None and page.is_like(fingerprint(SIGN_IN, "/signin"))) is found


# --- sign-in ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("outcome", "broken"),
    [
        pytest.param(PROVIDERS, False, id="works"),
        pytest.param(
            answer(500, '{"message":"There was a problem with the server configuration"}', JSON), True, id="500"
        ),
        pytest.param(answer(503), True, id="503"),
        pytest.param(NOT_FOUND, False, id="not-there"),
        pytest.param(answer(401), False, id="refused"),
        pytest.param(SILENCE, False, id="no-answer"),
    ],
)
def test_sign_in_is_broken_when_its_own_route_fails(
    read: Callable[..., ServiceControls], outcome: Outcome, *, broken: bool
) -> None:
    assert read(providers=outcome).sign_in_broken is broken


def test_only_the_route_of_the_control_tells_that_sign_in_is_broken(read: Callable[..., ServiceControls]) -> None:
    assert not read(providers=PROVIDERS, healthz=answer(500), me=answer(500), session=answer(500)).sign_in_broken


@pytest.mark.parametrize(
    "promise",
    [
        pytest.param("[200, 500]", id="the-mode-promises-it"),
        pytest.param("{skip: this mode has no sign-in}", id="the-mode-has-no-sign-in"),
    ],
)
def test_a_mode_without_sign_in_has_none_that_is_broken(
    surface_of: Callable[[str], Surface],
    profile_of: Callable[[str], Profile],
    plan_of: Callable[..., Plan],
    promise: str,
) -> None:
    text = SURFACE.replace("/api/auth/providers, guard: public", "/api/auth/providers, guard: providers")
    made = profile_of(PROFILE.replace("guards: {", f"guards: {{providers: {promise}, "))
    plan = plan_of([surface_of(text)], made, urls={"web": "http://app.test"})
    probes = [*plan.probes, *(skip.probe for skip in plan.skips)]
    asked = [(probe, answer(500)) for probe in probes if probe.route.path == "/api/auth/providers"]
    assert asked
    assert not read_controls(plan, [], asked).services["web"].sign_in_broken


def cleared(*names: str) -> Answered:
    lines = [("set-cookie", f"{name}=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly") for name in names]
    return answer(200, "null", JSON, *lines)


@pytest.mark.parametrize(
    ("outcome", "known"),
    [
        pytest.param(cleared("authjs.session-token"), True, id="v5"),
        pytest.param(cleared("__Secure-next-auth.session-token"), True, id="v4-over-tls"),
        pytest.param(cleared("authjs.csrf-token", "authjs.session-token"), True, id="among-others"),
        pytest.param(cleared("authjs.csrf-token"), False, id="another-cookie"),
        pytest.param(cleared("my.session-token"), False, id="a-name-of-its-own"),
        pytest.param(answer(200, "null", JSON), False, id="none-cleared"),
        pytest.param(NOT_FOUND, None, id="not-there"),
        pytest.param(answer(500), None, id="broken"),
        pytest.param(SILENCE, None, id="no-answer"),
    ],
)
def test_the_cookie_that_is_cleared_is_the_one_that_is_used(
    read: Callable[..., ServiceControls], outcome: Outcome, *, known: bool | None
) -> None:
    assert read(session=outcome).cookies_cleared is known


def test_only_a_request_with_cookies_tells_which_is_cleared(plan: Plan) -> None:
    strangers = [
        (probe, cleared("authjs.session-token"))
        for probe in plan.probes
        if probe.route.path == "/api/auth/session" and probe.credential.kind is Kind.ANONYMOUS
    ]
    assert strangers
    assert read_controls(plan, [], strangers).services["web"].cookies_cleared is None


# --- a blanket --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("not_found", "found"),
    [
        pytest.param(answer(401, "you are not_signed_in"), True, id="the-promised-refusal"),
        pytest.param(answer(401, "go away"), False, id="a-refusal-that-nobody-promised"),
        pytest.param(NOT_FOUND, False, id="not-found"),
        pytest.param(SHELL, False, id="the-shell"),
    ],
)
def test_a_blanket_is_the_promised_refusal_where_nothing_is(
    plan: Plan, web: Service, not_found: Answered, *, found: bool
) -> None:
    known = ServiceControls(service=web, not_found=(seen("/api/", not_found),))
    promises = [probe.promise for probe in plan.probes]
    assert (blanket(known, promises) is not None) is found


def test_a_not_found_is_no_blanket_even_where_it_is_promised(
    web: Service, profile_of: Callable[[str], Profile], plan: Plan
) -> None:
    made = profile_of(PROFILE.replace("{status: 401, body: not_signed_in}", "[401, 404]"))
    promise = made.promise("session", plan.probes[0].credential)
    assert promise is not None
    known = ServiceControls(service=web, not_found=(seen("/api/", NOT_FOUND),))
    assert blanket(known, [promise]) is None


def test_a_gone_is_no_blanket_either_and_hides_none_beside_it(
    web: Service, profile_of: Callable[[str], Profile], plan: Plan
) -> None:
    made = profile_of(PROFILE.replace("{status: 401, body: not_signed_in}", "[401, 410]"))
    promise = made.promise("session", plan.probes[0].credential)
    assert promise is not None
    gone, refused = seen("/", answer(410)), seen("/api/", answer(401))
    assert blanket(ServiceControls(service=web, not_found=(gone,)), [promise]) is None
    assert blanket(ServiceControls(service=web, not_found=(gone, refused)), [promise]) is refused


def test_a_blanket_may_send_everything_away(web: Service, profile_of: Callable[[str], Profile], plan: Plan) -> None:
    made = profile_of(PROFILE.replace("{status: 401, body: not_signed_in}", "{status: 307, location: /signin}"))
    promise = made.promise("session", plan.probes[0].credential)
    assert promise is not None
    away = seen("/", answer(307, "", ("location", "/signin")))
    assert blanket(ServiceControls(service=web, not_found=(away,)), [promise]) is away


def test_what_nowhere_got_is_known_by_its_method(plan: Plan) -> None:
    got = [(path, answer(404, path.request.method)) for path in plan.not_found_controls]
    known = read_controls(plan, got, []).services["web"]
    get, post = (known.beside(a_probe(plan, path)) for path in ("/api/me", "/api/notes"))
    assert get is not None
    assert post is not None
    assert (get.answered.text, post.answered.text) == ("GET", "POST")


def test_an_open_route_that_may_send_on_tells_of_the_application_too(
    profile_of: Callable[[str], Profile], surface_of: Callable[[str], Surface], plan_of: Callable[..., Plan]
) -> None:
    made = profile_of(PROFILE.replace("public: 200", "public: [200, {status: 307, location: /signin}]"))
    either = plan_of([surface_of(SURFACE)], made, urls={"web": "http://app.test"})
    away = answer(307, "", ("location", "/signin"), SIGNED)
    known = read_controls(either, [], [(a_probe(either, "/api/healthz"), away)]).services["web"]
    assert known.wrote(answer(401, "no", SIGNED), "/api/x")
    assert not known.wrote(answer(401, "no"), "/api/x")


@pytest.mark.parametrize("declared", [pytest.param(True, id="declared"), pytest.param(False, id="not-declared")])
def test_whose_a_blanket_is_comes_from_the_plan(plan: Plan, *, declared: bool) -> None:
    known = read_controls(replace(plan, blanket_is_application=declared), [], []).services["web"]
    assert known.blanket_is_application is declared


def test_no_other_open_route_shows_the_sign_in_page(read: Callable[..., ServiceControls]) -> None:
    assert read(healthz=answer(200, "ok"), session=answer(200, "null", JSON)).sign_in_page is None


@pytest.mark.parametrize(
    ("said", "not_found", "answered", "wrote"),
    [
        pytest.param({"session": answer(200, "nobody")}, NOT_FOUND, answer(200, "nobody"), True, id="as-promised-and-not-nowhere"),
        pytest.param({"session": answer(200, "nobody")}, answer(200, "nobody"), answer(200, "nobody"), False, id="as-promised-and-nowhere-too"),
        pytest.param({"me": answer(401, "a not_signed_in")}, answer(401, "a not_signed_in"), answer(401, "a not_signed_in"), True, id="in-promised-words-and-nowhere-too"),
    ],
)  # fmt: skip
def test_a_body_is_the_applications_where_nowhere_lacks_it_or_a_promise_asks_for_it(
    read: Callable[..., ServiceControls],
    said: dict[str, Answered],
    not_found: Answered,
    answered: Answered,
    *,
    wrote: bool,
) -> None:
    assert read(not_found, **said).wrote(answered, "/api/x") is wrote
