"""How docker compose reads an `env_file`, and fills in `${NAME:-default}`. Pure. After compose-go 2.13."""

from __future__ import annotations

import re
from collections import ChainMap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_SPACE = frozenset(" \t\v\f\r\x85\xa0")
_KEY = re.compile(r"(?:export\s+)?([^=:\n]*)(=|:|\n|\Z)")
_NAME = re.compile(r"(?:[\w.\[\]-]|[ \t\v\f\r\x85\xa0])*")
_ESCAPE = re.compile(r"\\([abcfnrtv$\"\\]|0\d{0,3})")
_ESCAPED = {
    "a": "\a",
    "b": "\b",
    "f": "\f",
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "v": "\v",
    "$": "$$",
    '"': '"',
    "\\": "\\",
}
_TEMPLATE = re.compile(r"\$(?:(\$)|([_a-zA-Z][_a-zA-Z0-9]*)|(\{))")
_BRACED = re.compile(r"([_a-zA-Z][_a-zA-Z0-9]*)(?:(:?[-+?])(.*))?", re.DOTALL)
_DEEPEST = 20


class RefusedError(ValueError):
    """Docker compose refuses this text."""


def read(text: str, given: Mapping[str, str] | None = None) -> dict[str, str | None] | None:
    """Read what `env_file:` would set; `given` is docker compose's own environment."""
    outside = given or {}
    values: dict[str, str] = {}
    known = ChainMap(dict(outside), values)
    at = 0
    try:
        while (at := _start(text, at)) < len(text):
            key = _KEY.match(text, at)
            if key is None or not _NAME.fullmatch(key[1]) or " " in key[1].strip():
                return None
            name, at = key[1].strip(), key.end()
            while text[at : at + 1] in _SPACE:
                at += 1
            if key[2] in {"\n", ""}:
                if name in outside:
                    values[name] = outside[name]
                continue
            values[name], at = _value(text, at, known)
    except RefusedError:
        return None
    return dict(values)


def _start(text: str, at: int) -> int:
    while True:
        while at < len(text) and text[at].isspace():
            at += 1
        if text[at : at + 1] != "#":
            return at
        end = text.find("\n", at)
        at = len(text) if end < 0 else end


def _value(text: str, at: int, known: Mapping[str, str]) -> tuple[str, int]:
    quote = text[at : at + 1]
    if not quote or quote not in "'\"":
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        return substitute(text[at:end].split(" #", 1)[0].rstrip(), known), end
    parts: list[str] = []
    at += 1
    while at < len(text) and text[at] != quote:
        if text[at] == "\\":
            parts.append(text[at + 1 : at + 2] if text[at + 1 : at + 2] == quote else text[at : at + 2])
            at += 2
        else:
            parts.append(text[at])
            at += 1
    if at >= len(text):
        raise RefusedError
    value = "".join(parts)
    if quote == '"':
        value = substitute(_ESCAPE.sub(_escape, value), known)
    return value, at + 1


def _escape(match: re.Match[str]) -> str:
    if match[1][0] != "0":
        return _ESCAPED.get(match[1], match[0])
    octal = match[1][1:]
    # Go reads an escape of three octal digits and no other
    return chr(int(octal, 8)) if len(octal) == 3 and re.fullmatch("[0-3][0-7]{2}", octal) else match[0]  # noqa: PLR2004


def substitute(text: str, known: Mapping[str, str], *, missing: Callable[[str], str] | None = None) -> str:
    """Fill in `$NAME` and `${NAME:-default}` as docker compose does; a text that it refuses raises ValueError.

    `missing` gives the value of a name that is not known; without one it is empty, as docker compose has it.
    """
    return _substitute(text, known, missing or (lambda _: ""), _DEEPEST)


def _substitute(text: str, known: Mapping[str, str], missing: Callable[[str], str], depth: int) -> str:
    if depth == 0:
        raise RefusedError
    parts: list[str] = []
    at = 0
    while match := _TEMPLATE.search(text, at):
        parts.append(text[at : match.start()])
        at = match.end()
        if match[1]:
            parts.append("$")
        elif match[2]:
            parts.append(known[match[2]] if match[2] in known else missing(match[2]))
        else:
            end = _closing(text, at)
            parts.append(_braced(text[at:end], known, missing, depth))
            at = end + 1
    return "".join(parts) + text[at:]


def _braced(text: str, known: Mapping[str, str], missing: Callable[[str], str], depth: int) -> str:
    match = _BRACED.fullmatch(text)
    if match is None:
        raise RefusedError
    name, how, word = match[1], match[2] or "", match[3] or ""
    there = name in known and (bool(known[name]) or not how.startswith(":"))
    if how.endswith("-"):
        return known[name] if there else _substitute(word, known, missing, depth - 1)
    if how.endswith("+"):
        return _substitute(word, known, missing, depth - 1) if there else known.get(name, "")
    if how.endswith("?") and not there:
        missing(name)
        raise RefusedError
    return known[name] if name in known else missing(name)


def _closing(text: str, at: int) -> int:
    depth = 1
    while at < len(text):
        if text.startswith("${", at):
            depth += 1
            at += 2
            continue
        depth -= text[at] == "}"
        if depth == 0:
            return at
        at += 1
    raise RefusedError


def fallback(text: str) -> str | None:
    """Give the default that a text like `${NAME:-default}` falls back to, where it has one."""
    match = _BRACED.fullmatch(text[2:-1]) if text.startswith("${") and text.endswith("}") else None
    return match[3] if match and (match[2] or "").endswith("-") else None
