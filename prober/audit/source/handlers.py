"""Finds out for each handler whether a guard runs on every path before any effect. Never 'ok' by default."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from prober.audit.source.analysis import syntax
from prober.audit.source.analysis.declarations import function_of
from prober.audit.source.analysis.module import directives
from prober.audit.source.analysis.names import of_export
from prober.audit.source.analysis.state import TooLargeError
from prober.audit.source.analysis.values import OPAQUE, Scope, Value
from prober.audit.source.handler_analyzer import Handler, HandlerAnalyzer, analyzed
from prober.audit.source.handler_status import GuardStatus, status_of
from prober.audit.source.nextjs_routes import ANY, METHODS, FileKind, normal
from prober.audit.source.routed_handlers import action_of, handlers_of_router, status_of_endpoint

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from prober.audit.source.analysis.module import Module
    from prober.audit.source.analysis.state import Walk
    from prober.audit.source.nextjs_routes import RouteFile


# --- which handlers there are -----------------------------------------------------------------------------------------
def handlers_of_route(analyzer: HandlerAnalyzer, route_file: RouteFile, module: Module) -> Iterator[Handler]:
    """Analyze each method that a route file exports."""
    if module.broken is not None:
        yield _unknown(ANY, route_file, 1, f"the file cannot be read: {module.broken}")
        return
    if route_file.kind is FileKind.PAGES_API:
        exported = module.exports.get("default")
        if exported is None:
            yield _unknown(ANY, route_file, 1, "its default export cannot be read")
        else:
            yield from _handlers(analyzer, module, "default", ANY, route_file, exported.node)
        return
    methods = [method for method in METHODS if method in module.exports]
    seen: set[str] = set()  # a route for all methods is one, by however many of them it comes in
    for method in methods:
        for handler in _handlers(analyzer, module, method, method, route_file, module.exports[method].node):
            if handler.name not in seen:
                seen.add(handler.name)
                yield handler
    if module.stars or "export=" in module.exports or not methods:
        yield from _re_exported(analyzer, route_file, module, set(methods))


def _re_exported(
    analyzer: HandlerAnalyzer, route_file: RouteFile, module: Module, known_methods: set[str]
) -> Iterator[Handler]:
    found = False
    for method in METHODS:
        if method not in known_methods and module.stars and _exported(analyzer, module, method) is not None:
            found = True
            yield from _handlers(analyzer, module, method, method, route_file, module.root)
    unread = [name for name in module.stars if analyzer.project.find(name, of=module.file) is None]
    if unread:
        yield _unknown(ANY, route_file, 1, f"it re-exports '{unread[0]}', which cannot be followed")
    elif not found and not known_methods:
        yield _unknown(ANY, route_file, 1, "none of its exports is a readable method")


def handlers_of_actions(analyzer: HandlerAnalyzer, module: Module) -> Iterator[Handler]:
    """Analyze each server action: the exports of a 'use server' file, and each function with that directive."""
    if "use server" in module.directives:
        if module.broken is not None:
            yield _action(module, "*", 1, GuardStatus.UNKNOWN, f"the file cannot be read: {module.broken}")
            return
        for name, exported in module.exports.items():
            yield _analyzed(
                analyzer,
                f"{module.file}#{name}",
                module,
                _exported(analyzer, module, name),
                exported.node,
            )
        if module.stars:
            yield _action(module, "*", 1, GuardStatus.UNKNOWN, f"it re-exports '{module.stars[0]}'")
    for node in syntax.every(module.root):
        body = syntax.field(node, "body") if node.type in syntax.FUNCTIONS else None
        if body is None or body.type != "statement_block" or "use server" not in directives(body):
            continue
        name = _called(node)
        if module.broken is not None:
            yield _action(
                module, name, syntax.line(node), GuardStatus.UNKNOWN, f"the file cannot be read: {module.broken}"
            )
        else:
            value = function_of(node, Scope(module=module))
            yield _analyzed(analyzer, f"{module.file}#{name}", module, value, node)


def _called(function: Node) -> str:
    name = syntax.field(function, "name")
    above = function.parent
    if name is None and above is not None and above.type == "variable_declarator":
        name = syntax.field(above, "name")
    return syntax.text(name) if name is not None else f"line-{syntax.line(function)}"


def status_of_page(analyzer: HandlerAnalyzer, module: Module) -> tuple[GuardStatus, tuple[str, ...]]:
    """Say whether a page guards itself; a layout above it is not a guard: Next.js renders both at once."""
    handler = _analyzed(analyzer, module.file, module, _exported(analyzer, module, "default"), module.root)
    return handler.status, handler.guards


def _unknown(method: str, route_file: RouteFile, line: int, reason: str) -> Handler:
    return Handler(
        name=f"{method} {route_file.path}", method=method, path=route_file.path, file=route_file.file, line=line,
        status=GuardStatus.UNKNOWN, reason=reason,
    )  # fmt: skip


def _action(module: Module, name: str, line: int, status: GuardStatus, reason: str) -> Handler:
    return Handler(
        name=f"{module.file}#{name}", method=None, path=None, file=module.file, line=line, status=status, reason=reason
    )


# --- the judgement ----------------------------------------------------------------------------------------------------
def _handlers(
    analyzer: HandlerAnalyzer, module: Module, export: str, method: str, route_file: RouteFile, node: Node
) -> Iterator[Handler]:
    """Analyze what a route file exports for a method: a handler, or a router of many."""
    value = _exported(analyzer, module, export)
    walk = analyzer.walk()
    handler = _handler(analyzer, module, value, method, route_file, node, walk)
    served = [value.served] if value is not None and value.served is not None else walk.served
    if not served or handler.status is GuardStatus.UNGUARDED or handler.public:
        yield handler
    if served and not handler.public:
        found = [one for router in served for one in handlers_of_router(analyzer, module, router, method, route_file)]
        known = any(router.router.endpoints for router in served)
        yield from (
            found
            if found or known
            else [_unknown(method, route_file, handler.line, "its router has no route that can be read")]
        )


def _handler(
    analyzer: HandlerAnalyzer, module: Module, value: Value | None, method: str, route_file: RouteFile, node: Node,
    walk: Walk,
) -> Handler:  # fmt: skip
    name, pages = f"{method} {route_file.path}", route_file.kind is FileKind.PAGES_API
    handler = _analyzed(analyzer, name, module, value, node, walk=walk, pages=pages)
    handler = replace(handler, method=method, path=route_file.path, file=route_file.file)
    called = walk.doors[0] if walk.doors and not walk.exposures else None  # it does nothing but call the library's own
    door = value.public or called if value is not None else None
    if handler.status is GuardStatus.OK or door is None:
        return handler
    why, path = door
    served = normal(route_file.path)
    own = path is None and served.endswith(("+", "*"))
    if own or (path is not None and (served.endswith((path, path.replace("+", "*"))))):
        return replace(handler, status=GuardStatus.OK, reason=f"public: {why}", public=True)
    return handler


def _exported(analyzer: HandlerAnalyzer, module: Module, name: str) -> Value | None:
    """Give what a file exports; what is too large to be followed is opaque."""
    try:
        return of_export(analyzer.walk(), module, name)
    except (TooLargeError, RecursionError):
        return OPAQUE


def _analyzed(
    analyzer: HandlerAnalyzer, name: str, module: Module, value: Value | None, node: Node, *,
    walk: Walk | None = None, pages: bool = False,
) -> Handler:  # fmt: skip
    action = action_of(analyzer, value)

    def judge(walk: Walk) -> tuple[GuardStatus, str]:
        if action is not None:
            return status_of_endpoint(walk, *action, module.file)
        return status_of(walk, value, module.file, pages=pages)

    return analyzed(analyzer, name, module, judge, node, walk=walk or analyzer.walk(), pages=pages)
