"""What no answer to an unauthenticated client may hold: what `never:` names, and keys and tokens on any guarded route.

It looks at the body as a client would decode it, and at headers and cookies.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from prober.judge.content import content_of, folded, pairs_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prober.model import Answered, JsonValue, Never, Probe

# Keys under which an answer to a stranger carries a secret, whatever its status. Lower case, without _ and -.
SECRET_KEYS = frozenset({
    "apikey", "accesstoken", "refreshtoken", "privatekey", "secretkey", "clientsecret", "passwordhash",
    "hashedpassword", "invitetoken", "resettoken", "sessiontoken",
})  # fmt: skip
SECRET_SHAPES = (
    ("an MCP token", re.compile(r"\bbp_[A-Za-z0-9_-]{16,}")),
    ("a private key", re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----")),
    ("a password hash", re.compile(r"\$2[aby]\$\d\d\$[./A-Za-z0-9]{53}")),
    ("a GitHub token", re.compile(r"\bgh[pousr]_[A-Za-z0-9]{36}")),
    ("an AWS key id", re.compile(r"\bAKIA[0-9A-Z]{16}\b")),
)
_SHORTEST_SECRET = 8
_SEPARATORS = re.compile(r"[\s;=&?]+")
# Headers whose names sound like a secret's and that hold none: challenges, and what a browser is to keep.
_HARMLESS_HEADERS = frozenset({"set-cookie", "www-authenticate", "authorization", "proxy-authenticate", "location"})


def disclosed(probe: Probe, answered: Answered, secrets: tuple[str, ...] = ()) -> str | None:
    """Name what the answer must not hold, None when it holds nothing of the sort; the value itself is not repeated."""
    bodies = {content_of(answered).text, answered.text}  # two where the charset is odd: either may be the lie
    texts = (*bodies, *(value for _, value in answered.headers))
    if any(secret in text for secret in secrets if secret != probe.credential.secret for text in texts):
        return "a held secret"
    sent = set(_SEPARATORS.split(" ".join([probe.request.target, *(value for _, value in probe.request.headers)])))
    values = [(key, value) for key, value in _named_values(answered) if not _is_echo(value, sent)]
    broken = next((broken for never in probe.never if (broken := _broken(never, values, texts))), None)
    if broken or not probe.promise.refuses:
        return broken
    for key, value in values:
        if isinstance(value, str) and len(value) >= _SHORTEST_SECRET and folded(key).removeprefix("x") in SECRET_KEYS:
            return f"a value under '{key}'"
    return next((name for name, shape in SECRET_SHAPES if any(shape.search(text) for text in texts)), None)


def _is_echo(value: JsonValue, sent: set[str]) -> bool:
    """Say whether a value is one that the probe sent: an error page of Next.js holds the query, `token` and all."""
    return isinstance(value, str) and len(value) >= _SHORTEST_SECRET and value in sent


def _broken(never: Never, values: list[tuple[str, JsonValue]], texts: tuple[str, ...]) -> str | None:
    wanted = {folded(key) for key in never.keys}
    for key, value in values:
        if folded(key) in wanted and value not in (None, "", False, [], {}):
            return f"'{key}' (never: {never.source})"
    return next((f"'{word}' (never: {never.source})" for word in never.texts if any(word in t for t in texts)), None)


def _named_values(answered: Answered) -> Iterator[tuple[str, JsonValue]]:
    """Give every key and value of the body, every header, every cookie, and what a header holds as JSON."""
    yield from content_of(answered).pairs
    for name, value in answered.headers:
        if name == "set-cookie":
            cookie, _, rest = value.partition("=")
            yield cookie.strip(), rest.partition(";")[0].strip()
        elif name not in _HARMLESS_HEADERS:
            yield name, value
            yield from pairs_in(value)
