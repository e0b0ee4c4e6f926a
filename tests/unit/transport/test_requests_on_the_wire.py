"""What the transport sends: the bytes that arrive at a real socket on loopback."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from prober.model import Cause, Request
from tests.support.byte_server import OK, answered, ask, get, says, serves, unanswered

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.integration


@pytest.mark.parametrize(
    "target",
    [
        pytest.param("/", id="root"),
        pytest.param("/a/../b", id="dot-segments"),
        pytest.param("/a/./b", id="single-dot"),
        pytest.param("//x", id="double-slash-in-front"),
        pytest.param("/a//b", id="double-slash"),
        pytest.param("/a/%2e%2e/b", id="encoded-dots"),
        pytest.param("/a%2Fb", id="encoded-slash"),
        pytest.param("/%61dmin", id="encoded-letter"),
        pytest.param("/%zz", id="no-percent-encoding-at-all"),
        pytest.param("/a;x=1/b", id="semicolon"),
        pytest.param("/a\\b", id="backslash"),
        pytest.param("/a?b=c&b=d&e", id="query"),
        pytest.param("/a?", id="empty-query"),
        pytest.param("/a?token=", id="empty-value"),
        pytest.param("/a?x=%20+y", id="encoded-space"),
        pytest.param("/'\"<>{}|^`", id="what-a-browser-would-encode"),
        pytest.param("http://other.test/a", id="absolute-form"),
        pytest.param("*", id="asterisk-form"),
        pytest.param("/a/", id="trailing-slash"),
        pytest.param("/A", id="upper-case"),
    ],
)
def test_the_request_target_arrives_byte_for_byte(target: str) -> None:
    (outcome,), raw = ask(says(OK), get(target))
    assert answered(outcome).status == 200
    assert raw.target() == f"GET {target} HTTP/1.1"


@pytest.mark.parametrize(
    "request_",
    [
        pytest.param(get("/a b"), id="space-in-the-target"),
        pytest.param(get("/a\r\nX: y"), id="line-break-in-the-target"),
        pytest.param(get("/ä"), id="letter-that-is-no-ascii-in-the-target"),
        pytest.param(get("/", ("Authorization", "Bearer x\r\nX: y")), id="line-break-in-a-header"),
        pytest.param(get("/", ("Authorization", "Bearer \x00")), id="nul-in-a-header"),
        pytest.param(get("/", ("Authorization", "Bearer \u20ac")), id="letter-that-is-no-ascii-in-a-header"),
        pytest.param(get("/", ("X Y", "z")), id="space-in-a-header-name"),
        pytest.param(get("/", method="GE T"), id="space-in-the-method"),
    ],
)
def test_what_http_cannot_carry_is_never_sent_and_says_so(request_: Request) -> None:
    (good, bad), raw = ask(serves(OK), get("/first"), request_)
    assert answered(good).status == 200
    assert raw.target() == "GET /first HTTP/1.1"
    assert (unanswered(bad).cause, unanswered(bad).arrived) == (Cause.PROTOCOL, False)
    assert "cannot be written as HTTP" in unanswered(bad).detail
    assert len(raw.heard) == 1


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param((("Authorization", "Bearer a"), ("Authorization", "Bearer b")), id="two-stay-two"),
        pytest.param((("Authorization", "Bearer  x"),), id="two-spaces"),
        pytest.param((("authorization", "Bearer x"), ("AUTHORIZATION", "Bearer y")), id="case-of-the-name"),
        pytest.param((("X-Api-Key", "a"), ("Cookie", "a=b; c=d"), ("X-Api-Key", "b")), id="order"),
        pytest.param((("Cookie", "a=b"), ("Cookie", "c=d")), id="two-cookie-lines"),
        pytest.param((("Accept-Encoding", "identity"), ("Accept", "*/*"), ("User-Agent", "x (y)")), id="every-request's"),
        pytest.param((("Cache-Control", "no-cache"), ("X-Forwarded-For", "127.0.0.1")), id="variant"),
    ],
)  # fmt: skip
def test_header_lines_arrive_exactly_as_planned_and_no_others(headers: tuple[tuple[str, str], ...]) -> None:
    (outcome,), raw = ask(says(OK), get("/", *headers))
    assert answered(outcome).status == 200
    assert raw.lines() == [f"Host: 127.0.0.1:{raw.port}", *(f"{name}: {value}" for name, value in headers)]


def test_an_empty_header_value_arrives_empty() -> None:
    (outcome,), raw = ask(says(OK), get("/", ("Authorization", "")))
    assert answered(outcome).status == 200
    assert [line.strip() for line in raw.lines_of("authorization")] == ["Authorization:"]


def test_a_plan_that_names_its_own_host_replaces_ours() -> None:
    (outcome,), raw = ask(says(OK), get("/", ("Host", "evil.test")))
    assert answered(outcome).status == 200
    assert raw.lines() == ["Host: evil.test"]


def test_a_body_arrives_whole_with_its_length() -> None:
    (outcome,), raw = ask(
        says(OK), get("/x", ("Content-Type", "application/json"), method="POST", content=b'{"a":"\xc3\xa4"}')
    )
    assert answered(outcome).status == 200
    assert raw.heard[0].split(b"\r\n\r\n", 1)[1] == b'{"a":"\xc3\xa4"}'
    assert sorted(raw.lines()) == ["Content-Length: 10", "Content-Type: application/json", f"Host: 127.0.0.1:{raw.port}"]  # fmt: skip


def test_a_post_without_a_body_says_so() -> None:
    (outcome,), raw = ask(says(OK), get("/x", method="POST"))
    assert answered(outcome).status == 200
    assert raw.lines_of("transfer-encoding") == []
    assert raw.lines_of("content-length") == ["Content-Length: 0"]


def test_the_operators_own_headers_go_with_every_request() -> None:
    outcomes, raw = ask(serves(OK, OK), get("/1"), get("/2", ("X", "y")), headers=(("X-Pass", "wall"),))
    assert [answered(outcome).status for outcome in outcomes] == [200, 200]
    assert [raw.lines_of("x-pass", n) for n in (0, 1)] == [["X-Pass: wall"], ["X-Pass: wall"]]


def test_the_cookie_of_a_wall_joins_the_probes_own() -> None:
    asked = (get("/1"), get("/2", ("Cookie", "sid=bogus"), ("X", "y")))
    outcomes, raw = ask(serves(OK, OK), *asked, headers=(("Cookie", "staging=in"), ("X-Pass", "wall")))
    assert [answered(outcome).status for outcome in outcomes] == [200, 200]
    assert raw.lines_of("cookie", 0) == ["Cookie: staging=in"]
    assert raw.lines_of("cookie", 1) == ["Cookie: staging=in; sid=bogus"]
    assert [raw.lines_of("x-pass", n) for n in (0, 1)] == [["X-Pass: wall"], ["X-Pass: wall"]]


def test_no_cookie_is_kept_after_a_set_cookie() -> None:
    baked = b"HTTP/1.1 200 OK\r\nSet-Cookie: session=real; Path=/\r\nContent-Length: 0\r\n\r\n"
    outcomes, raw = ask(serves(baked, OK), get("/1"), get("/2"))
    assert answered(outcomes[0]).header("set-cookie") == "session=real; Path=/"
    assert raw.target(1) == "GET /2 HTTP/1.1"
    assert raw.lines_of("cookie", 1) == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(status: int) -> None:
    moved = b"HTTP/1.1 %d Moved\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n" % status
    (outcome,), raw = ask(serves(moved, OK), get("/1"))
    assert (answered(outcome).status, answered(outcome).header("location")) == (status, "/elsewhere")
    assert [raw.target(n) for n in range(len(raw.heard))] == ["GET /1 HTTP/1.1"]


def test_neither_proxy_variables_nor_netrc_are_obeyed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    netrc = tmp_path / ".netrc"
    netrc.write_text("machine 127.0.0.1 login alice password wonderland\ndefault login alice password wonderland\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(netrc))
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")  # nobody listens on the discard port
    (outcome,), raw = ask(says(OK), get("/x", ("Authorization", "Bearer bogus")))
    assert answered(outcome).status == 200
    assert raw.target() == "GET /x HTTP/1.1"
    assert raw.lines_of("authorization") == ["Authorization: Bearer bogus"]
