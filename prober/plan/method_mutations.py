"""Mutations of a request's method, protocol and body: GET for POST, a form for JSON, an upgrade. Pure."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from prober.model.websocket_paths import names_websocket
from prober.plan.request_mutations import origin_text, with_header_replaced

if TYPE_CHECKING:
    from prober.model import JsonValue, Request, Route
    from prober.plan.request_mutations import Mutation, MutationContext

# Of GraphQL (the present protocol and the one before) and of Rails: their servers refuse an upgrade that names none.
_SUBPROTOCOLS = "graphql-transport-ws, graphql-ws, actioncable-v1-json"
_ENGINES = ("/socket.io", "/engine.io")  # whose servers take an upgrade only with these words in the query
_ENGINE_QUERY = "EIO=4&transport=websocket"


def as_get(plain: Request, _: MutationContext) -> Request | None:
    """Ask by GET what is posted: the values of the JSON body in the query, as GraphQL servers take an operation."""
    texts = _texts_of(plain)
    if texts is None:
        return None
    headers = tuple((name, value) for name, value in plain.headers if name.lower() != "content-type")
    separator = "&" if "?" in plain.target else "?"
    return replace(
        plain, method="GET", target=f"{plain.target}{separator}{urlencode(texts, quote_via=quote)}", content=None,
        csrf=None, headers=headers,
    )  # fmt: skip


def _texts_of(plain: Request) -> dict[str, str] | None:
    """Give the values of a JSON object, each as text; None where the body is none."""
    try:
        body: JsonValue = json.loads(plain.content or b"")
    except ValueError:
        return None
    if not isinstance(body, dict):
        return None
    return {key: value if isinstance(value, str) else json.dumps(value) for key, value in body.items()}


def as_plain_text(plain: Request, context: MutationContext) -> Request | None:
    """Send the same JSON, and call it plain text."""
    as_text = with_header_replaced("Content-Type", "text/plain")
    return None if _texts_of(plain) is None else as_text(plain, context)


def as_form(plain: Request, context: MutationContext) -> Request | None:
    """Send the values of the JSON body as a form."""
    texts = _texts_of(plain)
    if texts is None:
        return None
    as_form_type = with_header_replaced("Content-Type", "application/x-www-form-urlencoded")
    return as_form_type(replace(plain, content=urlencode(texts).encode()), context)


def is_websocket(route: Route) -> bool:
    """Say whether a route takes upgrades to a WebSocket: it is marked so, or its path is named for one."""
    return route.websocket or names_websocket(route.path)


def as_websocket(plain: Request, context: MutationContext) -> Request:
    """Ask for the upgrade to a WebSocket."""
    headers = (
        ("Connection", "Upgrade"), ("Upgrade", "websocket"), ("Sec-WebSocket-Version", "13"),
        ("Sec-WebSocket-Key", "bG9ja2Rvd24tcHJvYmVyIQ=="), ("Origin", origin_text(context.service)),
        ("Sec-WebSocket-Protocol", _SUBPROTOCOLS),
    )  # fmt: skip
    path, mark, query = plain.target.partition("?")
    if path.rstrip("/").endswith(_ENGINES) and "transport=" not in query:
        query = f"{query}&{_ENGINE_QUERY}" if query else _ENGINE_QUERY
        mark = "?"
    return replace(plain, headers=(*plain.headers, *headers), target=path + mark + query)


def with_method(method: str) -> Mutation:
    """Use another method, without a body."""

    def mutated(plain: Request, _: MutationContext) -> Request:
        headers = tuple((name, value) for name, value in plain.headers if name.lower() != "content-type")
        return replace(plain, method=method, headers=headers, content=None, csrf=None)

    return mutated


def by_method(method: str) -> Mutation:
    """Send the same body by another method."""
    return lambda plain, _: replace(plain, method=method)
