"""Routers of libraries, as data and as calls build them: procedures, methods of an app, tables of functions."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

from prober.audit.source.analysis import syntax
from prober.audit.source.analysis.values import OPAQUE, OURS, Proof, Value

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from tree_sitter import Node

    from prober.audit.source.analysis.state import GuardCall, Walk

_CHAINED = {"call_expression": "function", "member_expression": "object", "await_expression": "argument"}
NOT_REGISTERING = frozenset({
    "import_statement", "export_statement", "lexical_declaration", "variable_declaration", "function_declaration",
    "class_declaration", "type_alias_declaration", "interface_declaration", "comment",
})  # fmt: skip
_ALL = frozenset({"*", "/*"})


class Convention(StrEnum):
    """How a library calls a middleware and a handler."""

    OPTIONS = "options"  # with one object that holds ctx, input and next, as tRPC does
    CONTEXT = "context"  # with a context that also responds, then next, as Hono does
    CONNECT = "connect"  # with the request, the response or the parameters, then next
    ARGUMENTS = "arguments"  # with one object that holds params, query and body: ts-rest


@dataclass(frozen=True, slots=True, kw_only=True)
class Routing:
    """How a library makes many handlers: the names of the functions and methods that build its routers."""

    convention: Convention
    starts: tuple[str, ...] = ()  # functions and classes that make an empty router
    ends: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))  # methods that take a handler
    adds: tuple[str, ...] = ()  # methods that take a middleware
    mounts: tuple[str, ...] = ()  # methods that take a path and another router
    base: str | None = None  # the method that gives the path below which all routes are
    tables: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))  # functions of objects of routes
    joins: tuple[str, ...] = ()  # functions that join routers
    middleware: tuple[str, ...] = ()  # functions that give back the middleware that they are given
    builders: tuple[str, ...] = ()  # members of what the library made that are routers without a route
    guards: tuple[str, ...] = ()  # functions that make a middleware that refuses whoever has no credential
    serves: tuple[str, ...] = ()  # functions and methods that make the handler of a route file, or answer in it


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Stage:
    """A middleware, and the paths that it is for."""

    pattern: str
    value: Value

    def covers(self, path: str) -> bool:
        """Say whether it certainly runs for a path."""
        if self.pattern in _ALL or self.pattern in {path, ""}:
            return True
        head = self.pattern.removesuffix("/*")
        return head != self.pattern and ":" not in head and (path == head or path.startswith(f"{head}/"))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Endpoint:
    """A route of a router: its method, its path below the router, and what runs in turn."""

    method: str
    path: str
    stages: tuple[Value, ...]
    handler: Value
    node: Node


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Router:
    """A router, or a builder of procedures, as far as it has been built."""

    endpoints: tuple[Endpoint, ...] = ()
    stages: tuple[Stage, ...] = ()
    base: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Served:
    """A router that a route file answers with, how it is called, and what makes its context."""

    router: Router
    convention: Convention
    context: Value | None
    proof: Proof
    library: str | None
    called: tuple[GuardCall, ...] = ()  # guards that the route file calls before it


def routing_of(walk: Walk, library: str | None) -> Routing | None:
    """Give what is believed of a library's routers; None where it has none."""
    pack = walk.packs.get(library) if library is not None else None
    return pack.routing if pack is not None else None


def of_routing(
    walk: Walk, node: Node, holder: Value, name: str, given: Sequence[Node], values: list[Value]
) -> Value | None:
    """Call a function of a library of routers, or a method of a router; None where it is none of them."""
    routing = routing_of(walk, holder.library)
    if routing is None:
        return None
    if name in routing.starts:
        return Value(library=holder.library, router=Router(), false=Proof.DEAD)
    if name in routing.tables and routing.tables[name] < len(values):
        router = Router(endpoints=tuple(_of_table(values[routing.tables[name]], "", node)))
        table = Value(library=holder.library, router=router, false=Proof.DEAD)
        return _served(walk, routing, table, values) if name in routing.serves else table
    if name in routing.joins:
        endpoints = [one for value in values for one in (value.router.endpoints if value.router else ())]
        return Value(library=holder.library, router=Router(endpoints=tuple(endpoints)), false=Proof.DEAD)
    if name in routing.middleware:
        return values[0] if values else OPAQUE
    if name in routing.guards:
        wrapper = f"{name} in line {syntax.line(node)}"
        return Value(library=holder.library, wrapped=Proof.YES, wrapper=wrapper, false=Proof.DEAD)
    if name in routing.serves:
        return _served(walk, routing, holder, values)
    if holder.router is not None or holder.part in routing.builders:
        return _built(routing, node, holder, name, given, values)
    return None


