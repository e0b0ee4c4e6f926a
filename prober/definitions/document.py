"""YAML as a tree that knows its lines. Reading is strict: whatever could mean two things is an error; no network."""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING

import yaml

from prober.errors import DefinitionError, UsageError, did_you_mean
from prober.model import JsonValue, Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

MOST_BYTES = 1024 * 1024
MOST_DEPTH = 50  # deeper than any definition; the C loader recurses, and so do we

# The C loader reads 200 probes in 33 ms where Python's takes 240; a PyYAML built without libyaml lacks it.
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_PlainLoader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)

_TAG = "tag:yaml.org,2002:"
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]{0,17})")  # what every reader of JSON holds exactly, or nearly so
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")

# What the parser complains of, and what mends it.
_MENDED_BY = {
    "tab character": "indent with spaces",
    "start any token": "quote it, or indent with spaces",
    "mapping values are not allowed": "quote the text that holds ': '",
    "unexpected end of stream": "close the quotes that begin here",
}


class Node:
    """One node of a document, with readers that say what they expected when they find something else."""

    __slots__ = ("_node", "file")

    def __init__(self, node: yaml.Node, file: str) -> None:
        """Wrap a node of PyYAML's tree; `file` is what messages call the document."""
        self._node = node
        self.file = file

    @property
    def source(self) -> Source:
        """Where this node stands."""
        return Source(file=self.file, line=self._node.start_mark.line + 1 if self._node.start_mark else 1)

    def wrong(self, what: str, *, fix: str) -> DefinitionError:
        """Make the error that stands at this node."""
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
    def tag(self) -> str | None:
        """A tag of another language, where one was let in."""
        tag = str(self._node.tag)
        return None if tag.startswith(_TAG) else tag

    @property
    def text(self) -> str:
        """A scalar's text, whatever YAML makes of it; of anything else nothing."""
        return str(self._node.value) if isinstance(self._node, yaml.ScalarNode) else ""

    @property
    def shown(self) -> str:
        """The user's own word, short enough to quote."""
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
        """Give a mapping's keys and values with what `<<` brings in; of what is no mapping, none."""
        own: dict[str, Node] = {}
        brought: dict[str, Node] = {}
        for key, value in self._node.value if self.is_mapping and depth else []:
            if key.tag == _TAG + "merge":
                sources = value.value if isinstance(value, yaml.SequenceNode) else [value]
                for source in sources:
                    brought = {**Node(source, self.file).merged(depth=depth - 1), **brought}
            else:
                own[str(key.value)] = Node(value, self.file)
        return {**brought, **own}

    def fields(self, known: Iterable[str], *, of: str, required: Iterable[str] = ()) -> Mapping[str, Node]:
        """Give a mapping whose keys are all known, with those that it must have."""
        names = tuple(known)
        fields = dict(self.pairs(of=of))
        for key_node, _ in self._node.value:
            key = str(key_node.value)
            if key not in names:
                fix = did_you_mean(key, names, otherwise=f"remove it, or use one of: {', '.join(names)}")
                raise Node(key_node, self.file).wrong(f"unknown key '{key}' in {of}", fix=fix)
        for name in required:
            if name not in fields:
                raise self.wrong(f"{of} has no '{name}'", fix=f"add '{name}:'")
        return fields

    def items(self, *, of: str) -> list[Node]:
        """Give a list's entries; an empty list is an error."""
        if not self.is_list:
            raise self.wrong(f"{of} must be a list, not {self.shown}", fix="write it as '- entry' lines, or [a, b]")
        if not self._node.value:
            raise self.wrong(f"{of} is an empty list", fix="give it at least one entry, or remove it")
        return [Node(node, self.file) for node in self._node.value]

    def one_or_more(self, *, of: str) -> list[Node]:
        """Give a list's entries, or the node itself where it is no list."""
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
        if control := _CONTROL.search(value):
            raise self.wrong(f"{of} holds {_shown_control(control)}", fix="remove it")
        return value

    def name(self, known: Iterable[str], *, of: str, kind: str) -> str:
        """Give a word that must be one of the known ones."""
        names = tuple(known)
        value = self.word(of=of)
        if value not in names:
            fix = did_you_mean(value, names, otherwise=f"use one of: {', '.join(names)}")
            raise self.wrong(f"'{value}' is no {kind}", fix=fix)
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
        """Give true or false, spelled so."""
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
        """Give what JSON calls a number: neither .inf nor 1_0.5, nor what is too large for a float."""
        try:
            number: JsonValue = json.loads(value)
        except ValueError:
            number = None
        if not isinstance(number, float) or not math.isfinite(number):
            raise self.wrong(f"{self.shown} is no number in JSON", fix=f"quote it: {self.shown}")
        return number


def _shown_control(control: re.Match[str]) -> str:
    return f"a control character (0x{ord(control[0]):02x})"


