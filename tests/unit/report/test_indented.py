"""Indented JSON is, to the byte, what the standard library writes."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prober.model import ExitStatus, Verdict
from prober.report.indented import indented

LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
VALUES = st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20)


@given(VALUES)
def test_it_is_what_the_standard_library_writes(value: object) -> None:
    assert indented(value) == json.dumps(value, indent=1)


@pytest.mark.parametrize(
    "value",
    [
        pytest.param({"empty": [], "nothing": {}, "deep": [[{}], [[]]]}, id="empty"),
        pytest.param((1, (2, "three")), id="tuples"),
        pytest.param({Verdict.LEAK: Verdict.LOCKED, "status": ExitStatus.LEAK}, id="enums"),
        pytest.param(['\u2028</script>\x00\ud800\U0001f512"\\'], id="text-that-must-be-escaped"),
        pytest.param([1e300, -0.0, 0.1, 10**30], id="numbers"),
    ],
)
def test_what_a_report_may_hold_is_written_alike(value: object) -> None:
    assert indented(value) == json.dumps(value, indent=1)


def test_lines_begin_with_as_many_spaces_as_the_value_is_deep() -> None:
    outer, inner = {"log": {"entries": [{"a": [1]}]}}, {"a": [1]}
    assert f'"entries": [\n   {indented(inner, level=3)}\n  ]' in json.dumps(outer, indent=1)


@pytest.mark.parametrize("value", [{1, 2}, b"bytes", float("inf"), float("nan"), {1: "a number as a name"}])
def test_what_is_not_json_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        indented([value])
