"""One node of a YAML document, which knows its line. Its readers report what they expected and what is there."""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING

import yaml

from prober.errors import DefinitionError, Mistakes, did_you_mean, nearest
from prober.model import JsonValue, Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from prober.definitions.keys.table import Table

MOST_DEPTH = 50  # deeper than any definition; the C loader recurses, and so do we

_TAG = "tag:yaml.org,2002:"
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]{0,17})")  # what every reader of JSON holds exactly, or nearly so
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


class Node:
    """One node of a document, with readers that report what they expected and what is there."""

    __slots__ = ("_node", "file")

    def __init__(self, node: yaml.Node, file: str) -> None:
        """Wrap a node of PyYAML's tree; `file` is what messages call the document."""
        self._node = node
        self.file = file

    @property
    def source(self) -> Source:
        """Where this node is."""
        return Source(file=self.file, line=self._node.start_mark.line + 1 if self._node.start_mark else 1)

    def wrong(self, what: str, *, fix: str) -> DefinitionError:
        """Make an error at this node."""
        return DefinitionError(what, fix=fix, source=self.source)

    # --- shapes -------------------------------------------------------------------------------------------------------

    @property
    def is_mapping(self) -> bool:
        """A mapping of keys to nodes."""
        return isinstance(self._node, yaml.MappingNode)

    @property
    def is_list(self) -> bool:
        """A list of nodes."""
        return isinstance(self._node, yaml.SequenceNode)

    @property
    def is_null(self) -> bool:
        """Nothing, as in a key without a value."""
        return self._node.tag == _TAG + "null" and not isinstance(self._node, yaml.CollectionNode)

    @property
    def is_empty_text(self) -> bool:
        """Text that is empty on purpose: a pair of quotes."""
        return isinstance(self._node, yaml.ScalarNode) and self._node.tag == _TAG + "str" and not self._node.value

    @property
    def tag(self) -> str | None:
        """A tag of another program's language, where these are allowed."""
        tag = str(self._node.tag)
        return None if tag.startswith(_TAG) else tag

    @property
    def text(self) -> str:
        """The text of a scalar, whatever type YAML gives it; empty for a mapping or a list."""
        return str(self._node.value) if isinstance(self._node, yaml.ScalarNode) else ""

    @property
    def shown(self) -> str:
        """The value as the user wrote it, short enough to quote."""
        if self.is_mapping:
            return "a mapping"
        if self.is_list:
            return "a list"
        return "nothing" if self._node.value == "" and self.is_null else f"'{str(self._node.value)[:60]}'"

    def pairs(self, *, of: str) -> list[tuple[str, Node]]:
        """Give a mapping's keys and values in order; an empty mapping and a key given twice are errors."""
        if not self.is_mapping:
            raise self.wrong(f"{of} must be a mapping, not {self.shown}", fix="write it as 'key: value' lines")
        pairs: list[tuple[str, Node]] = []
        seen: set[str] = set()
        for key_node, value_node in self._node.value:
            key = Node(key_node, self.file)
            name = key.word(of="a key")
            if name in seen:
                raise key.wrong(f"'{name}' is given twice", fix="remove one of them")
            seen.add(name)
            pairs.append((name, Node(value_node, self.file)))
        if not pairs:
            raise self.wrong(f"{of} is empty", fix="give it at least one entry, or remove it")
        return pairs

    def merged(self, *, depth: int = MOST_DEPTH) -> dict[str, Node]:
        """Give a mapping's keys and values with those that `<<` merges in; empty for anything but a mapping."""
        own: dict[str, Node] = {}
        merged: dict[str, Node] = {}
        for key, value in self._node.value if self.is_mapping and depth else []:
            if key.tag == _TAG + "merge":
                sources = value.value if isinstance(value, yaml.SequenceNode) else [value]
                for source in sources:
                    merged = {**Node(source, self.file).merged(depth=depth - 1), **merged}
            else:
                own[str(key.value)] = Node(value, self.file)
        return {**merged, **own}

    def fields(self, table: Table) -> Mapping[str, Node]:
        """Give a mapping's values by key: all of them in the table, and none missing that the table requires."""
        fields = dict(self.pairs(of=table.of))
        mistakes, meant, names = Mistakes(), set[str](), table.names
        for key_node, _ in self._node.value:
            key = str(key_node.value)
            if key in names:
                continue
            near = table.renamed.get(key) or nearest(key, names)
            meant.add(near or "")
            fix = f"did you mean '{near}'?" if near else f"remove it, or use one of: {', '.join(names)}"
            mistakes.add(Node(key_node, self.file).wrong(f"unknown key '{key}' in {table.of}", fix=fix))
        for required in () if "" in meant else table.keys:  # one that is like no other may stand for any
            if required.required and required.name not in fields and required.name not in meant:
                about = required.about[:1].lower() + required.about[1:].removesuffix(".")
                mistakes.add(
                    self.wrong(f"{table.of} has no '{required.name}'", fix=f"add '{required.name}:' ({about})")
                )
        mistakes.raise_any()
        return fields

    def items(self, *, of: str) -> list[Node]:
        """Give a list's entries; an empty list is an error."""
        if not self.is_list:
            raise self.wrong(f"{of} must be a list, not {self.shown}", fix="write it as '- entry' lines, or [a, b]")
        if not self._node.value:
            raise self.wrong(f"{of} is an empty list", fix="give it at least one entry, or remove it")
        return [Node(node, self.file) for node in self._node.value]

    def one_or_more(self, *, of: str) -> list[Node]:
        """Give a list's entries, or the node itself where it is not a list."""
        return self.items(of=of) if self.is_list else [self]

    # --- scalars ------------------------------------------------------------------------------------------------------

    def word(self, *, of: str) -> str:
        """Give text. A plain yes, no, on, off, true or false, and nothing at all, are not text."""
        if not isinstance(self._node, yaml.ScalarNode):
            raise self.wrong(f"{of} must be text, not {self.shown}", fix="write one value")
        value = str(self._node.value)
        if self._node.tag == _TAG + "bool":
            raise self.wrong(f"{self.shown} is read as {_as_bool(value)} by YAML", fix=f"quote it: '{value}'")
        if self._node.tag == _TAG + "null" or not value:
            raise self.wrong(f"{of} has no value", fix="give it one, or remove it")
        if control := CONTROL.search(value):
            raise self.wrong(f"{of} contains {shown_control(control)}", fix="remove it")
        return value

    def filled(self, *, of: str) -> str:
        """Give text that is not blank, without the spaces around it."""
        text = self.word(of=of).strip()
        if not text:
            raise self.wrong(f"{of} is blank", fix="fill it in")
        return text

    def name(self, known: Iterable[str], *, of: str, kind: str) -> str:
        """Give a word that must be one of the known ones; `kind` names them with their article."""
        names = tuple(known)
        value = self.word(of=of)
        if value not in names:
            fix = did_you_mean(value, names, otherwise=f"use one of: {', '.join(names)}")
            raise self.wrong(f"'{value}' is not {kind}", fix=fix)
        return value

    def integer(self, *, of: str) -> int:
        """Give a whole number written in plain decimal: YAML reads 0401 as 257 and 4_0_1 as 401."""
        value = str(self._node.value) if isinstance(self._node, yaml.ScalarNode) else ""
        if _DECIMAL.fullmatch(value) and self._node.tag == _TAG + "int":
            return int(value)
        if self._node.tag == _TAG + "int":
            sign, digits = "-" * value.startswith("-"), value.lstrip("+-").replace("_", "").lstrip("0") or "0"
            meant = f"write {sign}{digits}" if _DECIMAL.fullmatch(digits) else "write it in decimal, or quote it"
            raise self.wrong(f"{self.shown} is not a plain decimal number for YAML", fix=meant)
        raise self.wrong(f"{of} must be a number, not {self.shown}", fix="write a whole number without quotes")

    def flag(self, *, of: str) -> bool:
        """Give true or false, in exactly this spelling."""
        if isinstance(self._node, yaml.ScalarNode) and self._node.value in {"true", "false"}:
            return bool(self._node.value == "true")
        raise self.wrong(f"{of} must be true or false, not {self.shown}", fix="write true or false")

    def json(self) -> JsonValue:
        """Give the node as the JSON value that it stands for."""
        if isinstance(self._node, yaml.MappingNode):
            return {} if not self._node.value else {name: node.json() for name, node in self.pairs(of="a JSON object")}
        if isinstance(self._node, yaml.SequenceNode):
            return [Node(node, self.file).json() for node in self._node.value]
        value, tag = str(self._node.value), self._node.tag.removeprefix(_TAG)
        if tag == "null":
            return None
        if tag == "bool":
            return self.flag(of="a JSON value")
        if tag == "int":
            return self.integer(of="a JSON value")
        if tag == "float":
            return self._json_number(value)
        return value

    def _json_number(self, value: str) -> JsonValue:
        """Give a number that JSON has too: neither .inf nor 1_0.5, nor what is too large for a float."""
        try:
            number: JsonValue = json.loads(value)
        except ValueError:
            number = None
        if not isinstance(number, float) or not math.isfinite(number):
            raise self.wrong(f"{self.shown} is not a JSON number", fix=f"quote it: {self.shown}")
        return number


def _as_bool(value: str) -> str:
    return "true" if value.lower() in {"yes", "true", "on", "y"} else "false"


def words_of(fields: Mapping[str, Node], key: str) -> tuple[str, ...]:
    """Give the texts of a key that takes one or several; none where it is left out."""
    if key not in fields:
        return ()
    return tuple(entry.word(of=f"'{key}'") for entry in fields[key].one_or_more(of=f"'{key}'"))


def shown_control(control: re.Match[str]) -> str:
    """Show a control character by its number."""
    return f"a control character (0x{ord(control[0]):02x})"
