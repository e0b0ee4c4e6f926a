"""What the statements of a file add to a router of it: app.get('/notes', handler)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.audit.source.analysis import syntax
from prober.audit.source.analysis.router_calls import routing_of
from prober.audit.source.analysis.routers import NOT_REGISTERING, Convention, names_it, unread_route
from prober.audit.source.analysis.values import OTHER, Scope, Value

if TYPE_CHECKING:
    from collections.abc import Callable

    from tree_sitter import Node

    from prober.audit.source.analysis.module import Module
    from prober.audit.source.analysis.state import Walk

_DECLARATIONS = frozenset({"lexical_declaration", "variable_declaration"})


def registered(
    walk: Walk, module: Module, name: str, value: Value, evaluated: Callable[[Walk, Node, Scope], Value]
) -> Value:
    """Give a router with what the file's own statements add to it."""
    for statement in syntax.parts(module.root):
        chained = _in_declaration(statement, name) if _changes_itself(walk, value) else None
        if chained is not None:  # const routes = app.route('/notes', notes)
            given = evaluated(walk, chained, Scope(module=module, names={name: value}))
            value = given if _is_same(value, given) else value
        if statement.type in NOT_REGISTERING or not names_it(statement, name):
            continue
        added = syntax.parts(statement)[0] if statement.type == "expression_statement" else statement
        if _is_given_to_another(walk, value, added, name):
            continue
        scope = Scope(module=module, names={name: value})
        given = evaluated(walk, added, scope) if added.type in {"call_expression", "await_expression"} else OTHER
        if given.router is not None and syntax.root_name(added) == name:
            value = given
        else:  # a function of the folder may have added to it
            after = scope.names[name]
            value = after if after.router is not value.router else unread_route(value, statement)
    return value


def _is_given_to_another(walk: Walk, value: Value, call: Node, name: str) -> bool:
    """Say whether a statement only puts a router below another: app.route('/notes', notes)."""
    routing, function = routing_of(walk, value.library), syntax.field(call, "function")
    if routing is None or function is None or function.type != "member_expression" or syntax.root_name(call) == name:
        return False
    given, method = syntax.field(call, "arguments"), syntax.text(syntax.field(function, "property"))
    listed = syntax.parts(given) if given is not None else []
    plain = any(one.type == "identifier" and syntax.text(one) == name for one in listed)
    return plain and method in {*routing.mounts, *routing.adds}


def _changes_itself(walk: Walk, value: Value) -> bool:
    """Say whether the methods of a router change the router itself; those of tRPC and oRPC give a new one."""
    routing = routing_of(walk, value.library)
    return routing is not None and routing.convention in {Convention.CONTEXT, Convention.CONNECT}


def _is_same(value: Value, given: Value) -> bool:
    return value.router is not None and given.router is not None and given.router.base == value.router.base


def _in_declaration(statement: Node, name: str) -> Node | None:
    """Give a chain of calls on a router by which another name is declared."""
    declaration = syntax.field(statement, "declaration") if statement.type == "export_statement" else statement
    if declaration is None or declaration.type not in _DECLARATIONS:
        return None
    values = [syntax.field(one, "value") for one in syntax.parts(declaration)]
    return next((one for one in values if one is not None and syntax.root_name(one) == name), None)
