"""Names with their values in what is no JSON document: cut JSON, XML, scripts, forms, YAML, environment files. Pure.

The text is the deployment's to choose, so every pattern is bounded.
"""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

from prober.judge.secret_shapes import RANDOM

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prober.model import JsonValue

_PAIR = re.compile(
    r"""\\?["']((?:[A-Za-z_-]|\\u00[0-9a-fA-F]{2}){2,60})\\?["']\s{0,9}:\s{0,9}(?:\\?"([^"\\]{1,4000})|(-?\d[\d.]{0,40}|true|\[|\{))"""
)
_ELEMENT = re.compile(
    r"<([A-Za-z_][\w.:-]{1,60})(?:\s[^<>]{0,500})?>\s{0,99}(?:<!\[CDATA\[)?([^<>]{1,4000}?)(?:\]\]>)?\s{0,99}</\1>"
)
_ATTRIBUTE = re.compile(r"\s([A-Za-z_][\w.:-]{1,60})=[\"']([^\"'<>]{1,4000})[\"']")
_BARE_ATTRIBUTE = re.compile(
    r"\s(value|alt|data-[\w.:-]{1,60})=([^\s\"'<>=]{1,200})(?=[\s>])"
)  # those that may hold data
_PROPERTY = re.compile(r"<key>([^<>]{1,60})</key>\s{0,99}<[a-z]{1,20}>([^<>]{1,4000})</")  # Apple's property lists
_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")
_QUOTES = ("&quot;", "&#34;", "&#x22;", "&#X22;")
_UNQUOTED = re.compile(
    r"""(?<![\w."'-])([A-Za-z_][\w-]{1,60})\s{0,9}[:=]\s{0,9}(?:"([^"\\]{1,4000})"|'([^'\\]{1,4000})'|([^\s"'&,;{}<>()\[\]]{1,4000}))"""
)
_NUMBER = re.compile(r"-?\d{1,40}(?:\.\d{1,40})?")


def pairs_in(text: str) -> Iterator[tuple[str, JsonValue]]:
    """Give what looks like pairs of JSON, its quotes escaped or not, or like elements and attributes of XML."""
    for match in _PAIR.finditer(text) if ":" in text else ():
        yield _ESCAPE.sub(lambda escape: chr(int(escape[1], 16)), match[1]), match[2] or match[3]
    if "<" in text:
        for match in (*_ELEMENT.finditer(text), *_ATTRIBUTE.finditer(text), *_BARE_ATTRIBUTE.finditer(text)):
            yield match[1].rpartition(":")[2], html.unescape(match[2])
        for match in _PROPERTY.finditer(text) if "<key>" in text else ():
            yield match[1], html.unescape(match[2])


def escaped_pairs_in(text: str) -> Iterator[tuple[str, JsonValue]]:
    """Give the pairs of JSON that a page holds with its quotes written as entities."""
    if any(quote in text for quote in _QUOTES):
        yield from pairs_in(html.unescape(text))


def unquoted_pairs_in(text: str) -> Iterator[tuple[str, JsonValue]]:
    """Give the pairs whose names have no quotes (scripts, JSON5, forms, YAML, environment files).

    Prose has colons too, so that a bare value counts only if it is a number or looks generated.
    """
    for match in _UNQUOTED.finditer(text):
        bare = match[4]
        if bare is None:
            yield match[1], match[2] or match[3]
        elif _NUMBER.fullmatch(bare) or RANDOM.fullmatch(bare):
            yield match[1], bare
