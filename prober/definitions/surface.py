"""Reads a surface: one file of routes, each with its guard, its effect and what is sent. Strict; no network."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from prober.definitions.answer import parse_never
from prober.definitions.keys.route import ROUTE
from prober.definitions.keys.surface import SURFACE
from prober.definitions.limit import parse_limit
from prober.definitions.payload import parse_payload, segments
from prober.errors import DefinitionError, Mistakes
from prober.model import Control, Effect, IdType, Payload, Route, Surface, Weight

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from prober.definitions.node import Node
    from prober.model import Source

_SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
_METHOD = re.compile(r"[A-Z]+(-[A-Z]+)*")
_PATH = re.compile(r"/[\x21-\x22\x24-\x7e]*")
_NAME = re.compile(r"[a-z0-9]+([.-][a-z0-9]+)*")
_PARAMETER = re.compile(r":(?P<name>[A-Za-z][A-Za-z0-9]*)(?P<typed><(?P<type>[^<>]*)>)?")


# A parameter as OpenAPI, Flask, Next.js and routers with stars write it.
_FOREIGN = re.compile(r"\{[.*]*(\w+)[^}]*\}|<(?:\w+:)?(\w+)>|\[+\.*(\w+)\]+|\*{1,2}(\w*)", re.ASCII)


def parse_surface(root: Node) -> Surface:
    """Parse one file of routes."""
    fields = root.fields(SURFACE)
    name = _parse_name(fields["surface"], of="'surface'")
    service = _parse_name(fields["service"], of="'service'") if "service" in fields else "web"
    routes: list[Route] = []
    mistakes = Mistakes()
    for node in fields["routes"].items(of="'routes'"):
        with mistakes.of_part():
            routes.append(_parse_route(node, name, service=service))
    with mistakes.of_part():
        _refuse_doubles(routes)
    mistakes.raise_any()
    return Surface(
        name=name,
        about=fields["about"].word(of="'about'"),
        by_name_only=fields["by-name-only"].flag(of="'by-name-only'") if "by-name-only" in fields else False,
        routes=tuple(routes),
        source=fields["surface"].source,
    )


def _parse_name(node: Node, *, of: str) -> str:
    name = node.word(of=of)
    if not _NAME.fullmatch(name):
        raise node.wrong(f"{of} is '{name}', which is not a name", fix="use lower-case letters, digits and '-'")
    return name


def _parse_route(node: Node, surface: str, *, service: str) -> Route:
    fields = node.fields(ROUTE)
    method, path, id_types = _parse_method_and_path(fields["route"])
    effect = _parse_effect(fields, method, node)
    if "inert" in fields and effect is not Effect.ACTS:
        what = f"'inert' is given, but the effect is '{effect}'"
        raise fields["inert"].wrong(what, fix="use 'send' for what is sent, or add 'effect: acts'")
    if "inert" in fields and "send" in fields:
        raise fields["send"].wrong("'send' and 'inert' are both given", fix="keep only 'inert'")
    sent = fields.get("inert") or fields.get("send")
    never = fields["never"].one_or_more(of="'never'") if "never" in fields else []
    if "absent" in fields:
        fields["absent"].name(["locked"], of="'absent'", kind="a value of 'absent'")
    return Route(
        surface=surface,
        service=_parse_name(fields["service"], of="'service'") if "service" in fields else service,
        id=_parse_name(fields["id"], of="'id'") if "id" in fields else None,
        method=method,
        path=path,
        id_types=id_types,
        guard=_parse_name(fields["guard"], of="'guard'"),
        effect=effect,
        effect_is_stated="effect" in fields,
        payload=parse_payload(sent, path) if sent else Payload(),
        inert="inert" in fields,
        absent_is_locked="absent" in fields,
        refuse=_secrets(fields, "refuse"),
        never=tuple(parse_never(entry) for entry in never),
        quick=fields["quick"].flag(of="'quick'") if "quick" in fields else effect is not Effect.TRACE,
        csrf=_parse_path(fields["csrf"]) if "csrf" in fields else None,
        control=_parse_control(fields["control"]) if "control" in fields else None,
        limit=parse_limit(fields["limit"]) if "limit" in fields else None,
        indistinguishable=parse_payload(fields["indistinguishable"], path) if "indistinguishable" in fields else None,
        well_formed=parse_payload(fields["well-formed"], path) if "well-formed" in fields else None,
        admits=_secrets(fields, "admits"),
        session_bound=_parse_two_secrets(fields["session-bound"]) if "session-bound" in fields else (),
        oauth_metadata=fields["oauth-metadata"].flag(of="'oauth-metadata'") if "oauth-metadata" in fields else False,
        websocket=fields["websocket"].flag(of="'websocket'") if "websocket" in fields else False,
        mcp_session=fields["mcp-session"].flag(of="'mcp-session'") if "mcp-session" in fields else False,
        declared_weight=_parse_weight(fields["weight"]) if "weight" in fields else None,
        why=fields["why"].word(of="'why'"),
        fix=fields["fix"].word(of="'fix'"),
        source=fields["route"].source,
    )


def _parse_method_and_path(node: Node) -> tuple[str, str, tuple[tuple[str, IdType], ...]]:
    route = node.word(of="'route'")
    method, space, path = route.partition(" ")
    if not space or not _METHOD.fullmatch(method):
        method, path = ("GET", route) if route.startswith("/") else (method.upper(), path)
        meant = f"{method} {path}" if path.startswith("/") and _METHOD.fullmatch(method) else "GET /api/me"
        raise node.wrong(f"route '{route}' is not a method and path", fix=f"write it as in: {meant}")
    return method, *_parse_parameters(node, path)


def _parse_path(node: Node) -> str:
    return _parse_parameters(node, node.word(of="a path"))[0]


def _parse_parameters(node: Node, path: str) -> tuple[str, tuple[tuple[str, IdType], ...]]:
    """Give the path without the types of its parameters, and those."""
    if not _PATH.fullmatch(path):
        raise node.wrong(
            f"'{path}' is not a path", fix="start it with '/', without spaces, '#' or letters beyond ASCII"
        )
    types: list[tuple[str, IdType]] = []
    parts: list[str] = []
    for part in segments(path):
        parameter = _PARAMETER.fullmatch(part)
        foreign = _FOREIGN.fullmatch(part)
        if foreign is not None:
            first, *more = next(filter(None, foreign.groups()), "rest").strip("_").split("_")
            own = first + "".join(word.capitalize() for word in more)
            raise node.wrong(f"'{part}' would be sent as it stands", fix=f"write a parameter as :{own}")
        if part.startswith(":") and parameter is None:
            fix = "use letters and digits only, as in :userId, or with a type :userId<int>"
            raise node.wrong(f"'{part}' is not a parameter", fix=fix)
        parts.append(f":{parameter['name']}" if parameter else part)
        if parameter is None or parameter["typed"] is None:
            continue
        if parameter["type"] not in list(IdType):
            what = f"'{parameter['type']}' is not the type of an id"
            raise node.wrong(what, fix=f"use one of: {', '.join(IdType)}")
        types.append((parameter["name"], IdType(parameter["type"])))
    _, mark, query = path.partition("?")
    return "/".join(parts) + mark + query, tuple(types)


def _parse_effect(fields: Mapping[str, Node], method: str, node: Node) -> Effect:
    if "effect" in fields:
        return Effect(fields["effect"].name(list(Effect), of="'effect'", kind="an effect"))
    if method in _SAFE_METHODS:
        return Effect.NONE
    what = f"'{method}' needs an effect"
    raise node.wrong(
        what, fix="add 'effect: none', 'trace', 'repeats' or 'acts': what the request would do if the route were open"
    )


def _secrets(fields: Mapping[str, Node], key: str) -> tuple[str, ...]:
    names = fields[key].items(of=f"'{key}'") if key in fields else []
    return tuple(_parse_name(name, of="a secret") for name in names)


def _parse_two_secrets(node: Node) -> tuple[str, ...]:
    names = tuple(_parse_name(name, of="a secret") for name in node.items(of="'session-bound'"))
    if len(names) != 2 or names[0] == names[1]:  # noqa: PLR2004 - one opens the session, the other must not use it
        raise node.wrong(
            "'session-bound' must name two different secrets", fix="write them as in [mcp-token, mcp-token-2]"
        )
    return names


def _parse_control(node: Node) -> Control:
    return Control(node.name(list(Control), of="'control'", kind="a control"))


def _parse_weight(node: Node) -> Weight:
    return Weight(node.name(list(Weight), of="'weight'", kind="a weight"))


def _refuse_doubles(routes: Iterable[Route]) -> None:
    seen: dict[str, Source] = {}
    for route in routes:
        if route.name in seen:
            what = f"route '{route.name}' is given twice (first in line {seen[route.name].line})"
            raise DefinitionError(what, fix="remove one, or give one of them another 'id'", source=route.source)
        seen[route.name] = route.source
