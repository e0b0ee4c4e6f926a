"""Headers by which a client claims to be somebody: each list is one request that servers take; and signatures."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections import Counter

import pytest

from prober.model.session_cookies import COMMON_COOKIES, JWT_COOKIES
from prober.plan.claims import FROM_INSIDE, FROM_THIS_MACHINE, IDENTITY
from prober.plan.credential_values import (
    ALL_CLAIMS,
    FEW_CLAIMS,
    CredentialValues,
    common_cookies,
    forged,
    signatures,
    unknown_key_id,
    very_long,
)
from prober.plan.credentials import LADDER

MADE = CredentialValues(nonce="0123abcd", cookies=("one",))
MOST_FIELDS = 90  # Apache, gunicorn and Python's own server take a hundred; some ten are the prober's own
MOST_BYTES = 7_000  # of 8 KiB that most servers take for all headers, or for one
LISTS = [
    pytest.param(listed, id=name)
    for name, listed in (("identity", IDENTITY), ("inside", FROM_INSIDE), ("this", FROM_THIS_MACHINE))
]


@pytest.mark.parametrize("listed", LISTS)
def test_servers_take_so_many_headers_and_none_is_given_twice(listed: tuple[tuple[str, str], ...]) -> None:
    assert len(listed) <= MOST_FIELDS
    assert sum(len(name) + len(value) + 4 for name, value in listed) < MOST_BYTES
    assert set(Counter(name.lower() for name, _ in listed).values()) == {1}


def test_servers_take_the_cookies_of_all_libraries_and_the_longest_token() -> None:
    [(_, jar)] = common_cookies(lambda made: made.random[:32])(MADE)
    assert len(jar) < MOST_BYTES
    assert 4_000 < len(very_long(MADE)) < MOST_BYTES
    [(_, tokens)] = common_cookies(lambda made: forged(made, key="secret", claims=FEW_CLAIMS), JWT_COOKIES)(MADE)
    assert len(tokens) < MOST_BYTES
    assert set(JWT_COOKIES) <= set(COMMON_COOKIES)


@pytest.mark.parametrize("key", ["", "undefined"])
def test_each_service_signs_in_a_form_of_its_own(key: str) -> None:
    content = b'{"event":1}'
    said = dict(signatures(key, content))

    def mac(text: bytes) -> bytes:
        return hmac.new(key.encode(), text, hashlib.sha256).digest()

    at, name = said["X-Slack-Request-Timestamp"].encode(), said["Svix-Id"].encode()
    assert said["X-Hub-Signature-256"] == f"sha256={mac(content).hex()}"
    assert said["X-Shopify-Hmac-Sha256"] == base64.b64encode(mac(content)).decode()
    assert said["Stripe-Signature"] == f"t={at.decode()},v1={mac(at + b'.' + content).hex()}"
    assert said["X-Slack-Signature"] == f"v0={mac(b'v0:' + at + b':' + content).hex()}"
    assert said["Svix-Signature"] == "v1," + base64.b64encode(mac(b".".join((name, at, content)))).decode()
    assert said["Paddle-Signature"] == f"ts={at.decode()};h1={mac(at + b':' + content).hex()}"
    assert said["X-Gitlab-Token"] == key


def claims_of(token: str) -> dict[str, object]:
    claims = token.split(".")[1]
    read = json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))
    assert isinstance(read, dict)
    return read


def test_a_forged_token_has_the_claims_by_which_a_user_is_looked_up() -> None:
    """A guard that finds no id, e-mail address or role in a token refuses it, although its signature was right."""
    claims = claims_of(forged(MADE, key="secret"))
    wanted = {"id", "userId", "user_id", "uid", "email", "username", "name", "user", "role", "roles", "admin", "type"}
    assert wanted <= set(claims)
    assert {**claims, **ALL_CLAIMS} == claims
    [(_, header)] = next(entry for entry in LADDER if entry.name == "jwt-signed-secret").make(MADE).headers
    assert claims_of(header.removeprefix("Bearer ")) == claims


def test_many_cookies_at_once_carry_the_few_commonest_claims() -> None:
    """Sixteen tokens with all claims would be longer than servers take headers."""
    [(_, jar)] = next(entry for entry in LADDER if entry.name == "common-cookies-jwt").make(MADE).headers
    claims = claims_of(jar.partition("=")[2].partition(";")[0])
    assert set(claims) == {"sub", "jti", "iat", "exp", "role", *FEW_CLAIMS}
    assert {"id", "userId", "email"} <= set(claims)


def test_an_empty_key_signs_and_no_key_does_not() -> None:
    content, _, signature = forged(MADE, key="").rpartition(".")
    assert base64.urlsafe_b64decode(content.partition(".")[0] + "==") == b'{"alg":"HS256","typ":"JWT"}'
    assert base64.urlsafe_b64decode(signature + "=") == hmac.new(b"", content.encode(), hashlib.sha256).digest()


@pytest.mark.parametrize(("algorithm", "length"), [("RS256", 256), ("ES256", 64)])
def test_a_made_up_signature_is_as_long_as_a_real_one(algorithm: str, length: int) -> None:
    signature = unknown_key_id(MADE, algorithm=algorithm).rpartition(".")[2]
    assert len(base64.urlsafe_b64decode(signature + "==")) == length
