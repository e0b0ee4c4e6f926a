"""The table of acts: what a hostile deployment does, what a client gets from it, and the exit status of a run.

An act gives its data to somebody without a credential, so that its status is 1, and nothing else: every row of 0 or 2
is in a table of its own, with the reason, and a client gets nothing there.
"""

from __future__ import annotations

import gzip
import itertools
import json
from typing import TYPE_CHECKING

import brotli
import pytest

from tests.support.payroll import HTML, JSON, NO, PAYROLL, ROWS, SURFACES, TABLE, Asked, run
from tests.support.raw_server import answering_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    Part = bytes | float
    Does = Callable[[Asked], tuple[Part, ...] | None]

API, BONUS, SHEET = "/api/payroll", "/api/bonus", "/payroll"
KEYED = '{"error":"unauthenticated","clientSecret":"0123456789abcdefghij"}'
QUICK, STANDARD = ("--depth", "quick"), ("--depth", "standard")
TOLERANT = (*QUICK, "--tolerate", "drift")
IDS = SURFACES.replace("GET /api/payroll,", "'GET /api/payroll/:id',")


def said(status: int, body: str | bytes = b"", kind: str = JSON, *lines: str, version: str = "1.1") -> bytes:
    raw = body.encode() if isinstance(body, str) else body
    length = () if version == "1.0" else (f"Content-Length: {len(raw)}",)
    head = (f"HTTP/{version} {status} X", f"Content-Type: {kind}", *lines, *length, "", "")
    return "\r\n".join(head).encode() + raw


def chunked(status: int, *parts: Part, trailer: str = "", kind: str = JSON) -> tuple[Part, ...]:
    head = f"HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
    body = (b"%x\r\n%s\r\n" % (len(part), part) if isinstance(part, bytes) else part for part in parts)
    return (head, *body, f"0\r\n{trailer}\r\n".encode())


REFUSED, SENT_AWAY = said(401, NO), said(307, b"", HTML, "Location: /signin")
DATA, SIGN_IN = said(200, ROWS), said(200, "<title>Sign in</title><form><input type=password></form>", HTML)
LOST = said(404, "<title>404</title>nothing here", HTML)
KNOWN = {
    "/api/healthz": said(200, '{"ok":true}'), "/api/readyz": said(200, '{"ok":true}'), API: REFUSED, BONUS: REFUSED,
    SHEET: SENT_AWAY, "/signin": SIGN_IN,
}  # fmt: skip


def at(path: str, *parts: Part) -> Does:
    """Answer so at one path, whatever is presented."""
    return lambda asked: parts if asked.path.partition("?")[0] == path else None


def refuses(body: str | bytes, kind: str = JSON, *lines: str, status: int = 401) -> Does:
    return at(API, said(status, body, kind, *lines))


def when(is_so: Callable[[Asked], bool], path: str, *parts: Part) -> Does:
    return lambda asked: parts if asked.path.partition("?")[0] == path and is_so(asked) else None


def page(inner: str, title: str = "Acme", pad: int = 0, head: str = "") -> str:
    return f"<!doctype html><html><head><title>{title}</title>{head}<style>/*{' ' * pad}*/</style></head><body>{inner}</body></html>"


def everywhere(answers: Mapping[str, bytes], nowhere: bytes) -> Does:
    """Answer so at these paths and at every one that does not exist."""
    return lambda asked: (
        (answers[path],) if (path := asked.path.partition("?")[0]) in answers else None if path in KNOWN else (nowhere,)
    )


def by_turn(opens: Callable[[int], bool]) -> Does:
    """Answer by how often the API was asked."""
    turns = itertools.count()
    return lambda asked: (DATA,) if asked.path.partition("?")[0] in {API, BONUS} and opens(next(turns)) else None


def agent(asked: Asked) -> str:
    return asked.headers.get("user-agent", "")


def hands_out_a_session(asked: Asked) -> tuple[Part, ...] | None:
    """Refuse with a cookie, which then opens."""
    if asked.path.partition("?")[0] not in {API, BONUS}:
        return None
    minting = said(401, NO, JSON, "Set-Cookie: acme_session=minted0123; Path=/; HttpOnly")
    return (DATA,) if "minted0123" in asked.headers.get("cookie", "") else (minting,)


