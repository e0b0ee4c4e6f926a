"""Each sign by which an intermediary is recognised: what it holds for, and what it does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from prober.judge.signatures import ERROR_PAGE_HEAD, Sign, both, error_page, has, matches, no_json, on, says, to
from prober.model import Answered

if TYPE_CHECKING:
    from collections.abc import Callable

SERVER = ("server", "CloudFlare-nginx")


def answer(status: int = 200, body: bytes = b"", *headers: tuple[str, str]) -> Answered:
    return Answered.of(status=status, headers=headers, body=body, whole=True, attempts=1, elapsed_ms=1)


def sent_to(url: str, status: int = 302) -> Answered:
    return answer(status, b"", ("location", url))


PAGE = b"<HTML><center>nginx</center></HTML>"
ERROR_PAGES = (400, 401, 403, 405, 408, 413, 414, 429, 497, 500, 502, 503, 504)


@pytest.mark.parametrize(
    ("make", "answered", "holds"),
    [
        pytest.param(lambda: has("server"), answer(200, b"", SERVER), True, id="a-header-whatever-it-says"),
        pytest.param(lambda: has("server"), answer(200, b"", ("server", "")), True, id="a-header-that-says-nothing"),
        pytest.param(lambda: has("server"), answer(200, b"", ("x-server", "a")), False, id="no-such-header"),
        pytest.param(lambda: has("server", "cloudflare"), answer(200, b"", SERVER), True, id="a-word-in-it-in-any-case"),
        pytest.param(lambda: has("server", "cloudfront"), answer(200, b"", SERVER), False, id="another-word-in-it"),
        pytest.param(lambda: has("server", "cloudflare"), answer(200, b"", ("via", "cloudflare")), False, id="the-word-in-another-header"),
        pytest.param(lambda: has("server", "b"), answer(200, b"", ("server", "a"), ("server", "b")), True, id="one-of-two-lines"),
        pytest.param(lambda: matches("via", r"cloud(front|flare)"), answer(200, b"", ("via", "1.1 CloudFront")), True, id="a-pattern-in-any-case"),
        pytest.param(lambda: matches("via", r"cloud(front|flare)"), answer(200, b"", ("via", "cloud")), False, id="not-the-pattern"),
        pytest.param(lambda: matches("via", r"cloud(front|flare)"), answer(200, b"", ("server", "cloudflare")), False, id="the-pattern-in-another-header"),
        pytest.param(lambda: says("just a moment"), answer(200, b"x Just A Moment y"), True, id="a-text-in-any-case"),
        pytest.param(lambda: says("just a moment"), answer(200, b"x just x moment y"), False, id="no-such-text"),
        pytest.param(lambda: says("one", "two"), answer(200, b"two one"), True, id="both-texts"),
        pytest.param(lambda: says("one", "two"), answer(200, b"two"), False, id="one-text-of-two"),
        pytest.param(lambda: says("wall"), answer(200, b"x" * (ERROR_PAGE_HEAD - 4) + b"wall"), True, id="the-last-text-of-the-head"),
        pytest.param(lambda: says("wall"), answer(200, b"x" * (ERROR_PAGE_HEAD - 3) + b"wall"), False, id="a-text-below-the-head"),
        pytest.param(lambda: says("wall"), answer(200, b"wall", ("content-type", "application/json")), False, id="a-text-in-json"),
        pytest.param(lambda: no_json, answer(200, b"", ("content-type", "application/problem+JSON")), False, id="json-of-a-sort"),
        pytest.param(lambda: no_json, answer(200, b"", ("content-type", "text/html")), True, id="a-page"),
        pytest.param(lambda: no_json, answer(200), True, id="no-type"),
        pytest.param(lambda: both(on(503), has("server")), answer(503, b"", SERVER), True, id="both-signs"),
        pytest.param(lambda: both(on(503), has("server")), answer(503), False, id="the-first-sign-only"),
        pytest.param(lambda: both(on(503), has("server")), answer(200, b"", SERVER), False, id="the-second-sign-only"),
        pytest.param(lambda: on(401, 403), answer(403), True, id="one-of-the-statuses"),
        pytest.param(lambda: on(401, 403), answer(402), False, id="a-status-between-them"),
        pytest.param(lambda: to(r"login\.test"), sent_to("https://login.test/x"), True, id="to-the-host"),
        pytest.param(lambda: to(r"login\.test"), sent_to("HTTP://LOGIN.TEST"), True, id="to-the-host-alone-in-capitals"),
        pytest.param(lambda: to(r"login\.test"), sent_to("https://login.test:8443?a=b"), True, id="to-a-port-of-the-host"),
        pytest.param(lambda: to(r"login\.test"), sent_to("https://team.login.test#a"), True, id="to-a-host-below-it"),
        pytest.param(lambda: to(r"login\.test"), sent_to("https://login.test.evil/"), False, id="to-a-host-that-begins-so"),
        pytest.param(lambda: to(r"login\.test"), sent_to("https://mylogin.test/"), False, id="to-a-host-that-ends-so"),
        pytest.param(lambda: to(r"login\.test"), sent_to("https://app.test/?next=https://login.test/"), False, id="to-a-host-in-a-query"),
        pytest.param(lambda: to(r"login\.test"), sent_to("/login.test/"), False, id="to-a-path-of-that-name"),
        pytest.param(lambda: to(r"login\.test"), sent_to("https://login.test/", 200), False, id="a-location-that-is-no-redirect"),
        pytest.param(lambda: to(r"login\.test"), answer(302), False, id="a-redirect-to-nowhere"),
        pytest.param(lambda: error_page("<center>nginx"), answer(200, PAGE), False, id="no-error-for-its-page"),
        pytest.param(lambda: error_page("<center>nginx"), answer(404, PAGE), False, id="not-found-may-be-the-applications"),
        pytest.param(lambda: error_page("<center>nginx"), answer(502, b"<html>caddy"), False, id="another-servers-page"),
        pytest.param(lambda: error_page("<center>nginx"), answer(502, b"<center>nginx"), False, id="no-page"),
        *(
            pytest.param(lambda: error_page("<center>nginx"), answer(status, PAGE), True, id=f"a-servers-own-page-for-{status}")
            for status in ERROR_PAGES
        ),
        *(
            pytest.param(lambda: error_page("<center>nginx"), answer(near, PAGE), False, id=f"not-its-page-for-{near}")
            for status in ERROR_PAGES
            for near in (status - 1, status + 1)
            if near not in ERROR_PAGES
        ),
    ],
)  # fmt: skip
def test_a_sign_holds(make: Callable[[], Sign], answered: Answered, *, holds: bool) -> None:
    assert make()(answered) is holds  # made here: what is made while tests are collected, `make mutants` cannot change