def _as_bool(value: str) -> str:
    return "true" if value.lower() in {"yes", "true", "on", "y"} else "false"


def parse_document(text: str, *, file: str) -> Node:
    """Parse one YAML document; `file` is what its messages call it."""
    try:
        _refuse_traps(text, file=file)
        root = yaml.compose(text, Loader=_Loader)
    except yaml.YAMLError as error:
        raise _unreadable(error, file=file) from None
    if root is None:
        raise DefinitionError("the file is empty", fix="write a definition", source=Source(file=file, line=1))
    return Node(root, file)


def parse_foreign(text: str, *, file: str) -> Node:
    """Parse YAML of another program's language, in which aliases, tags and merge keys are no mistake."""
    try:
        _refuse_traps(text, file=file, foreign=True)
        root = yaml.compose(text, Loader=_Loader)
    except yaml.YAMLError as error:
        raise _unreadable(error, file=file) from None
    if root is None:
        raise DefinitionError("the file is empty", fix="name another file", source=Source(file=file, line=1))
    return Node(root, file)


def parse_plain(text: str, *, file: str) -> JsonValue:
    """Parse JSON or YAML of another program's language into plain values; in YAML every scalar is text."""
    if text.lstrip("\ufeff \t\r\n").startswith("{"):
        try:
            whole: JsonValue = json.loads(text.lstrip("\ufeff"))
        except RecursionError:
            source = Source(file=file, line=1)
            raise DefinitionError("nested deeper than can be read", fix="flatten it", source=source) from None
        except ValueError as error:
            flow = error  # YAML may begin so too
        else:
            return whole
    else:
        flow = None
    try:
        _refuse_traps(text, file=file, foreign=True)
        loaded: JsonValue = yaml.load(text, Loader=_PlainLoader)  # noqa: S506 - it makes texts, lists and mappings only
    except yaml.YAMLError as error:
        raise _unreadable(error, file=file) from flow
    return loaded


def load_document(path: Path, *, file: str | None = None) -> Node:
    """Load a definition from disk: at most 1 MiB of UTF-8; `file` is what messages call it, when not by its path."""
    label = file or str(path)
    top = Source(file=label, line=1)
    try:
        with path.open("rb") as stream:
            raw = stream.read(MOST_BYTES + 1)
    except OSError as error:
        raise UsageError(f"cannot read {label}: {error.strerror}", fix="check the path and its permissions") from None
    if len(raw) > MOST_BYTES:
        raise DefinitionError("the file is larger than 1 MiB", fix="split it into several files", source=top)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        what = f"byte 0x{raw[error.start]:02x} is not UTF-8"
        raise DefinitionError(what, fix="save the file as UTF-8", source=Source(file=label, line=line)) from None
    return parse_document(text, file=label)


def _refuse_traps(text: str, *, file: str, foreign: bool = False) -> None:
    """Refuse aliases (a bomb grows by them), tags of other languages, and depth: the C composer recurses and crashes.

    This reads events, which neither recurse nor expand anything, so it is safe before the tree is made.
    """
    if control := _CONTROL.search(text):
        top = Source(file=file, line=text.count("\n", 0, control.start()) + 1)
        raise DefinitionError(f"the file holds {_shown_control(control)}", fix="remove it", source=top)
    depth = documents = 0
    for event in yaml.parse(text, Loader=_Loader):
        source = Source(file=file, line=event.start_mark.line + 1 if event.start_mark else 1)
        documents += isinstance(event, yaml.DocumentStartEvent)
        if documents > 1:
            raise DefinitionError("a second document begins here", fix="put it in a file of its own", source=source)
        if isinstance(event, yaml.AliasEvent) and not foreign:
            what = f"alias '*{event.anchor}' is not part of the language"
            raise DefinitionError(what, fix="write it out where it is needed", source=source)
        tag = getattr(event, "tag", None)
        if tag is not None and not foreign:
            what = f"tag '{tag}' is not part of the language"
            raise DefinitionError(what, fix="remove the tag", source=source)
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MOST_DEPTH:
            raise DefinitionError(f"nested deeper than {MOST_DEPTH} levels", fix="flatten it", source=source)


def _unreadable(error: yaml.YAMLError, *, file: str) -> DefinitionError:
    """Put a parser's complaint in our form; the reader's knows only an offset, the others a line."""
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "cannot be read as YAML"
    began = "unexpected end of stream" in problem  # a quote that is never closed is told of where the file ends
    mark = getattr(error, "context_mark" if began else "problem_mark", None)
    fix = next((fix for words, fix in _MENDED_BY.items() if words in problem), "mend the YAML here")
    return DefinitionError(f"not YAML: {problem}", fix=fix, source=Source(file=file, line=mark.line + 1 if mark else 1))
