"""How bash reads a .env file that is sourced (`set -a; . ./.env`). Pure; runs nothing. Measured against bash 5.2."""

from __future__ import annotations

import re
from collections import ChainMap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_ASSIGNMENT = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=")
_BASH_NAME = re.compile(
    r"\$(?:\{([A-Za-z_][A-Za-z0-9_]*|\d+)(?::?([-+])([^{}$`'\"\\]*))?\}|([A-Za-z_][A-Za-z0-9_]*|\d))"
)
_CLOSED = re.compile(r"""'[^']*'|"[^"\\`]*"|(?<=\s)#.*""")
_OPENS = re.compile(r"""['"`(\\]""")
_ENDS = " \t\n"
_ACTS = "&|()<>;`"


class UnclearError(Exception):
    """The text alone does not determine the value."""


def read(text: str) -> dict[str, str | None]:
    """Read what `set -a; source FILE` would set in an empty shell.

    A line that would run a command has no known value: None.
    """
    values: dict[str, str | None] = {}
    at = 0
    while at < len(text):
        at = _line(text, at, values)
    return values


def _line(text: str, at: int, values: dict[str, str | None]) -> int:
    """Read one command, and give where the next begins."""
    at = _past(text, at, " \t")
    exported = re.compile(r"export[ \t]+").match(text, at)
    if exported:
        at = exported.end()
    assigned: dict[str, str | None] = {}
    while name := _ASSIGNMENT.match(text, at):
        try:
            value, at = _word(text, name.end(), ChainMap(assigned, values))
        except UnclearError:
            values.update({**assigned, name[1]: None})
            return _line_after(text, name.end())
        assigned[name[1]] = value
        at = _past(text, at, " \t")
    if text[at : at + 1] == ";":
        values.update(assigned)
        return at + 1
    if at < len(text) and text[at] not in "\n#" and not exported:
        assigned = dict.fromkeys(assigned)  # it is the environment of a command that runs here, and of nothing else
    values.update(assigned)
    return _line_after(text, at)


def _line_after(text: str, at: int) -> int:
    """Give where the next line begins; an open quote at the end of this one leaves the rest unknown."""
    end = text.find("\n", at)
    end = len(text) if end < 0 else end
    opened = text[at : at + 1] != "#" and _OPENS.search(_CLOSED.sub("", text[at:end]))
    return len(text) if opened else end + 1


def _word(text: str, at: int, values: Mapping[str, str | None]) -> tuple[str, int]:
    """Read a word, quotes and all, up to what ends it."""
    parts: list[str] = []
    if text[at : at + 1] == "~":
        raise UnclearError
    while at < len(text) and text[at] not in _ENDS:
        char = text[at]
        if char == "'":
            end = text.find("'", at + 1)
            if end < 0:
                raise UnclearError
            parts.append(text[at + 1 : end])
            at = end + 1
        elif char == '"':
            part, at = _quoted(text, at + 1, values)
            parts.append(part)
        elif char == "\\":
            parts.append(text[at + 1 : at + 2].replace("\n", ""))
            at += 2
        elif char == "$":
            part, at = _dollar(text, at, values)
            parts.append(part)
        elif char == ";":
            break
        elif char in _ACTS:
            raise UnclearError
        else:
            parts.append(char)
            at += 1
    return "".join(parts), at


def _quoted(text: str, at: int, values: Mapping[str, str | None]) -> tuple[str, int]:
    parts: list[str] = []
    while at < len(text):
        char = text[at]
        if char == '"':
            return "".join(parts), at + 1
        if char == "\\":
            after = text[at + 1 : at + 2]
            parts.append("" if after == "\n" else after if after and after in '\\"$`' else char + after)
            at += 2
        elif char == "$":
            part, at = _dollar(text, at, values)
            parts.append(part)
        elif char == "`":
            raise UnclearError
        else:
            parts.append(char)
            at += 1
    raise UnclearError


def _dollar(text: str, at: int, values: Mapping[str, str | None]) -> tuple[str, int]:
    after = text[at + 1 : at + 2]
    if match := _BASH_NAME.match(text, at):
        value = values.get(match[1] or match[4], "")
        if value is None:
            raise UnclearError
        if match[2] == "-":
            value = value or match[3]
        elif match[2] == "+":
            value = match[3] if value else ""
        return value, match.end()
    if after and after in "({'\"$?!#@*-":
        raise UnclearError
    return "$", at + 1


def _past(text: str, at: int, what: str) -> int:
    while at < len(text) and text[at] in what:
        at += 1
    return at
