"""What is compared of two answers: their texts word by word, without what stands for the account that was asked for.

It masks the words that only one of the two requests holds, and all that may be a hash or an id. It decides nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, unquote_plus

if TYPE_CHECKING:
    from collections.abc import Mapping

    from prober.model import Answered, Request

STATUS = "the status"
_WORD = re.compile(r"[^\s\"'<>&=?#;,:{}\[\]()|]+")  # a nonce is one word, with the slashes of its Base64
_TOKEN = re.compile(r"[A-Za-z0-9_-]{16,}")
_DIGITS = 2  # of a token at least: a word that is as long without (`user_does_not_exist`) may be just what tells

Words = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What is compared of an answer: texts word by word, and sets of names."""

    texts: Mapping[str, Words]
    names: Mapping[str, frozenset[str]]


def look_at(answered: Answered, own: re.Pattern[str] | None) -> Look:
    """Give what is compared of an answer; `own` are the words of the requests themselves."""
    cookies = (value.partition("=")[0].strip() for name, value in answered.headers if name == "set-cookie")
    return Look(
        texts={
            STATUS: (str(answered.status),),
            "the Location": _words(answered.header("location") or "", own),
            "the content type": _words((answered.header("content-type") or "").lower(), own),
            "the body": _words(answered.text, own),
        },
        names={
            "the header names": frozenset(name for name, _ in answered.headers),
            "the cookies": frozenset(_without_tokens(cookie) for cookie in cookies),
        },
    )


def own_words(plain: Request, other: Request) -> re.Pattern[str] | None:
    """Find the words that stand in one request alone, such as the account: who repeats them has told nothing."""
    words_of_each: list[set[str]] = []
    for request in (plain, other):
        content = (request.content or b"").decode("utf-8", "replace")
        text = "\n".join((request.target, content, *(value for _, value in request.headers)))
        words = [word for read in (text, unquote(text), unquote_plus(text)) for word in _WORD.findall(read)]
        words_of_each.append({part for word in words for part in (word, *word.split("/")) if part})
    own = {
        form for word in words_of_each[0] ^ words_of_each[1] for form in (word, quote(word, safe=""), _in_html(word))
    }
    longest_first = sorted(own, key=lambda word: (-len(word), word))
    whole = rf"(?<![A-Za-z0-9])(?:{'|'.join(map(re.escape, longest_first))})(?![A-Za-z0-9])"
    return re.compile(whole, re.IGNORECASE) if own else None


def _in_html(word: str) -> str:
    """Write it as templates do that escape more than they must, such as Go's."""
    return re.sub(r"[^\w.-]", lambda found: f"&#{ord(found[0])};", word)


def _words(text: str, own: re.Pattern[str] | None) -> Words:
    """Take a text apart, with the requests' own words and all tokens masked."""
    return tuple(_WORD.findall(_without_tokens(own.sub("*", text) if own else text)))


def _without_tokens(text: str) -> str:
    """Mask what may be a hash or an id: one of the account that was asked for is another, known or not."""
    return _TOKEN.sub(lambda found: "~" if sum(map(str.isdigit, found[0])) >= _DIGITS else found[0], text)
