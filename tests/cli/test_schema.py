"""The schemas say what the parsers take: held against the shipped files, every known mistake, and real reports."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator

from prober.cli.schema import KINDS, WORDS, schema_of
from prober.definitions.builtin import load_surfaces
from prober.definitions.shipped import surface_names
from prober.errors import UsageError
from tests.support.schemas import DEFINITIONS, PROBER, ROOT, read

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.mark.parametrize(
    ("text", "value"),
    [
        pytest.param("no", "no", id="no"),
        pytest.param("true", True, id="true"),
        pytest.param("2026-12-31", "2026-12-31", id="a-day"),
        pytest.param("12:30", "12:30", id="minutes"),
        pytest.param("0401", 401, id="a-leading-nought"),
        pytest.param("4_0_1", "4_0_1", id="underscores"),
        pytest.param("1.5", 1.5, id="a-fraction"),
        pytest.param("~", None, id="nothing"),
    ],
)
def test_the_reader_of_these_tests_reads_as_editors_do(text: str, value: object) -> None:
    assert read(text) == value


# --- the schemas themselves -------------------------------------------------------------------------------------------


def definitions_of(kind: str) -> dict[str, Any]:
    defs: dict[str, Any] = schema_of(kind)["$defs"]  # type: ignore[assignment]
    return defs


def nodes(value: object) -> Iterator[dict[str, Any]]:
    """Every mapping within a schema."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    if isinstance(value, dict):
        yield value
    for entry in inner:
        yield from nodes(entry)


@pytest.mark.parametrize("kind", KINDS)
def test_a_schema_is_one(kind: str) -> None:
    schema = schema_of(kind)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize("kind", KINDS)
def test_every_key_of_a_schema_says_what_it_is(kind: str) -> None:
    """An editor shows it on hover."""
    keys = [(name, said) for node in nodes(schema_of(kind)) for name, said in node.get("properties", {}).items()]
    described = {name for name, said in keys if "description" in said}
    conditions = {
        "route",
        "effect",
        "send",
        "inert",
        "well-formed",
        "indistinguishable",
    }  # named again where one key depends on another
    assert {name for name, said in keys if "description" not in said} <= described & conditions
    assert described


@pytest.mark.parametrize("kind", KINDS)
def test_no_mapping_of_a_schema_is_open_by_accident(kind: str) -> None:
    """Of a mapping either the keys are known, or the values; what JSON may hold is anything."""
    shapes = [node for node in nodes(schema_of(kind)) if node.get("type") == "object"]
    free = [node for node in shapes if "additionalProperties" not in node]
    assert [node["title"] for node in free] == ["Json"] * len(free)
    assert shapes


@pytest.mark.parametrize("kind", KINDS)
def test_every_definition_of_a_schema_is_used_and_there(kind: str) -> None:
    schema = schema_of(kind)
    used = {node["$ref"].removeprefix("#/$defs/") for node in nodes(schema) if "$ref" in node}
    assert used == set(definitions_of(kind))


def test_a_definition_that_two_schemas_share_is_the_same_in_both() -> None:
    written = [json.loads((ROOT / "prober" / "schemas" / f"{kind}.json").read_text())["$defs"] for kind in DEFINITIONS]
    shared = [(one[name], other[name]) for one in written for other in written for name in one.keys() & other.keys()]
    assert [pair for pair in shared if pair[0] != pair[1]] == []
    assert len(shared) > sum(len(defs) for defs in written)


@pytest.mark.parametrize("kind", KINDS)
def test_every_list_of_words_is_filled_in(kind: str) -> None:
    assert [
        node for node in nodes(schema_of(kind)) if node.get("enum") == [] or "filled" in node.get("$comment", "")
    ] == []


def test_every_list_of_words_is_filled_in_somewhere() -> None:
    assert set(WORDS) <= {name for kind in KINDS for name in definitions_of(kind)}


def test_shipped_surfaces_are_called_as_their_files() -> None:
    assert surface_names() == tuple(sorted(surface.name for surface in load_surfaces()))


# --- the command ------------------------------------------------------------------------------------------------------


def prober(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([PROBER, "schema", *words], capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("kind", KINDS)
def test_a_schema_is_printed_as_json(kind: str) -> None:
    done = prober(kind)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout) == schema_of(kind)


def test_without_a_kind_they_are_listed() -> None:
    done = prober()
    assert (done.returncode, done.stderr) == (0, "")
    assert [line.split()[0] for line in done.stdout.splitlines()] == list(KINDS)


def test_a_kind_that_is_none_is_a_usage_error() -> None:
    done = prober("suface")
    assert (done.returncode, done.stdout) == (64, "")
    assert done.stderr == "error: no schema of 'suface'\n  fix: did you mean 'surface'?\n"
    with pytest.raises(UsageError, match="no schema of 'zzz'"):
        schema_of("zzz")
