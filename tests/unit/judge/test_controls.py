"""What the controls show of a service before any of its probes is judged."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from prober.judge.controls import NotFoundAnswer, ServiceControls
from prober.judge.fingerprint import fingerprint
from prober.model import Answered, Cause, Kind, Reason, Unanswered, Unsent
from tests.support.judging import read_controls
from tests.support.service_controls import HTML, JSON, NOT_FOUND, PROFILE, SHELL, SIGNED, SURFACE, a_probe, answer, seen

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.model import Outcome, Plan, Profile, Service, Surface

SIGN_IN = answer(200, "<html><title>Sign in</title><form></form></html>", HTML)
PROVIDERS = answer(200, '{"github":{}}', JSON)
SILENCE = Unanswered(cause=Cause.TIMEOUT, detail="no answer", arrived=True, attempts=1, elapsed_ms=1)
UNSENT = Unsent(reason=Reason.CUT_SHORT, detail="late")


# --- nowhere ----------------------------------------------------------------------------------------------------------


def test_nowhere_is_asked_beside_the_guarded_routes_by_their_sort_of_method(controls_plan: Plan) -> None:
    assert {(path.prefix, path.request.method) for path in controls_plan.not_found_controls} >= {
        ("/api/", "GET"),
        ("/api/", "POST"),
    }


@pytest.mark.parametrize("outcome", [pytest.param(SILENCE, id="no-answer"), pytest.param(UNSENT, id="not-sent")])
def test_a_path_that_nobody_answered_for_shows_nothing(read: Callable[..., ServiceControls], outcome: Outcome) -> None:
    assert read(not_found=outcome).not_found == ()


def test_an_answer_is_compared_with_what_nowhere_got_by_the_same_sort_of_method(
    controls_plan: Plan, read: Callable[..., ServiceControls]
) -> None:
    known = read()
    get, post = (known.beside(a_probe(controls_plan, path)) for path in ("/api/me", "/api/notes"))
    assert get is not None
    assert post is not None
    assert (get.safe_method, post.safe_method) == (True, False)


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
    controls_plan: Plan, web: Service, not_found: list[NotFoundAnswer], beside: str | None
) -> None:
    found = ServiceControls(service=web, not_found=tuple(not_found)).beside(a_probe(controls_plan, "/api/me"))
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
def test_an_answer_is_like_nowhere_or_not(controls_plan: Plan, web: Service, answered: Answered, *, like: bool) -> None:
    known = ServiceControls(service=web, not_found=(seen("/api/", NOT_FOUND),))
    assert known.is_like_not_found(a_probe(controls_plan, "/api/me"), answered) is like


def test_without_a_nowhere_nothing_is_like_it(controls_plan: Plan, web: Service) -> None:
    assert not ServiceControls(service=web).is_like_not_found(a_probe(controls_plan, "/api/me"), NOT_FOUND)


# --- who writes -------------------------------------------------------------------------------------------------------


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
    controls_plan = plan_of([surface_of(text)], made, urls={"web": "http://app.test"})
    probes = [*controls_plan.probes, *(skip.probe for skip in controls_plan.skips)]
    asked = [(probe, answer(500)) for probe in probes if probe.route.path == "/api/auth/providers"]
    assert asked
    assert not read_controls(controls_plan, [], asked).services["web"].sign_in_broken


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


def test_only_a_request_with_cookies_tells_which_is_cleared(controls_plan: Plan) -> None:
    strangers = [
        (probe, cleared("authjs.session-token"))
        for probe in controls_plan.probes
        if probe.route.path == "/api/auth/session" and probe.credential.kind is Kind.ANONYMOUS
    ]
    assert strangers
    assert read_controls(controls_plan, [], strangers).services["web"].cookies_cleared is None
