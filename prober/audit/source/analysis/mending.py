"""Valid TypeScript and JSX that the grammar cannot read, rewritten to what it can, byte for byte in place. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Node

_MOST_TYPE = 600  # bytes of the type arguments of a tagged template
_TYPES_ALONE = re.compile(rb"\bexport\s+type\s+\*(?:\s+as\s+[\w$]+)?\s+from\s+(?:\"[^\"\n]*\"|'[^'\n]*')\s*;?")
_TYPEOF_IMPORT = re.compile(rb"(?<=\btypeof )\s*import\s*\(\s*(?:\"[^\"\n]*\"|'[^'\n]*')\s*\)")
_IMPORT_TYPE = re.compile(rb"(?<![\w$.])import\s*\(\s*(?:\"[^\"\n]*\"|'[^'\n]*')\s*\)(?=\s*\.\s*[A-Z][\w$.]*\s*<)")
_OPTIONAL_TYPES = re.compile(
    rb"(?<=\?\.)<[^<>()\n]*(?:<[^<>()\n]*>[^<>()\n]*)*>(?=\()|<[^<>()\n]*(?:<[^<>()\n]*>[^<>()\n]*)*>(?=\?\.\()"
)
# Words that say nothing of what runs: variance of a type parameter, a deferred import, a static index signature.
_WORDS = re.compile(
    rb"(?<=[<,])\s*(?:in\s+out|in|out)\s+(?=[A-Z]\w*\s*(?:[,>=]|extends\b))|(?<=\bimport )defer(?= \* as )"
    rb"|\bstatic(?=\s+\[\s*\w+\s*:)"
)
_ACCESSOR = re.compile(rb"\baccessor(?=\s+[#\w$\[])")
_AWAITED = re.compile(rb"\bawait\s+[\w$.]+(?=<[^<=])")
_NAME_END = re.compile(rb"[\w$)\]]")
_AMPERSANDS = re.compile(rb"&+")
_OPEN = {ord(">"): ord("<"), ord("}"): ord("{"), ord("]"): ord("["), ord(")"): ord("(")}
_CLOSE = {opening: closing for closing, opening in _OPEN.items()}


def without_tag_types(raw: bytes) -> bytes:
    """Blank the type arguments of tagged templates: the grammar takes sql<User>`...` for two comparisons."""
    at = raw.find(b">`")
    while at != -1:
        start = _start_of_types(raw, at)
        if start is not None:
            raw = raw[:start] + _blank(raw[start : at + 1]) + raw[at + 1 :]
        at = raw.find(b">`", at + 1)
    return raw


def without_awaited_types(raw: bytes) -> bytes:
    """Blank the type arguments of an awaited call: the grammar takes await f<T>(x) for a call of what f comes to."""
    for match in reversed(list(_AWAITED.finditer(raw))):
        end = _end_of_types(raw, match.end())
        if end is not None and raw[end : end + 1] == b"(":
            raw = raw[: match.end()] + _blank(raw[match.end() : end]) + raw[end:]
    return raw


def _end_of_types(raw: bytes, start: int) -> int | None:
    """Give where the type arguments end that begin here; None where these are none."""
    waiting: list[int] = []
    for at in range(start, min(len(raw), start + _MOST_TYPE)):
        byte = raw[at]
        if byte in _CLOSE:
            waiting.append(_CLOSE[byte])
        elif byte == ord(">") and raw[at - 1 : at] == b"=":  # of an arrow
            continue
        elif waiting and byte == waiting[-1]:
            waiting.pop()
            if not waiting:
                return at + 1
        elif byte in _OPEN:
            return None
    return None


def _start_of_types(raw: bytes, end: int) -> int | None:
    """Give where the type arguments begin that end here; None where these are none."""
    waiting: list[int] = []
    for at in range(end, max(-1, end - _MOST_TYPE), -1):
        byte = raw[at]
        if byte in _OPEN and not (byte == ord(">") and raw[at - 1 : at] == b"="):
            waiting.append(_OPEN[byte])
        elif waiting and byte == waiting[-1]:
            waiting.pop()
            if not waiting:
                return at if at > 0 and _NAME_END.match(raw[at - 1 : at]) else None
        elif byte in _OPEN.values():
            return None
    return None


def _blank(text: bytes) -> bytes:
    return re.sub(rb"[^\n]", b" ", text)


def _name(match: re.Match[bytes]) -> bytes:
    """Give a name as long as what it stands for."""
    return re.sub(rb"[^\n]", b"_", match[0])


def mended(raw: bytes, root: Node) -> bytes | None:
    """Rewrite what a tree with errors is known to stumble over; None where nothing of that is there."""
    text = _TYPES_ALONE.sub(lambda match: _blank(match[0]), raw)
    text = _TYPEOF_IMPORT.sub(_name, text)
    text = _IMPORT_TYPE.sub(_name, text)
    for blank in (_OPTIONAL_TYPES, _WORDS):
        text = blank.sub(lambda match: _blank(match[0]), text)
    text = _ACCESSOR.sub(b"readonly", text)  # as long, and a field of a class as well
    text = _without_ampersands(text, root)
    return None if text == raw else text


def _without_ampersands(raw: bytes, root: Node) -> bytes:
    """Replace the ampersands where the grammar went wrong: it knows them in JSX as the beginning of an entity only."""
    for node in _errors(root):
        start, end = max(0, node.start_byte - 2), node.end_byte + 2
        raw = raw[:start] + _AMPERSANDS.sub(lambda match: b"_" * len(match[0]), raw[start:end]) + raw[end:]
    return raw


def _errors(root: Node) -> list[Node]:
    found: list[Node] = []
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if node.is_error or node.is_missing:
            found.append(node)
        elif node.has_error:
            waiting.extend(node.children)
    return found
