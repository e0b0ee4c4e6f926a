"""Next.js sends its router's requests on to the same path, marked `_rsc`: that one redirect is followed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

if TYPE_CHECKING:
    from prober.model import Answered, Request

_MARK = "_rsc"


def followed(request: Request, answered: Answered) -> Request | None:
    """Give the request that the redirect asks for; None for every other redirect, none of which is followed."""
    if not answered.redirects or not any(name.lower() == "rsc" for name, _ in request.headers):
        return None
    location = answered.header("location") or ""
    try:
        there = urlsplit(location)
    except ValueError:
        return None
    marked = any(key == _MARK for key, _ in parse_qsl(there.query, keep_blank_values=True))
    same = there.path == request.target.partition("?")[0] and not there.netloc
    if not marked or not same or _MARK + "=" in request.target or not location.isascii() or not location.isprintable():
        return None
    return replace(request, target=f"{there.path}?{there.query}") if " " not in there.query else None
