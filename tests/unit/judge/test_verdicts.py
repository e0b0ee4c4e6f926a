"""The judge: tables of one probe, one answer and what the controls have shown, and the finding that must come of it."""

from __future__ import annotations

import pytest

from prober.judge.verdicts import judge
from prober.model import (
    Answered,
    JsonFact,
    LocationFact,
    Never,
    Probe,
    Reason,
    Verdict,
)
from tests.support.judging import (
    ERROR_ONLY,
    HERE,
    HTML,
    JSON,
    NOT_FOUND,
    OPEN,
    REFUSED,
    RPC_ERROR,
    RPC_RESULT,
    TO_SIGN_IN,
    answer,
    controls,
    probe,
    promise,
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
