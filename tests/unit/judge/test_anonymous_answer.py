"""What a stranger's answer tells of a route for which nothing is written yet."""

from __future__ import annotations

from dataclasses import replace

import pytest

from prober.judge.anonymous_answer import anonymous_answer, not_found_pages, path_on_origin
from prober.model import Access, Answered, Cause, Unanswered
from tests.support.judging import HTML, JSON, NOT_FOUND, SHELL, WEB, answer, to

AT = replace(WEB, base_path="/shop")
SILENCE = Unanswered(cause=Cause.TIMEOUT, detail="no answer in 5 s", arrived=True, attempts=1, elapsed_ms=1)
NGINX = "<html><title>{0}</title><body><center><h1>{0}</h1></center><hr><center>nginx</center></body></html>"
REFUSED = answer(401, '{"error":"not_signed_in"}', JSON)
DATA = answer(200, '{"orders":[1]}', ("content-type", "Application/JSON ; charset=utf-8"))
CHALLENGES = (
    ("www-authenticate", 'Bearer realm="a, Basic b", Token'),
    ("www-authenticate", "Bearer"),
    ("www-authenticate", "Digest"),
    ("x-hint", "Basic is not taken"),
)
PROXY = ("set-cookie", "_oauth2_proxy_csrf=0; Path=/")


@pytest.mark.parametrize(
    ("reply", "access"),
    [
        pytest.param(SILENCE, Access.UNCLEAR, id="silence"),
        pytest.param(DATA, Access.OPEN, id="data"),
        pytest.param(REFUSED, Access.REFUSED, id="a-401"),
        pytest.param(answer(403, '{"error":"no"}', JSON), Access.REFUSED, id="a-403"),
        pytest.param(answer(404, '{"error":"no"}', JSON), Access.ABSENT, id="a-404-of-its-own"),
        pytest.param(answer(410), Access.ABSENT, id="a-410"),
        pytest.param(SHELL, Access.ABSENT, id="the-page-of-every-path"),
        pytest.param(answer(200, "a NEXT_REDIRECT;push;/login;307;", HTML), Access.UNCLEAR, id="a-redirect-inside"),
        pytest.param(to("/login"), Access.SIGN_IN, id="to-sign-in"),
        pytest.param(to("/home"), Access.UNCLEAR, id="to-another-page"),
        pytest.param(answer(405), Access.UNCLEAR, id="another-method"),
        pytest.param(answer(500, "{}", JSON), Access.UNCLEAR, id="broken"),
        pytest.param(answer(502), Access.UNCLEAR, id="a-gateway"),
        pytest.param(answer(404, NGINX.format("404 Not Found"), HTML), Access.ABSENT, id="a-404-of-a-file-server"),
        pytest.param(answer(403, NGINX.format("403 Forbidden"), HTML), Access.UNCLEAR, id="a-wall-of-unknown-intent"),
        pytest.param(answer(401, "", ("www-authenticate", "Basic")), Access.REFUSED, id="a-basic-wall"),
        pytest.param(to("https://vercel.com/sso-api?url=x", 302), Access.SIGN_IN, id="a-lock-in-front"),
        pytest.param(answer(302, "", PROXY), Access.UNCLEAR, id="one-that-leads-nowhere"),
    ],
)
def test_what_a_route_is_to_strangers(reply: Answered | Unanswered, access: Access) -> None:
    pages = not_found_pages(AT, [("/nowhere", SHELL), ("/lost", SILENCE)])
    assert len(pages) == 1
    assert anonymous_answer("/x", reply, AT, pages).access is access


def test_a_refusal_of_every_path_is_one_all_the_same() -> None:
    pages = not_found_pages(AT, [("/nowhere", REFUSED)])
    told = anonymous_answer("/x", REFUSED, AT, pages)
    assert (told.access, told.blanket) == (Access.REFUSED, True)
    assert not anonymous_answer("/x", NOT_FOUND, AT, pages).blanket


@pytest.mark.parametrize(
    ("reply", "location", "by"),
    [
        pytest.param(to("/shop/login?next=/x"), "/login", None, id="here"),
        pytest.param(to("https://login.other.test/start?a=b"), "https://login.other.test/start", None, id="elsewhere"),
        pytest.param(
            to("https://vercel.com/sso-api?url=x", 302), "https://vercel.com/sso-api", "Vercel deployment protection",
            id="in-front",
        ),
        pytest.param(answer(302, "", PROXY, ("location", "/shop")), "/", "oauth2-proxy", id="the-front-page"),
    ],
)  # fmt: skip
def test_where_people_sign_in_is_told_without_its_query(reply: Answered, location: str, by: str | None) -> None:
    told = anonymous_answer("/x", reply, AT, ())
    assert (told.location, told.by) == (location, by)


def test_the_schemes_of_all_challenges_are_told_once_and_no_word_of_a_quoted_text() -> None:
    told = anonymous_answer("/x", answer(401, "{}", JSON, *CHALLENGES), AT, ())
    assert (told.challenge, told.other_schemes) == ("Bearer", ("Token", "Digest"))
    assert (told.status, told.content_type) == (401, "application/json")
    assert anonymous_answer("/x", answer(200, "a"), AT, ()).content_type == ""
    plain = anonymous_answer("/x", DATA, AT, ())
    assert (plain.challenge, plain.other_schemes, plain.content_type) == ("", (), "application/json")


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        pytest.param(SILENCE, "no answer in 5 s", id="silence"),
        pytest.param(to("/home"), "answers 307 to /home", id="a-redirect"),
        pytest.param(answer(200, "NEXT_REDIRECT;push;/a"), "answers 200 with a redirect to sign in inside the page", id="inside"),
        pytest.param(answer(502), "answers 502, given by: gateway", id="a-gateway"),
    ],
)  # fmt: skip
def test_the_answer_is_told_in_words(reply: Answered | Unanswered, words: str) -> None:
    assert anonymous_answer("/x", reply, AT, ()).detail == words


def test_a_lock_in_front_comes_with_the_lines_that_make_it_the_one_that_is_meant() -> None:
    told = anonymous_answer("/x", answer(403, NGINX.format("403 Forbidden"), HTML), AT, ())
    assert "given by: nginx" in told.detail
    assert "behind: nginx" in told.detail


@pytest.mark.parametrize(
    ("reply", "onward"),
    [
        pytest.param(to("/shop/en/x"), "/en/x", id="another-page"),
        pytest.param(to("/shop/x"), None, id="itself"),
        pytest.param(to("/shop/login"), None, id="a-sign-in"),
        pytest.param(to("https://other.test/y"), None, id="another-host"),
        pytest.param(to("/shop"), None, id="the-folder-itself"),
        pytest.param(DATA, None, id="no-redirect"),
        pytest.param(SILENCE, None, id="silence"),
    ],
)
def test_the_page_that_a_stranger_is_sent_on_to_is_one_on_this_origin(
    reply: Answered | Unanswered, onward: str | None
) -> None:
    assert path_on_origin("/x", reply, AT) == onward
