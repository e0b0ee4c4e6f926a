"""Every secret of a fleet is found in a text, in every encoding, however many there are."""

from __future__ import annotations

import base64
import time

import pytest

from prober.fleet.redaction import Redaction
from prober.report.redact import HIDDEN

SECRETS = [f"kept-{n:05}-{n * 7919 % 99991:05}/+&" for n in range(3000)]


@pytest.fixture(scope="module")
def redaction() -> Redaction:
    return Redaction(SECRETS)


@pytest.mark.parametrize("number", [0, 1499, 2999])
def test_a_secret_is_hidden_in_each_encoding(number: int, redaction: Redaction) -> None:
    secret = SECRETS[number]
    coded = base64.b64encode(secret.encode()).decode()
    text = redaction.hide(f"a {secret} b {secret.encode().hex()} c {coded} d")
    assert text.startswith(f"a {HIDDEN} b {HIDDEN} c {HIDDEN}")
    assert secret not in text
    assert coded not in text


def test_other_text_stays_and_many_secrets_cost_no_time(redaction: Redaction) -> None:
    text = "kept-99999 GET /api/things 401 " * 1000
    started = time.monotonic()
    assert redaction.hide(text) == text
    assert time.monotonic() - started < 1


def test_without_secrets_nothing_is_hidden() -> None:
    assert Redaction([]).hide("text") == "text"
