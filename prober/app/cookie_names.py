"""Names of the cookies that may be a session's: those handed out, and those that the source reads."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from prober.bounded_read import read_bounded
from prober.model import Answered

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from prober.model import Reply

# By one of these a folder is an application's, and not, say, somebody's home.
_MANIFESTS = ("package.json", "pyproject.toml", "requirements.txt", "manage.py")
_SUFFIXES = frozenset({".js", ".jsx", ".mjs", ".cjs", ".ts", ".tsx", ".mts", ".py"})
_SKIPPED = frozenset({
    "node_modules", ".next", ".git", "dist", "build", ".venv", "venv", "__pycache__", "test", "tests", "__tests__",
})  # fmt: skip
_MOST_FILES, _MOST_BYTES, _MOST_NAMES = 2000, 256 * 1024, 12
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
    if not any((home / name).is_file() for name in _MANIFESTS):
        return ()
    names: dict[str, None] = {}
    for path in _files(home):
        try:
            text = read_bounded(path, _MOST_BYTES).decode("utf-8", "replace")
        except OSError:
            continue
        found = (next(filter(None, match.groups())) for match in _READ.finditer(text))
        names.update(dict.fromkeys(name for name in found if _SESSION.search(name)))
    return tuple(names)[:_MOST_NAMES]


def _files(home: Path) -> Iterator[Path]:
    number = 0
    for folder, folders, names in os.walk(home):
        folders[:] = sorted(set(folders) - _SKIPPED)
        for name in sorted(names):
            if Path(name).suffix in _SUFFIXES:
                number += 1
                if number > _MOST_FILES:
                    return
                yield Path(folder) / name


def cookies_handed_out(replies: Iterable[Reply]) -> tuple[str, ...]:
    """Name the cookies that may be a session's: those that were handed out, but for tokens against forged requests."""
    answered = [reply for reply in replies if isinstance(reply, Answered)]
    lines = [value for reply in answered for name, value in reply.headers if name == "set-cookie"]
    names = dict.fromkeys(line.partition("=")[0].strip() for line in lines)
    return tuple(name for name in names if _COOKIE.fullmatch(name) and not _FORGERY.search(name))
