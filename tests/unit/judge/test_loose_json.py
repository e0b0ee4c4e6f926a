"""JSON as scripts and people write it."""

from __future__ import annotations

import time

import pytest

from prober.judge.loose_json import Allowance, loose_document


@pytest.mark.parametrize(
    ("text", "document"),
    [
        pytest.param("{berth:7,'name':'Wave',}", {"berth": 7, "name": "Wave"}, id="names-quotes-and-a-comma"),
        pytest.param('{a:[1.5,-2,0x1f,.5],b:{c:"d"}}', {"a": [1.5, -2, 31, 0.5], "b": {"c": "d"}}, id="numbers"),
        pytest.param("{a:!0,b:!1,c:true,d:null,e:void 0}", {"a": True, "b": False, "c": True, "d": None, "e": None}, id="words"),
        pytest.param("{/* of {the} quay */a:1,// and\n}", {"a": 1}, id="comments"),
        pytest.param(r"{a:'it\'s \x41\u0042\n'}", {"a": "it's AB\n"}, id="escapes"),
        pytest.param("{holder:a,total:9}", {"holder": None, "total": 9}, id="a-variable-has-no-value"),
        pytest.param("[[],{},]", [[], {}], id="empty-ones"),
        pytest.param("{7:'x'}", {"7": "x"}, id="a-number-for-a-name"),
    ],
)  # fmt: skip
def test_a_literal_is_read(text: str, document: object) -> None:
    assert loose_document(text) == (document, len(text))


@pytest.mark.parametrize(
    "text",
    ["{a:b()}", "{return 1}", "{a}", "{a:1 b:2}", "{,}", "[,]", "{:1}", "[1,2", "{a:1]", "[a:1]", "7", "'x'", "{a:}", "{a:1,:2}", "", "[{}{}]"],
)  # fmt: skip
def test_what_is_no_value_alone_is_no_document(text: str) -> None:
    assert loose_document(text) is None


def test_it_begins_where_it_is_told_to_and_says_where_it_ends() -> None:
    assert loose_document("x={a:1};f()", 2) == ({"a": 1}, 7)


@pytest.mark.parametrize(
    "text",
    ["[" * 200_000, "{a:" * 100_000, "[" + "1," * 200_000, "[" + "/**/" * 60_000 + "(", "[/*" * 100_000, '["' + "\\" * 200_000, "[" + " " * 300_000, "[" + "1" * 300_000],
)  # fmt: skip
def test_a_hostile_text_takes_no_time(text: str) -> None:
    started = time.monotonic()
    loose_document(text)
    assert time.monotonic() - started < 5


def test_what_is_tried_is_taken_from_the_allowance() -> None:
    allowance = Allowance(tokens=12, tries=2)
    assert loose_document("{a:1}", 0, allowance) == ({"a": 1}, 5)
    assert (allowance.tokens, allowance.tries) == (7, 1)
    assert loose_document("{b:[1,2]}", 0, allowance) is None  # nine tokens, of which seven are left
    assert loose_document("{}", 0, Allowance(tokens=9, tries=0)) is None


def test_a_text_that_is_longer_than_any_state_is_no_document() -> None:
    assert loose_document("{a:'" + "x" * 50_000 + "'}") is not None
    assert loose_document("{a:'" + "x" * 50_001 + "'}") is None
