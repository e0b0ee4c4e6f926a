"""Calls: what is called, what it is given, then the call itself, by its name or as a member."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from prober.audit.source.analysis import syntax
from prober.audit.source.analysis.effects import opaque
from prober.audit.source.analysis.guard_calls import lets_pass
from prober.audit.source.analysis.member_calls import of_member
from prober.audit.source.analysis.name_calls import of_name
from prober.audit.source.analysis.names import look_up
from prober.audit.source.analysis.values import OPAQUE, OTHER, OURS, Value

if TYPE_CHECKING:
    from tree_sitter import Node

    from prober.audit.source.analysis.state import Walk
    from prober.audit.source.analysis.values import Scope


def settle(walk: Walk, value: Value) -> Value:
    """Await a value: what a promise proves is proven now."""
    if value.passes is None:
        return value
    walk.prove(value.passes)
    return value.settles or OTHER


def call(walk: Walk, node: Node, scope: Scope) -> Value:
    """Run a call: what is called, then what it is given, then the call itself."""
    function, arguments = syntax.field(node, "function"), syntax.field(node, "arguments")
    if function is None or arguments is None:
        return OTHER
    function = syntax.bare(function)
    given = [] if arguments.type == "template_string" else syntax.parts(arguments)
    if function.type == "member_expression":
        owner = syntax.field(function, "object")
        holder = walk.evaluate(walk, owner, scope) if owner is not None else OTHER
        values = [walk.evaluate(walk, part, scope) for part in given] or _of_template(walk, arguments, scope)
        return of_member(walk, node, scope, function, holder, given, values)
    if function.type == "identifier":
        name = syntax.text(function)
        target = look_up(walk, name, scope)
        values = [walk.evaluate(walk, part, scope) for part in given] or _of_template(walk, arguments, scope)
        imported = target.origin.name if target is not None and target.origin is not None else name
        named = name if imported == "default" else imported
        return of_name(walk, node, scope, named, target, given, values)
    target = walk.evaluate(walk, function, scope)
    values = [walk.evaluate(walk, part, scope) for part in given]
    passes = target.wrapping is not None and target.wrapped and lets_pass(walk, target.wrapping, values, node)
    if target.wrapped and values and values[0].function is not None and not passes:  # withAuth({role})(handler)
        return replace(values[0], wrapped=target.wrapped, wrapper=target.wrapper)
    called = target.wrapping if passes else target.function
    if called is not None:
        return walk.enter(walk, called, values, node)
    if function.type == "import":
        return OPAQUE
    if function.type == "super":
        return OURS
    return opaque(walk, node, scope, syntax.text(function), values)


def _of_template(walk: Walk, arguments: Node, scope: Scope) -> list[Value]:
    return [walk.evaluate(walk, arguments, scope)] if arguments.type == "template_string" else []
