"""What an answer proves beside the controls of its service."""

from __future__ import annotations

from dataclasses import replace

import pytest

from prober.judge.controls import Controls, ServiceControls
from prober.judge.fingerprint import fingerprint
from prober.judge.verdicts import judge
from prober.model import (
    Answered,
    Family,
    LocationFact,
    Probe,
    Reason,
    Service,
    Verdict,
)
from tests.support.judging import (
    ERROR_ONLY,
    JSON,
    NOT_FOUND,
    NOT_ROUTED,
    OPEN,
    REFUSED,
    SHELL,
    SIGN_IN_PAGE,
    TO_SIGN_IN,
    WEB,
    answer,
    controls,
    probe,
    promise,
    seen,
    status,
    to,
)


@pytest.mark.parametrize(
    ("asked", "answered", "known", "verdict", "reason"),
    [
        pytest.param(
            probe(promise(REFUSED), absent=True), NOT_FOUND, controls(), Verdict.LOCKED, Reason.AS_PROMISED,
            id="absent-counts-where-the-route-says-so",
        ),
        pytest.param(
            probe(promise(REFUSED), absent=True), NOT_ROUTED, controls(), Verdict.LOCKED, Reason.AS_PROMISED,
            id="absent-too-where-a-proxy-says-so",
        ),
        pytest.param(
            probe(promise(REFUSED)), NOT_ROUTED, controls(), Verdict.UNPROVEN, Reason.INTERMEDIARY,
            id="a-proxys-not-found-proves-nothing-elsewhere",
        ),
        pytest.param(
            probe(promise(REFUSED), absent=True), replace(NOT_ROUTED, status=403), controls(), Verdict.UNPROVEN,
            Reason.INTERMEDIARY, id="a-proxys-refusal-is-no-absence",
        ),
        pytest.param(
            probe(promise(status(400, 404))), NOT_FOUND, controls(), Verdict.DRIFT, Reason.MISSING,
            id="a-promised-404-that-nowhere-gets-too-proves-nothing",
        ),
        pytest.param(
            probe(promise(status(400, 404))), answer(404, '{"error":"invite_not_found"}', JSON), controls(),
            Verdict.LOCKED, Reason.AS_PROMISED, id="a-promised-404-of-its-own",
        ),
        pytest.param(
            probe(promise(REFUSED)), SHELL, controls(seen(SHELL)), Verdict.DRIFT, Reason.SOFT_REFUSAL, id="the-shell-that-nowhere-gets",
        ),
        pytest.param(
            probe(promise(REFUSED)), SIGN_IN_PAGE, controls(sign_in_page=fingerprint(SIGN_IN_PAGE, "/signin")),
            Verdict.DRIFT, Reason.SOFT_REFUSAL, id="the-sign-in-page",
        ),
        pytest.param(
            probe(promise(REFUSED)), answer(401, "Unauthorized"), controls(seen(answer(401, "Unauthorized"))),
            Verdict.UNPROVEN, Reason.BLANKET, id="a-blanket-of-nobody-known",
        ),
        pytest.param(
            probe(promise(OPEN)), answer(401, "Unauthorized"), controls(seen(answer(401, "Unauthorized"))),
            Verdict.UNPROVEN, Reason.BLANKET, id="a-blanket-over-an-open-route",
        ),
        pytest.param(
            probe(promise(TO_SIGN_IN)), answer(401, "Unauthorized"), controls(seen(answer(401, "Unauthorized"))),
            Verdict.UNPROVEN, Reason.BLANKET, id="a-blanket-that-nobody-promised",
        ),
        pytest.param(
            probe(promise(REFUSED)), answer(401, "Unauthorized"),
            controls(seen(answer(401, "Unauthorized")), blanket_is_application=True),
            Verdict.LOCKED, Reason.AS_PROMISED, id="a-blanket-declared",
        ),
        pytest.param(
            probe(promise(REFUSED)), answer(401, "Unauthorized"),
            controls(seen(answer(401, "Unauthorized")), blanket_paths=("/other", "/api/")),
            Verdict.LOCKED, Reason.AS_PROMISED, id="a-blanket-declared-below-its-path",
        ),
        pytest.param(
            probe(promise(REFUSED)), answer(401, "Unauthorized"),
            controls(seen(answer(401, "Unauthorized")), blanket_paths=("/ap", "/other")),
            Verdict.UNPROVEN, Reason.BLANKET, id="a-blanket-declared-below-another-path",
        ),
        pytest.param(
            probe(promise(REFUSED)), answer(401, "Unauthorized", ("server", "uvicorn")),
            controls(seen(answer(401, "Unauthorized", ("server", "uvicorn")))),
            Verdict.LOCKED, Reason.AS_PROMISED, id="a-blanket-by-an-application-server",
        ),
        pytest.param(
            probe(promise(REFUSED)), answer(401, "Unauthorized", ("x-powered-by", "Express")),
            controls(
                seen(answer(401, "Unauthorized", ("x-powered-by", "Express"))),
                application_headers=frozenset({("x-powered-by", "Express")}),
            ),
            Verdict.LOCKED, Reason.AS_PROMISED, id="a-blanket-signed-as-the-open-routes-are",
        ),
        pytest.param(
            probe(promise(REFUSED)), answer(401, ERROR_ONLY, JSON), controls(seen(answer(401, ERROR_ONLY, JSON))),
            Verdict.LOCKED, Reason.AS_PROMISED, id="a-blanket-in-the-applications-words",
        ),
        pytest.param(
            probe(promise(TO_SIGN_IN), path="/settings"), to("/signin"),
            controls(seen(to("/signin"), prefix="/"), sign_in_page=fingerprint(SIGN_IN_PAGE, "/signin")),
            Verdict.LOCKED, Reason.AS_PROMISED, id="a-blanket-to-a-sign-in-page-that-is-there",
        ),
        pytest.param(
            probe(promise(TO_SIGN_IN), path="/settings"), to("/signin"), controls(seen(to("/signin"), prefix="/")),
            Verdict.UNPROVEN, Reason.BLANKET, id="a-blanket-to-a-sign-in-page-that-nobody-saw",
        ),
        pytest.param(
            probe(promise(REFUSED)), answer(401, ERROR_ONLY, JSON), Controls(services={"web": ServiceControls(service=WEB)}),
            Verdict.UNPROVEN, Reason.NO_CONTROL, id="refused-and-nothing-is-known-of-nowhere",
        ),
        pytest.param(
            probe(promise(REFUSED)), answer(401, ERROR_ONLY, JSON), controls(sign_in_broken=True),
            Verdict.UNPROVEN, Reason.SIGN_IN_BROKEN, id="refused-but-sign-in-is-broken",
        ),
        pytest.param(
            probe(promise(REFUSED), families=(Family.SECRET,)), answer(401, ERROR_ONLY, JSON), controls(sign_in_broken=True),
            Verdict.LOCKED, Reason.AS_PROMISED, id="a-secret-needs-no-sign-in",
        ),
        pytest.param(
            probe(promise(REFUSED)), answer(200, "{}", JSON), controls(sign_in_broken=True), Verdict.LEAK, Reason.GRANTED,
            id="broken-sign-in-hides-no-leak",
        ),
        pytest.param(
            probe(promise(REFUSED), family=Family.COOKIE), answer(401, ERROR_ONLY, JSON), controls(cookies_cleared=False),
            Verdict.SKIPPED, Reason.UNKNOWN_COOKIE, id="a-cookie-that-nobody-knows-proves-nothing",
        ),
        pytest.param(
            probe(promise(REFUSED), family=Family.COOKIE), answer(200, "{}", JSON), controls(cookies_cleared=False),
            Verdict.LEAK, Reason.GRANTED, id="a-cookie-that-nobody-knows-hides-no-leak",
        ),
        pytest.param(
            probe(promise(OPEN), family=Family.COOKIE), answer(200, "{}", JSON), controls(cookies_cleared=False),
            Verdict.LOCKED, Reason.AS_PROMISED, id="a-cookie-that-nobody-knows-at-an-open-route",
        ),
        pytest.param(
            probe(promise(REFUSED), family=Family.COOKIE), answer(401, ERROR_ONLY, JSON), controls(cookies_cleared=True),
            Verdict.LOCKED, Reason.AS_PROMISED, id="a-cookie-that-is-known",
        ),
        pytest.param(
            probe(promise(REFUSED), family=Family.COOKIE), answer(401, ERROR_ONLY, JSON), controls(),
            Verdict.LOCKED, Reason.AS_PROMISED, id="a-cookie-of-which-nobody-told",
        ),
        pytest.param(
            probe(promise(REFUSED)), answer(401, ERROR_ONLY, JSON), controls(cookies_cleared=False),
            Verdict.LOCKED, Reason.AS_PROMISED, id="a-bearer-needs-no-known-cookie",
        ),
        pytest.param(
            probe(promise(OPEN)), answer(200, "{}", JSON), controls(sign_in_broken=True),
            Verdict.LOCKED, Reason.AS_PROMISED, id="an-open-route-needs-no-sign-in",
        ),
        pytest.param(
            probe(promise(OPEN)), answer(200, "{}", JSON), Controls(services={"web": ServiceControls(service=WEB)}),
            Verdict.LOCKED, Reason.AS_PROMISED, id="an-open-route-needs-no-nowhere",
        ),
        pytest.param(
            probe(promise(REFUSED), families=(Family.SECRET, Family.COOKIE)), answer(401, ERROR_ONLY, JSON), controls(sign_in_broken=True),
            Verdict.LOCKED, Reason.AS_PROMISED, id="a-session-is-only-second-to-a-secret",
        ),
        pytest.param(
            probe(promise(status(404)), absent=True), NOT_FOUND, controls(), Verdict.LOCKED, Reason.AS_PROMISED,
            id="a-promised-404-where-absent-is-locked",
        ),
        pytest.param(
            probe(promise(REFUSED), absent=True), answer(404, '{"error":"not_found"}', JSON), controls(),
            Verdict.DRIFT, Reason.MISSING, id="a-404-of-its-own-is-not-absent",
        ),
        pytest.param(
            probe(promise(REFUSED), absent=True), SHELL, controls(seen(SHELL)), Verdict.DRIFT, Reason.SOFT_REFUSAL,
            id="a-shell-is-not-absent",
        ),
        pytest.param(
            probe(promise(REFUSED)), answer(403, "Forbidden"), controls(seen(answer(403, "Forbidden"))),
            Verdict.UNPROVEN, Reason.BLANKET, id="a-blanket-of-another-refusal",
        ),
        pytest.param(
            probe(promise(REFUSED)), to("/dashboard"), controls(seen(to("/dashboard"))), Verdict.UNPROVEN, Reason.BLANKET,
            id="everything-is-sent-inside",
        ),
        pytest.param(
            probe(promise(REFUSED)), to("/dashboard"), controls(seen(to("/dashboard")), blanket_is_application=True),
            Verdict.DRIFT, Reason.MISSING, id="everything-is-sent-inside-as-declared",
        ),
        pytest.param(
            probe(promise(REFUSED)), to("/dashboard"), controls(seen(to("/dashboard")), sign_in_page=fingerprint(SIGN_IN_PAGE, "/signin")),
            Verdict.UNPROVEN, Reason.BLANKET, id="everything-is-sent-past-the-sign-in-page",
        ),
        pytest.param(
            probe(promise(TO_SIGN_IN), path="/api/settings"), to("https://idp.test/login"),
            controls(seen(to("https://idp.test/login")), sign_in_page=fingerprint(SIGN_IN_PAGE, "/signin")),
            Verdict.UNPROVEN, Reason.BLANKET, id="everything-is-sent-to-a-sign-in-elsewhere",
        ),
        pytest.param(
            probe(promise(REFUSED)), answer(500, "x"), controls(seen(answer(500, "x"))), Verdict.DRIFT, Reason.BROKEN,
            id="broken-as-a-path-that-does-not-exist",
        ),
    ],
)  # fmt: skip
def test_controls_decide_what_an_answer_proves(
    asked: Probe, answered: Answered, known: Controls, verdict: Verdict, reason: Reason
) -> None:
    found = judge(asked, answered, known)
    assert (found.verdict, found.reason) == (verdict, reason), found.detail
    assert (found.probe, found.outcome) == (asked, answered)


def test_the_promised_page_may_lie_below_the_base_path() -> None:
    based = Service(name="web", url="https://app.test/b", scheme="https", host="app.test", port=443, base_path="/b")
    known = Controls(services={"web": ServiceControls(service=based, not_found=(seen(NOT_FOUND),))})
    found = judge(probe(promise(status(302, location=LocationFact(path="/welcome")))), to("/b/welcome", 307), known)
    assert (found.verdict, found.reason) == (Verdict.DRIFT, Reason.WRONG_STATUS)
