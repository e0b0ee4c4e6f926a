"""The table of keys: every key is described, every example is right, and a key that was renamed is named by its new name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from jsonschema import Draft202012Validator

from prober.definitions.document import parse_document
from prober.definitions.json_schema import description_of, json_schema
from prober.definitions.keys import DOCUMENTS, tables_of
from prober.definitions.keys.canary import CANARY
from prober.definitions.keys.route import ROUTE
from prober.definitions.keys.shapes import shortest
from prober.definitions.reference import anchor, reference

if TYPE_CHECKING:
    from prober.definitions.keys.table import Key, Table

TABLES = {table.name: (kind, table) for kind, document in DOCUMENTS.items() for table in tables_of(document)}
KEYS = [
    pytest.param(kind, table, key, id=f"{table.name}-{key.name}")
    for kind, table in TABLES.values()
    for key in table.keys
]
EXAMPLES = [
    pytest.param(kind, table, key, example, id=f"{table.name}-{key.name}-{number}")
    for kind, table in TABLES.values()
    for key in table.keys
    for number, example in enumerate(key.examples)
]


@pytest.mark.parametrize(("kind", "table", "key", "example"), EXAMPLES)
def test_an_example_is_a_value_that_its_key_may_have(kind: str, table: Table, key: Key, example: str) -> None:
    schema = json_schema(DOCUMENTS[kind])
    definitions = schema["$defs"]
    assert isinstance(definitions, dict)
    shape = definitions.get(table.name, schema)["properties"][key.name]
    # A list of words is empty here: `prober schema` fills it in.
    filled = {name: {} if entry.get("enum") == [] else entry for name, entry in definitions.items()}
    value = parse_document(example, file="example").json()
    assert list(Draft202012Validator({**shape, "$defs": filled}).iter_errors(value)) == []


@pytest.mark.parametrize(("kind", "table", "key"), KEYS)
def test_a_key_is_described_in_one_sentence(kind: str, table: Table, key: Key) -> None:
    assert key.about[0].isupper() or key.about[0] == "`"
    assert key.about.endswith((".", ")"))
    assert ". " not in key.about
    assert "|" not in key.about
    assert not (key.required and key.default)
    assert description_of(key).startswith(key.about)
    assert f"| `{key.name}` |" in reference([DOCUMENTS[kind]])
    assert table.names.count(key.name) == 1


def test_no_key_has_the_former_name_of_another() -> None:
    assert ROUTE.renamed == {"alike": "indistinguishable", "bound": "session-bound", "announces": "oauth-metadata"}
    assert [name for _, table in TABLES.values() for name in table.renamed if name in table.names] == []


def test_every_link_of_the_reference_leads_to_a_section() -> None:
    text = reference(DOCUMENTS.values())
    links = {part.partition(")")[0] for part in text.split("](")[1:]}
    assert links <= {anchor(table) for _, table in TABLES.values()}
    assert len(links) > 5


def test_every_key_of_the_canary_is_an_option() -> None:
    assert [key.name for key in CANARY.keys if key.option is None] == []


@pytest.mark.parametrize(
    ("seconds", "text"), [pytest.param(1.0, "1s", id="seconds"), pytest.param(3_600.0, "1h", id="hours"), pytest.param(86_400.0, "1d", id="days")]
)  # fmt: skip
def test_a_range_is_written_in_the_largest_unit(seconds: float, text: str) -> None:
    assert shortest(seconds) == text
