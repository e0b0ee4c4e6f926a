"""Wrong credentials at the real sign-in: the token and its cookie are fetched, and nothing else is changed."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from urllib.parse import parse_qsl

import pytest

from prober.engine.procedures.csrf import with_csrf
from prober.model import Answered, Cause, Reason, Request, Unanswered, Unsent

CSRF = "/api/auth/csrf"
FORM = ("Content-Type", "application/x-www-form-urlencoded")
COOKIE = ("set-cookie", "authjs.csrf-token=abc%7Cdef; Path=/; HttpOnly; SameSite=Lax")
SIGN_IN = Request(
    service="web", method="POST", target="/api/auth/callback/credentials", headers=(("User-Agent", "x"), FORM),
    content=b"username=nobody&password=wr%26ng&empty=", csrf=CSRF,
)  # fmt: skip


def answer(body: object, *headers: tuple[str, str], status: int = 200) -> Answered:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Answered.of(status=status, headers=headers, body=raw, whole=True, attempts=1, elapsed_ms=1)


GOOD = answer({"csrfToken": "t0k/en+="}, COOKIE)


def fetch(
    request: Request, outcome: Answered | Unanswered | Unsent
) -> tuple[Request | Unanswered | Unsent, list[Request]]:
    """Let the sign-in be prepared where the token's route answers so; give what came of it and what was asked."""
    asked: list[Request] = []

    async def send(wanted: Request) -> Answered | Unanswered | Unsent:
        asked.append(wanted)
        return outcome

    return asyncio.run(with_csrf(request, send)), asked


def prepared(request: Request = SIGN_IN, outcome: Answered = GOOD) -> Request:
    found, asked = fetch(request, outcome)
    assert len(asked) == 1
    assert isinstance(found, Request)
    return found


def test_a_request_that_needs_no_token_goes_out_as_it_is() -> None:
    plain = Request(service="web", method="GET", target="/")
    assert fetch(plain, GOOD) == (plain, [])


def test_the_token_is_fetched_by_a_stranger_without_the_forms_own_headers() -> None:
    headers = (("User-Agent", "x"), FORM, ("Cookie", "authjs.session-token=garbage"))
    _, asked = fetch(Request(service="web", method="POST", target="/x", headers=headers, content=b"", csrf=CSRF), GOOD)
    assert asked == [Request(service="web", method="GET", target=CSRF, headers=(("User-Agent", "x"),))]


def test_request_without_a_body_becomes_a_form_which_the_framework_reads() -> None:
    """Django and Laravel read the token of a form alone: without its type they refuse what they never looked at."""
    bare = Request(service="web", method="POST", target="/vote", headers=(("User-Agent", "x"),), csrf=CSRF)
    assert FORM in prepared(bare).headers
    assert prepared(bare).content == b"csrfToken=t0k%2Fen%2B%3D"
    assert prepared().headers.count(FORM) == 1


def test_the_token_stands_beside_the_fields_of_the_form() -> None:
    assert parse_qsl((prepared().content or b"").decode(), keep_blank_values=True) == [
        ("username", "nobody"), ("password", "wr&ng"), ("empty", ""), ("csrfToken", "t0k/en+="),
    ]  # fmt: skip


def test_the_cookie_of_the_token_goes_with_it_and_only_its_value() -> None:
    assert prepared().headers == (("User-Agent", "x"), FORM, ("Cookie", "authjs.csrf-token=abc%7Cdef"))


def test_all_cookies_go_with_it_before_the_probes_own() -> None:
    own = Request(
        service="web", method="POST", target="/x", headers=(("Cookie", "session=garbage"), FORM), content=b"", csrf=CSRF
    )  # fmt: skip
    outcome = answer({"csrfToken": "t"}, COOKIE, ("set-cookie", "authjs.callback-url=x; Path=/"))
    cookies = [value for name, value in prepared(own, outcome).headers if name == "Cookie"]
    assert cookies == ["authjs.csrf-token=abc%7Cdef; authjs.callback-url=x; session=garbage"]


def test_nothing_else_of_the_request_is_changed() -> None:
    found = prepared()
    assert (found.service, found.method, found.target, found.csrf) == ("web", "POST", SIGN_IN.target, None)


def test_a_form_without_fields_holds_the_token_alone() -> None:
    found = prepared(Request(service="web", method="POST", target="/x", csrf=CSRF))
    assert found.content == b"csrfToken=t0k%2Fen%2B%3D"


@pytest.mark.parametrize(
    "outcome",
    [
        pytest.param(answer({"csrfToken": "t"}), id="no-cookie"),
        pytest.param(answer({}, COOKIE), id="no-token"),
        pytest.param(answer({"csrfToken": None}, COOKIE), id="null"),
        pytest.param(answer({"csrfToken": 7}, COOKIE), id="a-number"),
        pytest.param(answer({"csrfToken": "t\r\nX: y"}, COOKIE), id="a-line-break"),
        pytest.param(answer({"csrfToken": "tök"}, COOKIE), id="no-ascii"),
        pytest.param(answer([], COOKIE), id="a-list"),
        pytest.param(answer(b"null", COOKIE), id="nothing"),
        pytest.param(answer(b"<html>", COOKIE), id="a-page"),
        pytest.param(answer(b"[" * 60_000, COOKIE), id="depth"),
        pytest.param(answer(b"\xff\xfe", COOKIE), id="no-text"),
        pytest.param(answer(b"", COOKIE, status=500), id="broken"),
        pytest.param(answer(b"", ("location", "/signin"), COOKIE, status=302), id="sent-away"),
    ],
)
def test_without_a_token_the_sign_in_is_not_tried(outcome: Answered) -> None:
    found, asked = fetch(SIGN_IN, outcome)
    assert len(asked) == 1
    assert isinstance(found, Unsent)
    assert found.reason is Reason.NO_CSRF_TOKEN
    assert f"{CSRF} answered {outcome.status}" in found.detail


