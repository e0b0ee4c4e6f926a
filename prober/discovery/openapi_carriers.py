"""What the security schemes of an OpenAPI document say of the places of credentials, as `presents` writes them."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from prober.model import JsonValue

NOTE = "by the security schemes, the profile needs"
_USUAL = ("secret", "bearer")  # an HTTP bearer, OAuth 2 and OpenID Connect
_CREDENTIAL = re.compile(
    r"token|secret|passw(?:or)?d|signature|credential|(?:^|[-_])auth|(?:api|access|admin|cron)[-_]?key|^key$",
    re.IGNORECASE,
)
_SESSION = re.compile(r"session", re.IGNORECASE)  # in a query it is an id that the client makes up (Gradio, MCP)
_OTHER = re.compile(r"csrf|xsrf|page|next|cursor|continu|idempoten|sync", re.IGNORECASE)  # tokens that open nothing
_PLACES = frozenset({"header", "query", "cookie"})


def presented(scheme: Mapping[str, JsonValue] | None) -> tuple[str, ...]:
    """Give the entries of `presents` for one security scheme, as YAML; none for one that nothing can be sent by."""
    kind = None if scheme is None else scheme.get("type")
    if scheme is None or kind == "mutualTLS":
        return ()
    if kind == "apiKey":
        place, name = scheme.get("in"), scheme.get("name")
        if place not in _PLACES or not isinstance(name, str) or not name:
            return ()
        return _USUAL if (place, name.lower()) == ("header", "authorization") else (f"{{{place}: {_quoted(name)}}}",)
    word = scheme.get("scheme") if kind == "http" else "bearer"
    if not isinstance(word, str) or word.lower() == "bearer":
        return _USUAL
    return ("basic",) if word.lower() == "basic" else (f"{{scheme: {_quoted(word)}}}",)


def presented_parameter(described: Mapping[str, JsonValue] | None) -> tuple[str, ...]:
    """Give the entry of `presents` for a parameter that is a credential by its name, as FastAPI's `Header()` makes."""
    place, name = (described or {}).get("in"), (described or {}).get("name")
    if place not in _PLACES or not isinstance(name, str) or _OTHER.search(name):
        return ()
    if not _CREDENTIAL.search(name) and (place == "query" or not _SESSION.search(name)):
        return ()
    return () if name.lower() == "authorization" else (f"{{{place}: {_quoted(name)}}}",)


def own_carriers(entries: Iterable[str]) -> tuple[str, ...]:
    """Give those that are not what every guard of an API is presented with anyway."""
    return tuple(entry for entry in entries if entry not in _USUAL)


def notes_on_presents(by_guard: Mapping[str, Iterable[str]]) -> list[str]:
    """Say of each guard what its `presents` must be, where its credentials go elsewhere than bearers do."""
    notes = []
    for guard, entries in by_guard.items():
        own = list(dict.fromkeys(entries))
        if own and not set(own) <= set(_USUAL):
            written = own[0] if len(own) == 1 else f"[{', '.join(own)}]"
            notes.append(f"{NOTE}: presents: {{{guard}: {written}}}")
    return notes


def _quoted(name: str) -> str:
    plain = name.isascii() and name.replace("-", "").replace("_", "").isalnum() and not name[0].isdigit()
    return name if plain else json.dumps(name)
