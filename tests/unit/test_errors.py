"""The form of every message: where, what is wrong, and one imperative that mends it."""

from __future__ import annotations

import pytest

from prober.errors import DefinitionError, ProberError, UsageError, did_you_mean, listed, nearest
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
