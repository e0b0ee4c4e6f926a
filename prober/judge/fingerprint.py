"""Are two answers the same page? Pure: what changes from one request to the next is masked first.

Of a refusal, every number may change. Of a success, a number may be the very data that the route must not give, so only
what no reader would take for data is masked: long ids, hashes and times.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from prober.judge.content import content_of
from prober.judge.text_pairs import pairs_in

if TYPE_CHECKING:
    from prober.model import Answered

_TITLE = re.compile(rb"<title[^>]{0,200}>(.{0,300}?)</title", re.IGNORECASE | re.DOTALL)
_ID = rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}|[A-Za-z0-9_-]{16,}"
_CHANGING = re.compile(_ID + rb"|[0-9]+")
_CHANGING_IN_A_SUCCESS = re.compile(_ID + rb"|[0-9]{10,}|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z?")
# Of what a reader sees of a success: a number of 22 letters may be an account's.
_CHANGING_IN_SIGHT = re.compile(
    rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}|(?=[0-9]*[a-f])(?=[a-f]*[0-9])[0-9a-f]{16,}|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z?"
)
_SHORTEST_PART = 3  # letters of a path's part that is masked: shorter ones stand in any text
_SAME_LENGTH = 0.05  # pages that name the path differ by about so much


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingerprint:
    """What is left of an answer when the path, numbers, ids and nonces are masked."""

    status: int
    content_type: str
    location: str
    title: bytes
    length: int
    digest: str
    unnamed: frozenset[str]  # of a success, its digests with the path left as it is
    page: str  # of HTML, a digest of its title and of what a reader sees, and of a success of its data; else empty
    in_sight: frozenset[str]  # of HTML that succeeds, digests of what a reader sees, with hardly anything masked

    def is_like(self, other: Fingerprint) -> bool:
        """Say whether the two are one page: the same masked body, or HTML that shows the same, of about one length."""
        if (self.status, self.content_type) != (other.status, other.content_type):
            return False
        if self.location or other.location:
            return self.location == other.location
        if self.in_sight and other.in_sight and not self.in_sight & other.in_sight:
            return False  # whatever is masked in the rest: a reader sees something else
        if self.digest == other.digest or self.unnamed & other.unnamed:
            return True
        near = abs(self.length - other.length) <= max(self.length, other.length) * _SAME_LENGTH
        return near and bool(self.page) and self.page == other.page


@lru_cache(maxsize=8192)
def fingerprint(answered: Answered, target: str) -> Fingerprint:
    """Take the fingerprint of what was answered to this request target."""
    path, body = target.split("?", maxsplit=1)[0], answered.body
    changing = _CHANGING_IN_A_SUCCESS if answered.succeeded else _CHANGING
    found = _TITLE.search(body)
    content_type = (answered.header("content-type") or "").split(";")[0].strip().lower()
    title = _mask(found.group(1).strip(), path, changing) if found else b""
    location = (answered.header("location") or "").split("?")[0].encode()
    return Fingerprint(
        status=answered.status,
        content_type=content_type,
        location=_mask(location, path, _CHANGING).decode("utf-8", "replace"),
        title=title,
        length=len(body),
        digest=hashlib.sha256(_mask(body, path, changing)).hexdigest(),
        unnamed=_unnamed(answered, title, changing) if answered.succeeded else frozenset(),
        page=_page_digest(answered, title, path, changing) if "html" in content_type else "",
        in_sight=_in_sight(answered, path) if answered.succeeded and "html" in content_type else frozenset(),
    )


def _in_sight(answered: Answered, path: str) -> frozenset[str]:
    title = _TITLE.search(answered.body)
    seen = b"\0".join((title.group(1).strip() if title else b"", content_of(answered).visible_text.encode()))
    if not seen.strip(b"\0"):
        return frozenset()
    masked = (_mask(seen, path, _CHANGING_IN_SIGHT), _CHANGING_IN_SIGHT.sub(b"#", seen))
    return frozenset(hashlib.sha256(text).hexdigest() for text in masked)


def _unnamed(answered: Answered, title: bytes, changing: re.Pattern[bytes]) -> frozenset[str]:
    """Give the digests of a body in which the path is not masked: it may be a word of another page's, too."""
    digests = {hashlib.sha256(changing.sub(b"#", answered.body)).hexdigest()}
    if "html" in (answered.header("content-type") or ""):
        digests.add(_page_digest(answered, title, "", changing))
    return frozenset(digests - {""})


def _page_digest(answered: Answered, title: bytes, path: str, changing: re.Pattern[bytes]) -> str:
    content = content_of(answered)
    shown = _mask(content.visible_text.encode(), path, changing)
    if not title and not shown:
        return ""
    data = [f"{key}={value}" for key, value in pairs_in(content.text)] if answered.succeeded else []
    parts = (title, shown, _mask("\n".join(sorted(data)).encode(), path, changing))
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def _mask(body: bytes, path: str, changing: re.Pattern[bytes]) -> bytes:
    masked = body.replace(path.encode(), b"*") if len(path) > 1 else body
    parts = [part.encode() for part in path.split("/") if len(part) >= _SHORTEST_PART]
    found = [re.escape(part) for part in parts if part in masked]  # to look for one is cheap, to replace none is not
    if found:
        masked = re.sub(rb"(?<![A-Za-z0-9])(?:%s)(?![A-Za-z0-9])" % b"|".join(found), b"*", masked)
    return changing.sub(b"#", masked)
