"""What a body holds, in every form in which a browser or a JSON client would read it."""

from __future__ import annotations

import codecs
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prober.judge.content import Content, content_of
from prober.judge.records import is_record
from prober.model import Answered

ROWS = [{"id": n, "name": f"Example {n}", "salary": 90_000 + n} for n in range(5)]
TABLE = "<table>" + "".join(f"<tr><td>{row['id']}</td><td>{row['name']}</td></tr>" for row in ROWS) + "</table>"


def body(raw: str | bytes, kind: str = "application/json") -> Content:
    content = raw.encode() if isinstance(raw, str) else raw
    return content_of(Answered.of(status=401, headers=(("content-type", kind),), body=content, elapsed_ms=1))


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        pytest.param("péché".encode(), "text/plain", id="utf-8"),
        pytest.param("péché".encode("latin-1"), "text/plain; charset=iso-8859-1", id="latin-1"),
        pytest.param(codecs.BOM_UTF8 + "péché".encode(), "application/json", id="utf-8-with-a-mark"),
        pytest.param("péché".encode("utf-16"), "text/html", id="utf-16-with-a-mark"),
        pytest.param("péché".encode("utf-32"), "text/html", id="utf-32-with-a-mark"),
        pytest.param("péché".encode("utf-16-le"), 'text/html; charset="utf-16le"', id="utf-16-by-its-header"),
        pytest.param("péché".encode(), "text/html; charset=no-such", id="an-unknown-charset"),
    ],
)
def test_text_is_read_in_its_charset(raw: bytes, kind: str) -> None:
    assert body(raw, kind).text == "péché"


def test_a_page_declares_its_own_charset() -> None:
    page = '<meta charset="iso-8859-1"><p>péché</p>'.encode("latin-1")
    assert "péché" in body(page, "text/html").text


@pytest.mark.parametrize("order", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_mark_is_recognised(order: str) -> None:
    assert body('{"apiKey":"x1"}'.encode(order)).documents == ({"apiKey": "x1"},)


@pytest.mark.parametrize(
    ("raw", "kind", "count"),
    [
        pytest.param('{"a":1}', "application/json", 1, id="one"),
        pytest.param('{"a":1}\n{"b":2}\n', "application/x-ndjson", 2, id="lines"),
        pytest.param('{"a":1}{"b":2}', "text/plain", 2, id="without-anything-between"),
        pytest.param('data: {"a":1}\n\ndata: {"b":2}\n\n', "text/event-stream", 2, id="events"),
        pytest.param('data: {"a":\ndata: 1}\r\n\r\n', "text/event-stream", 1, id="an-event-in-two-lines"),
        pytest.param("\ufeff" + '{"a":1}', "application/json", 1, id="with-a-mark"),
        pytest.param(")]}',\n" + '{"a":1}', "application/json", 1, id="behind-a-guard-against-scripts"),
        pytest.param('for(;;);{"a":1}', "application/json", 1, id="behind-a-loop-against-scripts"),
        pytest.param('call({"a":1})', "application/javascript", 1, id="an-argument-of-a-call"),
        pytest.param('\x1e{"a":1}\n\x1e{"b":2}\n', "application/json-seq", 2, id="a-sequence"),
        pytest.param('data: {"a":1}\r\rdata: {"b":2}\r\r', "text/event-stream", 2, id="events-of-old-lines"),
        pytest.param('--b\r\n\r\n{"a":1}\r\n--b\r\n\r\n{"b":2}\r\n--b--', "multipart/mixed; boundary=b", 2, id="parts"),
        pytest.param("null", "application/json", 1, id="null"),
        pytest.param("<p>no</p>", "text/html", 0, id="a-page"),
        pytest.param("", "application/json", 0, id="empty"),
    ],
)
def test_every_document_is_read(raw: str, kind: str, count: int) -> None:
    assert len(body(raw, kind).documents) == count


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        pytest.param('{"x":[{"apiKey":"v4lue"}]}', "application/json", id="deep"),
        pytest.param('{"error":"no"}\n{"apiKey":"v4lue"}', "application/x-ndjson", id="second-line"),
        pytest.param('data: {"error":"no"}\n\ndata: {"apiKey":"v4lue"}\n\n', "text/event-stream", id="second-event"),
        pytest.param('{"error":"no","apiKey":"v4lue","pad":"' + "x" * 99, "application/json", id="cut"),
        pytest.param(r'{"error":"no","api\u004bey":"v4lue","pad":"xx', "application/json", id="cut-and-escaped"),
        pytest.param("<r><error>no</error><apiKey>v4lue</apiKey></r>", "application/xml", id="an-element"),
        pytest.param('<r><k:apiKey xmlns:k="x">v4lue</k:apiKey></r>', "text/xml", id="an-element-of-a-namespace"),
        pytest.param('<user apiKey="v4lue"/>', "application/xml", id="an-attribute"),
        pytest.param("<script>x = {'apiKey': \"v4lue\"}</script>", "text/html", id="in-a-script"),
        pytest.param('<div data-page="{&quot;apiKey&quot;:&quot;v4lue&quot;}">', "text/html", id="in-an-attribute"),
        pytest.param('{"body":"{\\"apiKey\\":\\"v4lue\\"}"}', "application/json", id="in-a-text"),
        pytest.param('{"apiKey":"v4lue","apiKey":null}', "application/json", id="a-name-that-stands-twice"),
        pytest.param(
            ': {"apiKey":"v4lue"}\n\ndata: {"error":"no"}\n\n', "text/event-stream", id="a-comment-of-a-stream"
        ),
    ],
)
def test_named_values_are_found(raw: str, kind: str) -> None:
    assert ("apiKey", "v4lue") in body(raw, kind).pairs


