"""Secrets that are told in any answer: by the forms that their issuers publish, and by names that only secrets have.

What looks like a secret is put together here, so that no scanner of repositories takes it for one.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from prober.judge.disclosure import disclosed
from prober.judge.secret_tokens import TOKENS, Token
from prober.model import Answer, Answered, Probe, Promise, Source

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.model import Finding

HERE = Source(file="probes/x.yaml", line=7)
JSON = ("content-type", "application/json")
HEX = "9f86d081884c7d659a2feaa0c55ad015"
LETTERS = "AbCdEfGhIjKlMnOpQrStUvWxYz0123456789"


def answer(body: str, status: int = 401) -> Answered:
    return Answered.of(status=status, headers=(JSON,), body=body.encode(), elapsed_ms=1)


@pytest.fixture(scope="module")
def guarded(finding_of: Callable[..., Finding]) -> Probe:
    return finding_of().probe


@pytest.fixture(scope="module")
def public(guarded: Probe) -> Probe:
    promise = Promise(answers=(Answer(statuses=(range(200, 201),), source=HERE),), skip=None, source=HERE)
    return replace(guarded, promise=promise)


TOLD_ANYWHERE = {
    "a-database": f"postgresql://app:{HEX}@db.internal:5432/app",
    "a-cache-without-a-user": f"redis://:{HEX}@cache:6379",
    "a-payment-key": "sk_" + "live_" + LETTERS[:24],
    "a-webhook-key": "wh" + "sec_" + LETTERS[:30],
    "a-chat-token": "xo" + "xb-123456789012-" + LETTERS[:12],
    "a-forge-token": "gh" + "p_" + LETTERS,
    "another-forge-token": "gl" + "pat-" + LETTERS[:20],
    "a-cloud-key": "AK" + "IA" + "ABCDEFGH01234567",
    "a-model-key": "sk-" + "proj-" + LETTERS,
    "a-package-token": "np" + "m_" + LETTERS,
    "a-private-key": "-----BEGIN RSA " + "PRIVATE KEY-----",
}
TOLD_IN_A_REFUSAL = {
    "a-map-key": "AI" + "za" + (LETTERS * 2)[:35],
    "a-jwt": "ey" + "JhbGciOiJIUzI1NiJ9.ey" + "JzdWIiOiJhbGV4In0.c2lnbmF0dXJl",
    "a-python-trace": "Traceback (most recent call last):\n  File x",
    "a-javascript-trace": "Error: no session\n    at requireUser (/srv/app/lib/auth.ts:41:11)",
    "three-addresses": "ann@shop.test, bob@shop.test and cy@shop.test",
}


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in TOLD_ANYWHERE.items()])
def test_what_is_a_secret_anywhere_is_told_by_nobody(text: str, guarded: Probe, public: Probe) -> None:
    body = json.dumps({"hint": f"see {text} there"})
    assert disclosed(guarded, answer(body)) is not None
    assert disclosed(public, answer(body, status=200)) is not None


@pytest.mark.parametrize("token", TOKENS, ids=lambda token: token.name.replace(" ", "-"))
@given(data=st.data())
@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_every_form_of_an_issuer_is_found_wherever_it_stands(
    token: Token, data: st.DataObject, guarded: Probe, public: Probe
) -> None:
    prefix = data.draw(st.sampled_from(token.prefixes))
    told = prefix + data.draw(st.from_regex(re.compile(token.rest, re.ASCII), fullmatch=True))
    body = json.dumps({"hint": f"see {told} there"})
    assert disclosed(guarded, answer(body)) is not None
    assert disclosed(public, answer(body, status=200)) is not None


@pytest.mark.parametrize("token", TOKENS, ids=lambda token: token.name.replace(" ", "-"))
def test_a_prefix_alone_is_no_token_and_each_says_where_it_is_published(token: Token, public: Probe) -> None:
    words = [f"{prefix}{end}" for prefix in token.prefixes for end in ("", "...", "<your token>", "xxxx", "****")]
    assert disclosed(public, answer(json.dumps({"usage": words}), status=200)) is None
    assert token.source.startswith("https://")


def test_no_two_issuers_have_the_same_prefix() -> None:
    prefixes = [prefix for token in TOKENS for prefix in token.prefixes]
    assert len(prefixes) == len(set(prefixes))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("task-" + "a" * 40, id="a-word-that-ends-like-a-prefix"),
        pytest.param("risk-assessment-of-the-whole-system-in-2026", id="a-slug"),
        pytest.param("sha256-" + HEX * 2, id="a-checksum"),
        pytest.param("map_" + "hf_" + "x" * 12, id="too-short"),
        pytest.param("pk_" + "live_" + LETTERS[:24], id="a-publishable-key"),
        pytest.param("pk." + "eyJ" + LETTERS + "." + LETTERS, id="a-public-map-token"),
        pytest.param("sb_" + "publishable_" + LETTERS, id="a-publishable-key-of-a-database"),
    ],
)
def test_what_only_resembles_a_token_is_none(text: str, public: Probe) -> None:
    assert disclosed(public, answer(json.dumps({"text": text}), status=200)) is None


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in TOLD_IN_A_REFUSAL.items()])
def test_what_is_public_elsewhere_is_not_told_by_a_refusal(text: str, guarded: Probe, public: Probe) -> None:
    body = json.dumps({"hint": f"see {text} there"})
    assert disclosed(guarded, answer(body)) is not None
    assert disclosed(public, answer(body, status=200)) is None


@pytest.mark.parametrize("name", ["AUTH_SECRET", "secret", "token", "db_password", "webhookKey", "STRIPE_SECRET_KEY"])
def test_a_name_that_only_secrets_have_and_a_generated_value(name: str, guarded: Probe) -> None:
    assert disclosed(guarded, answer(json.dumps({name: HEX}))) == f"a value under '{name}'"


@pytest.mark.parametrize(
    "body",
    [
        '{"messageKey":"errors.unauthorized.v2"}',
        json.dumps({"csrfToken": HEX}),
        '{"error":"invalid_token","token":"missing"}',
        '{"password":"Required field"}',
        '{"fields":{"password":"password_is_required_1"}}',
        json.dumps({"recaptchaSiteKey": HEX}),
        '{"docs":"https://user@docs.example/a:b@c"}',
        '{"contact":"help@shop.test","alternative":"security@shop.test"}',
        '{"error":"look at https://docs.shop.test:8443/login"}',
    ],
)
def test_what_only_sounds_like_a_secret_is_none(body: str, guarded: Probe) -> None:
    assert disclosed(guarded, answer(body)) is None


def test_what_the_probe_itself_has_sent_is_not_told(guarded: Probe) -> None:
    """An error that repeats the bogus token in words."""
    sent = TOLD_IN_A_REFUSAL["a-jwt"]
    asked = replace(guarded, request=replace(guarded.request, headers=(("Authorization", f"Bearer {sent}"),)))
    assert disclosed(asked, answer(json.dumps({"error": f"bad token {sent}"}))) is None
