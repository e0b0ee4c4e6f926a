"""The form of every message: where, what is wrong, and one imperative that mends it."""

from __future__ import annotations

import pytest

from prober.errors import (
    DefinitionError,
    ManyMistakesError,
    Mistakes,
    ProberError,
    UsageError,
    did_you_mean,
    listed,
    nearest,
)
from prober.model import Source

NAMES = ("oauth", "dev-shim", "GET /api/Me")


def test_usage_error_reads_error_and_fix() -> None:
    assert str(UsageError("no service is named", fix="give --base-url URL")) == (
        "error: no service is named\n  fix: give --base-url URL"
    )


def test_definition_error_reads_file_line_and_fix() -> None:
    error = DefinitionError("'session' is given twice", fix="remove one", source=Source(file="p/x.yaml", line=5))
    assert str(error) == "p/x.yaml:5: 'session' is given twice\n  fix: remove one"
    assert str(error.source) == "p/x.yaml:5"


@pytest.mark.parametrize("kind", [UsageError, DefinitionError])
def test_both_are_one_kind_that_the_command_line_catches(kind: type[Exception]) -> None:
    assert issubclass(kind, ProberError)


@pytest.mark.parametrize(
    ("word", "name"),
    [
        pytest.param("oath", "oauth", id="letter-missing"),
        pytest.param("oautth", "oauth", id="letter-too-many"),
        pytest.param("OAUTH", "oauth", id="other-case"),
        pytest.param("devshim", "dev-shim", id="dash-missing"),
        pytest.param("get /api/me", "GET /api/Me", id="keeps-the-names-own-case"),
        pytest.param("zzz", None, id="far-off"),
        pytest.param("", None, id="empty"),
    ],
)
def test_nearest_is_the_name_that_was_meant(word: str, name: str | None) -> None:
    assert nearest(word, NAMES) == name


def test_nothing_is_near_where_there_are_no_names() -> None:
    assert nearest("oauth", ()) is None


@pytest.mark.parametrize(
    ("word", "fix"),
    [
        pytest.param("oath", "did you mean 'oauth'?", id="near"),
        pytest.param("zzz", "name one of them", id="far-off"),
    ],
)
def test_did_you_mean_offers_the_nearest_or_what_can_be_done(word: str, fix: str) -> None:
    assert did_you_mean(word, NAMES, otherwise="name one of them") == fix


def test_names_are_listed_in_order() -> None:
    assert listed(["b", "c", "a"]) == "there are a, b, c"


def wrong(line: int) -> DefinitionError:
    return DefinitionError(f"mistake {line}", fix="fix it", source=Source(file="x.yaml", line=line))


def test_all_mistakes_are_told_at_once() -> None:
    mistakes = Mistakes()
    for error in (wrong(1), ManyMistakesError((wrong(2), wrong(3)))):
        with mistakes.of_part():
            raise error
    with pytest.raises(DefinitionError) as raised:
        mistakes.raise_any()
    assert str(raised.value) == "\n".join(f"x.yaml:{n}: mistake {n}\n  fix: fix it" for n in (1, 2, 3))
    assert (raised.value.what, raised.value.source.line) == ("mistake 1", 1)


def test_one_mistake_stays_itself_and_none_is_no_error() -> None:
    mistakes, alone = Mistakes(), wrong(7)
    mistakes.raise_any()
    for error in (alone,):
        with mistakes.of_part():
            raise error
    with pytest.raises(DefinitionError) as raised:
        mistakes.raise_any()
    assert raised.value is alone


def test_what_is_no_mistake_of_a_definition_is_not_collected() -> None:
    with pytest.raises(UsageError), Mistakes().of_part():
        raise UsageError("x", fix="y")


def test_a_block_to_paste_stands_below_the_fix_and_each_line_is_one() -> None:
    error = DefinitionError("w", fix="f", source=Source(file="x.yaml", line=1), block=["a: 401", "b: 401\nc\x1b"])
    assert str(error) == "x.yaml:1: w\n  fix: f\n    a: 401\n    b: 401\\nc\\x1b"
