"""Whom a protected resource sends its clients to: the metadata of an authorization server on its own origin (RFC 8414).

One on another origin is named and not asked. Sends through what it is given.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from prober.model import Answered, JsonValue, Request

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from prober.model import Reply

_OAUTH, _OPENID = "/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"
_PKCE = "S256"
MOST_REQUESTS = 2


async def look_at_server(
    issuer: str, plain: Request, send: Callable[[Request], Awaitable[Reply]]
) -> tuple[str | None, str, int]:
    """Give what is wrong with a server's metadata (None: nothing), what there is to say of it, and the requests sent.

    `plain` is a request without a credential on the server's origin, in whose form the metadata is fetched.
    """
    path = urlsplit(issuer).path.rstrip("/")
    for sent, target in enumerate((_OAUTH + path, path + _OPENID), start=1):  # each standard puts the path elsewhere
        reply = await send(Request(service=plain.service, method="GET", target=target, headers=plain.headers))
        body = reply.json if isinstance(reply, Answered) and reply.succeeded else None
        if isinstance(body, dict):
            return _why_wrong(body, issuer), _about(body), sent
    return None, f"its authorization server {issuer} has no metadata here (RFC 8414)", MOST_REQUESTS


def _why_wrong(body: Mapping[str, JsonValue], issuer: str) -> str | None:
    named = body.get("issuer")
    if not isinstance(named, str) or named.rstrip("/") != issuer.rstrip("/"):
        return f"names another issuer than {issuer}"
    missing = next((key for key in ("authorization_endpoint", "token_endpoint") if not body.get(key)), None)
    if missing is not None:
        return f"has no {missing}"
    methods = body.get("code_challenge_methods_supported")
    if not isinstance(methods, list) or _PKCE not in methods:
        return f"does not offer PKCE by {_PKCE}, without which a stolen code is enough to sign in (RFC 7636)"
    return None


def _about(body: Mapping[str, JsonValue]) -> str:
    registers = bool(body.get("registration_endpoint"))
    return "anyone may register a client there (RFC 7591)" if registers else "clients are registered by hand"
