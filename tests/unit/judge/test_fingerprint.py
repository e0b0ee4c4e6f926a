"""Two answers are one page, or they are not: what changes by the request is masked, and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prober.judge.fingerprint import fingerprint
from prober.model import Answered

HTML = ("content-type", "text/html; charset=utf-8")
JSON = ("content-type", "application/json")
HERE, THERE = "/api/admin/users", "/api/lockdown-probe-0123abcd"


def answer(body: str | bytes, *headers: tuple[str, str], status: int = 404) -> Answered:
    raw = body if isinstance(body, bytes) else body.encode()
    return Answered.of(status=status, headers=headers, body=raw, whole=True, attempts=1, elapsed_ms=1)


def page(title: str, text: str) -> str:
    return f"<html><head><title>{title}</title></head><body>{text}</body></html>"


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [
        pytest.param(answer(""), answer(""), id="empty"),
        pytest.param(answer("Not Found"), answer("Not Found"), id="the-same-words"),
        pytest.param(answer(f"Cannot GET {HERE}"), answer(f"Cannot GET {THERE}"), id="the-path-is-named"),
        pytest.param(answer('{"path":"users"}', JSON), answer('{"path":"lockdown-probe-0123abcd"}', JSON), id="its-last-part-is-named"),
        pytest.param(answer('{"n":1}', JSON, status=404), answer('{"n":22}', JSON, status=404), id="numbers-of-a-refusal"),
        pytest.param(answer('{"at":1764210000123}', JSON, status=200), answer('{"at":1764210000456}', JSON, status=200), id="times-in-milliseconds"),
        pytest.param(answer('{"at":"2026-11-27T02:03:04.5Z"}', JSON, status=200), answer('{"at":"2026-11-27T02:03:05Z"}', JSON, status=200), id="times-in-words"),
        pytest.param(
            answer(page("App", "<i class=a>Hello</i>  there" + "." * 200), HTML, status=200), answer(page("App", "<b>Hello</b> there" + "." * 200), HTML, status=200),
            id="one-text-otherwise-marked-up",
        ),
        pytest.param(answer('<script nonce="YWJjZGVmZ2hpamtsbW5v">', HTML), answer('<script nonce="enl4d3Z1dHNycXBvbm1s">', HTML), id="nonces"),
        pytest.param(answer("x", ("content-type", "text/html")), answer("x", ("content-type", "Text/HTML ;charset=utf-8")), id="one-type-in-two-ways"),
        pytest.param(
            answer("", ("location", f"/signin?callbackUrl=%2F{HERE}"), status=307),
            answer("", ("location", "/signin?error=SessionRequired"), status=307), id="one-way-out",
        ),
        pytest.param(
            answer("", ("location", f"https://app.test{HERE}"), status=308), answer("", ("location", f"https://app.test{THERE}"), status=308),
            id="a-redirect-of-each-to-itself",
        ),
    ],
)  # fmt: skip
def test_two_answers_are_one_page(mine: Answered, theirs: Answered) -> None:
    assert fingerprint(mine, HERE).is_like(fingerprint(theirs, THERE))
    assert fingerprint(theirs, THERE).is_like(fingerprint(mine, HERE))


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [
        pytest.param(answer("no", status=401), answer("no", status=403), id="status"),
        pytest.param(answer("no", JSON), answer("no", HTML), id="type"),
        pytest.param(answer("no"), answer("not"), id="words"),
        pytest.param(answer('{"error":"not_found"}', JSON), answer('{"error":"no_access"}', JSON), id="words-of-one-length"),
        pytest.param(answer(page("404", "a" * 400), HTML), answer(page("Users", "a" * 400), HTML), id="title"),
        pytest.param(answer(page("App", "a" * 400), HTML), answer(page("App", "b b" * 150), HTML), id="one-title-and-another-length"),
        pytest.param(answer(page("App", "a" * 400), HTML), answer(page("App", "b b" * 132), HTML), id="one-title-and-about-one-length"),
        pytest.param(answer('{"balance":0}', JSON, status=200), answer('{"balance":91827}', JSON, status=200), id="numbers-of-a-success"),
        pytest.param(answer(page("App", "Salary: 0"), HTML, status=200), answer(page("App", "Salary: 9"), HTML, status=200), id="numbers-that-a-page-shows"),
        pytest.param(
            answer(page("App", "Loading" + "." * 400), HTML, status=200), answer(page("App", "Loading" + "." * 390 + '<script>{"pin":"4711"}</script>'), HTML, status=200),
            id="data-in-a-script",
        ),
        pytest.param(
            answer(page("App", "Account DE12345678901234567890"), HTML, status=200),
            answer(page("App", "Account XX00000000000000000000"), HTML, status=200), id="a-number-that-a-page-shows-and-looks-like-an-id",
        ),
        pytest.param(answer(page("App 4917012345678", "."), HTML, status=200), answer(page("App 4917000000000", "."), HTML, status=200), id="a-number-in-a-title"),
        pytest.param(
            answer(page("App", "<input value=91000>" + "." * 200), HTML, status=200), answer(page("App", "<input value=0>" + "." * 200), HTML, status=200),
            id="a-value-without-quotes",
        ),
        pytest.param(answer("<p>" + "a " * 200, HTML), answer("<p>" + "b " * 200, HTML), id="one-length-and-no-title"),
        pytest.param(answer(page("", "a a"), HTML), answer(page("", "b b"), HTML), id="an-empty-title"),
        pytest.param(answer('{"title":"x"} ', JSON), answer('{"title":"y"} ', JSON), id="json-of-one-length"),
        pytest.param(answer("", ("location", "/signin"), status=307), answer("", ("location", "/app"), status=307), id="ways-out"),
        pytest.param(answer("", ("location", "/signin"), status=307), answer("", status=307), id="a-way-out-and-none"),
    ],
)  # fmt: skip
def test_two_answers_are_two_pages(mine: Answered, theirs: Answered) -> None:
    assert not fingerprint(mine, HERE).is_like(fingerprint(theirs, THERE))
    assert not fingerprint(theirs, THERE).is_like(fingerprint(mine, HERE))


def test_a_request_id_that_a_page_shows_is_masked() -> None:
    mine, theirs = (answer(page("App", f"Request {part * 16}"), HTML, status=200) for part in ("a1", "b2"))
    assert fingerprint(mine, HERE).is_like(fingerprint(theirs, HERE))


@given(st.binary(max_size=300), st.integers(200, 599))
def test_every_answer_is_like_itself(body: bytes, status: int) -> None:
    mark = fingerprint(answer(body, HTML, status=status), HERE)
    assert mark.is_like(mark)


@pytest.mark.timeout(3)
@pytest.mark.parametrize("body", [b"<title" * 10_000, b"<title>" * 9_000, b"/" * 65_536, b"0123456789abcdef-" * 3_800])
def test_no_body_takes_long(body: bytes) -> None:
    assert fingerprint(answer(body, HTML), HERE).length == len(body)


def test_a_short_part_of_the_path_masks_no_words() -> None:
    """The 'me' of /api/me stands in many a word."""
    mine, theirs = (fingerprint(answer(text, JSON), "/api/me") for text in ('{"a":"me"}', '{"a":"*"}'))
    assert not mine.is_like(theirs)


@pytest.mark.parametrize(
    ("mine", "at", "theirs", "there", "one"),
    [
        pytest.param("<title>a</title>".ljust(400), HERE, "<title>a</title>".ljust(380), THERE, True, id="a-twentieth-shorter"),
        pytest.param("<title>a</title>".ljust(400), HERE, "<title>a</title>".ljust(379), THERE, False, id="more-than-a-twentieth-shorter"),
        pytest.param("at /a", "/a", "at /b", "/b", True, id="a-path-of-one-letter"),
        pytest.param("at /a", "/a?b=c", "at /b", "/b?c=d", True, id="a-path-with-a-query"),
        pytest.param(f"<title>no {HERE}</title>" + "a " * 200, HERE, f"<title>no {THERE}</title>" + "a " * 200, THERE, True, id="a-title-that-names-the-path"),
        pytest.param("<TITLE> no\n</TITLE>" + "a " * 200, HERE, "<title>no</title>" + "a " * 200, THERE, True, id="a-title-in-capitals-on-two-lines"),
        pytest.param("a/b", "/", "a*b", "/", False, id="the-front-page-masks-no-slashes"),
        pytest.param("no xyz", "/api/xyz", "no lockdown-probe-0123abcd", THERE, True, id="a-part-of-three-letters"),
        pytest.param("no Ausers", HERE, "no A*", HERE, False, id="a-part-inside-a-word"),
        pytest.param(f"abcdefghijklmn{HERE}", HERE, f"nmlkjihgfedcba{THERE}", THERE, False, id="words-beside-the-path"),
        pytest.param("abcdefghijklm_users", HERE, "mlkjihgfedcba_users", HERE, False, id="words-beside-a-part-of-it"),
    ],
)  # fmt: skip
def test_what_is_masked_is_the_path_and_no_more(mine: str, at: str, theirs: str, there: str, *, one: bool) -> None:
    assert fingerprint(answer(mine, HTML), at).is_like(fingerprint(answer(theirs, HTML), there)) is one
