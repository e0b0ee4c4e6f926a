"""A surface: one file of routes, each with its guard, its effect and what is sent. Strict; no network."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from prober.definitions.answer import HEADER_NAME, parse_never
from prober.errors import DefinitionError
from prober.model import Control, Effect, Payload, Route, Surface

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from prober.definitions.document import Node
    from prober.model import Source

_SURFACE_KEYS = ("surface", "about", "service", "by-name-only", "routes")
_ROUTE_KEYS = (
    "route", "id", "service", "guard", "effect", "send", "inert", "absent", "refuse", "never", "quick", "csrf",
    "control", "why", "fix",
)  # fmt: skip
_PAYLOAD_KEYS = ("json", "form", "text", "headers", "path")
_SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
_METHOD = re.compile(r"[A-Z]+(-[A-Z]+)*")
_PATH = re.compile(r"/[\x21-\x22\x24-\x7e]*")
_NAME = re.compile(r"[a-z0-9]+([.-][a-z0-9]+)*")
_PARAMETER = re.compile(r":[A-Za-z][A-Za-z0-9]*")
_IMPOSSIBLE_ID = "impossible-id"


def parse_surface(root: Node) -> Surface:
    """Parse one file of routes."""
    fields = root.fields(_SURFACE_KEYS, of="a surface", required=("surface", "about", "routes"))
    name = _parse_name(fields["surface"], of="'surface'")
    service = _parse_name(fields["service"], of="'service'") if "service" in fields else "web"
    routes = tuple(_parse_route(node, name, service=service) for node in fields["routes"].items(of="'routes'"))
    _refuse_doubles(routes)
    return Surface(
        name=name,
        about=fields["about"].word(of="'about'"),
        by_name_only=fields["by-name-only"].flag(of="'by-name-only'") if "by-name-only" in fields else False,
        routes=routes,
        source=fields["surface"].source,
    )


def parameters_of(path: str) -> tuple[str, ...]:
    """Give the names of a path's parameters, each a whole segment, such as `id` in /api/tokens/:id."""
    return tuple(part[1:] for part in _segments(path) if part.startswith(":"))


def _segments(path: str) -> list[str]:
    return path.split("?", maxsplit=1)[0].split("/")


def _parse_name(node: Node, *, of: str) -> str:
    name = node.word(of=of)
    if not _NAME.fullmatch(name):
        raise node.wrong(f"{of} is '{name}', which is no name", fix="use small letters, digits and '-'")
    return name


def _parse_route(node: Node, surface: str, *, service: str) -> Route:
    fields = node.fields(_ROUTE_KEYS, of="a route", required=("route", "guard", "why", "fix"))
    method, path = _parse_method_and_path(fields["route"])
    effect = _parse_effect(fields, method, node)
    if "inert" in fields and effect is not Effect.ACTS:
        what = f"'inert' is given, but the effect is '{effect}'"
        raise fields["inert"].wrong(what, fix="use 'send' for what is sent, or say 'effect: acts'")
    if "inert" in fields and "send" in fields:
        raise fields["send"].wrong("'send' and 'inert' are both given", fix="keep the inert form only")
    sent = fields.get("inert") or fields.get("send")
    never = fields["never"].one_or_more(of="'never'") if "never" in fields else []
    refuse = fields["refuse"].items(of="'refuse'") if "refuse" in fields else []
    if "absent" in fields:
        fields["absent"].name(["locked"], of="'absent'", kind="answer to 'absent'")
    return Route(
        surface=surface,
        service=_parse_name(fields["service"], of="'service'") if "service" in fields else service,
        id=_parse_name(fields["id"], of="'id'") if "id" in fields else None,
        method=method,
        path=path,
        guard=_parse_name(fields["guard"], of="'guard'"),
        effect=effect,
        payload=_parse_payload(sent, path) if sent else Payload(),
        inert="inert" in fields,
        absent_is_locked="absent" in fields,
        refuse=tuple(_parse_name(name, of="a held secret") for name in refuse),
        never=tuple(parse_never(entry) for entry in never),
        quick=fields["quick"].flag(of="'quick'") if "quick" in fields else effect is not Effect.TRACE,
        csrf=_parse_path(fields["csrf"]) if "csrf" in fields else None,
        control=_parse_control(fields["control"]) if "control" in fields else None,
        why=fields["why"].word(of="'why'"),
        fix=fields["fix"].word(of="'fix'"),
        source=fields["route"].source,
    )


