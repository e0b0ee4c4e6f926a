"""The cookies that an answer sets: what a browser would keep."""

from __future__ import annotations

import pytest

from prober.judge.handed_out import cookies_set_by
from prober.model import Answered


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        pytest.param(("sid=1; Path=/",), {"sid": "1"}, id="a-session"),
        pytest.param(("sid=1; Max-Age=0600",), {"sid": "1"}, id="an-age-that-begins-with-nought"),
        pytest.param(("sid=1; Max-Age=0; Path=/",), {}, id="cleared"),
        pytest.param(("sid=1; max-age = 00",), {}, id="cleared-in-other-words"),
        pytest.param(("sid=1; Max-Age=-1",), {}, id="older-than-now"),
        pytest.param(("sid=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT",), {}, id="expired-at-the-beginning-of-time"),
        pytest.param(("sid=1; Expires=Thu, 01 Jan 2099 00:00:00 GMT",), {"sid": "1"}, id="expires-one-day"),
        pytest.param(("sid=; Max-Age=0", "sid=2"), {"sid": "2"}, id="cleared-and-set-again"),
        pytest.param(("sid=",), {}, id="empty"),
    ],
)
def test_a_cookie_that_is_cleared_is_not_kept(said: tuple[str, ...], kept: dict[str, str]) -> None:
    headers = tuple(("set-cookie", value) for value in said)
    assert cookies_set_by(Answered.of(status=401, headers=headers, body=b"", elapsed_ms=1)) == kept
