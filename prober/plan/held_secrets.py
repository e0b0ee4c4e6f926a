"""Held secrets: real secrets of the operator, sent only to routes that name them. One entry each. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from prober.model import Answer, Credential, Kind, Promise
from prober.plan.own_credentials import digest_in_all, present

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from prober.model import Carrier, Profile, Route

KNOWN_EMAIL = "known-email"  # the address of a fixture, not a secret; the route says where it is sent
_SHORTEST_SECRET = 8  # letters: a shorter one occurs by chance
KNOWN_EMAIL_WORD = "{known-email}"
_CSRF = "/api/auth/csrf"  # Auth.js gives token|sha256(token + secret) to any client here


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldSecret:
    """A secret whose name the shipped probes use: what it is, and how it is sent."""

    name: str
    about: str  # what it is, in the operator's terms
    headers: Callable[[str, tuple[str, ...]], tuple[tuple[str, str], ...]]
    live: str | None = None


def _bearer(value: str, _cookies: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    return (("Authorization", f"Bearer {value}"),)


def _session(value: str, cookies: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Put a session's value into every cookie that the deployment may use; send a whole Cookie header as it is."""
    name, equals, _ = value.partition("=")
    whole = bool(equals) and name in cookies
    return (("Cookie", value if whole else "; ".join(f"{cookie}={value}" for cookie in cookies)),)


def _key(value: str, _cookies: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    return (("Authorization", f"Bearer {value}"), ("X-API-Key", value))


def _anything(value: str, cookies: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    return (*_bearer(value, cookies), *_session(value, cookies))


HELD: tuple[HeldSecret, ...] = (
    HeldSecret(
        name="session-secret", about="NEXTAUTH_SECRET or AUTH_SECRET, once it is proven to be in use",
        headers=_bearer, live=_CSRF,
    ),
    HeldSecret(name="member-session", about="the session cookie of a plain member", headers=_session),
    HeldSecret(name="machine-key", about="the API key of a machine", headers=_key),
    HeldSecret(name="mcp-token", about="an MCP token", headers=_bearer),
    HeldSecret(name="mcp-token-2", about="an MCP token of another user", headers=_bearer),
    HeldSecret(name="witness", about="a session or a token that routes with 'admits' must accept", headers=_anything),
)  # fmt: skip
_BY_NAME = {entry.name: entry for entry in HELD}


def held_credential(
    name: str,
    value: str | None,
    *,
    cookies: tuple[str, ...],
    base_path: str = "",
    carriers: tuple[Carrier, ...] = (),
    besides: bool = True,
) -> Credential:
    """Make the credential; an unknown name is a bearer. Without a value it only serves in messages.

    `carriers` are the places of its own where the guard looks; `besides` says whether it is also carried as ever.
    """
    entry = _BY_NAME.get(name)
    headers_of = entry.headers if entry else _bearer
    live = base_path + entry.live if entry and entry.live else None
    usual = headers_of(value, cookies) if value is not None and (besides or not carriers) else ()
    headers, query = (usual, "") if value is None else present(carriers, value, usual)
    description = f"{entry.about if entry else 'your own secret'} (--hold {name}=env:NAME)"
    return Credential(
        name=name, kind=Kind.HELD, family=None, headers=headers, query=query,
        digest=None if value is None else digest_in_all(carriers, value), catches=description, secret=value or "",
        live=live,
    )  # fmt: skip


def secrets_in(held: Mapping[str, str], profile: Profile) -> tuple[str, ...]:
    """Give what no answer may repeat and no report may show: each value, and the password of a user and a password."""
    values = [value for name, value in held.items() if name != KNOWN_EMAIL]
    by_password = any(carrier.takes_password for carriers in profile.carriers.values() for carrier in carriers)
    passwords = [value.partition(":")[2] for value in values if by_password]
    return (*values, *(word for word in passwords if len(word) >= _SHORTEST_SECRET))


def held_in(carrier: Carrier, name: str, value: str | None, *, base_path: str = "") -> Credential:
    """Make the credential in one place of a guard's own, where it must not open the door."""
    made = held_credential(name, value, cookies=(), base_path=base_path, carriers=(carrier,), besides=False)
    return replace(made, name=f"{name}@{carrier.label}")


def success_promise(route: Route) -> Promise:
    """Expect success: the answer to a secret that the route must accept."""
    return Promise(answers=(Answer(statuses=(range(200, 300),), source=route.source),), skip=None, source=route.source)
