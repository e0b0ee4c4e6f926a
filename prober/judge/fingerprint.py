"""Are two answers the same page? Pure: what changes from one request to the next is masked first."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from prober.model import Answered

_TITLE = re.compile(rb"<title[^>]{0,200}>(.{0,300}?)</title", re.IGNORECASE | re.DOTALL)
_CHANGING = re.compile(rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}|[A-Za-z0-9_-]{16,}|[0-9]+")
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

    def is_like(self, other: Fingerprint) -> bool:
        """Say whether the two are one page: the same masked body, or HTML of one title and about one length."""
        if (self.status, self.content_type) != (other.status, other.content_type):
            return False
        if self.location or other.location:
            return self.location == other.location
        if self.digest == other.digest:
            return True
        near = abs(self.length - other.length) <= max(self.length, other.length) * _SAME_LENGTH
        return "html" in self.content_type and bool(self.title) and self.title == other.title and near


@lru_cache(maxsize=8192)
def fingerprint(answered: Answered, target: str) -> Fingerprint:
    """Take the fingerprint of what was answered to this request target."""
    path, body = target.split("?", maxsplit=1)[0], answered.body
    found = _TITLE.search(body)
    return Fingerprint(
        status=answered.status,
        content_type=(answered.header("content-type") or "").split(";")[0].strip().lower(),
        location=_mask((answered.header("location") or "").split("?")[0].encode(), path).decode("utf-8", "replace"),
        title=_mask(found.group(1).strip(), path) if found else b"",
        length=len(body),
        digest=hashlib.sha256(_mask(body, path)).hexdigest(),
    )


def _mask(body: bytes, path: str) -> bytes:
    masked = body.replace(path.encode(), b"*") if len(path) > 1 else body
    parts = [re.escape(part.encode()) for part in path.split("/") if len(part) >= _SHORTEST_PART]
    if parts:
        masked = re.sub(rb"(?<![A-Za-z0-9])(?:%s)(?![A-Za-z0-9])" % b"|".join(parts), b"*", masked)
    return _CHANGING.sub(b"#", masked)
