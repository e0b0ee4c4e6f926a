"""What a body lists: records, entries, lines of a table and figures, and how much of each there must be."""

from __future__ import annotations

import json

import pytest

from prober.judge.listing import Listing, listing_of
from prober.model import Answered, JsonValue

JSON, HTML, XML, TEXT, CSV = "application/json", "text/html", "application/xml", "text/plain", "text/csv"
ROW: dict[str, JsonValue] = {"payer": "Kim", "iban": "DE1"}
PERSON: dict[str, JsonValue] = {"id": 4, "email": "kim@post.test"}


def listing(body: str, kind: str = TEXT) -> Listing:
    return listing_of(Answered.of(status=401, headers=(("content-type", kind),), body=body.encode(), elapsed_ms=1))


def script(document: JsonValue) -> str:
    return f"<html><script>x={json.dumps(document)}</script>"


@pytest.mark.parametrize(
    ("body", "kind", "count"),
    [
        pytest.param(script([ROW, ROW]), HTML, 2, id="in-a-script"),
        pytest.param(json.dumps({"body": json.dumps([ROW, ROW])}), JSON, 2, id="in-a-text-of-json"),
        pytest.param(json.dumps([ROW, ROW]), JSON, 0, id="in-json-which-are-rows"),
        pytest.param("<r>" + "<a>x</a><b>y</b>" * 3 + "</r>", XML, 0, id="elements-with-names-of-one-letter"),
        pytest.param("<r>" + "<payer>x</payer><iban>y</iban>" * 3 + "</r>", XML, 3, id="elements"),
        pytest.param("<r>" + "<payer>x</payer><iban>y</iban>" * 2 + "</r>", XML, 0, id="twice"),
        pytest.param("<r>" + "<payer>x</payer>" * 9 + "<iban>y</iban>" * 3 + "</r>", XML, 3, id="as-often-as-the-second"),
        pytest.param("<r>" + "<payer>x</payer>" * 9 + "</r>", XML, 0, id="one-name-alone"),
        pytest.param("<r>" + "<message>x</message>" * 9 + "<iban>y</iban>" * 3 + "</r>", XML, 3, id="beside-a-word-of-errors"),
        pytest.param("<r>" + "<message>x</message><code>y</code>" * 3 + "</r>", XML, 0, id="words-of-errors"),
        pytest.param("payer:'x',iban:'y';" * 3, TEXT, 3, id="pairs-of-a-script"),
        pytest.param("{payer:'x',iban:'y'}," * 3, TEXT, 0, id="json5-which-are-rows"),
        pytest.param("\0{payer:'x',iban:'y'}," * 3, TEXT, 0, id="a-file"),
        pytest.param(json.dumps({"message": "payer:'x',iban:'y'," * 3}), JSON, 0, id="words-of-a-document"),
        pytest.param("\n <r>" + "<payer>x</payer><iban>y</iban>" * 3 + "</r>", XML, 3, id="elements-below-an-empty-line"),
        pytest.param("<r>" + "<message>x</message><code>y</code>" * 4 + "<iban>y</iban>" * 3 + "</r>", XML, 0, id="more-words-of-errors-than-data"),
        pytest.param(script([ROW, ROW])[6:], TEXT, 0, id="a-script-in-what-is-no-page"),
        pytest.param("<html>" + "<payer>x</payer><iban>y</iban>" * 3, HTML, 0, id="elements-of-a-page"),
    ],
)  # fmt: skip
def test_records_are_found_inside(body: str, kind: str, count: int) -> None:
    assert len(listing(body, kind).records) == count


def test_names_that_come_again_are_told_by_the_values_of_the_one_that_is_data() -> None:
    body = "<r>" + "".join(f"<message>m{n}</message><iban>DE{n}</iban>" for n in range(3)) + "</r>"
    assert listing(body, XML).records == ("DE0", "DE1", "DE2")
    body = "<r>" + "".join(f"<payer>p{n}</payer><iban>DE{n % 3}</iban>" for n in range(9)) + "<payer>p</payer></r>"
    assert listing(body, XML).records == tuple(f"p{n}" for n in range(9))


