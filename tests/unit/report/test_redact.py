"""What a deployment said does nothing once it is cleaned, and holds no secret, in whatever form it comes."""

from __future__ import annotations

import base64
import html
import json
import re
import unicodedata
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prober.report.redact import HIDDEN, clean, forms_of, harmless

if TYPE_CHECKING:
    from collections.abc import Callable

SECRET = 'top+secret/0123&<value>"\\x'
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbGV4In0.c2lnbmF0dXJl"
JWE = "eyJhbGciOiJkaXIifQ..aXZpdml2aXY.Y2lwaGVydGV4dA.dGFnZ2Vk"
INVITE = "Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4"


def acts(text: str) -> bool:
    """Say whether a terminal or the log of a build would do anything but show this."""
    return any(char != " " and unicodedata.category(char)[0] in "CZ" for char in text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("plain text, 100 % of it", "plain text, 100 % of it", id="plain"),
        pytest.param("Ärger in Zürich, 日本", "Ärger in Zürich, 日本", id="letters-of-all-sorts"),
        pytest.param("\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m", id="colours"),
        pytest.param("\x1b]52;c;cm0gLXJm\x07", "\\x1b]52;c;cm0gLXJm\\x07", id="the-clipboard"),
        pytest.param("\x1b]8;;https://evil.test\x1b\\x", "\\x1b]8;;https://evil.test\\x1b\\x", id="a-link"),
        pytest.param("\x9b31m", "\\x9b31m", id="escape-in-one-byte"),
        pytest.param("locked\rleak", "locked\\x0dleak", id="carriage-return"),
        pytest.param("a\nb\tc\x00d\x7fe\x08f", "a\\x0ab\\x09c\\x00d\\x7fe\\x08f", id="controls"),
        pytest.param("a\u202eb\u2066c\u200fd", "a\\u202eb\\u2066c\\u200fd", id="direction-marks"),
        pytest.param("a\u2028b\u2029c\x85d", "a\\u2028b\\u2029c\\x85d", id="other-line-ends"),
        pytest.param("a\u200bb\ufeffc\xadd", "a\\u200bb\\ufeffc\\xadd", id="what-is-not-seen"),
        pytest.param("a\xa0b\u3000c", "a\\xa0b\\u3000c", id="spaces-that-are-none"),
        pytest.param("a\ud800b\ue000c\U000e0041d", "a\\ud800b\\ue000c\\ue0041d", id="surrogates-and-private-ones"),
        pytest.param("##[error]x", "# #[error]x", id="github-old"),
        pytest.param("x ##[group]", "x # #[group]", id="github-old-inside"),
        pytest.param("##vso[task.setvariable variable=x]y", "# #vso[task.setvariable variable=x]y", id="azure"),
        pytest.param("##TeamCity[buildStop]", "# #TeamCity[buildStop]", id="teamcity"),
        pytest.param("::error::x", ": :error::x", id="github"),
        pytest.param("  ::Set-Output name=x::y", "  : :Set-Output name=x::y", id="github-after-spaces"),
        pytest.param("far on ::add-mask::x", "far on : :add-mask::x", id="github-where-a-line-may-be-wrapped"),
        pytest.param("\n::error::x", "\\x0a::error::x", id="github-after-a-line-end-that-is-none-now"),
        pytest.param("http://[::1]:3000/a::b # ## ####", "http://[::1]:3000/a::b # ## ####", id="what-only-looks-alike"),
    ],
)  # fmt: skip
def test_text_is_shown_and_does_nothing(text: str, shown: str) -> None:
    assert clean(text) == shown
    assert harmless(text) == shown


@given(st.text())
def test_no_text_at_all_acts_once_it_is_cleaned(text: str) -> None:
    assert not acts(clean(text))
    assert not acts(harmless(text))


HOSTILE = st.lists(
    st.sampled_from(["##", "[", "::", "error", " ", "#", ":", "vso[", "\n", "\x1b", "\u2028"]), max_size=12
).map("".join)


@given(HOSTILE)
def test_no_command_to_a_builds_runner_is_left(text: str) -> None:
    shown = clean(text)
    assert "##[" not in shown
    assert "##vso[" not in shown
    assert not [word for word in shown.split(" ") if word.startswith("::") and word[2:3].isalpha()]


def test_a_text_is_cut_to_a_length_for_people() -> None:
    assert len(clean("x" * 100_000)) == 500


# --- secrets by their value -------------------------------------------------------------------------------------------


def unpadded(encoded: bytes) -> str:
    return encoded.decode().rstrip("=")


