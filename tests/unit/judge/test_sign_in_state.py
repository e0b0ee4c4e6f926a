"""The state of a sign-in that was begun is signed too, and lets nobody in."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING

import pytest

from prober.judge.disclosure import disclosed
from prober.judge.sign_in_state import is_state_of_sign_in
from prober.model import Answered

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.model import Finding, Probe


def token(claims: object) -> str:
    parts = ({"alg": "HS256", "typ": "JWT"}, claims)
    head, body = (base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts)
    return f"{head}.{body}.c2lnbmF0dXJlLW9mLXRoZS1kb29y"


@pytest.mark.parametrize(
    "claims",
    [{"returnTo": "/quay", "nonce": "n", "exp": 1}, {"state": "s", "code_verifier": "v"}, {"ruri": "/x", "aud": "a"}],
)
def test_a_state_is_known_by_its_claims(claims: object) -> None:
    assert is_state_of_sign_in(token(claims))


@pytest.mark.parametrize(
    "claims",
    [{"sub": "7", "nonce": "n"}, {"user_id": 7, "state": "s"}, {"nonce": "n", "roles": []}, {"nonce": "n", "preferred_username": "x"}, {"exp": 1}, [], "x"],
)  # fmt: skip
def test_a_session_or_an_unknown_token_is_none(claims: object) -> None:
    assert not is_state_of_sign_in(token(claims))


@pytest.mark.parametrize("text", ["eyJx.eyJ_!.x", "eyJ.eyJ.x"])
def test_what_cannot_be_read_is_none(text: str) -> None:
    assert not is_state_of_sign_in(text)


@pytest.fixture(scope="module")
def guarded(finding_of: Callable[..., Finding]) -> Probe:
    return finding_of().probe


def redirect(signed: str) -> Answered:
    headers = (("location", f"/idp?state={signed}"), ("set-cookie", f"pending={signed}; HttpOnly"))
    body = f'<a href="/idp?state={signed}">Found</a>'.encode()
    return Answered.of(status=302, headers=headers, body=body, elapsed_ms=1)


def test_a_redirect_may_carry_its_state_and_no_session(guarded: Probe) -> None:
    assert disclosed(guarded, redirect(token({"returnTo": "/quay", "nonce": "n"}))) is None
    assert disclosed(guarded, redirect(token({"sub": "7", "nonce": "n"}))) == "a JWT"
