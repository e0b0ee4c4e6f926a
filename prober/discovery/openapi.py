"""The routes of an OpenAPI 3.0 or 3.1 document, with the guards that its security requires. Pure.

Routes are guarded by default: one is public only if the document says so with an empty list.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from prober.audit.source.nextjs_routes import parameter
from prober.discovery.coverage import Discovered
from prober.discovery.openapi_carriers import notes_on_presents, own_carriers, presented, presented_parameter
from prober.errors import UsageError
from prober.model import IdType

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from prober.model import JsonValue

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_MOST_HOPS = 20  # of $ref
_DEEPEST = 3  # of schemas within each other
_WHOLE = re.compile(r"\{([^{}]+)\}")
_VERSION = re.compile(r"3\.[01](\.\d+)?(-.*)?")


def discovered_in_openapi(document: JsonValue, *, file: str) -> tuple[tuple[Discovered, ...], tuple[str, ...]]:
    """Give the routes of a document, and notes on what could not be resolved."""
    root = _mapping(document)
    version = root.get("openapi")
    if not isinstance(version, str) or not _VERSION.fullmatch(version):
        version_text = version if isinstance(version, str) else root.get("swagger")
        what = f"'{file}' is not an OpenAPI 3.0 or 3.1 document" + (
            f" (its version is {version_text})" if version_text else ""
        )
        raise UsageError(what, fix="use a document with 'openapi: 3.0.x' or 'openapi: 3.1.x'")
    routes: list[Discovered] = []
    notes: list[str] = []
    presents: dict[str, list[str]] = {}
    for path, path_item in _mapping(root.get("paths")).items():
        item = _resolved(root, path_item)
        if item is None or not path.startswith("/"):
            notes.append(f"{path}: cannot be resolved")
            continue
        for method in METHODS:
            if method not in item:
                continue
            operation = _resolved(root, item[method])
            if operation is None:
                notes.append(f"{method.upper()} {path}: cannot be resolved")
            elif method not in {"options", "head"}:
                typed = _path(path, {**_id_types(root, item), **_id_types(root, operation)})
                route = _route(root, file, method.upper(), path, typed, operation, notes)
                entries = list(dict.fromkeys([*_presented(root, operation), *_in_parameters(root, item, operation)]))
                routes.append(replace(route, carriers=own_carriers(entries)))
                presents.setdefault(route.guard, []).extend(entries)
    return tuple(routes), (*notes, *notes_on_presents(presents))


def base_path(document: JsonValue) -> str:
    """Give the base path of the first server of a document; empty for the root."""
    servers = _mapping(document).get("servers")
    first = _mapping(servers[0]) if isinstance(servers, list) and servers else {}
    url = first.get("url")
    path = urlsplit(url).path.rstrip("/") if isinstance(url, str) and "{" not in url else ""
    return path if path.startswith("/") else ""


def _mapping(value: JsonValue) -> Mapping[str, JsonValue]:
    return value if isinstance(value, dict) else {}


def _resolved(root: Mapping[str, JsonValue], value: JsonValue) -> Mapping[str, JsonValue] | None:
    """Resolve $ref within the document; None for an external, a missing or a circular reference."""
    for _ in range(_MOST_HOPS):
        if not isinstance(value, dict):
            return None
        target = value.get("$ref")
        if not isinstance(target, str):
            return value
        if not target.startswith("#/"):
            return None
        target_value: JsonValue = dict(root)
        for part in target[2:].split("/"):
            key = part.replace("~1", "/").replace("~0", "~")
            target_value = target_value.get(key) if isinstance(target_value, dict) else None
        value = target_value
    return None


def _route(
    root: Mapping[str, JsonValue],
    file: str,
    method: str,
    path: str,
    typed: str,
    operation: Mapping[str, JsonValue],
    notes: list[str],
) -> Discovered:
    security = operation.get("security", root.get("security"))
    guard, note = _guard(root, security)
    name = f"{method} {path}"
    if note:
        notes.append(f"{name}: {note}")
    return Discovered(
        method=method, path=typed, guard=guard, file=file, line=1, validates=_validates(root, operation),
        websocket=_takes_upgrades(operation),
        secured=guard != "public" and not note,
        why=f"Anyone can reach {name}, which the OpenAPI document has.",
        fix=f"Check the caller's credential before {name} reads or writes anything, as its neighbours do.",
    )  # fmt: skip


def _takes_upgrades(operation: Mapping[str, JsonValue]) -> bool:
    """Say whether an operation switches protocols: it answers 101, or an extension of it says so."""
    extensions = [key for key in operation if key.startswith("x-") and "websocket" in key.lower()]
    says_so = any(operation[key] not in (None, False, "false") for key in extensions)
    return says_so or "101" in _mapping(operation.get("responses"))


def _id_types(root: Mapping[str, JsonValue], holder: Mapping[str, JsonValue]) -> dict[str, IdType]:
    """Give the types of a path's parameters by their names, where a router may refuse anything else."""
    listed = holder.get("parameters")
    found: dict[str, IdType] = {}
    for entry in listed if isinstance(listed, list) else []:
        described = _resolved(root, entry) or {}
        name = described.get("name")
        if described.get("in") != "path" or not isinstance(name, str):
            continue
        media = next(iter(_mapping(described.get("content")).values()), None)  # a parameter may hold its schema there
        id_type = _id_type(root, described.get("schema", _mapping(media).get("schema")))
        if id_type is not None:
            found[name] = id_type
    return found


