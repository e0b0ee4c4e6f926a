"""The signs by which an intermediary is recognised: small tests of one answer, to be put together. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from prober.model import Answered

Sign = Callable[["Answered"], bool]
ERROR_PAGE_HEAD = 2048  # bytes of a body in which an error page has said whose it is


def has(name: str, text: str = "") -> Sign:
    """A header of this name, with this text in it (both in small letters)."""
    return lambda answered: any(key == name and text in value.lower() for key, value in answered.headers)


def matches(name: str, pattern: str) -> Sign:
    """A header of this name in which this regular expression is found."""
    wanted = re.compile(pattern, re.IGNORECASE)
    return lambda answered: any(key == name and bool(wanted.search(value)) for key, value in answered.headers)


def no_json(answered: Answered) -> bool:
    """A page or nothing: what answers in JSON is an application, whatever stands in front of it."""
    return "json" not in (answered.header("content-type") or "").lower()


def says(*texts: str) -> Sign:
    """All of these texts (in small letters) at the top of a body that is no JSON."""
    wanted = [text.encode() for text in texts]
    return lambda answered: (
        no_json(answered) and all(text in answered.body[:ERROR_PAGE_HEAD].lower() for text in wanted)
    )


def both(*signs: Sign) -> Sign:
    """All of these signs."""
    return lambda answered: all(sign(answered) for sign in signs)


def on(*statuses: int) -> Sign:
    """One of these statuses."""
    return lambda answered: answered.status in statuses


def to(host: str) -> Sign:
    """A redirect to this host or below it; a regular expression."""
    pattern = re.compile(rf"^https?://([^/?#@]*\.)?{host}(:\d+)?([/?#]|$)", re.IGNORECASE)
    return lambda answered: answered.redirects and bool(pattern.match(answered.header("location") or ""))


def error_page(server: str) -> Sign:
    """A server's own page for a status: it names itself in a short HTML body, as no application does."""
    return both(on(400, 401, 403, 405, 408, 413, 414, 429, 497, 500, 502, 503, 504), says("<html", server))
