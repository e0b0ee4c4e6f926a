"""JSON documents inside something else."""

from __future__ import annotations

import base64
import gzip
import json

import pytest

from prober.judge import embedded
from prober.judge.embedded import document_in_text, documents_in_page, documents_in_texts, parts_of

ROWS = [{"employee": "E1", "salary": 9}, {"employee": "E2", "salary": 8}]
TEXT = json.dumps(ROWS)
ENTITIES = TEXT.replace('"', "&quot;")


@pytest.mark.parametrize(
    "page",
    [
        pytest.param(f'<script id="__NEXT_DATA__" type="application/json">{TEXT}</script>', id="a-script-of-json"),
        pytest.param(f"<script>window.STATE = {TEXT};</script>", id="a-state"),
        pytest.param(f"<script>load(1, {TEXT})</script>", id="an-argument"),
        pytest.param(f"<SCRIPT>x={TEXT}", id="a-script-without-an-end"),
        pytest.param(f'<div data-page="{ENTITIES}">', id="an-attribute-in-entities"),
        pytest.param(f"<div data-page='{TEXT}'>", id="an-attribute"),
        pytest.param(f"<!-- a --><p>moved</p><!-- {TEXT} -->", id="a-comment"),
    ],
)
def test_the_state_of_a_page_is_read(page: str) -> None:
    assert ROWS in list(documents_in_page(page))


@pytest.mark.parametrize(
    "page",
    [
        pytest.param(f'<script type="application/ld+json">{TEXT}</script>', id="for-search-engines"),
        pytest.param(f"<script>self.__next_f.push([1,{TEXT}])</script>", id="flight-data"),
        pytest.param(f"<p>{TEXT}</p>", id="text"),
    ],
)
def test_what_is_no_state_is_not(page: str) -> None:
    assert not list(documents_in_page(page))


@pytest.mark.parametrize(
    "document",
    [
        pytest.param({"statusCode": 401, "body": TEXT}, id="a-wrapped-body"),
        pytest.param({"a": [{"b": json.dumps({"body": TEXT})}]}, id="wrapped-twice"),
        pytest.param({"body": base64.b64encode(TEXT.encode()).decode()}, id="in-base64"),
        pytest.param([TEXT], id="in-a-list"),
    ],
)
def test_documents_in_texts_are_read(document: object) -> None:
    assert ROWS in documents_in_texts([document])  # type: ignore[list-item]


@pytest.mark.parametrize("text", ["{not json", "a [1] b", "eyJ*", "eyJhbGciOiJub25lIn0.e30.", "12345678"])
def test_a_text_that_is_no_document_holds_none(text: str) -> None:
    assert documents_in_texts([{"message": text}]) == ()


def test_documents_without_end_come_to_an_end() -> None:
    assert len(documents_in_texts([TEXT] * 500)) == 50


def test_the_parts_of_a_message_are_read() -> None:
    encoded = base64.b64encode(b"two").decode()
    message = f"--b\r\nA: b\r\n\r\none\r\n--b\r\nContent-Transfer-Encoding: base64\r\n\r\n{encoded}\r\n--b--"
    assert parts_of(message) == ["one", "two"]


