"""What was sent and what came back: enough to see a leak by, and nothing of what it leaks."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from prober.model import (
    Answered,
    Cause,
    Finding,
    Reason,
    Report,
    Service,
    ServiceReport,
    Unanswered,
    Unsent,
    Verdict,
)
from prober.report.exchange import Exchange, exchanges
from prober.report.record import record

if TYPE_CHECKING:
    from collections.abc import Callable

    Make = Callable[..., Finding]
    MakeReport = Callable[..., Report]

SILENCE = Unanswered(cause=Cause.TIMEOUT, detail="no answer in 5 s", arrived=True, attempts=3, elapsed_ms=15000)
JSON = ("content-type", "application/json")
HTML = ("content-type", "text/html; charset=utf-8")


def answer(status: int, *headers: tuple[str, str], body: bytes = b"", whole: bool = True) -> Answered:
    return Answered.of(status=status, headers=headers, body=body, whole=whole, elapsed_ms=3)


@pytest.fixture
def exchange_of(finding_of: Make, report_of: MakeReport) -> Callable[..., Exchange]:
    """Give the exchange of one finding."""

    def make(*said: Any, **facts: Any) -> Exchange:
        (found,) = exchanges(report_of(finding_of(*said, **facts)))
        return found

    return make


def test_an_exchange_says_what_was_sent_and_what_came_back(exchange_of: Callable[..., Exchange]) -> None:
    headers = (("Authorization", "Bearer undefined"), ("Content-Type", "application/json"))
    refused = answer(401, JSON, body=b'{"error": "no"}')
    assert exchange_of(Verdict.LOCKED, method="POST", headers=headers, content=b'{"a": 1}', outcome=refused) == {
        "id": "me: POST /api/me [anonymous]", "method": "POST", "url": "http://127.0.0.1:3000/api/me", "sent_otherwise": None,
        "request_headers": list(headers), "request_body": '{"a": 1}', "status": 401,
        "response_headers": [("content-type", "application/json")], "body": '{"error": "no"}', "size": 15, "whole": True,
        "elapsed_ms": 3,
    }  # fmt: skip


def test_only_what_was_asked_and_met_somebody_or_nobody_is_an_exchange(finding_of: Make, report_of: MakeReport) -> None:
    procedure = finding_of(path="/p")
    procedure = replace(procedure, probe=replace(procedure.probe, procedure="burst"))
    unsent = finding_of(Verdict.SKIPPED, path="/u", outcome=Unsent(reason=Reason.EFFECT, detail="it acts"))
    silent = finding_of(Verdict.UNREACHABLE, Reason.TIMEOUT, SILENCE.detail, path="/s", outcome=SILENCE)
    found = list(exchanges(report_of(finding_of(path="/a"), procedure, unsent, silent)))
    assert [entry["url"].rpartition("/")[2] for entry in found] == ["a", "s"]
    assert (found[1]["status"], found[1]["body"], found[1]["elapsed_ms"]) == (None, "no answer in 5 s", 15000)
    assert found[1]["response_headers"] == []


# --- where it went ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("target", "service", "url", "otherwise"),
    [
        pytest.param("/a//b/%2e%2e?x=1", {}, "https://h.test:443/a//b/%2e%2e?x=1", None, id="a-path-as-it-is"),
        pytest.param("*", {}, "https://h.test:443/", "with the request target *", id="a-star"),
        pytest.param(
            "http://other.test/a",
            {},
            "https://h.test:443/",
            "with the request target http://other.test/a",
            id="a-whole-url",
        ),
        pytest.param("/a", {"host": "::1"}, "https://[::1]:443/a", None, id="ipv6"),
        pytest.param(
            "/a", {"socket": "/run/app.sock"}, "https://h.test:443/a", "over the socket /run/app.sock", id="a-socket"
        ),
        pytest.param(
            "*", {"socket": "/s"}, "https://h.test:443/", "with the request target *, over the socket /s", id="both"
        ),
    ],
)
def test_a_url_says_who_was_asked_and_what_no_url_can_say_stands_beside_it(
    finding_of: Make, report_of: MakeReport, target: str, service: dict[str, str], url: str, otherwise: str | None
) -> None:
    found = finding_of()
    found = replace(found, probe=replace(found.probe, request=replace(found.probe.request, target=target)))
    plain = Service(name="web", url="https://h.test", scheme="https", host="h.test", port=443, base_path="")
    told = ServiceReport(service=replace(plain, **service), alive=True, blanket=False, intermediary=None, said=None)  # type: ignore[arg-type]
    (entry,) = exchanges(report_of(found, services=[told]))
    assert (entry["url"], entry["sent_otherwise"]) == (url, otherwise)


# --- what came back: the shape of what was granted --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("outcome", "shown"),
    [
        pytest.param(answer(200, JSON, body=b'{"name": "Alice", "age": 7}'), {"name": "<text of 5>", "age": "<number>"}, id="values"),
        pytest.param(
            answer(200, JSON, body=b'{"ill": true, "gone": null, "tags": ["a", "b", "c"]}'),
            {"ill": "<true or false>", "gone": None, "tags": ["<text of 1>", "<2 more>"]}, id="all-sorts",
        ),
        pytest.param(
            answer(200, JSON, body=b'{"alice": {"pay": 1}, "bob": {"pay": 2}}'),
            {"<key of 5>": {"pay": "<number>"}, "\u2026": "<1 more>"}, id="keyed-by-people",
        ),
        pytest.param(
            answer(200, JSON, body=b'{"alice@example.com": 1, "+49 171 123": 2, "u-9f8e7d6c": 3, "street2": 4}'),
            {"<key of 17>": "<number>", "<key of 11>": "<number>", "<key of 10>": "<number>", "street2": "<number>"}, id="keyed-by-ids",
        ),
        pytest.param(
            answer(200, JSON, body=json.dumps({f"k{chr(97 + n)}": 1 for n in range(23)}).encode()),
            {**{f"k{chr(97 + n)}": "<number>" for n in range(20)}, "\u2026": "<3 more>"}, id="many",
        ),
        pytest.param(answer(200, JSON, body=b'[[["Alice"]]]'), [[["<text of 5>"]]], id="lists"),
        pytest.param(answer(200, JSON, body=b'"Alice"'), "<text of 5>", id="a-text-alone"),
        pytest.param(answer(307, JSON, body=b'{"name": "Alice"}'), {"name": "<text of 5>"}, id="behind-a-redirect"),
        pytest.param(answer(500, JSON, body=b'{"query": "Alice"}'), {"query": "<text of 5>"}, id="in-an-error"),
        pytest.param(answer(401, JSON, body=b'{"apiKey": "sk-1"}'), {"apiKey": "<text of 4>"}, id="disclosed-by-a-refusal"),
    ],
)  # fmt: skip
def test_of_data_only_the_shape_is_kept(exchange_of: Callable[..., Exchange], outcome: Answered, shown: object) -> None:
    assert json.loads(exchange_of(outcome=outcome)["body"]) == shown


def test_a_tower_of_lists_is_cut(exchange_of: Callable[..., Exchange]) -> None:
    assert exchange_of(outcome=answer(200, JSON, body=b"[" * 90 + b'"x"' + b"]" * 90))["body"] == "[" * 21 + "]" * 21


@pytest.mark.parametrize(
    ("verdict", "outcome", "shown"),
    [
        pytest.param(Verdict.LEAK, answer(200, HTML, body=b"<title>Alice's pay</title>"), "<26 bytes of text/html; charset=utf-8>", id="leaked-page"),
        pytest.param(
            Verdict.DRIFT, answer(200, HTML, body=b"<html><title> Sign in </title>"),
            "<30 bytes of text/html; charset=utf-8, titled 'Sign in'>", id="soft-page",
        ),
        pytest.param(Verdict.LEAK, answer(200, body=b"Alice"), "<5 bytes of no content type>", id="leaked-text"),
        pytest.param(Verdict.LEAK, answer(401, body=b"Alice"), "<5 bytes of no content type>", id="text-of-a-disclosure"),
        pytest.param(Verdict.DRIFT, answer(500, body=b"select Alice"), "<12 bytes of no content type>", id="text-of-an-error"),
        pytest.param(Verdict.LOCKED, answer(401, body=b"go away"), "go away", id="refusal"),
        pytest.param(Verdict.LOCKED, answer(403, JSON, body=b'{"error": "no", "n": 1}'), '{"error": "no", "n": 1}', id="refusal-in-json"),
        pytest.param(Verdict.LOCKED, answer(401, JSON, body=b'{"csrfToken": "abc", "x": {"nonce": [1]}}'), '{"csrfToken": "<text of 3>", "x": {"nonce": ["<number>"]}}', id="refusal-with-a-token"),
        pytest.param(Verdict.UNPROVEN, answer(429, body=b"slow down"), "slow down", id="throttle"),
        pytest.param(Verdict.UNPROVEN, answer(403, HTML, body=b"<TITLE>Just a moment...</TITLE>"), "<31 bytes of text/html; charset=utf-8, titled 'Just a moment...'>", id="wall"),
        pytest.param(Verdict.LEAK, answer(200, HTML), "", id="no-body"),
    ],
)  # fmt: skip
def test_a_refusal_speaks_for_itself_and_all_else_does_not(
    exchange_of: Callable[..., Exchange], verdict: Verdict, outcome: Answered, shown: str
) -> None:
    assert exchange_of(verdict, outcome=outcome)["body"] == shown


def test_a_body_whose_end_was_not_read_says_so(exchange_of: Callable[..., Exchange]) -> None:
    found = exchange_of(outcome=answer(200, body=b"x" * 70, whole=False))
    assert (found["size"], found["whole"]) == (70, False)


def test_a_head_has_headers_and_no_body(exchange_of: Callable[..., Exchange]) -> None:
    found = exchange_of(method="HEAD", outcome=answer(200, JSON, ("content-length", "812")))
    assert (found["method"], found["body"], found["size"]) == ("HEAD", "", 0)
    assert ("content-length", "812") in found["response_headers"]


@pytest.mark.parametrize(
    ("header", "shown"),
    [
        pytest.param(("set-cookie", "sid=abc; Path=/; HttpOnly"), "sid=<redacted>; Path=/; HttpOnly", id="cookie"),
        pytest.param(("set-cookie", "abc"), "abc=<redacted>", id="cookie-without-a-value"),
        pytest.param(("authorization", "Bearer abc"), "<text of 10>", id="authorization"),
        pytest.param(("x-api-key", "abc"), "<text of 3>", id="key"),
        pytest.param(("x-user-email", "alice@example.com"), "<text of 17>", id="data-in-a-header"),
        pytest.param(("location", "/welcome?email=alice&next=%2Fa#t=1"), "/welcome?email=<redacted>&next=%2Fa#t=<redacted>", id="location"),
        pytest.param(("location", "/signin?callbackUrl=%2Fx&error=MissingCSRF"), "/signin?callbackUrl=%2Fx&error=MissingCSRF", id="sign-in"),
        pytest.param(("server", "nginx/1.29"), "nginx/1.29", id="server"),
        pytest.param(("cf-ray", "8f0"), "8f0", id="a-wall"),
        pytest.param(("www-authenticate", 'Bearer realm="x"'), 'Bearer realm="x"', id="challenge"),
        pytest.param(("x-powered-by", "\x1b[2J"), "\\x1b[2J", id="escape"),
    ],
)  # fmt: skip
def test_a_header_is_shown_where_it_is_no_data(
    exchange_of: Callable[..., Exchange], header: tuple[str, str], shown: str
) -> None:
    assert exchange_of(outcome=answer(200, header))["response_headers"] == [(header[0], shown)]


@pytest.mark.timeout(2)
def test_no_location_takes_long_to_read(exchange_of: Callable[..., Exchange]) -> None:
    for part in ("?", "?a", "a=", "&;#"):
        assert exchange_of(outcome=answer(302, ("location", part * 30_000)))


# --- secrets ----------------------------------------------------------------------------------------------------------

SECRET = "held+secret/0123456789"


def test_a_held_secret_is_in_nothing_that_was_sent_even_where_nobody_named_it(
    finding_of: Make, report_of: MakeReport
) -> None:
    found = finding_of(
        Verdict.LOCKED, path=f"/a?x={SECRET}", headers=(("Authorization", f"Bearer {SECRET}"),), content=SECRET.encode(),
        outcome=answer(401, ("server", SECRET), body=SECRET.encode()),
    )  # fmt: skip
    found = replace(found, probe=replace(found.probe, credential=replace(found.probe.credential, secret=SECRET)))
    (entry,) = exchanges(report_of(found))
    assert entry["request_headers"] == [("Authorization", "Bearer <redacted>")]
    assert entry["request_body"] == "<redacted>"
    assert entry["body"].endswith("nothing of the answer is shown>")
    assert SECRET not in json.dumps({**entry, "id": ""})


@pytest.mark.parametrize("form", [lambda text: text[::-1], " ".join, lambda text: text[: len(text) // 2]])
def test_no_form_of_a_held_secret_is_shown_by_what_was_answered(
    form: Callable[[str], str], finding_of: Make, report_of: MakeReport
) -> None:
    """A deployment may repeat it backwards, spaced out or in parts: nothing that it answered is shown then."""
    said = form(SECRET)
    answered = answer(
        302, ("location", f"/x?{said}"), ("server", said), ("etag", said), body=json.dumps({said: said}).encode()
    )
    found = finding_of(Verdict.DRIFT, outcome=answered, detail=f"got 302 to /x?{said}, expected 401")
    found = replace(found, probe=replace(found.probe, credential=replace(found.probe.credential, secret=SECRET)))
    report = report_of(found)
    (entry,) = exchanges(report)
    assert said not in json.dumps(entry)
    assert said not in json.dumps(record(report, secrets=(SECRET,))["findings"])


def test_what_was_made_up_stays_to_be_seen(exchange_of: Callable[..., Exchange]) -> None:
    bogus = "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJsb2NrZG93biJ9."
    assert exchange_of(headers=(("Authorization", bogus),))["request_headers"] == [("Authorization", bogus)]
