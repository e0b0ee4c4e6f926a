"""Redaction: makes text of the deployment safe for a terminal, a log and a report, without secrets or control codes."""

from __future__ import annotations

import base64
import html
import json
import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

from prober.report.secret_traces import holds_trace, traces_of

if TYPE_CHECKING:
    from collections.abc import Iterable

HIDDEN = "<redacted>"
_LONGEST = 500

# The first group is kept, the rest is redacted. Lengths are bounded, since the deployment chooses the text.
_SECRETS = (
    re.compile(r"()eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]*){1,3}"),  # JWT and JWE
    re.compile(r"()bp_[A-Za-z0-9_-]{8,}"),
    re.compile(r"()gh[pousr]_[A-Za-z0-9]{20,}"),
    re.compile(
        # a query or a fragment, also one that is encoded within another
        r"((?:[?&;#]|%3F|%26|%3B|%23)[a-z0-9_.-]{0,40}"
        r"(?:token|secret|code|key|password|state|nonce|session|ticket|signature|sig|jwt)[a-z0-9_-]{0,20}(?:=|%3D))"
        r"(?:(?!%26|%23)[^&#\s])+",
        re.IGNORECASE,
    ),
    re.compile(r"((?:/|%2F)invites(?:/|%2F))[A-Za-z0-9_-]{20,}", re.IGNORECASE),
    re.compile(r"(://)[^/?#\s@]{1,200}(?=@)"),  # a user and a password
)
# The runner of GitHub Actions obeys ::command:: at the start of a line, where wrapping may put a word, and ##[command]
# anywhere; other runners have similar commands.
_COMMANDS = re.compile(r"##(?=\[|vso\[|teamcity\[)|(?<!\S)::(?=[a-z])", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Forms:
    """What a report must not hold of some secrets."""

    encodings: tuple[str, ...] = ()  # the longest first, so that redacting one leaves no part of another
    traces: frozenset[str] = frozenset()  # pieces that give a changed or cut secret away

    def __add__(self, other: Forms) -> Forms:
        encodings = {*self.encodings, *other.encodings}
        return Forms(encodings=_longest_first(encodings), traces=self.traces | other.traces)


NOTHING = Forms()


def forms_of(secrets: Iterable[str]) -> Forms:
    """Give every form of these values."""
    values = tuple(secret for secret in secrets if secret)
    encodings = {form for secret in values for form in (secret, *_encoded(secret))}
    return Forms(encodings=_longest_first(encodings), traces=traces_of(values))


def without_encodings(text: str, hidden: Forms) -> str:
    """Redact these values in text of our own, such as a request line, which stays readable."""
    for form in hidden.encodings:
        text = text.replace(form, HIDDEN)
    return text


def _longest_first(forms: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(forms, key=lambda form: (-len(form), form)))


def _encoded(secret: str) -> Iterable[str]:
    raw = secret.encode()
    for encoded in (quote(secret, safe=""), quote(secret), quote_plus(secret)):
        yield encoded
        yield re.sub("%..", lambda match: match.group().lower(), encoded)
    yield json.dumps(secret)[1:-1]
    yield html.escape(secret)
    yield raw.hex()
    for before in range(
        3
    ):  # base64 depends on what precedes the value: take the letters that only the value determines
        whole = base64.b64encode(bytes(before) + raw).decode()
        alone = whole[(0, 2, 3)[before] : (before + len(raw)) * 8 // 6]
        yield alone
        yield alone.translate(str.maketrans("+/", "-_"))


def clean(text: str, hidden: Forms = NOTHING) -> str:
    """Give one line of harmless text, without these values and without anything that looks like a secret."""
    text = without_encodings(text, hidden)[: 8 * _LONGEST]
    if holds_trace(text.replace(HIDDEN, " "), hidden.traces):
        return HIDDEN
    for pattern in _SECRETS:
        text = pattern.sub(lambda match: match.group(1) + HIDDEN, text)
    return harmless(text[:_LONGEST])


def harmless(text: str) -> str:
    """Give one line in which control characters, escapes, direction marks and line breaks are made visible."""
    plain = text.isascii() and text.isprintable()
    visible = text if plain else "".join(_visible(char) for char in text)
    return _COMMANDS.sub(lambda match: match.group().replace("##", "# #").replace("::", ": :"), visible)


def _visible(char: str) -> str:
    if char == " " or unicodedata.category(char)[0] not in "CZ":
        return char
    point = ord(char)
    return f"\\x{point:02x}" if point <= 0xFF else f"\\u{point:04x}"  # noqa: PLR2004 - one byte
