"""The cookie of a sign-in that nobody finishes: where it is borrowed from."""

from __future__ import annotations

from urllib.parse import parse_qsl

import pytest

from prober.model import SIGN_IN_COOKIE, Answered, Reason, Request, Unanswered, Unsent
from tests.support.borrowed_values import (
    AGENT,
    COOKIES,
    FRESH,
    LATE,
    NO_ANSWER,
    NOTHING,
    VALUE,
    Outcome,
    answer,
    borrowed,
    providers,
)

CSRF = answer({"csrfToken": "t0k"}, ("set-cookie", "authjs.csrf-token=abc; Path=/; HttpOnly"))
STATE = ("set-cookie", f"authjs.state={VALUE}; Max-Age=900; Path=/; HttpOnly")


def deployment(*names: str, base: str = "", **signs_in: Outcome) -> dict[str, Outcome]:
    """A deployment of these providers, each of which begins to sign in so."""
    known: dict[str, Outcome] = {
        f"{base}/api/auth/providers": providers(*names, base=base),
        f"{base}/api/auth/csrf": CSRF,
    }
    return known | {f"{base}/api/auth/signin/{name}": outcome for name, outcome in signs_in.items()}


@pytest.mark.parametrize("base", ["", "/app"])
def test_a_cookie_is_that_of_a_sign_in_that_nobody_finishes(base: str) -> None:
    begun = answer({"url": "https://github.test/login"}, STATE)
    known = deployment("github", base=base, github=begun)
    found, asked = borrowed(SIGN_IN_COOKIE, known, base=base, request=COOKIES)
    assert found == VALUE
    common = (AGENT, FRESH)
    assert asked[:2] == [
        Request(service="web", method="GET", target=f"{base}/api/auth/providers", headers=common),
        Request(service="web", method="GET", target=f"{base}/api/auth/csrf", headers=common),
    ]
    [begin] = asked[2:]
    assert (begin.service, begin.method, begin.target) == ("web", "POST", f"{base}/api/auth/signin/github")
    assert begin.headers == (
        *common, ("Content-Type", "application/x-www-form-urlencoded"), ("Cookie", "authjs.csrf-token=abc"),
    )  # fmt: skip
    assert parse_qsl((begin.content or b"").decode()) == [("json", "true"), ("csrfToken", "t0k")]


def test_no_probes_own_credential_is_sent_along() -> None:
    known = deployment("github", github=answer({}, STATE))
    _, asked = borrowed(SIGN_IN_COOKIE, known, request=COOKIES)
    said = [value for request in asked for _, value in request.headers]
    assert len(asked) == 3
    assert [value for value in said if SIGN_IN_COOKIE in value or "one=" in value] == []


@pytest.mark.parametrize(
    "cookie",
    [
        pytest.param(f"authjs.state={VALUE}; Path=/", id="state"),
        pytest.param(f"__Secure-authjs.state={VALUE}; Path=/; Secure", id="state-over-tls"),
        pytest.param(f"next-auth.state={VALUE}; Path=/", id="state-of-the-version-before"),
        pytest.param(f"authjs.pkce.code_verifier={VALUE}; Path=/", id="verifier"),
        pytest.param(f"authjs.nonce={VALUE}; Path=/", id="nonce"),
        pytest.param(f"__Host-state={VALUE}", id="a-name-behind-a-dash"),
        pytest.param(f"state={VALUE}", id="a-bare-name"),
    ],
)
def test_a_cookie_goes_by_these_names(cookie: str) -> None:
    known = deployment("github", github=answer({}, ("set-cookie", cookie)))
    assert borrowed(SIGN_IN_COOKIE, known)[0] == VALUE


def test_the_right_one_of_several_cookies_is_taken() -> None:
    cookies = [("set-cookie", "authjs.callback-url=https%3A%2F%2Fapp.test%2F; Path=/"), ("set-cookie", "a=b"), STATE]
    known = deployment("github", github=answer(b"", *cookies, ("location", "https://github.test/"), status=302))
    assert borrowed(SIGN_IN_COOKIE, known)[0] == VALUE


@pytest.mark.parametrize(
    "cookie",
    [
        pytest.param("authjs.state=; Max-Age=0", id="cleared"),
        pytest.param("authjs.state=short", id="too-short"),
        pytest.param(f"estate={VALUE}", id="another-name"),
        pytest.param(f"authjs.csrf-token={VALUE}", id="the-forms-own"),
        pytest.param(f"authjs.session-token={VALUE}", id="a-session"),
    ],
)
def test_another_cookie_is_none_of_a_sign_ins(cookie: str) -> None:
    known = deployment("github", github=answer({}, ("set-cookie", cookie)))
    found, asked = borrowed(SIGN_IN_COOKIE, known)
    assert len(asked) == 3
    assert isinstance(found, Unsent)
    assert found.reason is Reason.NO_SIGN_IN_COOKIE


