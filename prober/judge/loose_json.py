"""JSON as scripts and people write it: names without quotes, texts in single ones, comments, commas at the end. Pure.

A page's state is often such a literal of JavaScript, and JSON5 is one by definition. Anything that is not a value
alone, such as a call or a function, ends the reading: then there is no document.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from prober.model import JsonValue

_LONGEST = 256 * 1024  # letters of one document
_MOST_TOKENS = 40_000  # of one document
MOST_TOKENS_OF_A_PAGE = 200_000  # in all that is tried: half a second of reading
MOST_TRIES_OF_A_PAGE = 1_000  # places at which a document may begin; most are code, and end at its first word
_TOKEN = re.compile(
    r"""(?>\s++|//[^\n]{0,2000}+(?:\n|\Z)|/\*(?:[^*]|\*(?!/)){0,2000}+\*/)*+
    (?:
      (?P<mark>[\[\]{}:,])
    | "(?P<double>(?:[^"\\]|\\.){0,50000}+)" | '(?P<single>(?:[^'\\]|\\.){0,50000}+)'
    | (?P<number>[-+]?(?:0x[0-9a-fA-F]{1,16}|\d{1,40}(?:\.\d{0,40})?(?:[eE][-+]?\d{1,4})?|\.\d{1,40}))(?![\w$.])
    | (?P<word>!0|!1|void\ 0|[A-Za-z_$][\w$-]{0,200})
    )""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(.))", re.DOTALL)
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "\n": ""}
_WORDS: dict[str, JsonValue] = {"true": True, "false": False, "!0": True, "!1": False}


class _NoDocumentError(Exception):
    """The text is not a value alone."""


@dataclass(slots=True)
class Allowance:
    """How much may still be read: whoever writes a page chooses at how many places of it one may begin."""

    tokens: int
    tries: int


def loose_document(text: str, at: int = 0, allowance: Allowance | None = None) -> tuple[JsonValue, int] | None:
    """Give the object or the list that begins here, and where it ends; a variable in it has no value (None).

    What is read is taken from the `allowance`, where several places of a page are tried.
    """
    allowance = allowance or Allowance(tokens=_MOST_TOKENS, tries=1)
    if allowance.tries == 0:
        return None
    allowance.tries -= 1
    reader = _Reader()
    end = min(len(text), at + _LONGEST)
    for _ in range(min(_MOST_TOKENS, allowance.tokens)):
        allowance.tokens -= 1
        token = _TOKEN.match(text, at, end)
        if token is None:
            return None
        try:
            reader.take(token)
        except _NoDocumentError:
            return None
        at = token.end()
        if reader.is_complete:
            return reader.document, at
    return None


class _Reader:
    """What has been read so far: the containers that are open, and the name that waits for its value."""

    def __init__(self) -> None:
        """Begin with nothing open."""
        self.document: JsonValue = None
        self.is_complete = False
        self._open: list[dict[str, JsonValue] | list[JsonValue]] = []
        self._names: list[str | None] = []  # of each open container: the name whose value comes next
        self._has_colon = False
        self._has_value = False  # since the last comma

    def take(self, token: re.Match[str]) -> None:
        """Read one token more."""
        mark = token["mark"]
        if not self._open and mark not in {"{", "["}:
            raise _NoDocumentError
        if mark is None:
            self._take_value(_value_of(token), _name_of(token))
        elif mark in "[{":
            self._begin([] if mark == "[" else {})
        elif mark in "]}":
            self._end(mark)
        elif mark == ":":
            if self._names[-1] is None or self._has_colon:
                raise _NoDocumentError
            self._has_colon = True
        else:
            if not self._has_value:
                raise _NoDocumentError
            self._has_value = False

    def _take_value(self, value: JsonValue, name: str) -> None:
        here = self._open[-1]
        if self._has_value:
            raise _NoDocumentError
        if isinstance(here, dict) and self._names[-1] is None:
            self._names[-1] = name
        else:
            self._put(value)

    def _put(self, value: JsonValue) -> None:
        here, name = self._open[-1], self._names[-1]
        if isinstance(here, list):
            here.append(value)
        elif name is not None and self._has_colon:
            here[name] = value
        else:
            raise _NoDocumentError
        self._names[-1], self._has_colon, self._has_value = None, False, True

    def _begin(self, container: dict[str, JsonValue] | list[JsonValue]) -> None:
        if self._has_value or (self._open and isinstance(self._open[-1], dict) and not self._has_colon):
            raise _NoDocumentError
        self._open.append(container)
        self._names.append(None)
        self._has_colon = False

    def _end(self, mark: str) -> None:
        container = self._open.pop()
        if self._names.pop() is not None or isinstance(container, list) != (mark == "]"):
            raise _NoDocumentError
        if not self._open:
            self.document, self.is_complete = container, True
            return
        self._has_colon, self._has_value = isinstance(self._open[-1], dict), False
        self._put(container)


def _value_of(token: re.Match[str]) -> JsonValue:
    quoted = token["double"] if token["double"] is not None else token["single"]
    if quoted is not None:
        return _ESCAPE.sub(_unescaped, quoted)
    if token["number"] is not None:
        return _number(token["number"])
    return _WORDS.get(token["word"])


def _number(text: str) -> JsonValue:
    if "x" in text:
        return int(text, 16)
    return int(text) if text.lstrip("+-").isdecimal() else float(text)


def _name_of(token: re.Match[str]) -> str:
    value = _value_of(token)
    return value if isinstance(value, str) else token["word"] or token["number"] or ""


def _unescaped(escape: re.Match[str]) -> str:
    code = escape[1] or escape[2]
    return chr(int(code, 16)) if code else _ESCAPED.get(escape[3], escape[3])
