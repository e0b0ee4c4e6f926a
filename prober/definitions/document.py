"""Reads YAML as a tree of nodes with line numbers. Strict: anything ambiguous is an error; no network."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import yaml

from prober.bounded_read import read_bounded
from prober.definitions.node import CONTROL, MOST_DEPTH, Node, shown_control
from prober.errors import DefinitionError, UsageError
from prober.model import JsonValue, Source

if TYPE_CHECKING:
    from collections.abc import Hashable
    from pathlib import Path

MOST_BYTES = 1024 * 1024

# The C loader reads 200 probes in 33 ms where Python's takes 240; a PyYAML built without libyaml lacks it.
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_PlainLoader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


def _construct_mapping(loader: yaml.BaseLoader, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, object]:  # noqa: FBT001, FBT002 - PyYAML's own signature
    """Refuse a key that is given twice: PyYAML takes the last, and what the first one holds would be forgotten."""
    seen: set[str] = set()
    for key, _ in node.value:
        if key.value in seen:
            raise yaml.MarkedYAMLError(problem=f"'{key.value}' is given twice", problem_mark=key.start_mark)
        seen.add(key.value)
    made: dict[Hashable, object] = yaml.BaseLoader.construct_mapping(loader, node, deep)
    return made


_UniqueLoader = type("_UniqueLoader", (_PlainLoader,), {"construct_mapping": _construct_mapping})

# What the parser complains of, and how to fix it.
_FIXES = {
    "tab character": "indent with spaces",
    "start any token": "quote it, or indent with spaces",
    "mapping values are not allowed": "quote the text that holds ': '",
    "is given twice": "remove one of them",
    "unexpected end of stream": "close the quotes that begin here",
}


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
    """Parse YAML of another program's language, in which aliases, tags and merge keys are allowed."""
    try:
        _refuse_traps(text, file=file, foreign=True)
        root = yaml.compose(text, Loader=_Loader)
    except yaml.YAMLError as error:
        raise _unreadable(error, file=file) from None
    if root is None:
        raise DefinitionError("the file is empty", fix="choose another file", source=Source(file=file, line=1))
    return Node(root, file)


def parse_plain(text: str, *, file: str, unique: bool = False) -> JsonValue:
    """Parse JSON or YAML of another program's language into plain values; in YAML every scalar is text.

    With `unique`, a key that is given twice is an error (a list alone is checked).
    """
    if text.lstrip("\ufeff \t\r\n").startswith("{"):
        try:
            whole: JsonValue = json.loads(text.lstrip("\ufeff"))
        except RecursionError:
            source = Source(file=file, line=1)
            raise DefinitionError("nested too deep to be read", fix="flatten it", source=source) from None
        except ValueError as error:
            flow = error  # YAML may begin with a brace too
        else:
            return whole
    else:
        flow = None
    try:
        _refuse_traps(text, file=file, foreign=True)
        loaded: JsonValue = yaml.load(text, Loader=_UniqueLoader if unique else _PlainLoader)  # noqa: S506 - it makes only texts, lists and mappings
    except yaml.YAMLError as error:
        raise _unreadable(error, file=file) from flow
    return loaded


def load_document(path: Path, *, file: str | None = None) -> Node:
    """Load a definition from disk: at most 1 MiB of UTF-8; `file` is what messages call it, if not by its path."""
    label = file or str(path)
    top = Source(file=label, line=1)
    try:
        raw = read_bounded(path, MOST_BYTES + 1)
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
    if control := CONTROL.search(text):
        top = Source(file=file, line=text.count("\n", 0, control.start()) + 1)
        raise DefinitionError(f"the file contains {shown_control(control)}", fix="remove it", source=top)

    def wrong(what: str, *, fix: str) -> DefinitionError:
        line = event.start_mark.line + 1 if event.start_mark else 1
        return DefinitionError(what, fix=fix, source=Source(file=file, line=line))

    depth = documents = 0
    for event in yaml.parse(text, Loader=_Loader):
        documents += isinstance(event, yaml.DocumentStartEvent)
        if documents > 1:
            raise wrong("a second document begins here", fix="put it in a file of its own")
        if isinstance(event, yaml.AliasEvent) and not foreign:
            raise wrong(f"alias '*{event.anchor}' is not part of the language", fix="write it out where it is needed")
        tag = getattr(event, "tag", None)
        if tag is not None and not foreign:
            raise wrong(f"tag '{tag}' is not part of the language", fix="remove the tag")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MOST_DEPTH:
            raise wrong(f"nested deeper than {MOST_DEPTH} levels", fix="flatten it")


def _unreadable(error: yaml.YAMLError, *, file: str) -> DefinitionError:
    """Put a parser's complaint in our form; the reader's knows only an offset, the others a line."""
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "cannot be read as YAML"
    began = "unexpected end of stream" in problem  # an open quote is reported at the end of the file
    mark = getattr(error, "context_mark" if began else "problem_mark", None)
    fix = next((fix for words, fix in _FIXES.items() if words in problem), "fix the YAML here")
    return DefinitionError(f"not YAML: {problem}", fix=fix, source=Source(file=file, line=mark.line + 1 if mark else 1))