@pytest.mark.parametrize(
    "outcome",
    [
        pytest.param(
            Unanswered(cause=Cause.TIMEOUT, detail="no answer", arrived=True, attempts=3, elapsed_ms=1), id="no-answer"
        ),
        pytest.param(Unsent(reason=Reason.CUT_SHORT, detail="late"), id="not-sent"),
    ],
)
def test_what_came_of_the_fetch_is_what_comes_of_the_probe(outcome: Unanswered | Unsent) -> None:
    assert fetch(SIGN_IN, outcome)[0] == outcome


# --- a page with a form -----------------------------------------------------------------------------------------------

HTML = ("content-type", "text/html; charset=utf-8")
DJANGO = b"""<form action="/search"><input type="hidden" name="q" value="all"></form>
<form method="post"><input type='hidden' name='csrfmiddlewaretoken' value='aB&amp;3'><input name="username">
<input type="password" name="password"><input type="hidden" name="next" value=""></form>
<form><input type=hidden name=other value=z></form>"""


def fields_of(request: Request) -> list[tuple[str, str]]:
    return parse_qsl((request.content or b"").decode(), keep_blank_values=True)


def test_the_hidden_fields_of_the_form_that_asks_for_a_password_go_with_it() -> None:
    page = answer(DJANGO, HTML, ("set-cookie", "csrftoken=k; Path=/"))
    made = prepared(replace(SIGN_IN, csrf="/accounts/login/"), page)
    assert fields_of(made)[-1] == ("csrfmiddlewaretoken", "aB&3")
    assert {"q", "other", "next"}.isdisjoint(dict(fields_of(made)))
    assert ("Cookie", "csrftoken=k") in made.headers


def test_what_the_definition_sends_itself_wins() -> None:
    page = answer(b"<form><input type=password><input type=hidden name=username value=root></form>", HTML, COOKIE)
    page = answer(page.body.replace(b"</form>", b"<input type=hidden name=t value=1></form>"), HTML, COOKIE)
    assert fields_of(prepared(SIGN_IN, page)) == [
        ("username", "nobody"), ("password", "wr&ng"), ("empty", ""), ("t", "1"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "page",
    [
        pytest.param(answer(b"<form><input type=password name=p></form>", HTML, COOKIE), id="form-without-a-token"),
        pytest.param(answer(b"<input type=hidden name=t value=1>", HTML, COOKIE), id="field-of-no-form"),
        pytest.param(answer(DJANGO, HTML), id="no-cookie"),
        pytest.param(answer(DJANGO, HTML, COOKIE, status=404), id="page-that-is-not-there"),
    ],
)
def test_a_page_without_a_token_proves_nothing(page: Answered) -> None:
    found, _ = fetch(SIGN_IN, page)
    assert isinstance(found, Unsent)
    assert found.reason is Reason.NO_CSRF_TOKEN


@pytest.mark.parametrize(
    ("content", "sent"),
    [
        pytest.param(b'{"a": 1}', {"csrfToken": "t0k/en+=", "a": 1}, id="an-object-has-it-too"),
        pytest.param(b"[]", [], id="a-list-stays"),
        pytest.param(b"null", None, id="null-stays"),
    ],
)
def test_a_json_body_stays_json_and_the_token_goes_in_headers(content: bytes, sent: object) -> None:
    headers = (("User-Agent", "x"), ("Content-Type", "application/json"))
    made = prepared(replace(SIGN_IN, headers=headers, content=content))
    assert json.loads(made.content or b"") == sent
    assert ("Content-Type", "application/json") in made.headers
    named = {name for name, value in made.headers if value == "t0k/en+="}
    assert named == {"X-CSRF-Token", "X-CSRFToken", "X-XSRF-TOKEN"}


def test_a_body_of_another_kind_is_left_as_it_is() -> None:
    made = prepared(replace(SIGN_IN, headers=(("Content-Type", "multipart/form-data; boundary=b"),), content=b"--b--"))
    assert made.content == b"--b--"


def test_a_page_that_refuses_the_requests_own_host_is_asked_without_it() -> None:
    asked: list[Request] = []

    async def send(wanted: Request) -> Answered:
        asked.append(wanted)
        return answer(b"", status=400) if ("Host", "x.invalid") in wanted.headers else GOOD

    headers = (("User-Agent", "x"), ("Host", "x.invalid"), FORM)
    made = asyncio.run(with_csrf(replace(SIGN_IN, headers=headers), send))
    assert isinstance(made, Request)
    assert ("Host", "x.invalid") in made.headers
    assert [dict(one.headers) for one in asked] == [{"User-Agent": "x", "Host": "x.invalid"}, {"User-Agent": "x"}]
