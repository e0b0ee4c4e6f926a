"""Routers of libraries, as data and as calls build them: procedures, methods of an app, tables of functions."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

from prober.audit.source.analysis import syntax
from prober.audit.source.analysis.values import OPAQUE, Proof, Value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tree_sitter import Node

    from prober.audit.source.analysis.state import GuardCall

NOT_REGISTERING = frozenset({
    "import_statement", "export_statement", "lexical_declaration", "variable_declaration", "function_declaration",
    "class_declaration", "type_alias_declaration", "interface_declaration", "comment",
})  # fmt: skip
_CONTRACT = "contract"  # the part of a library that writes contracts down
_ALL = frozenset({"*", "/*"})


class Convention(StrEnum):
    """How a library calls a middleware and a handler."""

    OPTIONS = "options"  # with one object that holds ctx, input and next, as tRPC does
    PROCEDURE = "procedure"  # the same, where the object holds context instead of ctx: oRPC
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
    pipes: tuple[str, ...] = ()  # methods of a middleware that put another one behind it
    mounts: tuple[str, ...] = ()  # methods that take a path and another router
    by_method: str | None = None  # the method that takes methods, paths and a handler
    contracts: tuple[str, ...] = ()  # functions that make what writes contracts down: objects of methods and paths
    base: str | None = None  # the method that gives the path below which all routes are
    tables: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))  # functions of objects of routes
    joins: tuple[str, ...] = ()  # functions that join routers
    middleware: tuple[str, ...] = ()  # functions that give back the middleware that they are given
    pieces: tuple[str, ...] = ()  # functions that put several middleware into one, which all run
    lists: tuple[str, ...] = ()  # functions that give back a list of what they are given
    acts: bool = False  # a procedure may be exported as an action
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


def unread_route(value: Value, node: Node) -> Value:
    """Give a router with a route that cannot be told: somebody else adds to it."""
    router = value.router or Router()
    return replace(value, router=replace(router, endpoints=(*router.endpoints, unread(router, "*", node))))


def names_it(statement: Node, name: str) -> bool:
    """Say whether a statement names this at all."""
    return any(node.type == "identifier" and syntax.text(node) == name for node in syntax.every(statement))


def unread(router: Router, path: str, node: Node) -> Endpoint:
    """Give a route of which nothing is known but where it is."""
    return Endpoint(method="ANY", path=joined(router.base, path), stages=(), handler=OPAQUE, node=node)


def joined(base: str, path: str) -> str:
    """Join a path to the one that it is below."""
    return f"{base.rstrip('/')}/{path.lstrip('/')}" if base and path not in {"", "/"} else base or path
