"""The judge: tables of one probe, one answer and what the controls have shown, and the finding that must come of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from prober.judge.controls import Controls, ServiceControls
from prober.judge.fingerprint import fingerprint
from prober.judge.procedure_verdicts import MEANINGS
from prober.judge.verdicts import ends_chain, judge
from prober.model import (
    Answer,
    Answered,
    Cause,
    Family,
    JsonFact,
    Kind,
    LocationFact,
    Never,
    Observed,
    Probe,
    ProcedureResult,
    Promise,
    Reason,
    Service,
    Unanswered,
    Unsent,
    Variant,
    Verdict,
)
from tests.support.judging import (
    ERROR_ONLY,
    HERE,
    HTML,
    JSON,
    NOT_FOUND,
    NOT_ROUTED,
    OPEN,
    REFUSED,
    RPC_ERROR,
    RPC_RESULT,
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
    ("asked", "answered", "verdict", "reason"),
    [
        pytest.param(probe(promise(REFUSED)), answer(401, ERROR_ONLY, JSON), Verdict.LOCKED, Reason.AS_PROMISED, id="kept"),
        pytest.param(probe(promise(REFUSED)), answer(200, '{"id":1}', JSON), Verdict.LEAK, Reason.GRANTED, id="granted"),
        pytest.param(probe(promise(REFUSED)), answer(200), Verdict.LEAK, Reason.GRANTED, id="granted-empty"),
        pytest.param(probe(promise(REFUSED)), answer(204), Verdict.LEAK, Reason.GRANTED, id="granted-no-content"),
        pytest.param(probe(promise(REFUSED)), answer(200, "[]", JSON), Verdict.LEAK, Reason.GRANTED, id="granted-empty-list"),
        pytest.param(probe(promise(REFUSED)), answer(200, RPC_RESULT, JSON), Verdict.LEAK, Reason.GRANTED, id="rpc-result"),
        pytest.param(
            probe(promise(REFUSED)), answer(200, f"event: message\ndata: {RPC_RESULT}\n\n", ("content-type", "text/event-stream")),
            Verdict.LEAK, Reason.GRANTED, id="rpc-result-in-a-stream",
        ),
        pytest.param(probe(promise(REFUSED)), answer(200, RPC_ERROR, JSON), Verdict.DRIFT, Reason.SOFT_REFUSAL, id="rpc-error"),
        pytest.param(
            probe(promise(REFUSED)), answer(200, f"data: {RPC_ERROR}\n\n", ("content-type", "text/event-stream")),
            Verdict.DRIFT, Reason.SOFT_REFUSAL, id="rpc-error-in-a-stream",
        ),
        pytest.param(probe(promise(REFUSED)), answer(200, ERROR_ONLY, JSON), Verdict.DRIFT, Reason.SOFT_REFUSAL, id="error-only"),
        pytest.param(
            probe(promise(REFUSED)), answer(200, '{"error":"x","users":[1]}', JSON),
            Verdict.LEAK, Reason.GRANTED, id="an-error-beside-data",
        ),
        pytest.param(
            probe(promise(REFUSED)), answer(200, '{"error":"x","data":{"a":1}}', JSON),
            Verdict.LEAK, Reason.GRANTED, id="an-error-beside-data-under-data",
        ),
        pytest.param(probe(promise(REFUSED)), answer(200, "null", JSON), Verdict.DRIFT, Reason.SOFT_REFUSAL, id="null"),
        pytest.param(
            probe(promise(REFUSED)), answer(200, "x NEXT_REDIRECT;replace;/signin;307; y", HTML),
            Verdict.DRIFT, Reason.SOFT_REFUSAL, id="next-redirect-in-a-stream",
        ),
        pytest.param(probe(promise(REFUSED)), NOT_FOUND, Verdict.DRIFT, Reason.MISSING, id="missing"),
        pytest.param(
            probe(promise(REFUSED), path="/api/x/:id"), answer(404, '{"error":"not_found"}', JSON),
            Verdict.DRIFT, Reason.HANDLER_REACHED, id="looked-up-and-not-found",
        ),
        pytest.param(probe(promise(REFUSED)), answer(400), Verdict.DRIFT, Reason.HANDLER_REACHED, id="bad-request"),
        pytest.param(probe(promise(REFUSED)), answer(405), Verdict.DRIFT, Reason.HANDLER_REACHED, id="wrong-method"),
        pytest.param(probe(promise(REFUSED)), answer(406), Verdict.DRIFT, Reason.HANDLER_REACHED, id="not-acceptable"),
        pytest.param(probe(promise(REFUSED)), answer(409), Verdict.DRIFT, Reason.HANDLER_REACHED, id="conflict"),
        pytest.param(probe(promise(REFUSED)), answer(415), Verdict.DRIFT, Reason.HANDLER_REACHED, id="wrong-media-type"),
        pytest.param(probe(promise(REFUSED)), answer(422), Verdict.DRIFT, Reason.HANDLER_REACHED, id="unprocessable"),
        pytest.param(probe(promise(REFUSED)), answer(500), Verdict.DRIFT, Reason.BROKEN, id="broken"),
        pytest.param(probe(promise(REFUSED)), answer(403), Verdict.DRIFT, Reason.WRONG_STATUS, id="other-refusal"),
        pytest.param(probe(promise(REFUSED)), to("/signin"), Verdict.DRIFT, Reason.WRONG_STATUS, id="redirect-to-sign-in"),
        pytest.param(probe(promise(REFUSED)), to("/api/me/"), Verdict.DRIFT, Reason.WRONG_STATUS, id="redirect-to-itself"),
        pytest.param(probe(promise(REFUSED)), to("/app"), Verdict.LEAK, Reason.GRANTED, id="redirect-inside"),
        pytest.param(
            probe(promise(REFUSED)), to("https://idp.test/authorize?client_id=a&response_type=code"),
            Verdict.DRIFT, Reason.WRONG_STATUS, id="redirect-to-a-provider",
        ),
        pytest.param(
            probe(promise(TO_SIGN_IN), path="/"), to("/signin?callbackUrl=%2F"), Verdict.LOCKED, Reason.AS_PROMISED, id="page-kept",
        ),
        pytest.param(
            probe(promise(TO_SIGN_IN), path="/"), to("https://app.test/signin"), Verdict.LOCKED, Reason.AS_PROMISED,
            id="page-kept-absolute",
        ),
        pytest.param(
            probe(promise(TO_SIGN_IN), path="/"), to("https://evil.test/signin"), Verdict.DRIFT, Reason.WRONG_LOCATION,
            id="sign-in-on-another-origin-never-matches",
        ),
        pytest.param(
            probe(promise(TO_SIGN_IN), path="/"), to("//evil.test/signin"), Verdict.DRIFT, Reason.WRONG_LOCATION,
            id="sign-in-on-another-origin-without-a-scheme",
        ),
        pytest.param(
            probe(promise(TO_SIGN_IN), path="/"), to("/signin/../admin"), Verdict.LEAK, Reason.GRANTED, id="dots-out-of-sign-in",
        ),
        pytest.param(
            probe(promise(TO_SIGN_IN), path="/"), to("/undefined"), Verdict.DRIFT, Reason.WRONG_LOCATION, id="to-undefined",
        ),
        pytest.param(probe(promise(TO_SIGN_IN), path="/"), to("/dashboard"), Verdict.LEAK, Reason.GRANTED, id="page-let-in"),
        pytest.param(
            probe(promise(TO_SIGN_IN), path="/"), answer(307), Verdict.DRIFT, Reason.WRONG_LOCATION, id="redirect-to-nowhere",
        ),
        pytest.param(probe(promise(OPEN)), answer(200, "{}", JSON), Verdict.LOCKED, Reason.AS_PROMISED, id="open-kept"),
        pytest.param(probe(promise(OPEN)), answer(401), Verdict.DRIFT, Reason.OVER_LOCKED, id="open-refused"),
        pytest.param(probe(promise(OPEN)), to("/signin"), Verdict.DRIFT, Reason.OVER_LOCKED, id="open-sent-to-sign-in"),
        pytest.param(probe(promise(OPEN)), NOT_FOUND, Verdict.DRIFT, Reason.MISSING, id="open-missing"),
        pytest.param(probe(promise(OPEN)), answer(500), Verdict.DRIFT, Reason.BROKEN, id="open-broken"),
        pytest.param(probe(promise(OPEN)), answer(201), Verdict.DRIFT, Reason.WRONG_STATUS, id="open-otherwise"),
        pytest.param(
            probe(promise(status(200, body=("voucher",)))), answer(200, "no such word"),
            Verdict.DRIFT, Reason.WRONG_BODY, id="a-word-is-not-there",
        ),
        pytest.param(
            probe(promise(status(200, not_body=("secret",)))), answer(200, "a secret"),
            Verdict.DRIFT, Reason.WRONG_BODY, id="a-word-is-there",
        ),
        pytest.param(
            probe(promise(status(200, json=(JsonFact(path=(), value="null"),)))), answer(200, "null", JSON),
            Verdict.LOCKED, Reason.AS_PROMISED, id="json-null",
        ),
        pytest.param(
            probe(promise(status(200, json=(JsonFact(path=(), value="null"),)))), answer(200, '{"user":{"id":1}}', JSON),
            Verdict.DRIFT, Reason.WRONG_BODY, id="json-not-null",
        ),
        pytest.param(
            probe(promise(status(200, json=(JsonFact(path=("a", "b"), value=None),)))), answer(200, '{"a":{"b":0}}', JSON),
            Verdict.LOCKED, Reason.AS_PROMISED, id="json-any-value",
        ),
        pytest.param(
            probe(promise(status(401, headers=(("www-authenticate", "Bearer"),)))),
            answer(401, b"", ("www-authenticate", 'bearer realm="x"')), Verdict.LOCKED, Reason.AS_PROMISED, id="challenge",
        ),
        pytest.param(
            probe(promise(status(401, headers=(("www-authenticate", "Bearer"),)))), answer(401, "{}", JSON),
            Verdict.DRIFT, Reason.WRONG_CHALLENGE, id="no-challenge",
        ),
        pytest.param(
            probe(promise(status(503, body=("auth_not_configured",)))), answer(503, "auth_not_configured - set it"),
            Verdict.LOCKED, Reason.AS_PROMISED, id="a-503-in-the-promised-words-is-the-applications",
        ),
        pytest.param(
            probe(promise(status(503, body=("auth_not_configured",)))), answer(503, "Service Unavailable"),
            Verdict.UNPROVEN, Reason.GATEWAY, id="a-bare-503-is-a-gateways",
        ),
        pytest.param(probe(promise(REFUSED)), answer(502), Verdict.UNPROVEN, Reason.GATEWAY, id="bad-gateway"),
        pytest.param(
            probe(promise(status(503, json=(JsonFact(path=(), value="null"),)))), answer(503, "null"),
            Verdict.LOCKED, Reason.AS_PROMISED, id="a-503-of-the-promised-json-is-the-applications",
        ),
        pytest.param(
            probe(promise(status(401, headers=(("www-authenticate", "Basic"),)))), answer(401, "", ("www-authenticate", "Basic")),
            Verdict.LOCKED, Reason.AS_PROMISED, id="a-promised-basic-challenge-is-the-applications",
        ),
        pytest.param(probe(promise(REFUSED)), answer(429), Verdict.UNPROVEN, Reason.THROTTLED, id="throttled"),
        pytest.param(
            probe(promise(status(401), status(429))), answer(429), Verdict.LOCKED, Reason.AS_PROMISED,
            id="a-promised-limit-is-a-refusal",
        ),
        pytest.param(
            probe(promise(REFUSED)), answer(401, b"", ("cf-mitigated", "challenge")),
            Verdict.UNPROVEN, Reason.INTERMEDIARY, id="bot-wall",
        ),
        pytest.param(
            probe(promise(REFUSED)), answer(401, "<html>401</html>", HTML, ("www-authenticate", 'Basic realm="x"')),
            Verdict.UNPROVEN, Reason.INTERMEDIARY, id="basic-wall",
        ),
        pytest.param(
            probe(promise(REFUSED)), answer(401, '{"apiKey":"0123456789"}', JSON), Verdict.LEAK, Reason.DISCLOSED,
            id="a-refusal-that-carries-a-key",
        ),
        pytest.param(
            probe(promise(REFUSED)), answer(401, '{"a":[{"password_hash":"0123456789"}]}', JSON), Verdict.LEAK, Reason.DISCLOSED,
            id="a-key-deep-inside",
        ),
        pytest.param(
            probe(promise(REFUSED)), answer(401, '<script>{\\"apiKey\\":\\"0123456789\\"}</script>', HTML),
            Verdict.LEAK, Reason.DISCLOSED, id="a-key-inside-a-page",
        ),
        pytest.param(
            probe(promise(REFUSED)), answer(401, '{"apiKey":null}', JSON), Verdict.LOCKED, Reason.AS_PROMISED, id="a-key-of-nothing",
        ),
        pytest.param(
            probe(promise(REFUSED)), answer(401, '{"accessToken":"0123456789abcdef"}', JSON),
            Verdict.LOCKED, Reason.AS_PROMISED, id="our-own-token-echoed",
        ),
        pytest.param(
            probe(promise(OPEN), never=(Never(keys=("inviteToken",), source=HERE),)), answer(200, '{"invite_token":"x"}', JSON),
            Verdict.LEAK, Reason.DISCLOSED, id="never-on-an-open-route",
        ),
        pytest.param(
            probe(promise(REFUSED), never=(Never(texts=("Alex",), source=HERE),)), answer(401, "Alex"),
            Verdict.LEAK, Reason.DISCLOSED, id="never-a-text",
        ),
        pytest.param(
            probe(promise(REFUSED), query="token=x"), answer(404, "Not Found"), Verdict.LOCKED, Reason.OPENS_NOTHING,
            id="a-query-makes-another-url-and-404-opens-nothing",
        ),
        pytest.param(
            probe(promise(REFUSED), query="token=x"), answer(403), Verdict.DRIFT, Reason.WRONG_STATUS,
            id="a-query-excuses-no-other-refusal",
        ),
        pytest.param(
            probe(promise(REFUSED), query="token=x"), to("/api/me"), Verdict.DRIFT, Reason.WRONG_STATUS,
            id="redirect-to-itself-without-its-query",
        ),
        pytest.param(
            probe(promise(REFUSED), path="/api/me/"), to("/API/%6De"), Verdict.DRIFT, Reason.WRONG_STATUS,
            id="redirect-to-itself-in-other-letters",
        ),
        pytest.param(probe(promise(REFUSED), path="/api/me/X"), to("/api/me"), Verdict.LEAK, Reason.GRANTED, id="redirect-above-itself"),
        pytest.param(probe(promise(REFUSED)), to("/api/me/X"), Verdict.LEAK, Reason.GRANTED, id="redirect-below-itself"),
        pytest.param(
            probe(promise(REFUSED)), answer(303, b"", ("mcp-session-id", "a"), ("location", "/signin")), Verdict.LEAK, Reason.GRANTED,
            id="redirect-with-a-session",
        ),
        pytest.param(
            probe(promise(REFUSED)), answer(403, b"", ("mcp-session-id", "a")), Verdict.DRIFT, Reason.WRONG_STATUS,
            id="a-refusal-with-a-session",
        ),
        pytest.param(probe(promise(REFUSED)), answer(411), Verdict.DRIFT, Reason.HANDLER_REACHED, id="length-required"),
        pytest.param(probe(promise(REFUSED)), answer(413), Verdict.DRIFT, Reason.HANDLER_REACHED, id="too-large"),
        pytest.param(probe(promise(REFUSED)), answer(410), Verdict.DRIFT, Reason.MISSING, id="gone"),
        pytest.param(
            probe(promise(REFUSED)), answer(404, '{"error":"not_found"}', JSON), Verdict.DRIFT, Reason.MISSING,
            id="not-found-where-nothing-was-looked-up",
        ),
        pytest.param(
            probe(promise(REFUSED), content=b'{"id":1}'), answer(404, '{"error":"not_found"}', JSON),
            Verdict.DRIFT, Reason.HANDLER_REACHED, id="looked-up-by-its-body-and-not-found",
        ),
        pytest.param(
            probe(promise(REFUSED), path="/other/:id"), answer(404, '{"error":"not_found"}', JSON),
            Verdict.DRIFT, Reason.MISSING, id="not-found-where-no-nowhere-was-asked",
        ),
        pytest.param(
            probe(promise(status(401, body=("no",)), status(403))), answer(401, "yes"), Verdict.DRIFT, Reason.WRONG_BODY,
            id="the-first-promise-is-broken-by-its-body",
        ),
        pytest.param(
            probe(promise(status(403), status(401, body=("no",)))), answer(401, "yes"), Verdict.DRIFT, Reason.WRONG_BODY,
            id="the-second-promise-is-broken-by-its-body",
        ),
        pytest.param(
            probe(promise(status(204), status(200, body=("no",)))), answer(200, "yes"), Verdict.DRIFT, Reason.WRONG_BODY,
            id="an-open-promise-is-broken-by-its-body",
        ),
        pytest.param(probe(promise(REFUSED)), answer(401, '{"apiKey":"12345678"}', JSON), Verdict.LEAK, Reason.DISCLOSED, id="a-key-of-eight-letters"),
        pytest.param(probe(promise(REFUSED)), answer(401, '{"apiKey":"1234567"}', JSON), Verdict.LOCKED, Reason.AS_PROMISED, id="a-key-too-short-for-one"),
        pytest.param(probe(promise(OPEN)), answer(403), Verdict.DRIFT, Reason.OVER_LOCKED, id="open-forbidden"),
        pytest.param(probe(promise(OPEN)), answer(410), Verdict.DRIFT, Reason.MISSING, id="open-gone"),
        pytest.param(probe(promise(OPEN, TO_SIGN_IN)), to("/elsewhere"), Verdict.DRIFT, Reason.WRONG_LOCATION, id="open-sent-elsewhere"),
        pytest.param(probe(promise(OPEN), path="/signin"), to("?error=1"), Verdict.DRIFT, Reason.OVER_LOCKED, id="open-sent-to-itself-a-sign-in"),
        pytest.param(
            probe(promise(OPEN, status(302, location=LocationFact(path="/")))), to("/", 307), Verdict.DRIFT, Reason.WRONG_STATUS,
            id="open-sent-to-the-front-page-is-sent-to-no-sign-in",
        ),
        pytest.param(probe(promise(REFUSED)), to("me"), Verdict.DRIFT, Reason.WRONG_STATUS, id="redirect-to-itself-by-its-last-part"),
        pytest.param(probe(promise(REFUSED)), to("/oauth/done"), Verdict.LEAK, Reason.GRANTED, id="redirect-inside-below-a-sign-in"),
        pytest.param(
            probe(promise(status(302, location=LocationFact(path="/welcome")))), to("/welcomeX", 307), Verdict.LEAK, Reason.GRANTED,
            id="to-a-letter-more-than-the-promised-page",
        ),
        pytest.param(probe(promise(OPEN)), to("/dashboard"), Verdict.DRIFT, Reason.WRONG_STATUS, id="open-sent-inside"),
        pytest.param(probe(promise(OPEN)), answer(400), Verdict.DRIFT, Reason.WRONG_STATUS, id="open-not-understood"),
        pytest.param(
            probe(promise(status(302, location=LocationFact(path="/")))), to("/", 307), Verdict.DRIFT, Reason.WRONG_STATUS,
            id="to-the-promised-front-page-by-another-status",
        ),
        pytest.param(
            probe(promise(status(302, location=LocationFact(path="/welcome")))), to("/welcome", 307), Verdict.DRIFT, Reason.WRONG_STATUS,
            id="to-the-promised-page-by-another-status",
        ),
        pytest.param(
            probe(promise(OPEN, status(302, location=LocationFact(path="/welcome")))), to("/welcome/", 307),
            Verdict.DRIFT, Reason.OVER_LOCKED, id="open-sent-to-the-sign-in-of-its-own-promise",
        ),
    ],
)  # fmt: skip
def test_an_answer_means(asked: Probe, answered: Answered, verdict: Verdict, reason: Reason) -> None:
    found = judge(asked, answered, controls())
    assert (found.verdict, found.reason) == (verdict, reason), found.detail
    assert (found.probe, found.outcome) == (asked, answered)


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


SUBREQUEST = Variant(name="middleware-subrequest", headers=(), catches="")


@pytest.mark.parametrize(
    ("answered", "verdict"),
    [
        pytest.param(answer(200, "data"), Verdict.LEAK, id="granted"),
        pytest.param(to("/dashboard"), Verdict.LEAK, id="sent-inside"),
        pytest.param(to("/signin"), Verdict.LOCKED, id="sent-to-sign-in"),
        pytest.param(to("/settings/", 308), Verdict.LOCKED, id="sent-to-the-canonical-path"),
        pytest.param(NOT_FOUND, Verdict.LOCKED, id="not-found"),
        pytest.param(answer(400), Verdict.LOCKED, id="refused-otherwise"),
        pytest.param(answer(500), Verdict.SKIPPED, id="broken"),
        pytest.param(answer(502), Verdict.UNPROVEN, id="a-gateway"),
    ],
)
def test_a_variant_is_right_when_it_opens_nothing(answered: Answered, verdict: Verdict) -> None:
    asked = probe(promise(TO_SIGN_IN), path="/settings", variant=SUBREQUEST)
    found = judge(asked, answered, controls())
    assert (found.verdict, found.outcome) == (verdict, answered)


def test_a_variant_that_is_answered_as_unfinished_as_the_plain_request_opens_nothing() -> None:
    """Where 503 itself is the promise, a variant that gets it is compared; any other failure is not."""
    asked = probe(promise(status(503, body=("auth_not_configured",))), variant=SUBREQUEST)
    said = ((503, "auth_not_configured"), (503, "auth_is_off"), (500, "auth_not_configured"))
    kept, paused, broken = (judge(asked, answer(code, f'{{"error":"{word}"}}'), controls()) for code, word in said)
    assert (kept.verdict, paused.verdict) == (Verdict.LOCKED, Verdict.LOCKED)
    assert paused.detail == "got 503"
    assert (broken.verdict, broken.detail) == (Verdict.SKIPPED, "got 500, which neither opens nor refuses")


@pytest.mark.parametrize(
    ("observed", "verdict", "reason"),
    [
        pytest.param(Observed.INDISTINGUISHABLE, Verdict.LOCKED, Reason.AS_PROMISED, id="indistinguishable"),
        pytest.param(Observed.DISTINGUISHABLE, Verdict.DRIFT, Reason.TELLABLE, id="distinguishable"),
        pytest.param(Observed.SESSION_USED_BY_ANOTHER, Verdict.LEAK, Reason.NOT_BOUND, id="session-used"),
        pytest.param(Observed.SESSION_BOUND, Verdict.LOCKED, Reason.AS_PROMISED, id="session-bound"),
        pytest.param(Observed.NO_SESSION, Verdict.SKIPPED, Reason.STATELESS, id="no-session"),
        pytest.param(Observed.KEY_REFUSED, Verdict.UNPROVEN, Reason.KEY_REFUSED, id="key-refused"),
        pytest.param(Observed.METADATA_VERIFIED, Verdict.LOCKED, Reason.AS_PROMISED, id="metadata-verified"),
        pytest.param(Observed.METADATA_WRONG, Verdict.DRIFT, Reason.WRONG_METADATA, id="metadata-wrong"),
        pytest.param(Observed.NO_CHALLENGE, Verdict.SKIPPED, Reason.NOT_ANNOUNCED, id="no-challenge"),
        pytest.param(Observed.LIMITED, Verdict.LOCKED, Reason.AS_PROMISED, id="limited"),
        pytest.param(Observed.UNLIMITED, Verdict.DRIFT, Reason.UNLIMITED, id="unlimited"),
        pytest.param(Observed.LIMIT_EVADED, Verdict.DRIFT, Reason.LIMIT_EVADED, id="limit-evaded"),
        pytest.param(Observed.PORT_OPEN, Verdict.LEAK, Reason.PORT_OPEN, id="port-open"),
        pytest.param(Observed.PORT_CLOSED, Verdict.LOCKED, Reason.AS_PROMISED, id="port-closed"),
        pytest.param(Observed.TOO_FEW_REQUESTS, Verdict.SKIPPED, Reason.TOO_FEW, id="too-few"),
    ],
)
def test_what_a_procedure_has_seen_means(observed: Observed, verdict: Verdict, reason: Reason) -> None:
    asked = probe(promise(REFUSED))
    learnt = ProcedureResult(observed=observed, detail="so it was", requests=9)
    found = judge(asked, learnt, controls())
    assert (found.probe, found.outcome, found.verdict, found.reason, found.detail) == (asked, learnt, verdict, reason, "so it was")  # fmt: skip
    assert found.rule == f"observed-{observed}"


def test_every_observation_has_a_meaning() -> None:
    assert set(MEANINGS) == set(Observed)


@pytest.mark.parametrize("cause", list(Cause))
def test_nobody_answered_is_unreachable_and_says_why(cause: Cause) -> None:
    outcome = Unanswered(cause=cause, detail="no answer in 5 s", arrived=False, attempts=3, elapsed_ms=1)
    found = judge(probe(promise(REFUSED)), outcome, controls())
    assert (found.verdict, found.reason, found.detail) == (
        Verdict.UNREACHABLE,
        Reason(cause),
        "no answer in 5 s (3 attempts)",
    )


@pytest.mark.parametrize(
    ("reason", "verdict"),
    [
        pytest.param(Reason.CUT_SHORT, Verdict.UNPROVEN, id="deadline"),
        pytest.param(Reason.NO_CSRF_TOKEN, Verdict.UNPROVEN, id="no-token"),
        pytest.param(Reason.THROTTLED, Verdict.UNPROVEN, id="throttled"),
        pytest.param(Reason.INTERMEDIARY, Verdict.UNPROVEN, id="a-wall-at-the-first-look"),
        pytest.param(Reason.OPENED_ALREADY, Verdict.SKIPPED, id="opened-already"),
        pytest.param(Reason.NOT_SENT, Verdict.SKIPPED, id="interrupted"),
    ],
)
def test_what_was_not_sent_is_never_locked(reason: Reason, verdict: Verdict) -> None:
    outcome = Unsent(reason=reason, detail="why")
    found = judge(probe(promise(REFUSED)), outcome, controls())
    assert (found.verdict, found.reason, found.detail, found.outcome) == (verdict, reason, "why", outcome)


@pytest.mark.parametrize(
    ("attempts", "said"), [pytest.param(1, "late", id="one"), pytest.param(2, "late (2 attempts)", id="two")]
)
def test_attempts_are_counted_where_there_were_several(attempts: int, said: str) -> None:
    outcome = Unanswered(cause=Cause.TIMEOUT, detail="late", arrived=True, attempts=attempts, elapsed_ms=1)
    found = judge(probe(promise(REFUSED)), outcome, controls())
    assert (found.detail, found.outcome) == (said, outcome)


@pytest.mark.parametrize(
    ("answered", "granted"),
    [
        pytest.param(answer(200), True, id="success"),
        pytest.param(to("/done"), True, id="a-redirect-inside"),
        pytest.param(to("/signin"), False, id="a-redirect-to-sign-in"),
        pytest.param(to("https://elsewhere.test/"), True, id="a-redirect-elsewhere"),
        pytest.param(
            to("https://idp.test/authorize?client_id=a&response_type=code"), False, id="a-redirect-to-a-provider"
        ),
        pytest.param(
            answer(302, b"", ("location", "/signin"), ("mcp-session-id", "1")), True, id="a-redirect-with-a-session"
        ),
        pytest.param(answer(401), False, id="a-refusal"),
        pytest.param(answer(500), False, id="an-error"),
        pytest.param(to("/oauth/done"), True, id="a-redirect-inside-below-a-sign-in"),
    ],
)
def test_a_door_that_opens_is_seen_at_once(answered: Answered, *, granted: bool) -> None:
    assert ends_chain(probe(promise(REFUSED)), answered, ServiceControls(service=WEB)) is granted


STREAMED = answer(401, 'data: {"error":"no"}\n\n', ("content-type", "text/event-stream"))


@pytest.mark.parametrize(
    ("answered", "verdict", "reason"),
    [
        pytest.param(answer(401, b"\x82\xa5error\xa2no", ("content-type", "application/msgpack")), Verdict.UNPROVEN, Reason.UNREAD, id="a-message-of-bytes"),
        pytest.param(answer(401, b"%PDF-1.7", ("content-type", "application/pdf")), Verdict.UNPROVEN, Reason.UNREAD, id="a-file"),
        pytest.param(replace(STREAMED, unread="it goes on"), Verdict.UNPROVEN, Reason.UNREAD, id="a-stream-that-goes-on"),
        pytest.param(STREAMED, Verdict.LOCKED, Reason.AS_PROMISED, id="a-stream-that-ended"),
    ],
)  # fmt: skip
def test_a_refusal_that_nobody_could_read_proves_nothing(answered: Answered, verdict: Verdict, reason: Reason) -> None:
    found = judge(probe(promise(REFUSED)), answered, controls())
    assert (found.verdict, found.reason) == (verdict, reason)


def test_a_failure_ends_a_chain_where_no_credential_can_have_caused_it() -> None:
    """A handler may have acted before it failed; over a token a guard fails as well."""
    bogus, known = probe(promise(REFUSED)), ServiceControls(service=WEB)
    anonymous = replace(bogus, credential=replace(bogus.credential, kind=Kind.ANONYMOUS))
    assert ends_chain(anonymous, answer(500), known)
    assert not ends_chain(bogus, answer(500), known)
    assert ends_chain(anonymous, answer(502, b"<html><center>nginx</center></html>"), known)  # it was passed on
    allowed = replace(anonymous, promise=promise(Answer(statuses=(range(500, 501),), source=HERE)))
    assert not ends_chain(allowed, answer(500), known)


@pytest.mark.parametrize(
    ("promised", "outcome"),
    [
        pytest.param(promise(OPEN), answer(200), id="an-open-route"),
        pytest.param(promise(OPEN), answer(201), id="an-open-route-that-answers-otherwise"),
        pytest.param(promise(REFUSED), Unanswered(cause=Cause.TIMEOUT, detail="x", arrived=True, attempts=1, elapsed_ms=1), id="no-answer"),
        pytest.param(promise(status(302, location=LocationFact(path="/welcome"))), to("/welcome", 302), id="a-redirect-as-promised"),
    ],
)  # fmt: skip
def test_a_door_that_cannot_open_or_is_answered_as_promised_is_none_that_opened(
    promised: Promise, outcome: Answered | Unanswered
) -> None:
    assert not ends_chain(probe(promised), outcome, ServiceControls(service=WEB))


@pytest.mark.parametrize(
    ("outcome", "by"),
    [
        pytest.param(answer(401, ERROR_ONLY, JSON), "application", id="locked"),
        pytest.param(answer(200), "application", id="a-leak"),
        pytest.param(answer(502), "gateway", id="a-gateway"),
        pytest.param(answer(401, b"", ("cf-mitigated", "challenge")), "Cloudflare challenge", id="a-wall"),
        pytest.param(answer(429), None, id="throttled"),
        pytest.param(Unsent(reason=Reason.CUT_SHORT, detail="x"), None, id="not-sent"),
    ],
)
def test_a_finding_says_who_answered(outcome: Answered | Unsent, by: str | None) -> None:
    assert judge(probe(promise(REFUSED)), outcome, controls()).answered_by == by


def test_nobody_is_named_for_a_blanket_of_somebody() -> None:
    everywhere = answer(401, "Unauthorized")
    assert judge(probe(promise(REFUSED)), everywhere, controls(seen(everywhere))).answered_by is None


EVERYWHERE = answer(401, "Unauthorized")


@pytest.mark.parametrize(
    ("asked", "answered", "known", "detail"),
    [
        pytest.param(probe(promise(REFUSED)), answer(502), controls(), "got 502 from a gateway, not from the application; see why it could not reach the application", id="a-gateway"),
        pytest.param(
            probe(promise(REFUSED)), answer(401, b"", ("x-vercel-mitigated", "deny")), controls(),
            "got 401 from Vercel firewall, not from the application; let the prober's address or User-Agent pass in the firewall's rules; if its lock is the one that is meant, write '{status: 401, by: Vercel firewall}' at the guard in the profile, or 'behind: Vercel firewall' at the service in prober.yaml", id="a-wall",
        ),
        pytest.param(probe(promise(REFUSED)), answer(429), controls(), "got 429 after 1 attempts: throttled, so nothing is known (use --rate)", id="throttled"),
        pytest.param(probe(promise(REFUSED)), answer(401, '{"apiKey":"12345678"}', JSON), controls(), "got 401 with a value under 'apiKey' in the body", id="disclosed"),
        pytest.param(
            probe(promise(REFUSED)), EVERYWHERE, controls(seen(EVERYWHERE)),
            "got 401, the same as for an unknown path: whether the application or something in front of it refuses is not known (declare 'blanket: application' if its middleware guards every path, or 'behind: gateway' at the service if a gateway in front does)", id="a-blanket",
        ),
        pytest.param(probe(promise(REFUSED)), EVERYWHERE, controls(), "got 401, as expected", id="locked"),
        pytest.param(
            probe(promise(REFUSED)), EVERYWHERE, controls(seen(EVERYWHERE), blanket_is_application=True),
            "got 401, as expected; unknown paths beside it get the same, by the declaration that it is the application's", id="locked-as-declared",
        ),
        pytest.param(
            probe(promise(REFUSED)), answer(401, ERROR_ONLY, JSON), controls(seen(answer(401, ERROR_ONLY, JSON))),
            "got 401, as expected; unknown paths beside it get the same", id="locked-as-everything",
        ),
        pytest.param(probe(promise(status(404)), absent=True), NOT_FOUND, controls(), "got 404, as expected", id="locked-by-a-promised-404"),
        pytest.param(probe(promise(status(404))), NOT_FOUND, controls(), "got 404, the same as for an unknown path, so the route may be missing", id="may-be-gone"),
        pytest.param(
            probe(promise(REFUSED)), EVERYWHERE, Controls(services={"web": ServiceControls(service=WEB)}),
            "refused, but no unknown path was answered: the refusal may cover everything", id="no-control",
        ),
        pytest.param(probe(promise(REFUSED)), EVERYWHERE, controls(sign_in_broken=True), "refused, but sign-in itself answers 5xx: a guard that is broken may look locked", id="sign-in-broken"),
        pytest.param(
            probe(promise(REFUSED), family=Family.COOKIE), EVERYWHERE, controls(cookies_cleared=False),
            "the deployment clears none of the session cookies that were sent: name its own under 'cookies'", id="unknown-cookie",
        ),
        pytest.param(probe(promise(REFUSED), absent=True), NOT_FOUND, controls(), "got 404: the route does not exist, which is best", id="absent"),
        pytest.param(probe(promise(REFUSED)), answer(200, ERROR_ONLY, JSON), controls(), "got 200 with a body that is only an error, expected 401", id="soft"),
        pytest.param(probe(promise(REFUSED)), NOT_FOUND, controls(), "got 404, the same as for an unknown path; expected 401: the route is missing", id="missing"),
        pytest.param(probe(promise(REFUSED)), to("/signin"), controls(), "got 307 to /signin, expected 401", id="sent-to-sign-in"),
        pytest.param(probe(promise(REFUSED)), to("/app"), controls(), "got 307 to /app, which is not a sign-in, expected 401", id="sent-inside"),
        pytest.param(probe(promise(REFUSED)), answer(403, b"", ("location", "/app")), controls(), "got 403, expected 401", id="a-location-that-is-no-redirect"),
        pytest.param(
            probe(promise(REFUSED)), answer(303, b"", ("mcp-session-id", "a"), ("location", "/x")), controls(), "got 303 with a session, expected 401",
            id="a-session",
        ),
        pytest.param(probe(promise(TO_SIGN_IN), variant=SUBREQUEST), answer(200, "x"), controls(), "got 200; the unmodified request must be refused", id="a-variant-opens"),
        pytest.param(probe(promise(TO_SIGN_IN), variant=SUBREQUEST), to("/signin"), controls(), "got 307 to /signin", id="a-variant-opens-nothing"),
    ],
)  # fmt: skip
def test_a_detail_says_what_came_and_what_was_wanted(
    asked: Probe, answered: Answered, known: Controls, detail: str
) -> None:
    assert judge(asked, answered, known).detail == detail


def test_a_detail_shows_both_sides() -> None:
    assert judge(probe(promise(REFUSED)), answer(200, "{}x"), controls()).detail == "got 200, expected 401"


def test_a_leak_does_not_repeat_what_it_disclosed() -> None:
    found = judge(probe(promise(REFUSED)), answer(401, '{"apiKey":"topsecret-0123"}', JSON), controls())
    assert "topsecret" not in found.detail
    assert "apiKey" in found.detail


NGINX_400 = answer(400, "<html><head><title>400 Bad Request</title></head><center>nginx/1.22.1</center></html>", ("content-type", "text/html"))  # fmt: skip


@pytest.mark.parametrize(
    ("odd", "verdict", "reason"),
    [(True, Verdict.LOCKED, Reason.OPENS_NOTHING), (False, Verdict.UNPROVEN, Reason.INTERMEDIARY)],
)
def test_what_http_has_no_room_for_may_be_refused_by_whoever_stands_in_front(
    *, odd: bool, verdict: Verdict, reason: Reason
) -> None:
    asked = probe(promise(REFUSED))
    asked = replace(asked, credential=replace(asked.credential, odd=odd))
    found = judge(asked, NGINX_400, controls())
    assert (found.verdict, found.reason, found.answered_by) == (verdict, reason, "nginx")


@pytest.mark.parametrize(
    ("answered", "detail"),
    [
        (answer(401, ERROR_ONLY, JSON), "got 401: the key that must open this route does not, so whether any key does is not known"),
        (to("/signin"), "got 307 to /signin: the key that must open this route does not, so whether any key does is not known"),
        (answer(500, "x"), "got 500: the key that must open this route does not, so whether any key does is not known"),
    ],
)  # fmt: skip
def test_a_key_that_does_not_open_its_door_proves_nothing(answered: Answered, detail: str) -> None:
    asked = probe(promise(Answer(statuses=(range(200, 300),), source=HERE)))
    asked = replace(asked, credential=replace(asked.credential, kind=Kind.HELD))
    found = judge(asked, answered, controls())
    assert (found.probe, found.outcome, found.verdict, found.reason, found.detail, found.answered_by) == (
        asked, answered, Verdict.UNPROVEN, Reason.KEY_REFUSED, detail, "application",
    )  # fmt: skip


def test_a_plain_success_is_no_less_for_what_only_a_variant_may_show() -> None:
    """What is nothing new beside the plain request is all there is to the plain request itself."""
    told = answer(200, '{"users":[1]}', JSON, ("x-nextjs-redirect", "/signin"))
    assert judge(probe(promise(REFUSED)), told, controls()).reason is Reason.GRANTED
