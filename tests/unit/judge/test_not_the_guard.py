"""A check that stands before authentication refuses everybody: its refusal proves nothing of the guard."""

from __future__ import annotations

import pytest

from prober.judge.verdicts import judge
from prober.model import Answered, Probe, Reason, Verdict
from tests.support.judging import HTML, JSON, OPEN, REFUSED, answer, controls, probe, promise, status

FORBIDDEN = promise(status(403))
CSRF = '{"error":"Invalid CSRF token"}'


def refusal(number: int, words: str, *, kind: tuple[str, str] = JSON) -> Answered:
    return answer(number, words, kind)


@pytest.mark.parametrize(
    ("number", "words", "found"),
    [
        pytest.param(403, CSRF, "CSRF", id="a-token"),
        pytest.param(400, "Cross-site request forbidden", "Cross-site request", id="cross-site"),
        pytest.param(403, "Forbidden host", "Forbidden host", id="a-host"),
        pytest.param(421, "Host header is not allowed", "Host header is not allowed", id="a-host-in-other-words"),
        pytest.param(419, "Page Expired", "Page Expired", id="an-expired-page"),
        pytest.param(400, "Missing session-id header", "session-id header", id="a-session-header"),
        pytest.param(422, "ActionController::InvalidAuthenticityToken", "InvalidAuthenticityToken", id="a-form-token"),
        pytest.param(403, "Origin header does not match", "Origin header does not match", id="an-origin"),
        pytest.param(403, "Request origin is not allowed", "origin is not allowed", id="an-origin-in-other-words"),
        pytest.param(
            403, "Cross-site POST form submissions are forbidden", "Cross-site POST form submissions", id="forms"
        ),
        pytest.param(403, 'This host ("a.test") is not allowed.', 'host ("a.test") is not allowed', id="a-quoted-host"),
        pytest.param(403, "Invalid referer", "Invalid referer", id="a-referer"),
        pytest.param(403, "Sec-Fetch-Site must be same-origin", "Sec-Fetch-Site must be", id="fetch-metadata"),
        pytest.param(403, "X-Requested-With header is required", "X-Requested-With header is required", id="a-script"),
        pytest.param(415, "Content-Type must be application/json", "Content-Type must be", id="a-media-type"),
        pytest.param(403, "Please set a User-Agent", "set a User-Agent", id="an-agent"),
        pytest.param(403, "API rate limit exceeded for you", "rate limit", id="a-limit"),
        pytest.param(403, "Too many requests, try later", "Too many requests", id="a-limit-in-other-words"),
        pytest.param(403, "We are down for maintenance", "down for maintenance", id="maintenance"),
        pytest.param(403, "Not available in your country.", "Not available in your country", id="a-country"),
        pytest.param(451, "unavailable in your region", "unavailable in your region", id="a-region"),
        pytest.param(403, "You must be 18 or older to enter", "must be 18", id="an-age"),
        pytest.param(403, "Please accept our cookies to go on", "accept our cookies", id="a-consent"),
        pytest.param(403, "Please enable JavaScript and cookies", "enable JavaScript and cookies", id="a-wall"),
    ],
)
def test_a_refusal_that_names_such_a_check_is_unproven(number: int, words: str, found: str) -> None:
    finding = judge(probe(promise(status(number)), method="POST"), refusal(number, words, kind=HTML), controls())
    assert (finding.verdict, finding.reason) == (Verdict.UNPROVEN, Reason.NOT_THE_GUARD)
    assert finding.detail == (
        f"got {number} with '{found}': a check before authentication, so the guard was not reached"
    )  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        pytest.param(probe(FORBIDDEN), refusal(403, '{"error":"forbidden"}'), id="no-such-word"),
        pytest.param(probe(FORBIDDEN), refusal(403, '{"error":"API key required"}'), id="a-key-is-wanted"),
        pytest.param(probe(FORBIDDEN), refusal(403, "Missing Authorization header"), id="so-is-a-header-of-it"),
        pytest.param(probe(FORBIDDEN), refusal(403, "Your address is not allowed"), id="a-list-of-addresses"),
        pytest.param(probe(FORBIDDEN), refusal(403, "Your account is not allowed to limit rates"), id="other-words"),
        pytest.param(probe(promise(REFUSED)), refusal(401, CSRF), id="a-status-of-the-guard"),
        pytest.param(probe(promise(status(403, body=("CSRF",)))), refusal(403, CSRF), id="the-very-words-are-expected"),
        pytest.param(probe(FORBIDDEN), refusal(403, '{"error":"no"}' + " " * 3000 + CSRF), id="far-down-the-page"),
    ],
)
def test_any_other_expected_refusal_is_locked(asked: Probe, answered: Answered) -> None:
    finding = judge(asked, answered, controls())
    assert (finding.verdict, finding.reason) == (Verdict.LOCKED, Reason.AS_PROMISED)


def test_on_an_open_route_it_is_no_refusal_of_a_guard() -> None:
    assert judge(probe(promise(OPEN)), refusal(403, CSRF), controls()).reason is Reason.OVER_LOCKED


def test_another_answer_than_the_expected_one_is_judged_by_the_other_rules() -> None:
    assert judge(probe(promise(REFUSED)), refusal(403, CSRF), controls()).reason is not Reason.NOT_THE_GUARD
