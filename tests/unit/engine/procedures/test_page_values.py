"""What a request borrows: a page's build id and a sign-in's cookie, asked for as anybody may, and then nothing else."""

from __future__ import annotations

import asyncio
import json
from urllib.parse import parse_qsl

import pytest

from prober.engine.procedures.page_values import borrow, borrows, filled
from prober.model import BUILD_ID, SIGN_IN_COOKIE, Answered, Cause, Reason, Request, Unanswered, Unsent

Outcome = Answered | Unanswered | Unsent
AGENT = ("User-Agent", "x")
FRESH = ("Cache-Control", "no-cache")
DATA = Request(
    service="web", method="GET", target=f"/_next/data/{BUILD_ID}/docs.json?a=1", headers=(AGENT, ("Accept", "*/*"), FRESH)
)  # fmt: skip
COOKIES = Request(
    service="web", method="POST", target="/api/x", content=b"{}",
    headers=(AGENT, FRESH, ("Content-Type", "application/json"), ("Cookie", f"one={SIGN_IN_COOKIE}; two={SIGN_IN_COOKIE}")),
)  # fmt: skip
VALUE = "eyJhbGciOiJkaXIifQ..aaaa.bbbb.cccc"
NO_ANSWER = Unanswered(cause=Cause.TIMEOUT, detail="no answer", arrived=True, attempts=3, elapsed_ms=1)
LATE = Unsent(reason=Reason.CUT_SHORT, detail="late")


def answer(body: object, *headers: tuple[str, str], status: int = 200) -> Answered:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Answered.of(status=status, headers=headers, body=raw, elapsed_ms=1)


NOTHING = answer(b"", status=404)


def borrowed(
    word: str, replies: dict[str, Outcome], *, base: str = "", request: Request = DATA
) -> tuple[str | Unanswered | Unsent, list[Request]]:
    """Borrow where each target is answered so, and any other one not found; give what came of it and what was asked."""
    asked: list[Request] = []

    async def send(wanted: Request) -> Outcome:
        asked.append(wanted)
        return replies.get(wanted.target, NOTHING)

    return asyncio.run(borrow(word, request, base, send)), asked


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
        reason=Reason.NO_BUILD_ID, detail="no page of this service says which build it is: it is no Next.js, perhaps"
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


# --- a sign-in's cookie -----------------------------------------------------------------------------------------------


def providers(*names: str, base: str = "") -> Answered:
    """What Auth.js answers at /api/auth/providers."""
    return answer({
        name: {
            "id": name, "name": name.title(), "type": "oauth", "signinUrl": f"https://app.test{base}/api/auth/signin/{name}",
            "callbackUrl": f"https://app.test{base}/api/auth/callback/{name}",
        }
        for name in names
    })  # fmt: skip


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
