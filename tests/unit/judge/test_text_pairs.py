"""Names with their values in what is no JSON document."""

from __future__ import annotations

import pytest

from prober.judge.text_pairs import escaped_pairs_in, pairs_in, unquoted_pairs_in

VALUE = "k4y0123456789abc"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f"<apiKey><![CDATA[{VALUE}]]></apiKey>", id="cdata"),
        pytest.param(f"<dict><key>apiKey</key><string>{VALUE}</string></dict>", id="a-property-list"),
        pytest.param(f"<i apiKey='{VALUE}'>", id="an-attribute"),
    ],
)  # fmt: skip
def test_the_forms_of_xml_are_read(text: str) -> None:
    assert ("apiKey", VALUE) in list(pairs_in(text))


def test_an_attribute_without_quotes_is_read_where_it_may_hold_data() -> None:
    assert list(pairs_in("<li class=a data-salary=91000 value=9>")) == [("data-salary", "91000"), ("value", "9")]


@pytest.mark.parametrize("quote", ["&quot;", "&#34;", "&#x22;"])
def test_json_in_entities_is_read(quote: str) -> None:
    page = f"<div data-page='{{{quote}apiKey{quote}:{quote}{VALUE}{quote}}}'>"
    assert ("apiKey", VALUE) in list(escaped_pairs_in(page))
    assert not list(escaped_pairs_in(page.replace(quote, "x")))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f"error=no&apiKey={VALUE}", id="a-form"),
        pytest.param(f"error: no\napiKey: {VALUE}\n", id="yaml"),
        pytest.param(f"ERROR=no\napiKey={VALUE}\n", id="an-environment-file"),
        pytest.param(f"x={{error:'no',apiKey:'{VALUE}'}}", id="a-script"),
        pytest.param(f'{{error: "no", apiKey: "{VALUE}",}}', id="json5"),
    ],
)
def test_names_without_quotes_are_read(text: str) -> None:
    assert ("apiKey", VALUE) in list(unquoted_pairs_in(text))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Error: the apiKey: is required, see https://docs.test/apiKey=x", id="prose"),
        pytest.param("apiKey: required", id="a-word"),
        pytest.param("apiKey=<your key>", id="a-placeholder"),
    ],
)
def test_prose_has_no_pairs(text: str) -> None:
    assert not [name for name, _ in unquoted_pairs_in(text) if name == "apiKey"]


@pytest.mark.timeout(5)
@pytest.mark.parametrize("part", ["a=", "a:'", "a : ", "<key>a</key>", "&quot;a", "aaaa"])
def test_a_hostile_text_is_read_in_linear_time(part: str) -> None:
    text = part * (200_000 // len(part))
    for read in (pairs_in, escaped_pairs_in, unquoted_pairs_in):
        assert all(name for name, _ in read(text))
