"""What no answer to an unauthenticated client may hold: what `never:` names, and keys and tokens on guarded routes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prober.model import Answered, JsonValue, Never, Probe

# Keys under which an answer to a stranger carries a secret, whatever its status. Lower case, without _ and -.
SECRET_KEYS = frozenset({
    "apikey", "accesstoken", "refreshtoken", "privatekey", "secretkey", "clientsecret", "passwordhash",
    "hashedpassword", "invitetoken", "resettoken", "sessiontoken",
})  # fmt: skip
SECRET_SHAPES = (
    ("an MCP token", re.compile(rb"\bbp_[A-Za-z0-9_-]{16,}")),
    ("a private key", re.compile(rb"-----BEGIN [A-Z ]*PRIVATE KEY-----")),
    ("a password hash", re.compile(rb"\$2[aby]\$\d\d\$[./A-Za-z0-9]{53}")),
    ("a GitHub token", re.compile(rb"\bgh[pousr]_[A-Za-z0-9]{36}")),
    ("an AWS key id", re.compile(rb"\bAKIA[0-9A-Z]{16}\b")),
)
_SHORTEST_SECRET = 8
_WORD = re.compile(r"[\s;=&?]+")
_PAIR = re.compile(r'\\?"([A-Za-z_-]{3,40})\\?"\s*:\s*\\?"([^"\\]+)')


def disclosed(probe: Probe, answered: Answered, secrets: tuple[str, ...] = ()) -> str | None:
    """Name what the answer must not hold, None when it holds nothing of the sort; the value itself is not repeated."""
    if any(secret in answered.text for secret in secrets if secret != probe.credential.secret):
        return "a held secret"
    sent = set(_WORD.split(" ".join([probe.request.target, *(value for _, value in probe.request.headers)])))
    values = [(key, value) for key, value in _named_values(answered) if not _is_echo(value, sent)]
    broken = next((broken for never in probe.never if (broken := _broken(never, values, answered))), None)
    if broken or not probe.promise.refuses:
        return broken
    for key, value in values:
        if isinstance(value, str) and len(value) >= _SHORTEST_SECRET and _folded(key) in SECRET_KEYS:
            return f"a value under '{key}'"
    return next((name for name, shape in SECRET_SHAPES if shape.search(answered.body)), None)


def _is_echo(value: JsonValue, sent: set[str]) -> bool:
    """Say whether a value is one that the probe sent: an error page of Next.js holds the query, `token` and all."""
    return isinstance(value, str) and len(value) >= _SHORTEST_SECRET and value in sent


def _broken(never: Never, values: list[tuple[str, JsonValue]], answered: Answered) -> str | None:
    wanted = {_folded(key) for key in never.keys}
    for key, value in values:
        if _folded(key) in wanted and value not in (None, "", False, [], {}):
            return f"'{key}' (never: {never.source})"
    return next((f"'{word}' (never: {never.source})" for word in never.texts if word in answered.text), None)


def _named_values(answered: Answered) -> Iterator[tuple[str, JsonValue]]:
    """Every key and value of the body: as JSON, or what looks like them in a page or in JSON that was cut off."""
    body = answered.json
    return _pairs_in(answered.text) if body is None else _entries(body)


def _entries(value: JsonValue | None) -> Iterator[tuple[str, JsonValue]]:
    """Every key of every object, at any depth, without recursion: the depth is the deployment's to choose."""
    waiting = [value]
    while waiting:
        here = waiting.pop()
        if isinstance(here, dict):
            yield from here.items()
            waiting.extend(here.values())
        elif isinstance(here, list):
            waiting.extend(here)


def _pairs_in(text: str) -> Iterator[tuple[str, JsonValue]]:
    """Quotes may be escaped, as in a page's own script."""
    for broken in _PAIR.finditer(text):
        yield broken.group(1), broken.group(2)


def _folded(key: str) -> str:
    return key.lower().replace("_", "").replace("-", "")
