"""Hidden fields of forms: data that the next request sends back, told from what a sign-in form keeps there."""

from __future__ import annotations

import pytest

from prober.judge.hidden_fields import hidden_fields_in
from prober.judge.refusal_content import RefusalBaseline, carried_by
from prober.model import Answered


def field(name: str, value: str, kind: str = "hidden") -> str:
    return f'<input type="{kind}" name="{name}" value="{value}">'


@pytest.mark.parametrize(
    ("page", "names"),
    [
        pytest.param(field("payer", "Kim Doe"), {"payer"}, id="words"),
        pytest.param(field("owed", "-1204,50"), {"owed"}, id="an-amount"),
        pytest.param(field("mail_to", "kim@post.test"), {"mail_to"}, id="an-address"),
        pytest.param("<INPUT value='Kim&#32;Doe' TYPE=hidden name=payer>", {"payer"}, id="another-spelling"),
        pytest.param("<INPUT TYPE=HIDDEN NAME=payer VALUE='Kim Doe'>", {"payer"}, id="in-capitals-alone"),
        pytest.param(field("payer", " Kim Doe "), {"payer"}, id="with-spaces-around"),
        pytest.param(field("token", "a b") + field("payer", "Kim Doe"), {"payer"}, id="after-a-token"),
        pytest.param("<input type=hidden value='Kim Doe'>" + field("payer", "Al Roe"), {"payer"}, id="after-one-without-a-name"),
        pytest.param("<input type=hidden name=to>" + field("payer", "Al Roe"), {"payer"}, id="after-one-without-a-value"),
        pytest.param(field("payer", "Kim Doe", "text"), set(), id="a-field-that-is-shown"),
        pytest.param(field("payer", "Kim Doe", "text") + field("ts", "1"), set(), id="one-beside-a-hidden-one"),
        pytest.param(field("csrf_token", "a b"), set(), id="a-token"),
        pytest.param(field("scope", "openid profile"), set(), id="scopes"),
        pytest.param(field("next", "/vault?page=2"), set(), id="a-path"),
        pytest.param(field("execution", "e1s1") + field("utf8", "&#x2713;"), set(), id="short-words"),
        pytest.param(field("client_id", "web-7f3a") + field("ts", "1700000000"), set(), id="an-id-and-a-time"),
        pytest.param("<input type=hidden name=SAMLRequest value=fZJNT8MwDIb>", set(), id="saml"),
    ],
)  # fmt: skip
def test_hidden_fields_that_hold_data_are_named(page: str, names: set[str]) -> None:
    assert hidden_fields_in(f"<html><form>{page}</form></html>") == names


@pytest.mark.parametrize(
    "word",
    ["csrf", "XSRF", "token", "scope", "state", "prompt", "consent", "locale", "lang", "label", "title", "message"],
)
def test_what_a_sign_in_keeps_is_no_data(word: str) -> None:
    assert hidden_fields_in(field(f"my_{word}", "two words")) == set()


def test_a_refusal_s_page_with_data_in_hidden_fields_carries_them() -> None:
    page = f"<html><h1>Sign in</h1><form>{field('payer', 'Kim Doe')}{field('owed', '12.50')}</form></html>"
    answered = Answered.of(status=401, headers=(("content-type", "text/html"),), body=page.encode(), elapsed_ms=1)
    assert carried_by("GET /vault", answered, RefusalBaseline()) == "fields that no other refusal has (owed, payer)"