def test_each_provider_is_tried_in_turn_until_one_hands_out_a_cookie() -> None:
    known = deployment("credentials", "github", "google", github=answer({}, STATE), google=answer({}, STATE))
    found, asked = borrowed(SIGN_IN_COOKIE, known)
    assert found == VALUE
    assert [request.target for request in asked if "/signin/" in request.target] == [
        "/api/auth/signin/credentials",
        "/api/auth/signin/github",
    ]


def test_no_more_than_three_providers_are_tried() -> None:
    known = deployment("a", "b", "c", "d", d=answer({}, STATE))
    found, asked = borrowed(SIGN_IN_COOKIE, known)
    assert found == Unsent(
        reason=Reason.NO_SIGN_IN_COOKIE, detail="no sign-in of this service handed out a cookie to try"
    )
    assert [request.target[-2:] for request in asked if "/signin/" in request.target] == ["/a", "/b", "/c"]


@pytest.mark.parametrize(
    "outcome",
    [
        pytest.param(answer({}), id="no-providers"),
        pytest.param(NOTHING, id="no-such-route"),
        pytest.param(answer(b"<html>"), id="a-page"),
        pytest.param(answer(b"\xff\xfe"), id="no-text"),
        pytest.param(answer({"x": {"signinUrl": "https://app.test/api/auth/signin/../../admin"}}), id="a-way-out"),
        pytest.param(answer({"x": {"signinUrl": "https://app.test/api/auth/signin/a?b=c"}}), id="a-query"),
        pytest.param(answer({"x": {"signinUrl": "https://app.test/sso/x"}}), id="another-library"),
    ],
)
def test_without_providers_no_sign_in_is_begun(outcome: Answered) -> None:
    found, asked = borrowed(SIGN_IN_COOKIE, {"/api/auth/providers": outcome})
    assert isinstance(found, Unsent)
    assert found.reason is Reason.NO_SIGN_IN_COOKIE
    assert [request.target for request in asked] == ["/api/auth/providers"]


def test_only_this_service_is_asked_whatever_the_providers_say() -> None:
    elsewhere = answer({"x": {"signinUrl": "https://evil.test/api/auth/signin/x"}})
    known = deployment("x", x=answer({}, STATE)) | {"/api/auth/providers": elsewhere}
    found, asked = borrowed(SIGN_IN_COOKIE, known)
    assert found == VALUE
    assert {(request.service, request.target.partition("/api/auth/")[0]) for request in asked} == {("web", "")}


@pytest.mark.parametrize(
    ("target", "outcome"),
    [
        pytest.param("/api/auth/csrf", NO_ANSWER, id="no-token-in-time"),
        pytest.param("/api/auth/csrf", LATE, id="token-not-asked-for"),
        pytest.param("/api/auth/signin/github", NO_ANSWER, id="no-sign-in-in-time"),
        pytest.param("/api/auth/signin/github", LATE, id="sign-in-not-sent"),
    ],
)
def test_what_came_of_any_question_is_what_comes_of_the_probe(target: str, outcome: Unanswered | Unsent) -> None:
    known = deployment("github", github=answer({}, STATE)) | {target: outcome}
    found, asked = borrowed(SIGN_IN_COOKIE, known)
    assert asked[-1].target == target
    assert found == outcome


def test_without_a_token_there_is_no_cookie_and_the_probe_is_skipped() -> None:
    known = deployment("github", github=answer({}, STATE)) | {"/api/auth/csrf": NOTHING}
    found, _ = borrowed(SIGN_IN_COOKIE, known)
    assert isinstance(found, Unsent)
    assert found.reason is Reason.NO_SIGN_IN_COOKIE


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("\u00e9" * 30, id="no-ascii"),
        pytest.param("a" * 30 + "\x01", id="not-printable"),
    ],
)
def test_a_cookie_that_no_header_can_hold_is_not_taken(value: str) -> None:
    known = deployment("github", github=answer({}, ("set-cookie", f"authjs.state={value}; Path=/")))
    found, asked = borrowed(SIGN_IN_COOKIE, known)
    assert len(asked) == 3
    assert isinstance(found, Unsent)
