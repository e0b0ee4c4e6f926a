"""Where redirects lead: the names that sign-in pages and providers go by. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from prober.judge.content import content_of

if TYPE_CHECKING:
    from prober.model import Answered

_PAGES = frozenset({
    "signin", "sign-in", "sign_in", "login", "log-in", "log_in", "logon", "sso", "auth", "authorize", "authenticate",
    "oauth", "oauth2", "saml", "saml2", "cas", "undefined", "null",
})  # fmt: skip  # the last two are sign-in pages whose address got lost, and open nothing
_SIGN_IN_MARKS = re.compile(rb"<form|<button|<input|(?:sign|log)[ -]?(?:in|on)\b", re.IGNORECASE)
_FEWEST_RECORDS = 2  # in a table or a list: a page that lists something is no sign-in page, whatever its path
_FEDERATION = frozenset({"SAMLRequest", "wtrealm", "openid.mode"})  # SAML, WS-Federation, OpenID 2
_PROVIDER_HOSTS = ("auth.", "login.", "signin.", "sso.", "accounts.", "account.", "id.", "idp.", "identity.", "oauth.")


def names_a_sign_in(path: str) -> bool:
    """Say whether a path's last part is what sign-in pages are called."""
    return path.rstrip("/").rpartition("/")[2].lower().removesuffix(".html") in _PAGES


def is_sign_in_place(url: str, host: str) -> bool:
    """Say whether a redirect to this URL asks the caller to sign in: by the page's name, or at a provider elsewhere."""
    parts = urlsplit(url)
    if names_a_sign_in(parts.path) or "/auth/signin" in parts.path.lower():
        return True
    if parts.hostname in (None, host):
        return False
    asked = {key for key, _ in parse_qsl(parts.query, keep_blank_values=True)}
    at_provider = any(part.lower() in _PAGES for part in parts.path.split("/"))
    asks_to_sign_in = {"client_id", "response_type"} <= asked or bool(asked & _FEDERATION)
    return at_provider or asks_to_sign_in or str(parts.hostname).startswith(_PROVIDER_HOSTS)


def is_sign_in_page(answered: Answered) -> bool:
    """Say whether this is a page at which to sign in: it has a form or a button, or says so in words."""
    if "html" not in (answered.header("content-type") or ""):
        return False
    return bool(_SIGN_IN_MARKS.search(answered.body)) and content_of(answered).rows < _FEWEST_RECORDS
