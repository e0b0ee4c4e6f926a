"""Refusals that carry what they refuse: whole runs against a server that answers as each case says, and what curl gets."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING
from urllib.parse import quote

import brotli
import pytest
import zstandard

from tests.support.payroll import HTML, JSON, NO, PAGE, PAYROLL, REFUSED, ROWS, SENT_AWAY, Says, run, served

if TYPE_CHECKING:
    from pathlib import Path

KEYED = '{"error":"unauthenticated","clientSecret":"0123456789abcdefghij"}'


def refusal(body: str | bytes, kind: str = JSON, *headers: tuple[str, str], status: int = 401) -> Says:
    raw = body.encode() if isinstance(body, str) else body
    return Says(status=status, body=raw, kind=kind, headers=headers)


LEAKS = {
    "records": refusal(ROWS),
    "records-behind-a-403": refusal(ROWS, status=403),
    "a-record-of-its-own": refusal('{"error":"no","employee":"E001","account":"XX1"}'),
    "a-secret": refusal(KEYED),
    "a-secret-in-a-header": refusal(NO, JSON, ("X-Client-Secret", "0123456789abcdefghij")),
    "a-secret-in-a-cookie": refusal(NO, JSON, ("Set-Cookie", "clientSecret=0123456789abcdefghij; Path=/")),
    "records-in-a-header": refusal(NO, JSON, ("X-Rows", json.dumps(PAYROLL[:3]))),
    "records-in-a-cookie": refusal(NO, JSON, ("Set-Cookie", "cart=" + quote(json.dumps(PAYROLL[:3])))),
    "who-was-let-in": refusal(NO, JSON, ("X-User-Id", "4711")),
    "a-token-in-a-refresh": refusal(NO, JSON, ("Refresh", "0; url=/home?access_token=0123456789abcdefghij")),
    "a-table-of-text": refusal("name,iban,salary\nKim,XX1,40000\nAl,XX2,41000\n", "text/plain"),
    "an-address-book": refusal("BEGIN:VCARD\r\nFN:Kim\r\nEND:VCARD\r\n", "text/vcard"),
    "a-form": refusal("error=no&employee=E1&account=XX1", "application/x-www-form-urlencoded"),
    "an-account": refusal('{"error":"no","user":{"id":1,"email":"kim@post.test"}}'),
    "br": refusal(brotli.compress(KEYED.encode()), JSON, ("Content-Encoding", "br")),
    "zstd": refusal(zstandard.ZstdCompressor().compress(KEYED.encode()), JSON, ("Content-Encoding", "zstd")),
    "gzip-in-gzip": refusal(gzip.compress(gzip.compress(KEYED.encode())), JSON, ("Content-Encoding", "gzip, gzip")),
    "gzip-that-is-not-declared": refusal(gzip.compress(KEYED.encode())),
    "utf-16": refusal(KEYED.encode("utf-16"), "application/json; charset=utf-16"),
    "a-byte-order-mark": refusal(b"\xef\xbb\xbf" + b'{"error":"no","salary":1}'),
    "lines": refusal(f'{NO}\n{{"salary":1,"employee":"E1"}}\n', "application/x-ndjson"),
    "a-later-event": refusal(f"data: {NO}\n\ndata: {KEYED}\n\n", "text/event-stream"),
    "much-longer-than-the-others": refusal(NO[:-1] + ',"message":"' + "word " * 1_000 + '"}'),
    "xml": refusal("<r><error>no</error><clientSecret>0123456789abcdefghij</clientSecret></r>", "application/xml"),
    "an-escaped-name": refusal('{"error":"no","client\\u0053ecret":"0123456789abcdefghij","pad":"' + "x" * 70_000),
}  # fmt: skip


@pytest.mark.parametrize("api", [pytest.param(says, id=name) for name, says in LEAKS.items()])
def test_a_refusal_that_carries_data_is_a_leak(api: Says, tmp_path: Path) -> None:
    with served(api, SENT_AWAY) as url:
        status, worst = run(tmp_path, url)
    assert (status, worst["/api/payroll"]) == (1, ("leak", "disclosed"))
    assert worst["/api/bonus"][0] == worst["/payroll"][0] == "locked"


def test_a_redirect_that_brings_the_page_along_is_a_leak(tmp_path: Path) -> None:
    page = Says(status=307, body=PAGE.encode(), kind=HTML, headers=(("Location", "/signin"),))
    with served(REFUSED, page) as url:
        status, worst = run(tmp_path, url)
    assert (status, worst["/payroll"]) == (1, ("leak", "disclosed"))


@pytest.mark.parametrize(
    "api",
    [
        pytest.param(refusal(b"\x00\x01\x02", JSON, ("Content-Encoding", "x-own")), id="an-unknown-encoding"),
        pytest.param(refusal(b"not gzip", JSON, ("Content-Encoding", "gzip")), id="a-broken-encoding"),
    ],
)
def test_a_refusal_that_cannot_be_read_whole_proves_nothing(api: Says, tmp_path: Path) -> None:
    with served(api, SENT_AWAY) as url:
        status, worst = run(tmp_path, url)
    assert (status, worst["/api/payroll"]) == (2, ("unproven", "unread"))


@pytest.mark.parametrize(
    ("api", "page"),
    [
        pytest.param(REFUSED, SENT_AWAY, id="plain"),
        pytest.param(refusal(gzip.compress(NO.encode()), JSON, ("Content-Encoding", "gzip")), SENT_AWAY, id="gzip"),
        pytest.param(refusal(""), SENT_AWAY, id="empty"),
        pytest.param(refusal('{"error":"no","requestId":"0f3c","path":"/api/payroll","timestamp":1}'), SENT_AWAY, id="an-id"),
        pytest.param(
            REFUSED,
            Says(status=302, body=b'<h1>Redirecting...</h1><p>You should be redirected to <a href="/signin">/signin</a>.',
                 kind=HTML, headers=(("Location", "/signin"),)),
            id="a-stub-of-a-redirect",
        ),
        pytest.param(refusal(NO, JSON, ("Set-Cookie", "csrf=0123456789abcdef; Path=/")), SENT_AWAY, id="a-csrf-cookie"),
    ],
)  # fmt: skip
def test_a_refusal_that_carries_nothing_is_locked(api: Says, page: Says, tmp_path: Path) -> None:
    with served(api, page) as url:
        status, worst = run(tmp_path, url)
    assert (status, {verdict for verdict, _ in worst.values()}) == (0, {"locked"})
