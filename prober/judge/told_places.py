"""The places of a credential that a refusal itself names: headers for keys, and cookies. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from prober.judge.handed_out import may_be_session, names_set_by

if TYPE_CHECKING:
    from prober.model import Answered

_MOST = 4  # names of a kind
_MOST_TEXT = 4_096  # letters of a refusal: an error is short, and a page names what it likes
_HOLDS_KEY = re.compile(r"key|token|secret|auth|session|signature|credential|password|passcode", re.IGNORECASE)
_NO_KEY = re.compile(r"csrf|xsrf|idempotency|^authorization$|^www-|^proxy-|^sec-|^access-control-", re.IGNORECASE)
_FIELD = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{1,60}")
_FIELD_IN_TEXT = re.compile(r"\b[xX]-[A-Za-z0-9][A-Za-z0-9-]{1,60}\b|\b[A-Za-z0-9-]{2,60}(?= header\b(?!=))")
_QUOTE = r"[\"'`]"
# A name is quoted, or it has a mark that no word has.
_COOKIE_NAME = rf"(?:\\?{_QUOTE}([\w.-]{{2,60}}?)\\?{_QUOTE}|([A-Za-z0-9]+(?:[_.-][A-Za-z0-9]+)+))"
_COOKIE_IN_TEXT = re.compile(
    rf"\bcookie(?:-name)?(?: named| called)?[:= ]+{_COOKIE_NAME}|{_COOKIE_NAME} cookie\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldPlaces:
    """The names of headers and of cookies, in the order in which the refusal names them."""

    headers: tuple[str, ...] = ()
    cookies: tuple[str, ...] = ()


def told_places(refusal: Answered) -> ToldPlaces:
    """Read them out of what CORS allows, of the challenge, of the text, and of the cookies that it sets or clears."""
    allowed = _values(refusal, "access-control-allow-headers")
    listed = [name.strip() for value in allowed for name in value.split(",")]
    text = " ".join((*_values(refusal, "www-authenticate"), refusal.body[:_MOST_TEXT].decode("utf-8", "replace")))
    fields = [name for name in (*listed, *_FIELD_IN_TEXT.findall(text)) if _is_for_key(name)]
    named = [quoted or plain for pair in _pairs(text) for quoted, plain in pair if quoted or plain]
    cookies = [name for name in (*names_set_by(refusal), *named) if name and may_be_session(name)]
    return ToldPlaces(headers=_first_of_each(fields), cookies=_first_of_each(cookies))


def _is_for_key(name: str) -> bool:
    return _FIELD.fullmatch(name) is not None and bool(_HOLDS_KEY.search(name)) and not _NO_KEY.search(name)


def _pairs(text: str) -> list[tuple[tuple[str, str], tuple[str, str]]]:
    return [((a, b), (c, d)) for a, b, c, d in _COOKIE_IN_TEXT.findall(text)]


def _first_of_each(names: list[str]) -> tuple[str, ...]:
    by_key = {name.lower(): name for name in reversed(names)}
    return tuple(by_key[key] for key in dict.fromkeys(name.lower() for name in names))[:_MOST]


def _values(answered: Answered, name: str) -> list[str]:
    return [value for given, value in answered.headers if given == name]
