"""Finds what is left of a secret in a text: encoded, cut, spaced, reversed, or in another case.

The first net shows of answers to a held secret the shape alone (`held_answers`), the second replaces plain encodings
(`redact`). This is the third: it does not say where a trace is, so that the whole text is hidden.
"""

from __future__ import annotations

import base64
import codecs
import html
import re
import unicodedata
import zlib
from contextlib import suppress
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import unquote

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_SHORTEST, _LONGEST = 6, 12  # letters of a secret in a row that are a trace of it
_DEEPEST = 3  # encodings in one another
_MOST = 4_000  # characters of a text that are read: no report shows more
_MOST_DECODED = 65_536
_NOT_PLAIN = re.compile(r"[^a-z0-9]+")
_TOKEN = re.compile(r"[A-Za-z0-9+/_-]{8,}")
_LETTERS_AND_DIGITS = re.compile(r"(?<![A-Za-z0-9])[A-Za-z2-7]{8,}(?![A-Za-z0-9])")  # base32
_HEX = re.compile(r"(?:(?:0x)?[0-9A-Fa-f]{2}[\s:.,-]{0,2}){6,}")
_WORD = re.compile(r"(?<![A-Za-z0-9])[A-Za-z0-9]{12,400}(?![A-Za-z0-9])")  # a longer one costs too much
_LONG = re.compile(r"(?<!\S)\S{12,400}(?!\S)")
_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_IN_BASE58 = frozenset(_BASE58)
_TAG = re.compile(r"<[^<>]{0,100}>")
_SINGLE = re.compile(
    r"(?<=[\"'\s,;:=])([^\s\"',;:=])(?=[\"'\n]|$)"
)  # letters one by one, as values or at the ends of lines
_DECIMALS = re.compile(r"(?:(?<!\d)\d{2,3}(?!\d)[^\d]{1,4}){5,}\d{2,3}(?!\d)")
_OCTALS = re.compile(r"(?:(?<!\d)[0-7]{2,3}(?!\d)[^\d]{1,4}){5,}[0-7]{2,3}(?!\d)")
_BITS = re.compile(r"(?:[01]{8}[\s,.-]?){6,}")
_ESCAPE = re.compile(
    r"\\u\{?([0-9A-Fa-f]{4,6})\}?|\\x([0-9A-Fa-f]{2})|(?<![A-Za-z0-9])=([0-9A-Fa-f]{2})|=([0-9A-Fa-f]{2})(?==|$)"
)


def traces_of(secrets: Iterable[str]) -> frozenset[str]:
    """Give the pieces of these secrets by which a text is known to hold one; none of an address, which is no key."""
    found: set[str] = set()
    for secret in secrets:
        if "@" in secret:
            continue
        for value in _values(secret):
            plain = _plain(value)
            for form in (plain, plain[::-1], codecs.encode(plain, "rot13")):
                found |= _pieces(form)
            if not plain.isalpha() and not plain.isdigit():  # else what is made of it could be a word or a number
                for form in _shifted(value):
                    found |= {piece for piece in _pieces(_plain(form)) if not piece.isalpha() and not piece.isdigit()}
    return frozenset(found)


def holds_trace(text: str, traces: frozenset[str]) -> bool:
    """Say whether a text, or what it decodes to, holds one of these pieces."""
    return bool(traces) and _holds(text[:_MOST], traces, _DEEPEST)


@lru_cache(maxsize=2048)
def _holds(text: str, traces: frozenset[str], depth: int) -> bool:
    plain = _plain(text)
    sizes = {len(trace) for trace in traces}
    if any(plain[at : at + size] in traces for size in sizes for at in range(len(plain) - size + 1)):
        return True
    if depth == 0:
        return False
    if any(_holds(inner, traces, depth - 1) for inner in dict.fromkeys(_decoded(text)) if inner != text):
        return True
    return depth == _DEEPEST and any(_holds(inner, traces, 0) for inner in dict.fromkeys(_rearranged(text)))


def _values(secret: str) -> Iterator[str]:
    """Give the values of a Cookie header, whose names are no secrets; anything else as it is."""
    for pair in secret.split(";"):
        name, equals, value = pair.strip().partition("=")
        yield value if equals and re.fullmatch(r"[\w.-]+", name) and value.strip("=") else pair


