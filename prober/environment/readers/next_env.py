"""How @next/env reads a .env file. Pure. Measured against 16.4.6 (dotenv 16.3.1 and its own expansion of names)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_MOST_ROUNDS = 100  # expansion never ends where a value means itself
_LONGEST = 1 << 16  # characters of a value, while names in it are filled in
# dotenv 16.3.1's own expression, but for the leading space: it may not run over lines, since a match begins at each.
_LINE = re.compile(
    r"""^[^\S\n]*(?:export\s+)?([\w.-]+)(?:\s*=\s*?|:\s+?)"""
    r"""(\s*'(?:\\'|[^'])*'|\s*"(?:\\"|[^"])*"|\s*`(?:\\`|[^`])*`|[^#\r\n]+)?\s*(?:\#.*)?$""",
    re.MULTILINE | re.ASCII,
)
_QUOTES = re.compile(r"^(['\"`])([\s\S]*)\1$", re.MULTILINE)
_DOLLAR = re.compile(r"(?<!\\)\$")
_NAME = re.compile(r"((?<!\\)\$\{?(\w+)(?::-([^}\\]*))?\}?)", re.ASCII)


class UnclearError(Exception):
    """The text alone does not determine the value."""


def read(text: str) -> dict[str, str | None] | None:
    """Read what `next start` would set in an empty process."""
    parsed: dict[str, str] = {}
    for line in _LINE.finditer(re.sub(r"\r\n?", "\n", text)):
        value = (line[2] or "").strip()
        quote = value[:1]
        value = _QUOTES.sub(lambda match: match[2], value)
        if quote == '"':
            value = value.replace("\\n", "\n").replace("\\r", "\r")
        parsed[line[1]] = value
    unclear: set[str] = set()
    for name, value in parsed.items():
        try:
            expanded = _expand(value, parsed)
        except UnclearError:
            unclear.add(name)
            continue
        if expanded is None:
            return None
        parsed[name] = expanded.replace("\\$", "$")
    return {name: None if name in unclear else value for name, value in parsed.items()}


def _expand(value: str, parsed: Mapping[str, str]) -> str | None:
    """Fill in names from the last dollar to the first; None where that never ends, and the file is given up."""
    for _ in range(_MOST_ROUNDS):
        dollars = [match.start() for match in _DOLLAR.finditer(value)]
        match = _NAME.search(value[dollars[-1] :]) if dollars else None
        if match is None:
            return value
        given = match[3] or parsed.get(match[2]) or ""  # the default wins: only the process's own environment is before
        value = value.replace(match[1], _as_replacement(given, match[1]), 1)
        if len(value) > _LONGEST:
            return None
    return None


def _as_replacement(text: str, matched: str) -> str:
    """Read a replacement as JavaScript does: `$$` is a dollar, `$&` what was matched; others are too odd to follow."""
    if re.search("\\$[`']", text):
        raise UnclearError
    return re.sub(r"\$([$&])", lambda match: "$" if match[1] == "$" else matched, text)
