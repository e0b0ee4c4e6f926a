"""Held secrets: the operator's own, sent only where a route names them. One entry each says how it is carried. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from prober.model import Answer, Credential, Kind, Promise

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.model import Route

KNOWN_EMAIL = "known-email"  # no secret of a door, but the address of a fixture; where it is sent, a route says
KNOWN_EMAIL_WORD = "{known-email}"
_CSRF = "/api/auth/csrf"  # Auth.js hands out token|sha256(token + secret) here, to everybody


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """One name that the shipped probes know."""

    name: str
    about: str  # what it is, as an operator knows it
    headers: Callable[[str, tuple[str, ...]], tuple[tuple[str, str], ...]]
    live: str | None = None


def _bearer(value: str, _cookies: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    return (("Authorization", f"Bearer {value}"),)


def _session(value: str, cookies: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """A session's value goes into every name that the deployment may use; a whole Cookie header goes as it is."""
    name, equals, _ = value.partition("=")
    whole = bool(equals) and name in cookies
    return (("Cookie", value if whole else "; ".join(f"{cookie}={value}" for cookie in cookies)),)


def _key(value: str, _cookies: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    return (("Authorization", f"Bearer {value}"), ("X-API-Key", value))


def _anything(value: str, cookies: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    return (*_bearer(value, cookies), *_session(value, cookies))


HELD: tuple[Held, ...] = (
    Held(
        name="session-secret", about="NEXTAUTH_SECRET or AUTH_SECRET, once it is proven to be in use",
        headers=_bearer, live=_CSRF,
    ),
    Held(name="member-session", about="the session cookie of a plain member", headers=_session),
    Held(name="machine-key", about="the API key of a machine", headers=_key),
    Held(name="mcp-token", about="an MCP token", headers=_bearer),
    Held(name="mcp-token-2", about="an MCP token of another user", headers=_bearer),
    Held(name="witness", about="a session, or a token, that must open what admits it", headers=_anything),
)  # fmt: skip
_BY_NAME = {entry.name: entry for entry in HELD}


def present(name: str, value: str | None, *, cookies: tuple[str, ...], base_path: str = "") -> Credential:
    """Make the credential; a name of the user's own is a bearer. Without a value it is only spoken of."""
    known = _BY_NAME.get(name)
    carried = known.headers if known else _bearer
    live = base_path + known.live if known and known.live else None
    headers = () if value is None else carried(value, cookies)
    catches = f"{known.about if known else 'a secret of yours'} (--hold {name}=env:NAME)"
    return Credential(
        name=name, kind=Kind.HELD, family=None, headers=headers, query="", catches=catches, secret=value or "",
        live=live,
    )  # fmt: skip


def admitted(route: Route) -> Promise:
    """What a door answers who holds its key: anything of success."""
    return Promise(answers=(Answer(statuses=(range(200, 300),), source=route.source),), skip=None, source=route.source)