def _shifted(value: str) -> Iterator[str]:
    """Give what ciphers of a child make of a value, and every second letter of it."""
    yield from (value[::2], value[1::2])
    for by in range(1, 26):
        yield _with_alphabet(value, [(number + by) % 26 for number in range(26)])
    yield _with_alphabet(value, list(range(25, -1, -1)))
    points = [ord(char) for char in value]
    yield from (
        "".join(map(chr, moved))
        for moved in ([p + 1 for p in points], [max(p - 1, 0) for p in points], [p ^ 1 for p in points])
    )


def _with_alphabet(value: str, order: list[int]) -> str:
    """Give a value with each letter in the place of another of its case."""
    return value.translate({first + at: first + to for first in (ord("A"), ord("a")) for at, to in enumerate(order)})


def _pieces(plain: str) -> set[str]:
    """Cut a secret into pieces; those of letters alone may be words, and are only taken where there are no others."""
    size = min(_LONGEST, max(_SHORTEST, len(plain) // 3))
    pieces = {plain[at : at + size] for at in range(len(plain) - size + 1)}
    return {piece for piece in pieces if not piece.isalpha()} or pieces


def _plain(text: str) -> str:
    return _NOT_PLAIN.sub("", (text if text.isascii() else unicodedata.normalize("NFKC", text)).lower())


def _decoded(text: str) -> Iterator[str]:
    yield unquote(text)
    yield html.unescape(text)
    yield _ESCAPE.sub(_character, text)
    for match in _HEX.finditer(text):
        digits = re.sub(r"0x|[^0-9A-Fa-f]", "", match.group())
        yield from _texts(bytes.fromhex(digits[: len(digits) // 2 * 2]))
    for match in _TOKEN.finditer(text):
        yield from _from_base64(match.group())
    for match in _LETTERS_AND_DIGITS.finditer(text):
        yield from _from_base32(match.group().upper())


def _character(match: re.Match[str]) -> str:
    point = int(next(filter(None, match.groups())), 16)
    return chr(point) if point <= 0x10FFFF else ""  # noqa: PLR2004 - the last of Unicode


def _from_base64(token: str) -> Iterator[str]:
    standard = token.translate(str.maketrans("-_", "+/"))
    for skipped in range(4):  # it may stand in the middle of a longer text
        part = standard[skipped:]
        part = part[: len(part) // 4 * 4] or part.ljust(4, "A")
        yield from _texts(base64.b64decode(part))
    padded = standard + "A" * (-len(standard) % 4)
    yield from _texts(base64.b64decode(padded))


def _from_base32(token: str) -> Iterator[str]:
    for skipped in range(8):
        part = token[skipped:]
        yield from _texts(base64.b32decode(part + "A" * (-len(part) % 8)))


def _rearranged(text: str) -> Iterator[str]:
    """Give a text decoded backwards, without tags, each second or third letter, letters one by one, words decoded."""
    yield from _decoded(text[::-1])
    yield _TAG.sub("", text)
    yield "".join(_SINGLE.findall(text))
    for step in (2, 3):
        yield from (text[first::step] for first in range(step))
    for form, number, base in ((_DECIMALS, r"\d+", 10), (_OCTALS, r"\d+", 8), (_BITS, r"[01]{8}", 2)):
        for match in form.finditer(text):
            yield "".join(chr(int(point, base)) for point in re.findall(number, match.group()))
    for match in _WORD.finditer(text):
        yield from _from_other_bases(match.group())
    for match in _LONG.finditer(text):
        for word in dict.fromkeys((match.group(), match.group().strip("/\"',"))):
            for decode in (base64.b85decode, base64.a85decode):
                with suppress(ValueError):
                    yield from _texts(decode(word))


def _from_other_bases(word: str) -> Iterator[str]:
    """Decode a number, base58, and base32 of the other alphabet; whole words alone."""
    if word.isdigit():
        yield from _texts(int(word).to_bytes(len(word) // 2, "big").lstrip(b"\0"))
    if _IN_BASE58.issuperset(word):
        number = 0
        for char in word:
            number = number * 58 + _BASE58.index(char)
        yield from _texts(number.to_bytes(len(word), "big").lstrip(b"\0"))
    with suppress(ValueError):
        yield from _texts(_from_base32hex(word))


def _from_base32hex(word: str) -> bytes:
    return base64.b32hexdecode(word.upper() + "=" * (-len(word) % 8))


def _texts(raw: bytes) -> Iterator[str]:
    yield raw.decode("latin-1")
    if raw[:2] == b"\x1f\x8b" or raw[:1] == b"\x78":
        try:
            unpacked = zlib.decompressobj(wbits=47).decompress(raw, _MOST_DECODED)
        except zlib.error:
            return
        yield unpacked.decode("latin-1")