def _id_type(root: Mapping[str, JsonValue], schema: JsonValue, *, depth: int = 0) -> IdType | None:
    """Give the one type that a schema allows beside null; None where it takes any text."""
    resolved = _resolved(root, schema) or {}
    kinds = resolved.get("type")
    allowed = {kind for kind in (kinds if isinstance(kinds, list) else [kinds]) if isinstance(kind, str)} - {"null"}
    if allowed and allowed <= {"integer", "number"}:
        return IdType.INT
    if resolved.get("format") == "uuid":
        return IdType.UUID
    choices = next((resolved[key] for key in ("anyOf", "oneOf", "allOf") if isinstance(resolved.get(key), list)), [])
    inner = [_mapping(one) for one in choices] if isinstance(choices, list) and depth < _DEEPEST else []
    types = {_id_type(root, one, depth=depth + 1) for one in inner if one.get("type") != "null"}
    return next(iter(types)) if len(types) == 1 else None


def _path(path: str, id_types: Mapping[str, IdType]) -> str:
    """Write parameters in the notation of definitions; one that is only a part of a segment gets a value."""
    parts = []
    for part in path.split("?", 1)[0].split("/"):
        whole = _WHOLE.fullmatch(part)
        typed = f"<{id_types[whole[1]]}>" if whole is not None and whole[1] in id_types else ""
        parts.append(f":{parameter(whole[1])}{typed}" if whole is not None else _WHOLE.sub("0", part))
    return "/".join(parts)


def _guard(root: Mapping[str, JsonValue], security: JsonValue) -> tuple[str, str]:
    """Give the guard for a list of security requirements, and a note where it is a guess."""
    if security is None:
        return "session", "the document has no security; assumed to be guarded"
    if not isinstance(security, list):
        return "session", "its security cannot be read; assumed to be guarded"
    if not security:
        return "public", ""
    requirements = [_mapping(one) for one in security]
    if not all(requirements):
        return "session", "its security is optional; assumed to be guarded"
    schemes = _mapping(_mapping(root.get("components")).get("securitySchemes"))
    names = [name for one in requirements for name in one]
    scopes = [
        str(scope) for one in requirements for listed in one.values() if isinstance(listed, list) for scope in listed
    ]
    if any("admin" in name.lower() for name in (*names, *scopes)):
        return "admin", ""
    kinds = {_kind(_resolved(root, schemes.get(name))) for name in names}
    return ("machine-key" if kinds == {"machine-key"} else "session"), ""


def _presented(root: Mapping[str, JsonValue], operation: Mapping[str, JsonValue]) -> Iterator[str]:
    """Give what the operation's security schemes say of the places of its credentials."""
    security = operation.get("security", root.get("security"))
    schemes = _mapping(_mapping(root.get("components")).get("securitySchemes"))
    for requirement in security if isinstance(security, list) else []:
        for name in _mapping(requirement):
            yield from presented(_resolved(root, schemes.get(name)))


def _in_parameters(root: Mapping[str, JsonValue], *holders: Mapping[str, JsonValue]) -> Iterator[str]:
    """Give the parameters of a path and of its operation that are credentials by their names."""
    for holder in holders:
        listed = holder.get("parameters")
        for entry in listed if isinstance(listed, list) else []:
            yield from presented_parameter(_resolved(root, entry))


def _kind(scheme: Mapping[str, JsonValue] | None) -> str:
    """Classify a scheme: an API key in a header or the query is a machine's, everything else counts as a session."""
    key = scheme is not None and scheme.get("type") == "apiKey" and scheme.get("in") in {"header", "query"}
    return "machine-key" if key else "session"


def _validates(root: Mapping[str, JsonValue], operation: Mapping[str, JsonValue]) -> bool:
    """Say whether the body must be a JSON object, so that a list is invalid."""
    body = _resolved(root, operation.get("requestBody")) or {}
    content = _mapping(body.get("content"))
    media = _mapping(content.get("application/json"))
    schema = _resolved(root, media.get("schema")) or {}
    return "json" in " ".join(content) and (schema.get("type") == "object" or "properties" in schema)
