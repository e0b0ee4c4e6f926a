"""Names of the cookies that may be a session's: those handed out, and those that the source reads."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from prober.app.source_texts import source_texts
from prober.model import Answered

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from prober.model import Reply

_MOST_NAMES = 12
_COOKIE = re.compile(r"[A-Za-z0-9_.-]{1,80}")
_FORGERY = re.compile(r"csrf|xsrf|callback-url|__cf|^cf_", re.IGNORECASE)
_NAME = r"[A-Za-z0-9_.-]{1,80}"
_READ = re.compile(
    rf"cookies(?:\(\))?\)?\.get\(\s*['\"](?P<get>{_NAME})['\"]"  # Next.js, Flask, FastAPI, Express' helpers
    rf"|cookies\[\s*['\"](?P<index>{_NAME})['\"]\s*\]"  # Django's COOKIES, Express
    rf"|\.(?:signedCookies|cookies)\.(?P<field>(?!get\b|set\b|has\b|delete\b|getAll\b|clear\b)[A-Za-z_]\w{{0,79}})\b(?!\()",
    re.IGNORECASE,
)
_SESSION = re.compile(r"sess|auth|token|sid|user|member|jwt|login|remember|admin", re.IGNORECASE)


def cookies_in_source(home: Path) -> tuple[str, ...]:
    """Give the names that look like a session's of the cookies that the source in a folder reads; bounded."""
    names: dict[str, None] = {}
    for text in source_texts(home):
        found = (next(filter(None, match.groups())) for match in _READ.finditer(text))
        names.update(dict.fromkeys(name for name in found if _SESSION.search(name)))
    return tuple(names)[:_MOST_NAMES]


def cookies_handed_out(replies: Iterable[Reply]) -> tuple[str, ...]:
    """Name the cookies that may be a session's: those that were handed out, but for tokens against forged requests."""
    answered = [reply for reply in replies if isinstance(reply, Answered)]
    lines = [value for reply in answered for name, value in reply.headers if name == "set-cookie"]
    names = dict.fromkeys(line.partition("=")[0].strip() for line in lines)
    return tuple(name for name in names if _COOKIE.fullmatch(name) and not _FORGERY.search(name))
