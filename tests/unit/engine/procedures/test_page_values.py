"""What a request borrows: a page's build id and a sign-in's cookie, asked for as anybody may, and then nothing else."""

from __future__ import annotations

import pytest

from prober.engine.procedures.page_values import borrows, filled
from prober.model import BUILD_ID, SIGN_IN_COOKIE, Answered, Reason, Request, Unanswered, Unsent
from tests.support.borrowed_values import (
    AGENT,
    COOKIES,
    DATA,
    FRESH,
    LATE,
    NO_ANSWER,
    VALUE,
    Outcome,
    answer,
    borrowed,
)

# --- who borrows ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("request_", "word"),
    [
        pytest.param(DATA, BUILD_ID, id="a-build"),
        pytest.param(COOKIES, SIGN_IN_COOKIE, id="a-cookie"),
        pytest.param(Request(service="web", method="GET", target="/x", headers=(AGENT,)), None, id="nothing"),
        pytest.param(Request(service="web", method="GET", target="/{id}", headers=(("Cookie", "a={b}"),)), None, id="other-braces"),
    ],
)  # fmt: skip
def test_a_request_borrows(request_: Request, word: str | None) -> None:
    assert borrows(request_) == word


def test_what_was_borrowed_stands_in_its_place_and_nothing_else_is_changed() -> None:
    assert filled(DATA, BUILD_ID, "b1") == Request(
        service="web", method="GET", target="/_next/data/b1/docs.json?a=1", headers=DATA.headers
    )
    assert filled(COOKIES, SIGN_IN_COOKIE, VALUE) == Request(
        service="web", method="POST", target="/api/x", content=b"{}",
        headers=(*COOKIES.headers[:3], ("Cookie", f"one={VALUE}; two={VALUE}")),
    )  # fmt: skip
    assert borrows(filled(DATA, BUILD_ID, "b1")) is None
    assert borrows(filled(COOKIES, SIGN_IN_COOKIE, VALUE)) is None


# --- a build ----------------------------------------------------------------------------------------------------------

PAGES_ROUTER = b'<html><script id="__NEXT_DATA__">{"props":{},"page":"/","buildId":"Ab_-1","isFallback":false}</script>'
APP_ROUTER = b'<html><script>self.__next_f.push([1,"0:{\\"P\\":null,\\"b\\":\\"Ab_-1\\",\\"p\\":\\"\\"}"])</script>'
MANIFEST = b'<html><script src="/_next/static/Ab_-1/_buildManifest.js" async></script>'


@pytest.mark.parametrize(
    "page",
    [
        pytest.param(PAGES_ROUTER, id="data-of-the-pages-router"),
        pytest.param(APP_ROUTER, id="flight-of-the-app-router"),
        pytest.param(MANIFEST, id="address-of-the-manifest"),
        pytest.param(MANIFEST.replace(b"_build", b"_ssg"), id="address-of-the-other-manifest"),
        pytest.param(b"<html>" + b"x" * 20_000 + MANIFEST, id="far-down"),
    ],
)
@pytest.mark.parametrize("status", [200, 401, 404])
def test_a_build_is_read_from_the_first_page(page: bytes, status: int) -> None:
    found, asked = borrowed(BUILD_ID, {"/": answer(page, status=status)})
    assert found == "Ab_-1"
    assert asked == [Request(service="web", method="GET", target="/", headers=(AGENT, FRESH))]


@pytest.mark.parametrize(
    ("base", "location", "there"),
    [
        pytest.param("", "/signin?callbackUrl=%2F", "/signin", id="to-the-sign-in-page"),
        pytest.param("", "https://app.test/signin", "/signin", id="to-a-whole-url"),
        pytest.param("/app", "/app/signin", "/app/signin", id="below-the-base-path"),
    ],
)
def test_a_build_is_read_from_the_page_that_strangers_are_sent_to(base: str, location: str, there: str) -> None:
    away = answer(b"", ("location", location), status=307)
    found, asked = borrowed(BUILD_ID, {f"{base}/": away, there: answer(PAGES_ROUTER)}, base=base)
    assert found == "Ab_-1"
    assert [(request.method, request.target, request.headers) for request in asked] == [
        ("GET", f"{base}/", (AGENT, FRESH)),
        ("GET", there, (AGENT, FRESH)),
    ]


def test_only_one_redirect_is_followed() -> None:
    replies: dict[str, Outcome] = {
        "/": answer(b"", ("location", "/a"), status=307),
        "/a": answer(b"", ("location", "/b"), status=307),
        "/b": answer(PAGES_ROUTER),
    }
    found, asked = borrowed(BUILD_ID, replies)
    assert isinstance(found, Unsent)
    assert [request.target for request in asked] == ["/", "/a"]


@pytest.mark.parametrize(
    "outcome",
    [
        pytest.param(answer(b"<html>no such word</html>"), id="another-framework"),
        pytest.param(answer(b""), id="nothing"),
        pytest.param(answer(b'"buildId":""'), id="an-empty-one"),
        pytest.param(answer(b'"buildId":"' + b"a" * 65 + b'"'), id="too-long-for-one"),
        pytest.param(answer(b'"buildId":"../../admin"'), id="a-way-out"),
        pytest.param(answer(b'"buildId":"a?b"'), id="a-query"),
        pytest.param(answer(b'"buildId":"a\r\nX: y"'), id="a-line-break"),
        pytest.param(answer(b"", status=307), id="sent-nowhere"),
        pytest.param(answer(b"", ("location", "signin"), status=307), id="sent-beside"),
        pytest.param(answer(b"", ("location", "https://idp.test"), status=307), id="sent-elsewhere"),
        pytest.param(answer(b"", ("location", "/sign\u00edn"), status=307), id="sent-to-what-is-no-ascii"),
        pytest.param(answer(b"", ("location", "/sign\x01in"), status=307), id="sent-to-what-is-not-printable"),
        pytest.param(
            answer(b"", ("location", "/sign in"), status=307), id="sent-to-a-blank",
        ),
        pytest.param(
            answer(b"", ("location", "http://[x"), status=307), id="sent-to-what-is-no-url",
        ),
    ],
)  # fmt: skip
def test_without_a_build_nothing_is_sent_and_the_reason_is_told(outcome: Answered) -> None:
    found, asked = borrowed(BUILD_ID, {"/": outcome})
    assert found == Unsent(
        reason=Reason.NO_BUILD_ID, detail="no page of this service names its build: perhaps it is not Next.js"
    )
    assert [request.target for request in asked] == ["/"]


@pytest.mark.parametrize("outcome", [pytest.param(NO_ANSWER, id="no-answer"), pytest.param(LATE, id="not-sent")])
@pytest.mark.parametrize("word", [BUILD_ID, SIGN_IN_COOKIE])
def test_what_came_of_the_first_question_is_what_comes_of_the_probe(word: str, outcome: Unanswered | Unsent) -> None:
    found, asked = borrowed(word, {"/": outcome, "/api/auth/providers": outcome})
    assert found == outcome
    assert len(asked) == 1


def test_what_came_of_the_second_page_is_what_comes_of_the_probe() -> None:
    away = answer(b"", ("location", "/signin"), status=307)
    found, asked = borrowed(BUILD_ID, {"/": away, "/signin": NO_ANSWER})
    assert found == NO_ANSWER
    assert len(asked) == 2
