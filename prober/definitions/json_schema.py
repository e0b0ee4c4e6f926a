"""JSON Schema (2020-12) of a kind of file, made from the tables of keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from prober.definitions.keys.table import Shape, Table

if TYPE_CHECKING:
    from prober.definitions.keys.table import Fragment, Key
    from prober.model import JsonValue

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schema(document: Table) -> dict[str, JsonValue]:
    """Make the schema of a whole file, with every shape and table that it refers to in `$defs`."""
    definitions = _Definitions()
    whole = definitions.mapping(document)
    return {"$schema": DIALECT, **whole, "$defs": definitions.made}


class _Definitions:
    """The entries of `$defs`, made when they are first referred to."""

    def __init__(self) -> None:
        self.made: dict[str, JsonValue] = {}

    def mapping(self, table: Table) -> dict[str, JsonValue]:
        """Make the schema of a mapping."""
        required: list[JsonValue] = [key.name for key in table.keys if key.required]
        rules = {name: self.rendered(rule) for name, rule in table.rules.items()}
        return {
            "title": table.title,
            "description": table.about,
            "type": "object",
            "additionalProperties": False,
            **({"required": required} if required else {"minProperties": 1}),
            "properties": {key.name: self._key(key) for key in table.keys},
            **rules,
        }

    def rendered(self, fragment: Fragment) -> JsonValue:
        """Replace each shape and table in a fragment by what the schema says of it."""
        if isinstance(fragment, (Shape, Table)):
            return self.value(fragment)
        if isinstance(fragment, Mapping):
            return self._object(fragment)
        if isinstance(fragment, (str, int, float)) or fragment is None:
            return fragment
        return [self.rendered(entry) for entry in fragment]

    def value(self, shape: Shape | Table) -> dict[str, JsonValue]:
        """Refer to a shape or table that has a name; write out the schema of one that has none."""
        if isinstance(shape, Shape) and shape.name is None:
            return self._object(shape.schema)
        name = shape.name or ""
        if name not in self.made:
            self.made[name] = None  # reserves its place, in the order of reading
            self.made[name] = self.mapping(shape) if isinstance(shape, Table) else self._named(shape)
        return {"$ref": f"#/$defs/{name}"}

    def _named(self, shape: Shape) -> dict[str, JsonValue]:
        return {"title": title_of(shape.name or ""), "description": shape.about, **self._object(shape.schema)}

    def _key(self, key: Key) -> dict[str, JsonValue]:
        return {"title": title_of(key.name), "description": description_of(key), **self.value(key.shape)}

    def _object(self, schema: Mapping[str, Fragment] | Shape | Table) -> dict[str, JsonValue]:
        if isinstance(schema, (Shape, Table)):
            return self.value(schema)
        return {name: self.rendered(value) for name, value in schema.items()}


def title_of(name: str) -> str:
    """Make a title of a name."""
    return name.replace("-", " ").capitalize()


def description_of(key: Key) -> str:
    """Say what a key is, its default and its examples, as an editor shows it."""
    default = f" Default: {key.default}." if key.default else ""
    examples = f" Example: {' or '.join(key.examples)}" if key.examples else ""
    return f"{key.about}{default}{examples}"