@pytest.mark.parametrize(
    ("body", "kind", "lines"),
    [
        pytest.param("a,1\nb,2\n", CSV, 2, id="two-lines-of-csv"),
        pytest.param("a\t1\nb\t2\n", "text/tab-separated-values", 2, id="of-tabs"),
        pytest.param("a,1\n", CSV, 0, id="one-line"),
        pytest.param("a,1\nb,2\nc,3\nd,4\n", TEXT, 0, id="four-lines-of-text"),
        pytest.param("a,1\n\nb,2\nc,3\n\nd,4\ne,5\n", TEXT, 5, id="five-and-empty-ones"),
        pytest.param("a,1\nb,2\n  \nc,3\nd,4\ne,5\n", TEXT, 5, id="five-and-spaces"),
        pytest.param("a|1\n" * 5, TEXT, 5, id="by-bars"),
        pytest.param("a;1\n" * 5, TEXT, 5, id="by-semicolons"),
        pytest.param("a,1\n" * 4 + "b\n", TEXT, 0, id="one-line-without"),
        pytest.param("a b\n" * 5, TEXT, 0, id="no-separator"),
        pytest.param("<html>\n" + "a,1\n" * 5, HTML, 0, id="a-page"),
        pytest.param("[1,2]\n" * 5, JSON, 0, id="documents"),
        pytest.param("<html>,\n" + "a,1\n" * 5, HTML, 0, id="a-page-with-as-many-commas"),
        pytest.param("  payer, iban, sum\nx, DE, 1\ny, DE, 2\n", TEXT, 3, id="names-behind-spaces"),
        pytest.param("title\n--- | ---\nfoo 1\nbar 2\n", TEXT, 0, id="a-rule-below-what-is-no-table"),
        pytest.param("| a | b |\n    |---|---|\n| x | 1 |\n| y | 2 |\nbye 9\n", TEXT, 3, id="a-rule-behind-spaces-and-prose-below"),
        pytest.param("a | b | c, d\n--- | --- | ---\nx | 1 | 2\ny | 2 | 3\n", TEXT, 3, id="markdown-with-a-comma-in-a-name"),
        pytest.param("\0a,1\n" * 5, TEXT, 0, id="bytes"),
        pytest.param("not signed in\npayer, iban, sum\nx, DE, 1\ny, DE, 2\nbye\n", TEXT, 3, id="below-names-among-prose"),
        pytest.param("payer, iban, sum\nx, DE, 1\n", TEXT, 0, id="one-line-below-names"),
        pytest.param("payer, iban, sum\nx, DE, a\ny, DE, b\n", TEXT, 0, id="no-digit-below"),
        pytest.param("payer, iban, sum\nx, DE\ny, DE, 2\nz, DE, 3\n", TEXT, 0, id="another-number-of-cells"),
        pytest.param("| a | b |\n|---|---|\n| x | 1 |\n| y | 2 |\n", TEXT, 3, id="markdown"),
        pytest.param("first word | b\n--- | ---\nx | 1\ny | 2\n", TEXT, 3, id="markdown-with-words-and-open-ends"),
        pytest.param("first word | b\nx | 1\ny | 2\n", TEXT, 0, id="bars-without-a-rule"),
        pytest.param("hello\n" * 19 + "payer, iban, sum\nx, DE, 1\ny, DE, 2\n", TEXT, 3, id="after-nineteen-lines"),
        pytest.param("hello\n" * 20 + "payer, iban, sum\nx, DE, 1\ny, DE, 2\n", TEXT, 0, id="after-twenty"),
    ],
)  # fmt: skip
def test_lines_of_a_table_are_counted(body: str, kind: str, lines: int) -> None:
    assert listing(body, kind).lines == lines


@pytest.mark.parametrize(
    ("body", "kind", "figures"),
    [
        pytest.param("<p>91000</p><p>1,204.50</p>", HTML, 2, id="numbers"),
        pytest.param("<p>2026-11-27 10:11 v1.2.3 /a/1 0123456789abcdef0 https://a.test/9</p>", HTML, 0, id="what-is-no-figure"),
        pytest.param("<p>no</p>", HTML, 0, id="none"),
        pytest.param("of 12 and 13", TEXT, 2, id="a-text"),
        pytest.param("12", JSON, 0, id="a-document"),
        pytest.param("\0 12 x", TEXT, 0, id="bytes"),
        pytest.param("<!-- 12 --><p>13</p>", HTML, 1, id="those-that-are-seen"),
    ],
)  # fmt: skip
def test_figures_are_counted(body: str, kind: str, figures: int) -> None:
    assert listing(body, kind).figures == figures


@pytest.mark.parametrize(
    ("body", "kind", "has"),
    [
        pytest.param(json.dumps(PERSON), JSON, True, id="in-json"),
        pytest.param(json.dumps({"body": json.dumps(PERSON)}), JSON, True, id="in-a-text"),
        pytest.param(script(PERSON), HTML, True, id="in-a-page"),
        pytest.param(script(PERSON)[6:], TEXT, False, id="in-what-is-no-page"),
        pytest.param(script({"id": 4, "email": "none"}), HTML, False, id="no-address"),
    ],
)
def test_an_account_is_found(body: str, kind: str, *, has: bool) -> None:
    assert listing(body, kind).has_a_person is has


@pytest.mark.parametrize(
    ("body", "has"),
    [
        pytest.param("BEGIN:VCARD\nFN:Kim", True, id="a-card"),
        pytest.param("hello\r\nBEGIN:VEVENT\r\n", True, id="an-appointment"),
        pytest.param("BEGIN:VCALENDAR\n", False, id="an-empty-calendar"),
        pytest.param("see BEGIN:VCARD\n", False, id="within-a-line"),
    ],
)
def test_cards_are_found(body: str, *, has: bool) -> None:
    assert listing(body).has_cards is has


def test_one_list_is_told_from_another() -> None:
    first, second = listing("[1,2]", JSON).digest, listing("[1,3]", JSON).digest
    assert first is not None
    assert first == listing('{"data":[1,2]}', JSON).digest
    assert first != second
    assert listing(script([ROW]), HTML).digest not in {None, listing(script([PERSON]), HTML).digest}
    assert listing('{"a":1}', JSON).digest is None
    orders = ('[{"payer":"x","iban":1}]', '[{"iban":1,"payer":"x"}]')
    assert len({listing(json.dumps({"body": order}), JSON).digest for order in orders}) == 1


def test_entries_of_a_list_in_a_text_are_entries() -> None:
    assert listing('{"body":"[1,2,3,4]"}', JSON).entries == (1, 2, 3, 4)


def test_a_thing_in_a_text_is_one() -> None:
    thing = {"id": 90, "payer": "Kim", "amount": 12, "due": "May"}
    assert listing(json.dumps(thing), JSON).things == listing(json.dumps({"body": json.dumps(thing)}), JSON).things
    assert len(listing(json.dumps(thing), JSON).things) == 1