@pytest.mark.parametrize(
    "form",
    [
        pytest.param(lambda s: s, id="as-it-is"),
        pytest.param(lambda s: quote(s, safe=""), id="url"),
        pytest.param(quote, id="url-with-slashes"),
        pytest.param(quote_plus, id="form"),
        pytest.param(lambda s: re.sub("%..", lambda found: found.group().lower(), quote(s)), id="url-in-small-letters"),
        pytest.param(html.escape, id="html"),
        pytest.param(lambda s: json.dumps(f'"{s}')[3:-1], id="json"),
        pytest.param(lambda s: s.encode().hex(), id="hex"),
        pytest.param(lambda s: base64.b64encode(s.encode()).decode(), id="base64"),
        pytest.param(lambda s: base64.urlsafe_b64encode(s.encode()).decode(), id="base64url"),
        pytest.param(lambda s: base64.b64encode(f"u:{s}".encode()).decode(), id="basic-auth"),
        pytest.param(lambda s: base64.b64encode(f"user:{s}!".encode()).decode(), id="basic-auth-of-another-length"),
        pytest.param(lambda s: base64.b64encode(f"x{s}yz".encode()).decode(), id="inside-other-base64"),
    ],
)  # fmt: skip
def test_a_secret_is_taken_out_in_every_form(form: Callable[[str], str]) -> None:
    """A form is left when one could read most of the secret back from what is shown."""
    written = form(SECRET)
    shown = clean(f"before {written} after", forms_of([SECRET]))
    assert shown.startswith("before ")
    assert shown.endswith(" after")
    assert HIDDEN in shown
    assert len(shown.replace(HIDDEN, "")) <= len("before  after") + 16  # the neighbours' letters in base64


def test_a_secret_that_begins_another_leaves_nothing_of_it() -> None:
    assert clean("x abcdefgh-ijklmnop y", forms_of(["abcdefgh", "abcdefgh-ijklmnop"])) == f"x {HIDDEN} y"


def test_an_empty_secret_takes_nothing_out() -> None:
    assert clean("text", forms_of([""])) == "text"


PRINTABLE = st.characters(min_codepoint=33, max_codepoint=126)


@given(st.text(PRINTABLE, min_size=8, max_size=60), st.text(PRINTABLE), st.text(PRINTABLE))
def test_no_secret_survives_whatever_stands_around_it(secret: str, before: str, after: str) -> None:
    assert secret not in clean(before + secret + after, forms_of([secret])).replace(HIDDEN, " ")


# --- secrets by their looks -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param(f"got {JWT} back", f"got {HIDDEN} back", id="jwt"),
        pytest.param(f"got {JWE} back", f"got {HIDDEN} back", id="jwe"),
        pytest.param("eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.", HIDDEN, id="jwt-unsigned"),
        pytest.param(f"Bearer%20{JWT}", f"Bearer%20{HIDDEN}", id="jwt-after-an-encoded-space"),
        pytest.param("bp_0123456789abcdef", HIDDEN, id="mcp-token"),
        pytest.param("Bearer%20bp_0123456789abcdef", f"Bearer%20{HIDDEN}", id="mcp-token-after-an-encoded-space"),
        pytest.param("ghp_0123456789abcdefghij", HIDDEN, id="github-token"),
        pytest.param("/reset?token=abc", f"/reset?token={HIDDEN}", id="query"),
        pytest.param("/x?a=1&access_token=abc&b=2", f"/x?a=1&access_token={HIDDEN}&b=2", id="query-inside"),
        pytest.param("/x?Session-Token=abc", f"/x?Session-Token={HIDDEN}", id="query-with-a-hyphen"),
        pytest.param("/x?X-Amz-Signature=abc", f"/x?X-Amz-Signature={HIDDEN}", id="signed-url"),
        pytest.param("/cb#access_token=abc", f"/cb#access_token={HIDDEN}", id="fragment"),
        pytest.param("/cb?code=abc&state=def", f"/cb?code={HIDDEN}&state={HIDDEN}", id="oauth"),
        pytest.param(
            "/signin?callbackUrl=%2Freset%3Ftoken%3Dabc%26a%3D1", f"/signin?callbackUrl=%2Freset%3Ftoken%3D{HIDDEN}%26a%3D1",
            id="query-within-a-query",
        ),
        pytest.param(f"/invites/{INVITE}/accept", f"/invites/{HIDDEN}/accept", id="invite"),
        pytest.param(f"?next=%2Finvites%2F{INVITE}", f"?next=%2Finvites%2F{HIDDEN}", id="invite-within-a-query"),
        pytest.param("https://alice:wonderland@app.test/", f"https://{HIDDEN}@app.test/", id="password-in-a-url"),
        pytest.param("/signin?callbackUrl=%2F&error=MissingCSRF", "/signin?callbackUrl=%2F&error=MissingCSRF", id="what-is-none"),
        pytest.param("got 200, expected 401", "got 200, expected 401", id="a-detail"),
    ],
)  # fmt: skip
def test_what_looks_like_a_secret_is_taken_out(text: str, shown: str) -> None:
    assert clean(text) == shown


@pytest.mark.timeout(2)
@pytest.mark.parametrize(
    "part", ["?token", "token", "eyJaaaaaaaa.", "::", "##", "%3Fkey", "://a", "/invites/", "bp_", "?a.b-c_"]
)
def test_no_text_takes_long_to_clean(part: str) -> None:
    assert clean(part * (200_000 // len(part)), forms_of([SECRET]))
