"""What in a JSON document is data, and what an error consists of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from prober.judge.json_values import values_in
from prober.judge.records import entries_without_words, folded, is_record, names_something, records_in

if TYPE_CHECKING:
    from prober.model import JsonValue


@pytest.mark.parametrize("key", ["request_id", "request-id", "request.id", "requestId", "REQUESTID"])
def test_a_key_is_the_same_however_its_words_are_joined(key: str) -> None:
    assert folded(key) == "requestid"


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        pytest.param({"id": 1, "salary": 9}, True, id="a-name-that-errors-lack"),
        pytest.param({"code": 1, "message": "no"}, False, id="an-error"),
        pytest.param({"salary": 9}, False, id="one-value"),
        pytest.param({"salary": 9, "note": ""}, False, id="an-empty-text-is-no-value"),
        pytest.param({"salary": 9, "note": []}, False, id="nor-is-an-empty-list"),
        pytest.param([1, 2], False, id="a-list"),
    ],
)
def test_a_record_has_two_values_and_one_of_them_is_no_word_of_errors(value: JsonValue, wanted: bool) -> None:  # noqa: FBT001
    assert is_record(value) is wanted


@pytest.mark.parametrize(
    ("document", "wanted"),
    [
        pytest.param({"rows": [{"id": 1, "salary": 9}, {"id": 2, "salary": 8}]}, 2, id="objects"),
        pytest.param({"a": {"b": [[{"id": 1, "salary": 9}]]}}, 1, id="at-any-depth"),
        pytest.param({"id": 1, "salary": 9}, 0, id="not-in-a-list"),
        pytest.param({"rows": [["Ann", 9], ["Bob", 8]]}, 2, id="rows-of-a-table"),
        pytest.param({"scopes": [["read", "write"], ["admin", "audit"]]}, 0, id="texts-alone-are-no-row"),
        pytest.param({"points": [[1, 2], [3, 4]]}, 0, id="nor-are-numbers-alone"),
        pytest.param({"flags": [["a", True], ["b", False]]}, 0, id="nor-is-what-is-true-or-not"),
    ],
)
def test_records_are_found_in_lists_alone(document: JsonValue, wanted: int) -> None:
    assert len(list(records_in(document))) == wanted


@pytest.mark.parametrize(
    ("entry", "wanted"),
    [
        pytest.param("Ann Miller", True, id="several-words"),
        pytest.param("ann@example.com", True, id="an-address"),
        pytest.param("orders:read", False, id="one-word"),
        pytest.param(7, True, id="a-number"),
        pytest.param(True, False, id="true-is-no-number"),
        pytest.param({"id": 7, "name": "Ann"}, True, id="an-object"),
        pytest.param({"id": 7}, False, id="an-object-of-one-value"),
        pytest.param({"id": 7, "name": ""}, False, id="of-which-one-is-empty"),
        pytest.param({"id": 7, "message": "no"}, False, id="an-error"),
    ],
)
def test_entries_say_nothing_of_an_error(entry: JsonValue, wanted: bool) -> None:  # noqa: FBT001
    assert (list(entries_without_words({"list": [entry]})) == [entry]) is wanted


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        pytest.param({"id": 7, "name": "Ann", "type": "user"}, True, id="an-id-a-name-and-more"),
        pytest.param({"id": 7, "name": "Ann"}, False, id="an-id-and-a-name-may-be-an-errors"),
        pytest.param({"id": 7, "name": "Ann", "type": ""}, False, id="nothing-more"),
        pytest.param({"id": 7, "name": "Unauthorized", "message": "no"}, False, id="an-error"),
    ],
)
def test_who_is_identified_has_an_id_a_name_and_more(value: JsonValue, wanted: bool) -> None:  # noqa: FBT001
    assert names_something(value) is wanted


def test_every_value_comes_with_its_key_and_entries_of_lists_with_that_of_the_list() -> None:
    assert sorted(map(str, values_in([{"a": [1]}]))) == sorted([str(("", {"a": [1]})), str(("a", [1])), str(("a", 1))])
