"""Who may look at the page: the lock of the prober itself. Its own selftest tries it (`prober selftest`)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import ipaddress
import re
import secrets
from typing import TYPE_CHECKING

from prober.canary.status.http_server import Reply

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from prober.canary.status.http_server import HttpRequest

MOST_GUESSES = 10  # wrong tokens of one group from one address, within
GUESSES_FOR = 60.0  # seconds
SLOWLY = 5.0  # seconds after which one more token of a full group is looked at
GROUPS = 64  # of tokens; which token is in which is secret, so that nobody can fill that of the right one on purpose
MOST_ADDRESSES = 5_000  # that are remembered, with a group; what was heard of longest ago is forgotten first
_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^:\[\]]+)(?::[0-9]{1,5})?")
_PLAIN = ("Content-Type", "text/plain; charset=utf-8")


class Access:
    """The lock. It owns the wrong guesses so far; where there is no token, it holds on to the names it is known by.

    A page of somebody else's may have its name resolve to this machine once a browser has loaded it, and then reads
    whatever that browser can reach here. Such a request bears that name as its host. With a token there is nothing to
    be had so: a browser that is signed in says it to this very origin alone.
    """

    def __init__(
        self, *, token: str | None, names: Iterable[str], now: Callable[[], float], group_key: bytes | None = None
    ) -> None:
        """Let in who has the token, or, where it is None, everybody who asks for one of these names or an address.

        Wrong tokens are counted by address and by group, so that somebody who guesses behind the same proxy does not
        lock out the right token; `group_key` puts tokens into groups, by default one of its own.
        """
        self._group_key = secrets.token_bytes(16) if group_key is None else group_key
        self._token = None if token is None else _digest(token)
        self._names = {name.lower() for name in names}
        self._now = now
        self._guesses: dict[tuple[str, int], list[float]] = {}

    @property
    def asks_for_token(self) -> bool:
        """Say whether whoever sees the page has signed in."""
        return self._token is not None

    def refusal(self, asked: HttpRequest) -> Reply | None:
        """Give what a request is refused with; None where it may pass."""
        if self._token is None:
            return None if self._is_known(asked.header("host")) else _MISDIRECTED
        given = _given(asked.header("authorization"))
        if given is None:
            return _UNAUTHORIZED
        digest = _digest(given)
        group = (_network(asked.client), hmac.digest(self._group_key, digest, "sha256")[0] % GROUPS)
        guesses = self._guesses_of(group)
        if len(guesses) >= MOST_GUESSES and guesses[-1] + SLOWLY > self._now():
            return _TOO_MANY  # the right one too, or it could be told apart from the wrong ones
        if hmac.compare_digest(digest, self._token):
            return None
        self._guesses.setdefault(group, []).append(self._now())
        while len(self._guesses) > MOST_ADDRESSES:
            del self._guesses[next(iter(self._guesses))]
        return _UNAUTHORIZED

    def _is_known(self, host: str | None) -> bool:
        found = _HOST.fullmatch(host or "")
        if found is None:
            return False
        name = found[1].strip("[]").lower()
        return name in self._names or _is_address(name)

    def _guesses_of(self, group: tuple[str, int]) -> list[float]:
        since = self._now() - GUESSES_FOR
        if recent := [at for at in self._guesses.pop(group, ()) if at > since]:
            self._guesses[group] = recent
        return recent


def _given(authorization: str | None) -> str | None:
    """Read the token: as a bearer, or as the password of whatever user, which is what browsers can ask for."""
    scheme, _, value = (authorization or "").partition(" ")
    if scheme.lower() == "bearer":
        return value.strip()
    if scheme.lower() != "basic":
        return None
    try:
        return base64.b64decode(value.strip(), validate=True).decode("latin-1").partition(":")[2]
    except (binascii.Error, ValueError):
        return ""


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest()


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _network(client: str) -> str:
    """Give whom guesses are counted for: an address, of IPv6 the whole network that one customer has."""
    return client if ":" not in client else str(ipaddress.ip_network(f"{client.partition('%')[0]}/64", strict=False))


_UNAUTHORIZED = Reply(
    status=401,
    body=b"the token is needed: as a bearer, or as the password\n",
    headers=(_PLAIN, ("WWW-Authenticate", 'Basic realm="lockdown canary", charset="UTF-8"')),
)
_TOO_MANY = Reply(
    status=429, body=b"too many wrong tokens\n", headers=(_PLAIN, ("Retry-After", str(round(GUESSES_FOR))))
)
_MISDIRECTED = Reply(status=421, body=b"this page does not answer to that name\n", headers=(_PLAIN,))