@pytest.mark.parametrize(
    ("raw", "kind", "rows"),
    [
        pytest.param(json.dumps(ROWS), "application/json", 5, id="a-list"),
        pytest.param(json.dumps({"data": {"items": ROWS}}), "application/json", 5, id="deep"),
        pytest.param("\n".join(map(json.dumps, ROWS)), "application/x-ndjson", 5, id="lines"),
        pytest.param(TABLE, "text/html", 5, id="a-table"),
        pytest.param(TABLE.encode("utf-16"), "text/html", 5, id="a-table-in-utf-16"),
        pytest.param('{"error":"no"}', "application/json", 0, id="an-error"),
        pytest.param('{"errors":[{"message":"no","locations":[{"line":1,"column":2}],"extensions":{"code":"X"}}]}', "application/json", 0, id="graphql"),
        pytest.param('{"detail":[{"loc":["header","x"],"msg":"required","type":"missing"}]}', "application/json", 0, id="fastapi"),
        pytest.param('{"issues":[{"code":"too_small","path":["a"],"message":"m"}]}', "application/json", 0, id="zod"),
        pytest.param('[{"jsonrpc":"2.0","id":1,"error":{"code":-1,"message":"no"}}]', "application/json", 0, id="a-batch-of-errors"),
        pytest.param("<table><tr><td>401 Unauthorized</td></tr></table>", "text/html", 0, id="a-layout-of-one-cell"),
    ],
)  # fmt: skip
def test_rows_are_counted_and_errors_are_none(raw: str | bytes, kind: str, rows: int) -> None:
    assert body(raw, kind).rows == rows


@pytest.mark.parametrize("kind", ["application/json", "application/octet-stream", ""])
def test_a_charset_that_is_a_lie_hides_nothing(kind: str) -> None:
    assert body('{"apiKey":"v4lue"}', f"{kind}; charset=utf-16").documents == ({"apiKey": "v4lue"},)


@pytest.mark.parametrize(
    ("raw", "kind", "binary"),
    [
        pytest.param(b"%PDF-1.7 and so on", "text/plain", True, id="a-file-by-its-first-bytes"),
        pytest.param(b"\x82\xa5error\xa2no", "application/msgpack", True, id="a-message-of-bytes"),
        pytest.param(b"\n\x18\n\x10Example\x10\x01", "application/x-protobuf", True, id="control-characters"),
        pytest.param(b"a\0b", "text/plain", True, id="nothing-in-between"),
        pytest.param(b'{"error":"no"}', "application/octet-stream", False, id="a-text-without-a-type"),
        pytest.param('{"error":"no"}'.encode("utf-16"), "application/json", False, id="utf-16"),
        pytest.param("péché".encode("latin-1"), "text/plain", False, id="another-charset-than-declared"),
        pytest.param("\x1b[31mno\x1b[0m " * 3, "text/plain", False, id="escapes-of-a-terminal"),
        pytest.param("", "application/pdf", False, id="nothing"),
    ],
)
def test_what_no_reader_of_text_can_read_is_binary(raw: bytes | str, kind: str, *, binary: bool) -> None:
    assert body(raw, kind).is_binary is binary