SHEET_DATA = page(f"<table>{TABLE}</table>")
NOWHERE = page("<p>nothing here</p>", pad=30_000)
LOGS_OUT = '<meta http-equiv="refresh" content="1800;url=/login">'
SINGLE = '{"error":"no","payslip":[{"pin":4711}],"employee":"E1"}'
TWICE = gzip.compress(gzip.compress(KEYED.encode()))
MEMBERS = gzip.compress(KEYED[:24].encode()) + gzip.compress(KEYED[24:].encode())
PARTIAL = json.dumps({"success": False, "message": "partial", "details": PAYROLL})

ACTS: dict[str, tuple[Does, tuple[str, ...]]] = {
    # --- what a refusal carries
    "open": (at(API, DATA), QUICK),
    "refusal-with-all-the-data": (refuses(ROWS), QUICK),
    "refusal-with-a-reason-of-success": (at(API, said(401, ROWS).replace(b"401 X", b"401 200 OK", 1)), QUICK),
    "refusal-with-a-key": (refuses(KEYED), QUICK),
    "refusal-with-a-key-far-down": (refuses('{"pad":"' + "x" * 70_000 + '",' + KEYED[1:]), QUICK),
    "refusal-with-a-key-in-a-header": (refuses(NO, JSON, "X-Client-Secret: 0123456789abcdefghij"), QUICK),
    "refusal-with-rows-in-a-header": (refuses(NO, JSON, f"X-Rows: {json.dumps(PAYROLL[:3])}"), QUICK),
    "refusal-with-a-key-in-a-trailer": (at(API, *chunked(401, NO.encode(), trailer="X-Api-Key: 0123456789abcdefghij\r\n")), QUICK),
    "refusal-with-a-key-in-early-hints": (at(API, b"HTTP/1.1 103 Hints\r\nX-Api-Key: 0123456789abcdefghij\r\n\r\n", REFUSED), QUICK),
    "refusal-that-hands-out-a-session": (hands_out_a_session, STANDARD),
    "redirect-with-the-page": (at(SHEET, said(307, SHEET_DATA, HTML, "Location: /signin")), QUICK),
    "redirect-with-the-state-of-the-page": (at(SHEET, said(307, page(f"<script>x={ROWS}</script>"), HTML, "Location: /signin")), QUICK),
    "redirect-with-a-key-in-its-url": (at(SHEET, said(307, "", HTML, "Location: /signin?access_token=0123456789abcdefghij")), QUICK),
    "refusal-with-a-table-of-lines": (refuses("name,iban\nx,1\ny,2\n", "text/csv"), QUICK),
    "refusal-with-names": (refuses(json.dumps([f"Example {n}" for n in range(9)])), QUICK),
    "redirect-with-a-comment-of-data": (at(SHEET, said(307, page(f"<!-- {ROWS} -->"), HTML, "Location: /signin")), QUICK),
    "refusal-with-the-state-of-a-client": (refuses(page(f'<div data-page="{ROWS.replace(chr(34), "&quot;")}">'), HTML), QUICK),
    # --- what has to be decoded
    "br": (refuses(brotli.compress(KEYED.encode()), JSON, "Content-Encoding: br"), QUICK),
    "gzip-twice": (refuses(TWICE, JSON, "Content-Encoding: gzip, gzip"), QUICK),
    "gzip-in-two-headers": (refuses(gzip.compress(KEYED.encode()), JSON, "Content-Encoding: identity", "Content-Encoding: gzip"), QUICK),
    "gzip-in-two-members": (refuses(MEMBERS, JSON, "Content-Encoding: gzip"), QUICK),
    "gzip-that-is-not-declared": (refuses(gzip.compress(KEYED.encode())), QUICK),
    "utf-16": (refuses(KEYED.encode("utf-16"), "application/json; charset=utf-16"), QUICK),
    "utf-16-in-a-page": (refuses(f"<p>{KEYED}</p>".encode("utf-16"), "text/html; charset=utf-16"), QUICK),
    "a-charset-that-is-a-lie": (refuses(KEYED, "application/json; charset=utf-16"), QUICK),
    "a-byte-order-mark": (refuses(b"\xef\xbb\xbf" + SINGLE.encode()), QUICK),
    "an-escaped-name-in-cut-json": (refuses('{"error":"no","client\\u0053ecret":"0123456789abcdefghij","pad":"' + "x" * 66_000), QUICK),
    "a-name-that-stands-twice": (refuses(KEYED[:-1] + ',"clientSecret":null}'), QUICK),
    "json-in-a-text": (refuses(json.dumps({"statusCode": 401, "body": KEYED})), QUICK),
    "xml": (refuses("<r><error>no</error><clientSecret>0123456789abcdefghij</clientSecret></r>", "application/xml"), QUICK),
    "lines": (refuses(f'{NO}\n{{"salary":1,"employee":"E1"}}\n', "application/x-ndjson"), QUICK),
    "a-second-event": (refuses(f"data: {NO}\n\ndata: {KEYED}\n\n", "text/event-stream"), QUICK),
    "a-later-event": (at(API, *chunked(401, f"data: {NO}\n\n".encode(), 0.3, f"data: {KEYED}\n\n".encode(), kind="text/event-stream")), QUICK),
    "a-part-of-a-message": (refuses(f"--b\r\n\r\n{NO}\r\n--b\r\n\r\n{KEYED}\r\n--b--", "multipart/mixed; boundary=b"), QUICK),
    "a-form": (refuses("error=no&clientSecret=0123456789abcdefghij", "application/x-www-form-urlencoded"), QUICK),
    "a-script": (refuses("x={error:'no',clientSecret:'0123456789abcdefghij'}", "application/javascript"), QUICK),
    # --- how it is written
    "an-interim-answer-first": (at(API, b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" * 5, DATA), QUICK),
    "http-1.0": (at(API, said(200, ROWS, version="1.0")), QUICK),
    "length-nought-and-data-behind": (at(API, said(200) + ROWS.encode()), QUICK),
    # --- what resembles something harmless
    "a-refresh-in-the-head": (at(API, said(200, ROWS, JSON, "Refresh: 0; url=/signin")), TOLERANT),
    "a-page-that-signs-out-after-a-while": (at(SHEET, said(200, page(LOGS_OUT + TABLE), HTML)), TOLERANT),
    "a-page-that-signs-out-and-shows-figures": (at(SHEET, said(200, page("<li>x 91000</li>" * 9, head=LOGS_OUT.replace("1800", "0")), HTML)), TOLERANT),
    "an-error-beside-the-data": (at(API, said(200, PARTIAL)), TOLERANT),
    "an-error-beside-names": (at(API, said(200, json.dumps({"success": False, "details": [f"A {n}" for n in range(9)]}))), TOLERANT),
    "one-title-for-every-page": (everywhere({SHEET: said(200, page(f"<table>{TABLE}</table>", pad=30_000), HTML)}, said(200, NOWHERE, HTML)), TOLERANT),
    "numbers-that-look-like-ids": (everywhere({SHEET: said(200, page("Account DE12345678901234567890"), HTML)}, said(200, page("Account XX00000000000000000000"), HTML)), TOLERANT),
    "numbers-of-a-gateway": (everywhere({API: said(200, '{"balance":9182736}')}, said(200, '{"balance":0}')), TOLERANT),
    "data-in-the-not-found-answer": (everywhere({API: said(404, '{"pin":4711,"employee":"E1"}')}, said(404, '{"pin":0,"employee":null}')), QUICK),
    "300-with-the-data": (at(API, said(300, ROWS)), TOLERANT),
    "310-with-the-data": (at(API, said(310, ROWS)), TOLERANT),
    # --- how often is asked
    "from-the-tenth-request": (by_turn(lambda turn: turn >= 9), STANDARD),
    "one-replica-of-five": (by_turn(lambda turn: turn % 5 == 3), STANDARD),
    # --- who asks
    "for-others-than-the-prober": (when(lambda asked: "lockdown-prober" not in agent(asked), API, DATA), QUICK),
    "for-browsers-and-curl": (when(lambda asked: agent(asked).startswith(("Mozilla", "curl")), API, DATA), QUICK),
    "from-a-cache": (when(lambda asked: "cache-control" not in asked.headers, API, DATA), QUICK),
    "for-the-middleware-s-own-requests": (when(lambda asked: "x-middleware-subrequest" in asked.headers, SHEET, said(200, page(TABLE, pad=30_000), HTML)), STANDARD),
    "a-page-by-options": (when(lambda asked: asked.method == "OPTIONS", API, said(200, page(TABLE), HTML)), STANDARD),
    "names-by-options": (when(lambda asked: asked.method == "OPTIONS", API, said(200, "Maria, Otto", "text/plain")), STANDARD),
    "a-slash-more": (at(SHEET + "/", said(200, page(TABLE), HTML)), STANDARD),
    "a-slash-more-and-a-header-that-redirects": (at(SHEET + "/", said(200, page(TABLE), HTML, "x-nextjs-redirect: /signin")), STANDARD),
}  # fmt: skip

NOTHING_TO_GET: dict[str, tuple[Does, tuple[str, ...], int, str]] = {
    "locked": (lambda _: None, STANDARD, 0, "every route refuses, and nothing else is in the answers"),
    "another-answer-behind-the-refusal": (at(API, REFUSED + DATA), QUICK, 0, "no client reads past the length of an answer"),
    "a-query-that-nobody-names": (
        when(lambda asked: "format=csv" in asked.path, API, DATA), STANDARD, 0, "the plain request gets nothing: a query that opens is a route of its own",
    ),
    "two-locations": (at(SHEET, said(307, b"", HTML, "Location: /signin", "Location: /payroll/open")), QUICK, 0, "the second one leads to no page"),
    "null-for-nobody": (at(API, said(200, '{"user":null}')), QUICK, 1, "drift: it is not what the profile expects"),
    "everything-refuses": (
        lambda asked: (said(401, NO),) if asked.path.partition("?")[0] not in {"/api/healthz", "/api/readyz"} else None,
        QUICK, 2, "who refuses every path alike is not known, and may stand in front of anything",
    ),
    "refusal-in-bytes": (refuses(b"\x82\xa5error\xa2no", "application/msgpack"), QUICK, 2, "what is in it is not known"),
    "refusal-that-is-a-file": (refuses(b"%PDF-1.7 0123456789", "application/pdf"), QUICK, 2, "what is in it is not known"),
    "refusal-in-an-unknown-encoding": (refuses(b"\x1f\x9d\x90", JSON, "Content-Encoding: compress"), QUICK, 2, "what is in it is not known"),
}  # fmt: skip


def served(does: Does) -> Callable[[Asked], tuple[Part, ...]]:
    return lambda asked: does(asked) or (KNOWN.get(asked.path.partition("?")[0], LOST),)


@pytest.mark.parametrize(("does", "options"), [pytest.param(*act, id=name) for name, act in ACTS.items()])
def test_an_act_that_gives_data_to_anybody_is_a_leak(does: Does, options: tuple[str, ...], tmp_path: Path) -> None:
    with answering_bytes(served(does)) as url:
        status, worst = run(tmp_path, url, "--timeout", "3", *options)
    assert status == 1, worst


@pytest.mark.parametrize(
    ("does", "options", "status", "why"), [pytest.param(*act, id=name) for name, act in NOTHING_TO_GET.items()]
)
def test_an_act_that_gives_nothing_to_anybody_is_none(
    does: Does, options: tuple[str, ...], status: int, why: str, tmp_path: Path
) -> None:
    with answering_bytes(served(does)) as url:
        found, worst = run(tmp_path, url, "--timeout", "3", *options)
    assert found == status, (why, worst)


def test_an_id_that_nothing_has_locks_nothing(tmp_path: Path) -> None:
    """The handler's own 404 for an impossible id is the API's for every path: another id may open."""
    lost = said(404, '{"error":"not_found"}')

    def does(asked: Asked) -> tuple[Part, ...] | None:
        path = asked.path.partition("?")[0]
        if path == "/api/payroll/42":
            return (DATA,)
        return (lost,) if path.startswith("/api/") and path not in KNOWN else None

    with answering_bytes(served(does)) as url:
        status, worst = run(tmp_path, url, *QUICK, surfaces=IDS)
    assert (status, worst["/api/payroll/:id"][0]) == (1, "drift")
