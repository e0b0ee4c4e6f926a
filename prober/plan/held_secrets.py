"""Held secrets: real secrets of the operator, sent only to routes that name them. One entry each. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

from prober.errors import UsageError
from prober.model import Answer, Credential, Kind, Promise
from prober.model.carrier import joined
from prober.plan.own_credentials import digest_in_all, present

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from prober.model import Carrier, Profile, Route

KNOWN_EMAIL = "known-email"  # the address of a fixture, not a secret; the route says where it is sent
_SHORTEST_SECRET = 8  # letters: a shorter one occurs by chance
KNOWN_EMAIL_WORD = "{known-email}"
_SESSION_NAME = re.compile(r"(?:^|[-_])(?:session|cookie)(?:-?\d+)?$", re.IGNORECASE)
_KEY_NAME = re.compile(r"(?:^|[-_])key(?:-?\d+)?$", re.IGNORECASE)
_TOKEN_NAME = re.compile(r"(?:^|[-_])(?:token|jwt|bearer|secret)(?:-?\d+)?$", re.IGNORECASE)
# One cookie or several, as in a Cookie header; the padding of base64 is none.
_PAIRS = re.compile(r"[\w!#$%&'*+.^`|~-]+=[^=;,\s][^;,\s]*(?:;\s*[\w!#$%&'*+.^`|~-]+=[^;,\s]*)*;?", re.ASCII)
_WITH_SCHEME = re.compile(r"(?:bearer|basic|token|apikey|api-key|jwt) \S", re.IGNORECASE)
_CSRF = "/api/auth/csrf"  # Auth.js gives token|sha256(token + secret) to any client here


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldSecret:
    """A secret whose name the shipped probes use: what it is, and how it is sent."""

    name: str
    about: str  # what it is, in the operator's terms
    headers: Callable[[str, tuple[str, ...]], tuple[tuple[str, str], ...]]
    live: str | None = None


def names_a_session(name: str) -> bool:
    """Say whether a secret of this name is a cookie."""
    return _SESSION_NAME.search(name) is not None


def names_a_key(name: str) -> bool:
    """Say whether a secret of this name is a key, which has a header of its own."""
    return _KEY_NAME.search(name) is not None


def names_a_token(name: str) -> bool:
    """Say whether a secret of this name goes behind `Authorization: Bearer`."""
    return _TOKEN_NAME.search(name) is not None


def is_cookie_pair(value: str) -> bool:
    """Say whether a value is a cookie with its name, or several, as in a Cookie header."""
    return _PAIRS.fullmatch(value) is not None


def _bearer(value: str, _cookies: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    return (("Authorization", value if _WITH_SCHEME.match(value) else f"Bearer {value}"),)


def session_headers(value: str, cookies: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Put a session's value into every cookie that the deployment may use; send a whole Cookie header as it is.

    What only looks like a whole one, since the deployment names no such cookie, is sent in both ways.
    """
    name, equals, _ = value.partition("=")
    if (equals and name in cookies) or (";" in value and is_cookie_pair(value)):
        return (("Cookie", value),)
    whole = (value,) if is_cookie_pair(value) else ()
    return (("Cookie", "; ".join((*whole, *(f"{cookie}={value}" for cookie in cookies)))),)


def _key(value: str, _cookies: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    return (("Authorization", f"Bearer {value}"), ("X-API-Key", value))


def _anything(value: str, cookies: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    return (*_bearer(value, cookies), *session_headers(value, cookies))


HELD: tuple[HeldSecret, ...] = (
    HeldSecret(
        name="session-secret", about="NEXTAUTH_SECRET or AUTH_SECRET, once it is proven to be in use",
        headers=_bearer, live=_CSRF,
    ),
    HeldSecret(name="member-session", about="the session cookie of a plain member", headers=session_headers),
    HeldSecret(name="machine-key", about="the API key of a machine", headers=_key),
    HeldSecret(name="mcp-token", about="an MCP token", headers=_bearer),
    HeldSecret(name="mcp-token-2", about="an MCP token of another user", headers=_bearer),
    HeldSecret(name="witness", about="a session or a token that routes with 'admits' must accept", headers=_anything),
)  # fmt: skip
_BY_NAME = {entry.name: entry for entry in HELD}


def _own(name: str, value: str) -> Callable[[str, tuple[str, ...]], tuple[tuple[str, str], ...]]:
    """Choose how a secret with a name of one's own goes: as a cookie by its name or its form, else as a bearer."""
    is_other = names_a_key(name) or names_a_token(name)
    return session_headers if names_a_session(name) or (is_cookie_pair(value) and not is_other) else _bearer


def held_credential(
    name: str,
    value: str | None,
    *,
    cookies: tuple[str, ...],
    base_path: str = "",
    carriers: tuple[Carrier, ...] = (),
    besides: bool = True,
    more: tuple[tuple[str, str], ...] = (),
) -> Credential:
    """Make the credential. Without a value it only serves in messages.

    `carriers` are the places of its own where the guard looks; `besides` says whether it is also carried as ever, and
    `more` where else.
    """
    entry = _BY_NAME.get(name)
    headers_of = entry.headers if entry else _own(name, value or "")
    live = base_path + entry.live if entry and entry.live else None
    usual = headers_of(value, cookies) if value is not None and (besides or not carriers) else ()
    usual = joined((*usual, *more)) if more else usual
    headers, query = (usual, "") if value is None else present(carriers, value, usual)
    description = f"{entry.about if entry else 'your own secret'} (--hold {name}=env:NAME)"
    return Credential(
        name=name, kind=Kind.HELD, family=None, headers=headers, query=query,
        digest=None if value is None else digest_in_all(carriers, value), catches=description, secret=value or "",
        live=live,
    )  # fmt: skip


def check_held_apart(held: Mapping[str, str], routes: Iterable[Route]) -> None:
    """Refuse one value under two names where a route compares them, or must refuse the one and accept the other."""
    for route in routes:
        compared = [route.session_bound] if route.session_bound else []
        for one, other in (*compared, *product(route.refuse, route.admits)):
            if one in held and held[one] == held.get(other):
                what = (
                    f"--hold '{other}' is the same as another held secret, '{one}', and {route.name} tells them apart"
                )
                raise UsageError(what, fix="name two different ones: one alone cannot be compared")


def secrets_in(held: Mapping[str, str], profile: Profile) -> tuple[str, ...]:
    """Give what no answer may repeat and no report may show: each value, and the password of a user and a password."""
    values = [value for name, value in held.items() if name != KNOWN_EMAIL]
    by_password = any(carrier.takes_password for carriers in profile.carriers.values() for carrier in carriers)
    passwords = [value.partition(":")[2] for value in values if by_password]
    return (*values, *(word for word in passwords if len(word) >= _SHORTEST_SECRET))


def success_promise(route: Route) -> Promise:
    """Expect success: the answer to a secret that the route must accept."""
    return Promise(answers=(Answer(statuses=(range(200, 300),), source=route.source),), skip=None, source=route.source)