def test_visible_text_is_what_a_reader_sees() -> None:
    page = "<html><head><title>T</title><style>p {}</style></head><body><!-- c --><script>x</script><p>A &amp; B</p></body></html>"
    assert body(page, "text/html").visible_text == "A & B"


@pytest.mark.parametrize(
    ("page", "text"),
    [
        pytest.param("<p>A<script>x</script>B</p>", "A B", id="a-script-in-between"),
        pytest.param("<p>A<!-- <b>x</b> -->B</p>", "A B", id="a-comment"),
        pytest.param("<script>if (a<b) { '</p>' }</script>C", "C", id="a-script-with-tags"),
        pytest.param("<svg/>A<br>B", "A B", id="an-empty-element"),
        pytest.param("A<script>never closed", "A", id="a-script-without-an-end"),
        pytest.param("a < b and c > d", "a < b and c > d", id="no-tags"),
    ],
)
def test_what_a_reader_does_not_see_is_left_out(page: str, text: str) -> None:
    assert body(page, "text/html").visible_text == text


@pytest.mark.parametrize("part", ["<script>", "<!--", "<tr><td>", "<a>", "<", '"aa":', "{", "[", "<a b='c' "])
def test_a_hostile_body_is_read_in_linear_time(part: str) -> None:
    content = body(part * (65_536 // len(part)), "text/html")
    assert content.visible_text is not None
    assert content.rows >= 0
    assert len(content.pairs) >= 0


def test_an_object_of_nothing_is_no_record() -> None:
    assert not is_record({"user": None, "name": "", "error": "no"})


@given(
    st.binary(max_size=400),
    st.sampled_from(["application/json", "text/html", "text/event-stream", "application/xml", "multipart/mixed", ""]),
)
def test_no_bytes_raise(raw: bytes, kind: str) -> None:
    content = body(raw, kind)
    assert content.rows >= 0
    assert isinstance(content.visible_text, str)
    assert len(content.pairs) >= 0


@pytest.mark.parametrize(
    ("raw", "kind", "text"),
    [
        pytest.param(codecs.BOM_UTF8 + b"a\xff", "text/plain", "a\ufffd", id="a-mark-and-a-wrong-byte"),
        pytest.param(b"a\xff", "text/plain; charset=no-such", "a\ufffd", id="no-such-charset-and-a-wrong-byte"),
        pytest.param('<?xml version="1.0" encoding="iso-8859-1"?><a>é</a>'.encode("latin-1"), "text/xml", '<?xml version="1.0" encoding="iso-8859-1"?><a>é</a>', id="as-xml-declares-it"),
        pytest.param("日本 {}".encode("utf-16-le"), "text/plain; charset=UTF-16LE", "日本 {}", id="utf-16-that-begins-with-no-ascii"),
        pytest.param(b"apiKey", "text/plain; charset=UTF-16LE", "apiKey", id="a-lie-in-large-letters"),
        pytest.param(b"abc\0def", "text/plain", "abc\0def", id="the-fourth-byte-alone-is-empty"),
        pytest.param(b"ab\0def", "text/plain", "ab\0def", id="the-third-alone"),
        pytest.param(b"\0abc", "text/plain", "\0abc", id="the-first-alone"),
        pytest.param(b"\0\0a\0", "text/plain", "\0\0a\0", id="the-first-too"),
        pytest.param(b"\0\0\0a", "text/plain", "\0\0\0a", id="three-in-a-row"),
    ],
)  # fmt: skip
def test_no_charset_is_taken_for_another(raw: bytes, kind: str, text: str) -> None:
    assert body(raw, kind).text == text


@pytest.mark.parametrize(
    ("raw", "kind", "is_page"),
    [
        pytest.param("<!doctype html><HTML><p>x", "text/plain", True, id="whatever-its-type"),
        pytest.param('{"body":"<html>"}', "application/json", False, id="json-that-quotes-one"),
        pytest.param("<p>x", "text/html", True, id="by-its-type"),
        pytest.param("<r/>", "application/xml", False, id="xml"),
    ],
)
def test_a_page_is_what_a_browser_shows_as_one(raw: str, kind: str, *, is_page: bool) -> None:
    assert body(raw, kind).is_page is is_page


@pytest.mark.parametrize(
    ("raw", "kind", "binary"),
    [
        pytest.param("\0" + "a" * 99, "text/plain", True, id="one-empty-byte-in-a-text"),
        pytest.param("\x01\x02abc", "text/plain", True, id="many-control-characters"),
        pytest.param("\x01" + "a" * 99, "text/plain", False, id="one-in-a-text"),
        pytest.param("\x01" + "a" * 99, "", False, id="one-in-what-has-no-type"),
        pytest.param("\x01" + "a" * 99, "application/x-thing", True, id="one-in-what-is-no-text"),
    ],
)
def test_control_characters_tell_bytes_from_text(raw: str, kind: str, *, binary: bool) -> None:
    assert body(raw, kind).is_binary is binary


def test_empty_events_do_not_hide_the_one_after_them() -> None:
    assert body("\n\n:\n\n" * 5_000 + 'data: {"a":1}\n\n', "text/event-stream").documents == ({"a": 1},)


def test_documents_are_read_to_a_bound() -> None:
    assert len(body("[1]" * 3_000).documents) == 2_000


def test_a_part_in_base64_is_a_text_of_a_message_alone() -> None:
    message = "--b\r\nContent-Transfer-Encoding: base64\r\n\r\nYXBpS2V5PXY0bHVl\r\n--b--"
    assert "apiKey=v4lue" in body(message, "multipart/mixed; boundary=b").texts
    assert body(message, "text/plain").texts == (message,)


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        pytest.param('{"error":"no"} more: "apiKey":"v4lue"', "application/json", id="after-a-document"),
        pytest.param('x = "apiKey":"v4lue" {"b":1}', "text/plain", id="in-front-of-one"),
        pytest.param('data: {"body":"eyJhcGlLZXkiOiJ2NGx1ZSJ9"}\n\n', "text/event-stream", id="packed-in-an-event"),
        pytest.param("[1]" * 2_000 + '{"apiKey":"v4lue"}', "application/json", id="behind-the-last-one-that-is-read"),
    ],
)
def test_named_values_beside_the_documents_are_found(raw: str, kind: str) -> None:
    assert ("apiKey", "v4lue") in body(raw, kind).pairs