def _built(routing: Routing, node: Node, holder: Value, name: str, given: Sequence[Node], values: list[Value]) -> Value:
    """Call a method of a router, and give the router that it leaves."""
    router = holder.router or Router()
    path = syntax.string(given[0]) if given else None
    functions = values if path is None else values[1:]
    if name == routing.base and path is not None:
        return replace(holder, router=replace(router, base=_joined(router.base, path)))
    if name in routing.mounts and path is not None:
        inner = functions[0].router if functions else None
        mounted = list(_mounted(router, inner, path)) if inner is not None else [_unread(router, path, node)]
        return replace(holder, router=replace(router, endpoints=(*router.endpoints, *mounted)))
    if name in routing.adds:
        pieces = [one.value for value in functions if value.router for one in value.router.stages]
        added = [*pieces, *(value for value in functions if value.router is None)]
        stages = tuple(Stage(pattern=path or "*", value=value) for value in added)
        return replace(holder, router=replace(router, stages=(*router.stages, *stages)))
    if name in routing.ends and functions:
        where = path or ""
        stages_of = [stage.value for stage in router.stages if stage.covers(where)]
        endpoint = Endpoint(
            method=routing.ends[name], path=_joined(router.base, where), node=given[-1],
            stages=(*stages_of, *functions[:-1]), handler=functions[-1],
        )  # fmt: skip
        return replace(holder, router=replace(router, endpoints=(*router.endpoints, endpoint)))
    return holder


def _mounted(router: Router, inner: Router, path: str) -> Iterable[Endpoint]:
    for one in inner.endpoints:
        whole = _joined(path, one.path)
        before = [stage.value for stage in router.stages if stage.covers(whole)]
        yield replace(one, path=_joined(router.base, whole), stages=(*before, *one.stages))


def unread_route(value: Value, node: Node) -> Value:
    """Give a router with a route that cannot be told: somebody else adds to it."""
    router = value.router or Router()
    return replace(value, router=replace(router, endpoints=(*router.endpoints, _unread(router, "*", node))))


def begins_with(node: Node, name: str) -> bool:
    """Say whether a chain of calls begins with a name: app.use(a).get(b)."""
    end: Node | None = node
    while end is not None and end.type in _CHAINED:
        end = syntax.field(end, _CHAINED[end.type])
    return end is not node and end is not None and syntax.text(end) == name


def names_it(statement: Node, name: str) -> bool:
    """Say whether a statement names this at all."""
    return any(node.type == "identifier" and syntax.text(node) == name for node in syntax.every(statement))


def _unread(router: Router, path: str, node: Node) -> Endpoint:
    return Endpoint(method="ANY", path=_joined(router.base, path), stages=(), handler=OPAQUE, node=node)


def _joined(base: str, path: str) -> str:
    return f"{base.rstrip('/')}/{path.lstrip('/')}" if base and path not in {"", "/"} else base or path


def _of_table(table: Value, prefix: str, node: Node) -> Iterable[Endpoint]:
    """Give the routes of an object: each member is one, or an object or a router of others."""
    if table.router is not None:
        for one in table.router.endpoints:
            yield replace(one, path=f"{prefix}.{one.path}".strip("."))
        return
    if table.function is not None:
        yield Endpoint(method="ANY", path=prefix, stages=(), handler=table, node=table.function.node)
        return
    members = table.members
    if members is None:
        yield Endpoint(method="ANY", path=prefix or "*", stages=(), handler=OPAQUE, node=node)
    elif (handler := members.get("handler")) is not None and handler.function is not None:  # with its own middleware
        listed = members.get("middleware", members.get("requestMiddleware"))
        stages = tuple((listed.members or {}).values()) if listed is not None else ()
        yield Endpoint(method="ANY", path=prefix, stages=stages, handler=handler, node=handler.function.node)
    else:
        for name, value in members.items():
            yield from _of_table(value, f"{prefix}.{name}".strip("."), node)


def _option(values: Sequence[Value], name: str) -> Value | None:
    return next((value.members[name] for value in values if value.members and name in value.members), None)


def _served(walk: Walk, routing: Routing, holder: Value, values: list[Value]) -> Value:
    """Answer with a router: the route file's own handler does nothing else by this."""
    named, context = _option(values, "router"), _option(values, "createContext")
    routers = [value for value in (holder, named, *values) if value is not None and value.router is not None]
    router = routers[0].router if routers else None
    if router is None:
        return OPAQUE
    served = Served(
        router=router, convention=routing.convention, context=context, proof=walk.proof or Proof.NO,
        library=holder.library, called=tuple(walk.called),
    )  # fmt: skip
    if not walk.loading:
        walk.served.append(served)
    return Value(served=served, ours=True, false=Proof.DEAD, passes=Proof.NO, settles=replace(OURS, served=served))
