"""Routes that a description by OpenAPI 3.0 or 3.1 names, with the guards that its security asks for. Pure.

Guarded by default: a route is public only where the document says so itself, by an empty list.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from prober.audit.source.nextjs_routes import parameter
from prober.discovery.coverage import Discovered
from prober.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from prober.model import JsonValue

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_MOST_HOPS = 20  # of $ref
_WHOLE = re.compile(r"\{([^{}]+)\}")
_VERSION = re.compile(r"3\.[01](\.\d+)?(-.*)?")


def discovered_in_openapi(document: JsonValue, *, file: str) -> tuple[tuple[Discovered, ...], tuple[str, ...]]:
    """Give the routes of a description, and notes on what could not be followed."""
    root = _mapping(document)
    version = root.get("openapi")
    if not isinstance(version, str) or not _VERSION.fullmatch(version):
        said = version if isinstance(version, str) else root.get("swagger")
        what = f"'{file}' is no description by OpenAPI 3.0 or 3.1" + (f" (it says {said})" if said else "")
        raise UsageError(what, fix="give a document with 'openapi: 3.0.x' or 'openapi: 3.1.x'")
    found: list[Discovered] = []
    notes: list[str] = []
    for path, said in _mapping(root.get("paths")).items():
        item = _followed(root, said)
        if item is None or not path.startswith("/"):
            notes.append(f"{path}: cannot be followed")
            continue
        for method in METHODS:
            if method not in item:
                continue
            operation = _followed(root, item[method])
            if operation is None:
                notes.append(f"{method.upper()} {path}: cannot be followed")
            elif method not in {"options", "head"}:
                found.append(_route(root, file, method.upper(), path, operation, notes))
    return tuple(found), tuple(notes)


def base_path(document: JsonValue) -> str:
    """Give the path below which the first server of a description serves; empty where it is the root."""
    servers = _mapping(document).get("servers")
    first = _mapping(servers[0]) if isinstance(servers, list) and servers else {}
    url = first.get("url")
    path = urlsplit(url).path.rstrip("/") if isinstance(url, str) and "{" not in url else ""
    return path if path.startswith("/") else ""


def _mapping(value: JsonValue) -> Mapping[str, JsonValue]:
    return value if isinstance(value, dict) else {}


def _followed(root: Mapping[str, JsonValue], value: JsonValue) -> Mapping[str, JsonValue] | None:
    """Follow $ref within the document, as often as it leads on; None where it leads out, nowhere or round."""
    for _ in range(_MOST_HOPS):
        if not isinstance(value, dict):
            return None
        target = value.get("$ref")
        if not isinstance(target, str):
            return value
        if not target.startswith("#/"):
            return None
        place: JsonValue = dict(root)
        for part in target[2:].split("/"):
            key = part.replace("~1", "/").replace("~0", "~")
            place = place.get(key) if isinstance(place, dict) else None
        value = place
    return None


def _route(
    root: Mapping[str, JsonValue],
    file: str,
    method: str,
    path: str,
    operation: Mapping[str, JsonValue],
    notes: list[str],
) -> Discovered:
    security = operation.get("security", root.get("security"))
    guard, said = _guard(root, security)
    name = f"{method} {path}"
    if said:
        notes.append(f"{name}: {said}")
    return Discovered(
        method=method, path=_path(path), guard=guard, file=file, line=1, validates=_validates(root, operation),
        why=f"A stranger reaches {name}, which the description of the API names.",
        fix="Ask for the credential that the description names, before anything else.",
    )  # fmt: skip


def _path(path: str) -> str:
    """Write parameters as definitions have them; where one is a part of a segment, it is given a value."""
    parts = []
    for part in path.split("?", 1)[0].split("/"):
        whole = _WHOLE.fullmatch(part)
        parts.append(f":{parameter(whole[1])}" if whole is not None else _WHOLE.sub("0", part))
    return "/".join(parts)


def _guard(root: Mapping[str, JsonValue], security: JsonValue) -> tuple[str, str]:
    """Give the guard that a list of requirements asks for, and what is to be said of it."""
    if security is None:
        return "session", "the description asks for nothing; it is taken for guarded"
    if not isinstance(security, list):
        return "session", "its security cannot be read; it is taken for guarded"
    if not security:
        return "public", ""
    asked = [_mapping(one) for one in security]
    if not all(asked):
        return "session", "the description lets strangers in too; it is taken for guarded"
    schemes = _mapping(_mapping(root.get("components")).get("securitySchemes"))
    names = [name for one in asked for name in one]
    scopes = [str(scope) for one in asked for listed in one.values() if isinstance(listed, list) for scope in listed]
    if any("admin" in word.lower() for word in (*names, *scopes)):
        return "admin", ""
    kinds = {_kind(_followed(root, schemes.get(name))) for name in names}
    return ("machine-key" if kinds == {"machine-key"} else "session"), ""


def _kind(scheme: Mapping[str, JsonValue] | None) -> str:
    """A key in a header or the query is a machine's; whatever else there is goes as a session does."""
    key = scheme is not None and scheme.get("type") == "apiKey" and scheme.get("in") in {"header", "query"}
    return "machine-key" if key else "session"


def _validates(root: Mapping[str, JsonValue], operation: Mapping[str, JsonValue]) -> bool:
    """Say whether the body must be an object: a list is no such thing."""
    body = _followed(root, operation.get("requestBody")) or {}
    content = _mapping(body.get("content"))
    media = _mapping(content.get("application/json"))
    schema = _followed(root, media.get("schema")) or {}
    return "json" in " ".join(content) and (schema.get("type") == "object" or "properties" in schema)