def test_two_lines_of_records_are_two_rows_and_a_record_alone_is_none() -> None:
    line = json.dumps(ROWS[0])
    assert body(f"{line}\n{line}", "application/x-ndjson").rows == 2
    assert body(line).rows == 0


@pytest.mark.parametrize(
    ("kind", "wanted"), [("", ""), ("Application/JSON ; charset=utf-8", "application/json"), ("text/html", "text/html")]
)
def test_the_media_type_is_in_small_letters_without_what_follows(kind: str, wanted: str) -> None:
    assert body("{}", kind).media_type == wanted
    bare = Answered.of(status=401, headers=(), body=b"{}", elapsed_ms=1)
    assert content_of(bare).media_type == ""


def test_the_pairs_of_a_form_are_its_own_unless_it_is_json() -> None:
    assert body("apiKey=v4lue&b=", "application/x-www-form-urlencoded").pairs == (("apiKey", "v4lue"),)
    assert body('{"apiKey":"a=b"}', "application/x-www-form-urlencoded").pairs == (("apiKey", "a=b"),)


def test_words_of_a_whole_document_hold_no_pairs() -> None:
    assert body(json.dumps({"message": 'send "apiKey":"v4lue" along'})).pairs == (
        ("message", 'send "apiKey":"v4lue" along'),
    )


def test_a_text_is_seen_as_it_is() -> None:
    assert body("a  <b>\nc", "text/plain").visible_text == "a  <b>\nc"
