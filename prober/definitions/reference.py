"""The tables of docs/reference.md, made from the tables of keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.definitions.keys import tables_of
from prober.definitions.keys.table import Shape, Table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prober.definitions.keys.table import Key


def reference(documents: Iterable[Table]) -> str:
    """Write a section for each kind of file, and for each mapping in it when it is first used."""
    sections: dict[str, str] = {}
    for document in documents:
        for table in tables_of(document):
            sections.setdefault(table.name, _section(table))
    return "\n\n".join(sections.values())


def anchor(table: Table) -> str:
    """Give the fragment that leads to a table's section."""
    return "#" + table.title.lower().replace(" ", "-")


def _section(table: Table) -> str:
    rows = ["| key | value | means | default |", "|---|---|---|---|", *(_row(key) for key in table.keys)]
    return "\n".join([f"## {table.title}", "", f"{table.about} Where: {table.where}.", "", *rows])


def _row(key: Key) -> str:
    shape = key.shape
    value = shape.shown if isinstance(shape, Shape) else f"[mapping]({anchor(shape)})"
    examples = f" Example: {' or '.join(f'`{example}`' for example in key.examples)}" if key.examples else ""
    default = "required" if key.required else key.default or "none"
    return f"| `{key.name}` | {value} | {key.about}{examples} | {default} |"