def _parse_method_and_path(node: Node) -> tuple[str, str]:
    said = node.word(of="'route'")
    method, space, path = said.partition(" ")
    if not space or not _METHOD.fullmatch(method):
        raise node.wrong(f"route '{said}' is no method and path", fix="write it as in: GET /api/me")
    return method, _checked_path(node, path)


def _parse_path(node: Node) -> str:
    return _checked_path(node, node.word(of="a path"))


def _checked_path(node: Node, path: str) -> str:
    if not _PATH.fullmatch(path):
        raise node.wrong(f"'{path}' is no path", fix="start it with '/', without spaces, '#' or letters beyond ASCII")
    for part in _segments(path):
        if part.startswith(":") and not _PARAMETER.fullmatch(part):
            raise node.wrong(f"'{part}' is no parameter", fix="name it by letters and digits only, as in :userId")
    return path


def _parse_effect(fields: Mapping[str, Node], method: str, node: Node) -> Effect:
    if "effect" in fields:
        return Effect(fields["effect"].name(list(Effect), of="'effect'", kind="effect"))
    if method in _SAFE_METHODS:
        return Effect.NONE
    what = f"'{method}' does not say its effect"
    raise node.wrong(what, fix="add 'effect: none', 'trace', 'repeats' or 'acts': what would an open door do?")


def _parse_control(node: Node) -> Control:
    return Control(node.name(list(Control), of="'control'", kind="control"))


def _parse_payload(node: Node, path: str) -> Payload:
    """`impossible-id` alone says that the path's parameters, ids that cannot exist, are all that it takes."""
    if not node.is_mapping:
        node.name([_IMPOSSIBLE_ID], of="what is sent", kind="form of a request")
        if not parameters_of(path):
            raise node.wrong(f"'{path}' has no parameter to make impossible", fix="say the inert body, as in json: {}")
        return Payload()
    fields = node.fields(_PAYLOAD_KEYS, of="what is sent")
    bodies = [key for key in ("json", "form", "text") if key in fields]
    if len(bodies) > 1:
        what = f"'{bodies[0]}' and '{bodies[1]}' are both given"
        raise fields[bodies[1]].wrong(what, fix="keep one body")
    content, content_type = _parse_body(fields)
    headers = _parse_sent_headers(fields["headers"]) if "headers" in fields else ()
    if content_type and "content-type" not in {name.lower() for name, _ in headers}:
        headers = (("Content-Type", content_type), *headers)
    return Payload(content=content, headers=headers, parameters=_parse_parameters(fields, path))


def _parse_sent_headers(node: Node) -> tuple[tuple[str, str], ...]:
    for name, value in node.pairs(of="'headers'"):
        if not HEADER_NAME.fullmatch(name):
            raise value.wrong(f"'{name}' is no header name", fix="use letters, digits and '-'")
    return _pairs(node, of="'headers'")


def _parse_parameters(fields: Mapping[str, Node], path: str) -> tuple[tuple[str, str], ...]:
    if "path" not in fields:
        return ()
    known = parameters_of(path)
    for name, value in fields["path"].pairs(of="'path'"):
        if name not in known:
            fix = f"use one of: {', '.join(known)}" if known else "remove it, or put it into the route as in /:id"
            raise value.wrong(f"'{path}' has no parameter '{name}'", fix=fix)
    return _pairs(fields["path"], of="'path'")


def _parse_body(fields: Mapping[str, Node]) -> tuple[bytes | None, str | None]:
    if "json" in fields:
        return json.dumps(fields["json"].json(), ensure_ascii=False).encode(), "application/json"
    if "form" in fields:
        return urlencode(_pairs(fields["form"], of="'form'")).encode(), "application/x-www-form-urlencoded"
    if "text" in fields:
        return fields["text"].word(of="'text'").encode(), "text/plain"
    return None, None


def _pairs(node: Node, *, of: str) -> tuple[tuple[str, str], ...]:
    pairs: list[tuple[str, str]] = []
    for name, value in node.pairs(of=of):
        word = value.word(of=f"'{name}'")
        if not (name + word).isascii() or not (name + word).isprintable():
            raise value.wrong(f"'{name}' holds what cannot be sent there", fix="keep to printable ASCII")
        pairs.append((name, word))
    return tuple(pairs)


def _refuse_doubles(routes: Iterable[Route]) -> None:
    seen: dict[str, Source] = {}
    for route in routes:
        if route.name in seen:
            what = f"route '{route.name}' is given twice (first in line {seen[route.name].line})"
            raise DefinitionError(what, fix="remove one, or give one of them another 'id'", source=route.source)
        seen[route.name] = route.source
