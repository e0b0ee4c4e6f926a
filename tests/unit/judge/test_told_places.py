"""What a refusal says about where its guard looks: names of headers and cookies, and no word of a language."""

from __future__ import annotations

import pytest

from prober.judge.told_places import told_places
from prober.model import Answered


def refusal(body: str = "{}", *headers: tuple[str, str]) -> Answered:
    return Answered.of(status=401, headers=headers, body=body.encode(), elapsed_ms=1)


@pytest.mark.parametrize(
    ("answered", "names"),
    [
        pytest.param(
            refusal("{}", ("access-control-allow-headers", "Content-Type, Authorization, X-Till-Key")),
            ("X-Till-Key",), id="what-cors-allows",
        ),
        pytest.param(refusal('{"message": "Missing X-Till-Key header"}'), ("X-Till-Key",), id="what-the-text-misses"),
        pytest.param(refusal("send the till-token header"), ("till-token",), id="without-an-x"),
        pytest.param(
            refusal("{}", ("www-authenticate", 'ApiKey header="X-Till-Secret"')), ("X-Till-Secret",), id="the-challenge",
        ),
        pytest.param(refusal("set x-till-key, not X-TILL-KEY"), ("x-till-key",), id="in-any-case-once"),
        pytest.param(
            refusal("{}", ("access-control-allow-headers", "X-CSRF-Token, Idempotency-Key, X-Request-Id, *")), (),
            id="those-that-hold-no-key",
        ),
        pytest.param(refusal("An authorization header is needed"), (), id="the-usual-header"),
        pytest.param(refusal(" ".join(f"X-Key-{n}" for n in range(9))), tuple(f"X-Key-{n}" for n in range(4)), id="four"),
        pytest.param(refusal(" " * 5_000 + "X-Till-Key"), (), id="not-of-a-long-page"),
    ],
)  # fmt: skip
def test_headers_for_keys(answered: Answered, names: tuple[str, ...]) -> None:
    assert told_places(answered).headers == names


@pytest.mark.parametrize(
    ("answered", "names"),
    [
        pytest.param(refusal('{"message": "Cookie till_sid is missing"}'), ("till_sid",), id="a-name-with-a-mark"),
        pytest.param(refusal("missing cookie 'till'"), ("till",), id="a-quoted-name"),
        pytest.param(refusal('{"m": "no \\"till\\" cookie"}'), ("till",), id="quoted-in-json"),
        pytest.param(refusal("the till-session cookie has expired"), ("till-session",), id="before-the-word"),
        pytest.param(
            refusal("{}", ("set-cookie", "till=; Max-Age=0; Path=/")), ("till",), id="one-that-is-cleared",
        ),
        pytest.param(refusal("Please accept the cookie policy. A cookie is missing."), (), id="words"),
        pytest.param(refusal("the cookie csrf_token is missing"), (), id="one-that-is-no-session"),
    ],
)  # fmt: skip
def test_cookies(answered: Answered, names: tuple[str, ...]) -> None:
    assert told_places(answered).cookies == names
