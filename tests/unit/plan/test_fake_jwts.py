"""Made-up JWTs: what is in them, and who would take them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json

import jwt
import pytest

from prober.plan.credential_values import (
    url_base64,
)
from tests.support.credential_values import BY_NAME, MADE, RANDOM


def part(text: str) -> dict[str, object]:
    read = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    assert isinstance(read, dict)
    return read


@pytest.mark.parametrize(
    ("value", "written"),
    [
        pytest.param(b"\x00\x00\x17", "AAAX", id="of-three-bytes"),
        pytest.param(b"\xff", "_w", id="without-its-padding"),
    ],
)
def test_a_part_of_a_token_is_base64_for_urls(value: bytes, written: str) -> None:
    assert url_base64(value) == written


CLAIMS = {"sub": "lockdown-probe", "jti": "0123abcd", "iat": 999_999_940}  # of September 2001
VALID = {
    "exp": 4_102_444_800
}  # some decoders refuse a token without a time of expiry, before they look at its signature


def token_of(name: str) -> str:
    [(_, value)] = BY_NAME[name].make(MADE).headers
    return value.removeprefix("Bearer ").removeprefix("one=").partition(";")[0]


@pytest.mark.parametrize(
    ("name", "lead", "alg", "signed", "more"),
    [
        pytest.param("jwt-unsigned", "Bearer ", "none", False, VALID, id="bearer-unsigned"),
        pytest.param("jwt-unsigned-otherwise", "Bearer ", "nOnE", False, VALID, id="bearer-unsigned-otherwise"),
        pytest.param("jwt-expired", "Bearer ", "HS256", True, {"exp": 1_000_000_000}, id="bearer-expired"),
        pytest.param("cookie-jwt-unsigned", "one=", "none", False, VALID, id="cookie-unsigned"),
    ],
)
def test_fake_jwt_says_that_it_is_the_probes(
    name: str, lead: str, alg: str, more: dict[str, int], *, signed: bool
) -> None:
    [(_, value)] = BY_NAME[name].make(MADE).headers
    assert value.startswith(lead)
    head, claims, signature = token_of(name).split(".")
    assert part(head) == {"alg": alg, "typ": "JWT"}
    assert part(claims) == CLAIMS | more
    assert bool(signature) is signed


def test_unsigned_jwts_differ_in_what_their_names_say_alone() -> None:
    plain, otherwise, without = map(token_of, ("jwt-unsigned", "jwt-unsigned-otherwise", "jwt-unsigned-without-dot"))
    assert plain.endswith(".")
    assert without == plain.removesuffix(".")
    assert without.count(".") == 1
    assert otherwise.split(".")[1:] == plain.split(".")[1:]
    assert token_of("cookie-jwt-unsigned") == plain


@pytest.mark.parametrize(
    ("name", "key"),
    [
        pytest.param("jwt-signed-secret", "secret", id="secret"),
        pytest.param("jwt-signed-changeme", "changeme", id="changeme"),
    ],
)
@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")  # that the key is weak is the point
def test_jwt_of_a_weak_key_is_good_for_whoever_uses_that_key_and_for_nobody_else(name: str, key: str) -> None:
    token = token_of(name)
    claims = jwt.decode(token, key, algorithms=["HS256"])
    assert (claims["sub"], claims["jti"], claims["role"]) == ("lockdown-probe", "0123abcd", "admin")
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.decode(token, f"{key}!", algorithms=["HS256"])


def test_expired_jwt_is_signed_by_a_key_that_nobody_has_and_expired_long_ago() -> None:
    token = token_of("jwt-expired")
    with pytest.raises(jwt.ExpiredSignatureError):
        jwt.decode(token, RANDOM, algorithms=["HS256"])
    read = jwt.decode(token, RANDOM, algorithms=["HS256"], options={"verify_exp": False})
    assert read == {**CLAIMS, "exp": 1_000_000_000}
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.decode(token, RANDOM[::-1], algorithms=["HS256"], options={"verify_exp": False})
    signed, _, signature = token.rpartition(".")
    made = hmac.new(RANDOM.encode(), signed.encode(), hashlib.sha256).digest()
    assert base64.urlsafe_b64decode(signature + "=") == made


@pytest.mark.parametrize("name", ["jwt-unsigned", "cookie-jwt-unsigned"])
def test_unsigned_jwt_is_one_that_only_a_decoder_without_a_check_takes(name: str) -> None:
    token = token_of(name)
    assert jwt.get_unverified_header(token) == {"alg": "none", "typ": "JWT"}
    assert jwt.decode(token, options={"verify_signature": False}) == CLAIMS | VALID
    with pytest.raises(jwt.InvalidAlgorithmError):
        jwt.decode(token, RANDOM, algorithms=["HS256"])


def test_jwe_shaped_cookie_has_five_parts_and_no_key() -> None:
    [(_, value)] = BY_NAME["cookie-jwe-shaped"].make(MADE).headers
    head, key, iv, text, tag = value.removeprefix("one=").partition(";")[0].split(".")
    assert part(head) == {"alg": "dir", "enc": "A256CBC-HS512"}
    assert (key, len(iv), len(text), len(tag)) == ("", 22, 43, 22)
