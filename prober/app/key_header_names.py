"""Names of the headers in which the source of an application reads keys: a stranger can guess none of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from prober.app.source_texts import source_texts

if TYPE_CHECKING:
    from pathlib import Path

_MOST_NAMES = 8
_NAME = r"['\"](?P<{0}>[A-Za-z][A-Za-z0-9_-]{{2,60}})['\"]"
_READ = re.compile(
    rf"headers?(?:\(\))?\)?\??\.get\(\s*{_NAME.format('get')}"  # Flask, Django, FastAPI, Next.js; Go's r.Header.Get
    rf"|headers\??\.?\[\s*{_NAME.format('index')}\s*\]"  # Express, Flask, Rails
    rf"|(?:\.|->)header\(\s*{_NAME.format('call')}"  # Hono and Express; Laravel
    rf"|\b(?:req|request)\.get\(\s*{_NAME.format('express')}"  # Express
    rf"|\bMETA(?:\.get\(|\[)\s*['\"]HTTP_(?P<meta>[A-Z][A-Z0-9_]{{2,60}})['\"]",  # Django
    re.IGNORECASE,
)
_KEY = re.compile(r"(?:^|[-_])(?:api|key|token|secret|auth|passw(?:or)?d|pin)(?:$|[-_])|apikey", re.IGNORECASE)
# Tokens and keys that open nothing, and what every guard is presented with anyway.
_OTHER = re.compile(
    r"csrf|xsrf|forgery|idempoten|forwarded|^authorization$|^proxy-auth|^www-|^sec-|request-?id|cache|page|cursor|trace",
    re.IGNORECASE,
)


def key_headers_in_source(home: Path) -> tuple[str, ...]:
    """Give the headers that look like a key's of those that the source in a folder reads; bounded."""
    names: dict[str, str] = {}
    for text in source_texts(home):
        for match in _READ.finditer(text):
            read = match["meta"]
            name = read.replace("_", "-").title() if read else next(filter(None, match.groups()))
            if _KEY.search(name) and not _OTHER.search(name):
                names.setdefault(name.lower(), name)
    return tuple(names.values())[:_MOST_NAMES]
