"""Routes in what frameworks print of them as JSON: any object that has a path, and beside it the methods. Pure."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prober.model import JsonValue

# What the objects call them, by whose command prints such ones.
PATH_KEYS = (
    "path",  # Symfony's debug:router, Echo's Routes, express-list-endpoints
    "uri",  # Laravel's route:list
    "pattern",  # AdonisJS's list:routes
    "rule",  # Werkzeug's map
    "url",  # Fastify's onRoute hook
)
METHOD_KEYS = ("methods", "method", "verb")
_CONDITIONS = "requestMappingConditions"  # of Spring's /actuator/mappings: patterns and methods, each a list
_DEEPEST = 30


def routes_in_json(text: str) -> list[tuple[str, str]] | None:
    """Give the methods, in one string, and the path of each route of a JSON text; None where it is no JSON."""
    if not text.lstrip().startswith(("{", "[")):
        return None
    try:
        value: JsonValue = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return list(_routes(value, depth=0))


def _routes(value: JsonValue, *, depth: int, above: str = "") -> Iterator[tuple[str, str]]:
    if depth > _DEEPEST:
        return
    if isinstance(value, list):
        for entry in value:
            yield from _routes(entry, depth=depth + 1, above=above)
        return
    if not isinstance(value, dict):
        return
    conditions = value.get(_CONDITIONS)
    if isinstance(conditions, dict):
        yield from ((_words(conditions.get("methods")), path) for path in _texts(conditions.get("patterns")))
        return
    path = next((value[key] for key in PATH_KEYS if isinstance(value.get(key), str)), None)
    if isinstance(path, str):
        whole = f"{above}/{path.strip('/')}" if above else path  # React Router's are below each other's
        yield _words(next((value[key] for key in METHOD_KEYS if key in value), None)), whole
        yield from _routes(value.get("children"), depth=depth + 1, above=whole.rstrip("/"))
        return
    for entry in value.values():
        yield from _routes(entry, depth=depth + 1, above=above)


def _words(methods: JsonValue) -> str:
    return " ".join(_texts(methods)).upper()


def _texts(value: JsonValue) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [entry for entry in value if isinstance(entry, str)] if isinstance(value, list) else []
