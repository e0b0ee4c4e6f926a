"""Who may see the status page."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from prober.app.selftest_page import page_cases
from prober.canary.status.access import GROUPS, MOST_ADDRESSES, MOST_GUESSES, SLOWLY, Access
from prober.canary.status.http_server import HttpRequest
from tests.support.status_visits import AT, TOKEN, asked, get, kept, now_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from prober.report.shape import Record

pytestmark = pytest.mark.integration


@pytest.mark.parametrize(("name", "about", "missed"), [pytest.param(*case, id=case[0]) for case in page_cases()])
def test_the_lock_holds_as_the_selftest_tries_it(name: str, about: str, missed: Callable[[], str | None]) -> None:
    assert missed() is None, f"{name}: {about}"


def basic(said: str) -> str:
    return "Basic " + base64.b64encode(said.encode()).decode()


@pytest.mark.parametrize(
    ("said", "status"),
    [
        pytest.param(f"Bearer {TOKEN}", None, id="bearer"),
        pytest.param(f"bEARER  {TOKEN} ", None, id="case-and-spaces"),
        pytest.param(basic(f"anybody:{TOKEN}"), None, id="password"),
        pytest.param(basic(TOKEN), 401, id="as-the-user"),
        pytest.param(f"Bearer {TOKEN[1:]}", 401, id="a-letter-short"),
        pytest.param(f"Bearer {TOKEN.upper()}", 401, id="upper-case"),
        pytest.param("Bearer é", 401, id="not-ascii"),
        pytest.param("Negotiate x", 401, id="another-scheme"),
        pytest.param(None, 401, id="nothing"),
    ],
)
def test_a_token_opens_and_nothing_else_does(said: str | None, status: int | None) -> None:
    refused = Access(token=TOKEN, names=(), now=lambda: 0.0).refusal(asked(said))
    assert (refused.status if refused else None) == status
    assert refused is None or TOKEN.encode() not in refused.body


def test_two_credentials_are_none() -> None:
    both = HttpRequest(target="/", headers=(("authorization", f"Bearer {TOKEN}"),) * 2, client="192.0.2.1")
    refused = Access(token=TOKEN, names=(), now=lambda: 0.0).refusal(both)
    assert refused is not None
    assert refused.status == 401


def statuses(access: Access, *guesses: HttpRequest) -> list[int | None]:
    return [refused.status if (refused := access.refusal(guess)) else None for guess in guesses]


def group_of(token: str) -> int:
    return hmac.digest(b"k", hashlib.sha256(token.encode()).digest(), "sha256")[0] % GROUPS


def test_guesses_are_counted_by_network_and_forgotten_in_time() -> None:
    at = [0.0]
    access = Access(token=TOKEN, names=(), now=lambda: at[0], group_key=b"k")
    beside = next(word for word in map(str, range(100_000)) if group_of(word) == group_of(TOKEN))
    wrong, right = asked(f"Bearer {beside}"), asked(f"Bearer {TOKEN}")
    assert statuses(access, *[wrong] * MOST_GUESSES) == [401] * MOST_GUESSES
    assert statuses(access, wrong, right) == [429, 429]
    assert statuses(access, asked(), replace(right, client="192.0.2.2")) == [401, None]
    at[0] = SLOWLY
    assert statuses(access, right, wrong, wrong, right) == [None, 401, 429, 429]
    at[0] = 61.0
    assert statuses(access, right, wrong) == [None, 401]
    wrong = asked("Bearer x")
    spread = [asked("Bearer x", client=f"2001:db8::{n}") for n in range(MOST_GUESSES)]
    assert statuses(access, *spread, asked("Bearer x", client="2001:db8::ffff")) == [401] * MOST_GUESSES + [429]


@pytest.mark.parametrize("number", [MOST_GUESSES, 100])
def test_wrong_tokens_from_a_shared_proxy_do_not_lock_out_the_right_one(number: int) -> None:
    access = Access(token=TOKEN, names=(), now=lambda: 0.0, group_key=b"k")
    guesses = [asked(f"Bearer {TOKEN[:-3]}{n:03}") for n in range(number)]
    assert None not in statuses(access, *guesses)
    assert statuses(access, asked(f"Bearer {TOKEN}"), asked(basic(f"prometheus:{TOKEN}"))) == [None, None]


def test_many_addresses_do_not_fill_the_memory() -> None:
    access = Access(token=TOKEN, names=(), now=lambda: 0.0)
    for number in range(MOST_ADDRESSES + 50):
        access.refusal(asked("Bearer x", client=f"10.{number >> 16}.{(number >> 8) & 255}.{number & 255}"))
    assert len(access._guesses) == MOST_ADDRESSES


def test_a_refusal_shows_nothing_and_asks_a_browser_for_the_token(tmp_path: Path, leaking: Record) -> None:
    status, head, body = get(now_of(leaking), kept(tmp_path, leaking), "/", token=TOKEN)
    assert status == 401
    assert 'WWW-Authenticate: Basic realm="lockdown canary"' in head
    assert "migrate" not in body


@pytest.mark.parametrize(("token", "status"), [(None, 200), (TOKEN, 200)])
def test_alive_is_open_and_says_no_more(tmp_path: Path, leaking: Record, token: str | None, status: int) -> None:
    assert get(now_of(leaking), kept(tmp_path, leaking), "/alive", token=token)[::2] == (status, "alive\n")


def test_alive_says_when_no_run_ends_any_more(tmp_path: Path) -> None:
    late = now_of(None, at=AT + 4_000, last_finished=AT)
    status, _, body = get(late, kept(tmp_path, None), "/alive")
    assert (status, body) == (503, "no run has finished for long\n")
    page = get(late, kept(tmp_path / "..", None), "/")[2]
    assert "No run has finished since 2026-11-22 10:00 UTC: this page is out of date." in page
