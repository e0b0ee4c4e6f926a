"""Tokens that bring along what they are verified with: good for who believes them, and for nobody else."""

from __future__ import annotations

import base64
import hashlib
import hmac
import posixpath

import jwt
import pytest

from prober.plan.forged_tokens import by_an_empty_file, by_its_own_key
from tests.support.credential_values import MADE, RANDOM


def test_a_token_is_signed_by_the_key_in_its_own_header() -> None:
    token = by_its_own_key(MADE)
    header = jwt.get_unverified_header(token)
    claims = jwt.decode(token, jwt.PyJWK(header["jwk"]).key, algorithms=["RS256"])
    assert (claims["sub"], claims["jti"], claims["role"]) == ("lockdown-probe", "0123abcd", "admin")
    assert claims["userId"] == 1
    with pytest.raises(jwt.InvalidAlgorithmError):
        jwt.decode(token, RANDOM, algorithms=["HS256"])


def test_the_key_is_long_enough_for_libraries_and_holds_no_private_part() -> None:
    own = jwt.get_unverified_header(by_its_own_key(MADE))["jwk"]
    modulus = base64.urlsafe_b64decode(own["n"] + "==")
    assert len(modulus) * 8 >= 2048  # RFC 7518, 3.3
    assert set(own) == {"kty", "use", "alg", "kid", "n", "e"}


@pytest.mark.parametrize("folder", ["/keys", "/srv/keys", "/home/app/current/config/keys"])
def test_a_token_names_an_empty_file_from_any_folder_and_is_signed_with_nothing(folder: str) -> None:
    token = by_an_empty_file(MADE)
    named = jwt.get_unverified_header(token)["kid"]
    assert posixpath.normpath(f"{folder}/{named}") == "/dev/null"
    content, _, signature = token.rpartition(".")
    made = hmac.new(b"", content.encode(), hashlib.sha256).digest()
    assert base64.urlsafe_b64decode(signature + "=") == made
    assert jwt.decode(token, options={"verify_signature": False})["role"] == "admin"
