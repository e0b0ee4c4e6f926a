"""Secrets in odd charsets, parts, words and places, and what only looks like one there."""

from __future__ import annotations

import base64

import pytest

from prober.judge.disclosure import disclosed
from prober.model import Never
from tests.support.judging import HERE, HTML, JSON, OPEN, REFUSED, answer, probe, promise

HELD = "held-0123456789"
SENT = "0123456789abcdef"  # the bearer of every probe here
SECRET = "kJ83hFq0ZpLw92Xb"
TEXT = ("content-type", "text/plain")
PART = f"--b\r\nContent-Transfer-Encoding: base64\r\n\r\n{base64.b64encode(HELD.encode()).decode()}\r\n--b--"
EMAIL = Never(keys=("email",), source=HERE)
NAME = Never(texts=("Alex",), source=HERE)
THREE = "a@post.test b@post.test c@post.test"


@pytest.mark.parametrize(
    ("body", "header"),
    [
        pytest.param(f'{{"a":"{HELD}"}}'.encode("utf-16-le"), JSON, id="utf-16-without-a-mark"),
        pytest.param(HELD, ("content-type", "text/plain; charset=cp037"), id="a-charset-that-is-a-lie"),
        pytest.param(HELD.encode("cp037"), ("content-type", "text/plain; charset=cp037"), id="that-charset"),
        pytest.param(PART, ("content-type", "multipart/mixed; boundary=b"), id="a-part-in-base64"),
        pytest.param("", ("x-debug", f"as {HELD}"), id="a-header"),
    ],
)
def test_a_held_secret_is_seen(body: str | bytes, header: tuple[str, str]) -> None:
    assert disclosed(probe(promise(REFUSED)), answer(401, body, header), (HELD,)) == "a held secret"


@pytest.mark.parametrize(
    ("body", "key"),
    [
        pytest.param('{"x-api-key":"only-letters-here"}', "x-api-key", id="a-key-behind-an-x"),
        pytest.param('{"db_password":"correct-horse-battery"}', "db_password", id="a-password-of-words"),
        pytest.param('{"db_passwd":"correct-horse-battery"}', "db_passwd", id="a-passwd"),
        pytest.param('{"appSecret":"correct-horse-battery"}', "appSecret", id="a-secret-of-words"),
        pytest.param(f'{{"authToken":"{SECRET}"}}', "authToken", id="a-token-that-looks-generated"),
        pytest.param('{"authToken":"correct-horse-battery"}', None, id="a-token-of-words"),
        pytest.param('{"passwordHint":"correct-horse-battery"}', None, id="a-longer-name"),
        pytest.param('{"db_password":"errors.password_required"}', None, id="the-name-of-a-message"),
        pytest.param('{"db_password":"errors.password_required.v2"}', None, id="a-message-with-a-version"),
        pytest.param('{"db_password":"correcthorsebattery"}', None, id="one-word"),
        pytest.param('{"db_password":"enter your password"}', None, id="a-sentence"),
        pytest.param('{"pin":[4711]}', None, id="no-code"),
        pytest.param('{"pin":471.1}', None, id="no-digits-alone"),
        pytest.param('{"hint":"send apiKey=s3cr3t-0123456789"}', None, id="advice-in-json"),
        pytest.param(f"\0\0apiKey: {SECRET}", None, id="bytes"),
        pytest.param(f"apiKey: {SENT}", None, id="what-was-sent"),
    ],
)
def test_a_secret_is_told_from_what_sounds_like_one(body: str, key: str | None) -> None:
    told = disclosed(probe(promise(REFUSED)), answer(401, body))
    assert told == (None if key is None else f"a value under '{key}'")


@pytest.mark.parametrize(
    ("header", "told"),
    [
        pytest.param(("authorization", "Bearer"), None, id="a-scheme"),
        pytest.param(("authorization", "Negotiate"), None, id="another-scheme"),
        pytest.param(("x-user-id", ""), None, id="nobody-at-all"),
        pytest.param(("x-user-id", " Anonymous "), None, id="nobody-in-capitals"),
        pytest.param(("set-cookie", f"till_token = {SECRET} ; Path=/"), "a value under 'till_token'", id="a-cookie-with-spaces"),
        pytest.param(("x-next", f"/a?apiKey={SECRET}"), None, id="a-key-in-another-header"),
        pytest.param(("location", f"http://a]/b?apiKey={SECRET}"), "a value under 'apiKey' in the location", id="in-no-url"),
        pytest.param(("location", "/a?apiKey=8letters"), "a value under 'apiKey' in the location", id="eight-letters"),
        pytest.param(("location", "/a?apiKey=7letter"), None, id="seven"),
    ],
)  # fmt: skip
def test_a_header_hands_over_a_credential_or_none(header: tuple[str, str], told: str | None) -> None:
    assert disclosed(probe(promise(REFUSED)), answer(302, "", header)) == told


@pytest.mark.parametrize(
    ("value", "told"),
    [
        pytest.param(SECRET, "a value under 'access_token' in a URL", id="a-token"),
        pytest.param("your-token-goes-here", None, id="words"),
        pytest.param(SENT, None, id="what-was-sent"),
    ],
)
def test_a_token_in_a_link_is_told_from_what_stands_for_one(value: str, told: str | None) -> None:
    link = answer(401, f'<a href="/x?access_token={value}">', HTML)
    assert disclosed(probe(promise(REFUSED)), link) == told


def test_who_was_let_in_is_told_by_a_refusal_alone() -> None:
    header = ("remote-user", "kim")
    assert (
        disclosed(probe(promise(REFUSED)), answer(401, "", header)) == "somebody's identity in the header 'remote-user'"
    )
    assert disclosed(probe(promise(REFUSED)), answer(200, "", header)) is None


def test_addresses_count_in_a_refusal_of_a_guarded_route_alone() -> None:
    assert disclosed(probe(promise(REFUSED)), answer(401, THREE)) == "3 e-mail addresses"
    assert disclosed(probe(promise(REFUSED)), answer(401, THREE[:23])) is None
    assert disclosed(probe(promise(REFUSED)), answer(200, THREE)) is None
    assert disclosed(probe(promise(OPEN)), answer(401, THREE)) is None


@pytest.mark.parametrize(
    ("never", "status", "body", "told"),
    [
        pytest.param(NAME, 401, "Dear Alex", "'Alex' (never: probes/test.yaml:1)", id="a-word-of-the-body-alone"),
        pytest.param(
            EMAIL, 401, "email: kim01@post.test", "'email' (never: probes/test.yaml:1)", id="a-pair-of-a-refusal"
        ),
        pytest.param(EMAIL, 200, "email: kim01@post.test", None, id="prose-of-a-page"),
        pytest.param(EMAIL, 401, '{"email":{}}', None, id="nothing"),
    ],
)
def test_what_must_never_be_told_is_looked_for_in_each_text(
    never: Never, status: int, body: str, told: str | None
) -> None:
    assert disclosed(probe(promise(OPEN), never=(never,)), answer(status, body, TEXT)) == told


def test_scripts_of_a_page_hold_keys_for_browsers() -> None:
    script = f"<script>x = {{apiKey: '{SECRET}'}}</script>"
    assert disclosed(probe(promise(REFUSED)), answer(401, script, HTML)) is None
    assert disclosed(probe(promise(REFUSED)), answer(401, script, TEXT)) == "a value under 'apiKey'"
