"""Secrets that an answer gives in a header or in a cookie."""

from __future__ import annotations

import pytest

from prober.judge.disclosure import disclosed
from tests.support.judging import JSON, REFUSED, answer, probe, promise

SECRET = "kJ83hFq0ZpLw92Xb"


@pytest.mark.parametrize(
    ("header", "told"),
    [
        pytest.param(("set-cookie", f"api_key={SECRET}; Path=/; HttpOnly"), "a value under 'api_key'", id="a-cookie"),
        pytest.param(("x-debug", f'{{"client_secret": "{SECRET}"}}'), "a value under 'client_secret'", id="json"),
        pytest.param(("set-cookie", "theme=dark; Path=/"), None, id="a-harmless-cookie"),
    ],
)
def test_header_of_a_refusal_gives_a_secret_away(header: tuple[str, str], told: str | None) -> None:
    refusal = answer(401, '{"error":"not_signed_in"}', JSON, header)
    assert disclosed(probe(promise(REFUSED)), refusal) == told
