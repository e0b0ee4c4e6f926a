"""Answers by which the chain of a route ends, and those of variants."""

from __future__ import annotations

from dataclasses import replace

import pytest

from prober.judge.controls import ServiceControls
from prober.judge.verdicts import ends_chain, judge
from prober.model import (
    Answer,
    Answered,
    Cause,
    Kind,
    LocationFact,
    Promise,
    Reason,
    Unanswered,
    Verdict,
)
from tests.support.judging import (
    ERROR_ONLY,
    HERE,
    JSON,
    NOT_FOUND,
    OPEN,
    REFUSED,
    SUBREQUEST,
    TO_SIGN_IN,
    WEB,
    answer,
    controls,
    probe,
    promise,
    status,
    to,
)


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