@pytest.mark.timeout(5)
@pytest.mark.parametrize("part", ["<script>", "<script>={", '="{', "='[", "=[", "--a\n", "<!--{", "<!--[-->"])
def test_a_hostile_page_is_read_in_linear_time(part: str) -> None:
    page = part * (200_000 // len(part))
    assert len(list(documents_in_page(page))) <= 50
    assert len(parts_of(page)) <= 50


@pytest.mark.parametrize(
    ("page", "documents"),
    [
        pytest.param(f"<!-- a --><!--{TEXT}-->", [ROWS], id="a-comment-without-spaces"),
        pytest.param('<!--{"a":1}-->', [{"a": 1}], id="an-object-in-a-comment"),
        pytest.param("<!-- [1] more", [], id="a-comment-that-is-not-closed"),
        pytest.param("<!--[1]x", [], id="one-that-is-cut"),
        pytest.param('<script>x={"a":[1]}</script>', [{"a": [1]}], id="a-list-within-is-no-document-of-its-own"),
        pytest.param('<script>x={"a":[1]};y=[2]</script>', [{"a": [1]}, [2]], id="the-next-one"),
        pytest.param("<script>f={bad};y=[2]</script>", [[2]], id="after-what-is-no-document"),
        pytest.param('<script type="ld+json">[1]</script><script>x=[2]</script>', [[2]], id="after-one-for-search-engines"),
        pytest.param("<script>__next_f=[1]</script><script>x=[2]</script>", [[2]], id="after-flight-data"),
        pytest.param("<script>x=1</script><p>y=[2]</p>", [], id="text-below-a-script"),
        pytest.param("<p>y=[2]</p><script>x=[1]", [[1]], id="text-above-a-script"),
        pytest.param("<script>" + "x=[1];" * 25 + "</script><script>y=[2]</script>", [[1]] * 20 + [[2]], id="twenty-of-a-script"),
    ],
)  # fmt: skip
def test_the_documents_of_a_page_are_these(page: str, documents: list[object]) -> None:
    assert list(documents_in_page(page)) == documents


def test_documents_in_documents_come_to_an_end_too() -> None:
    assert len(documents_in_texts([json.dumps({"body": "[1, 2, 3]"})] * 40)) == 50


@pytest.mark.parametrize(("text", "read"), [("[1,2,34]", True), ("[1,2,3]", False)])
def test_a_text_of_few_letters_holds_no_document(text: str, *, read: bool) -> None:
    assert bool(documents_in_texts([text])) is read


def test_a_part_in_base64_may_have_several_lines_and_large_letters() -> None:
    encoded = base64.b64encode(b"two").decode()
    message = f"--b\r\nCONTENT-TRANSFER-ENCODING: BASE64\r\n\r\n{encoded[:2]}\r\n{encoded[2:]}\r\n--b--"
    assert parts_of(message) == ["two"]


@pytest.mark.parametrize(
    ("text", "document"),
    [
        pytest.param(f"\n {TEXT} ", ROWS, id="with-spaces-around"),
        pytest.param('{"a":"100%41"}', {"a": "100%41"}, id="a-percent-sign-within"),
        pytest.param("%7B%22a%22:1%7D", {"a": 1}, id="escaped"),
        pytest.param(base64.b64encode(gzip.compress(b"[1]")).decode(), [1], id="packed"),
        pytest.param(base64.b64encode(gzip.compress(b'"no"')).decode(), None, id="a-word-that-is-packed"),
        pytest.param(base64.b64encode(gzip.compress(b"[%s1]" % (b" " * 300_000))).decode(), None, id="a-bomb"),
        pytest.param(base64.urlsafe_b64encode(b'{"a":"?>?>~~"}').decode(), {"a": "?>?>~~"}, id="base64-of-urls"),
        pytest.param('"no"', None, id="a-word"),
    ],
)
def test_a_text_is_a_document_in_one_of_these_forms(text: str, document: object) -> None:
    assert document_in_text(text) == document


@pytest.mark.parametrize(
    ("most", "value", "documents"),
    [
        pytest.param("MOST_TOKENS_OF_A_PAGE", 7, [{"a": 1}], id="tokens"),
        pytest.param("MOST_TRIES_OF_A_PAGE", 1, [{"a": 1}], id="tries"),
        pytest.param("MOST_TRIES_OF_A_PAGE", 2, [{"a": 1}, {"b": 2}], id="enough"),
    ],
)
def test_all_scripts_of_a_page_share_what_may_be_read(
    most: str, value: int, documents: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded, most, value)
    page = "<html><script>one={a:1}</script><script>two={b:2}</script>"
    assert list(documents_in_page(page)) == documents
