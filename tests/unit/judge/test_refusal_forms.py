"""What a refusal carries in forms besides JSON and pages, and in its headers and cookies."""

from __future__ import annotations

import base64
import gzip
import json
from urllib.parse import quote

import pytest

from prober.judge.refusal_content import RefusalBaseline, carried_by
from prober.model import Answered

ROWS = [{"plate": "B-1 ?>~?>~", "fine": 30}, {"plate": "B-2", "fine": 45}]
TEXT = json.dumps(ROWS).encode()
SOMEBODY = {"sub": "u4", "email": "kim@post.test"}
URL_SAFE = base64.urlsafe_b64encode(TEXT).rstrip(b"=").decode()
CARD = "BEGIN:VCARD\r\nFN:Kim Doe\r\nEND:VCARD\r\n"
EVENT = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:Redundancies\nEND:VEVENT\nEND:VCALENDAR\n"
DOWN = "| plate | fine |\n|---|---:|\n| B-1 | 30 |\n| B-2 | 45 |\n"
SESSION = {"iv": "q7", "value": "p9" * 40, "mac": "0f" * 32, "tag": ""}  # as Laravel keeps it


def carried(body: str | bytes, kind: str, *headers: tuple[str, str]) -> str | None:
    raw = body if isinstance(body, bytes) else body.encode()
    answered = Answered.of(status=401, headers=(("content-type", kind), *headers), body=raw, elapsed_ms=1)
    return carried_by("GET /fines", answered, RefusalBaseline())


@pytest.mark.parametrize(
    ("body", "kind", "what"),
    [
        pytest.param("plate,owner,fine\nB-1,Kim Doe,30\nB-2,Al Roe,45\n", "text/plain", "a table of 3 lines", id="names-of-columns"),
        pytest.param("not signed in\n\n" + DOWN, "text/markdown", "a table of 3 lines", id="markdown"),
        pytest.param(CARD * 2, "text/vcard", "an address book or a calendar", id="an-address-book"),
        pytest.param(EVENT, "text/calendar", "an address book or a calendar", id="a-calendar"),
        pytest.param("error=no&plate=B-1&owner=Kim+Doe", "application/x-www-form-urlencoded", "fields that no other refusal has (owner, plate)", id="a-form"),
        pytest.param(json.dumps({"detail": URL_SAFE}), "application/json", "fields that no other refusal has (fine, plate)", id="base64-of-urls"),
        pytest.param(json.dumps({"detail": base64.b64encode(gzip.compress(TEXT)).decode()}), "application/json", "fields that no other refusal has (fine, plate)", id="packed-in-base64"),
    ],
)  # fmt: skip
def test_other_forms_of_data_are_named(body: str, kind: str, what: str) -> None:
    assert carried(body, kind) == what


@pytest.mark.parametrize(
    ("header", "what"),
    [
        pytest.param(("x-state", URL_SAFE), "2 records in a header", id="base64-in-a-header"),
        pytest.param(("set-cookie", f"last={URL_SAFE}; Path=/"), "2 records in a cookie", id="base64-in-a-cookie"),
        pytest.param(("set-cookie", f"last={quote(TEXT)}; Path=/"), "2 records in a cookie", id="escaped-in-a-cookie"),
        pytest.param(("x-who", json.dumps(SOMEBODY)), "somebody's account in a header", id="an-account"),
        pytest.param(("set-cookie", f"me={quote(json.dumps(SOMEBODY))}"), "somebody's account in a cookie", id="an-account-in-a-cookie"),
    ],
)  # fmt: skip
def test_what_headers_and_cookies_hold_is_named(header: tuple[str, str], what: str) -> None:
    assert carried('{"error":"no"}', "application/json", header) == what


@pytest.mark.parametrize(
    ("body", "kind", "header"),
    [
        pytest.param("", "", ("set-cookie", "s=" + base64.b64encode(json.dumps(SESSION).encode()).decode()), id="a-sealed-session"),
        pytest.param("", "", ("x-state", "H4sI" + "A" * 40), id="what-is-no-archive"),
        pytest.param("error=invalid_token&error_description=gone", "application/x-www-form-urlencoded", ("a", "b"), id="an-error-in-a-form"),
        pytest.param("Sorry, you, there\nSign in, then, please\nOr write, call, wait\n", "text/plain", ("a", "b"), id="prose-with-commas"),
        pytest.param("| a | b |\n|---|---|\n| sign in | now |\n| or | later |\n", "text/markdown", ("a", "b"), id="a-table-of-advice"),
        pytest.param(json.dumps({"error": "no", "policy": "staff", "principal": "nobody", "operation": "list"}), "application/json", ("a", "b"), id="a-decision"),
    ],
)  # fmt: skip
def test_what_is_no_data_is_not(body: str, kind: str, header: tuple[str, str]) -> None:
    assert carried(body or '{"error":"no"}', kind or "application/json", header) is None


def test_an_archive_that_grows_without_end_is_read_to_a_bound() -> None:
    bomb = base64.b64encode(gzip.compress(b"[" + b" " * 50_000_000)).decode()
    assert carried(json.dumps({"detail": bomb}), "application/json") is None
