"""Calls: what is called, what it is given, then the call itself, by its name or as a member."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from prober.audit.source.analysis import syntax
from prober.audit.source.analysis.conditional import is_optional, left_out
from prober.audit.source.analysis.effects import opaque
from prober.audit.source.analysis.guard_calls import lets_pass
from prober.audit.source.analysis.member_calls import of_member
from prober.audit.source.analysis.name_calls import of_name
from prober.audit.source.analysis.names import look_up, of_import
from prober.audit.source.analysis.values import OPAQUE, OTHER, OURS, Proof, Value

if TYPE_CHECKING:
    from collections.abc import Sequence

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
    """Run a call, which may be left out where `?.` stands in it."""
    before = walk.proof
    value = _called(walk, node, scope)
    if _is_awaited(node):
        return settle(walk, value)
    return left_out(walk, before, value) if is_optional(node) else value


def _is_awaited(node: Node) -> bool:
    """Say whether a chain begins with await and a parenthesis, which the grammar of JavaScript takes for a call."""
    end: Node | None = node
    while end is not None and end.type in {"call_expression", "member_expression"}:
        end = syntax.field(end, "function") or syntax.field(end, "object")
    return end is not None and end.type == "identifier" and syntax.text(end) == "await"


def _called(walk: Walk, node: Node, scope: Scope) -> Value:
    """Run what is called, then what it is given, then the call itself."""
    function, arguments = syntax.field(node, "function"), syntax.field(node, "arguments")
    if function is None or arguments is None:
        return OTHER
    function = syntax.bare(function)
    given = [] if arguments.type == "template_string" else syntax.parts(arguments)
    if function.type == "member_expression":
        owner = syntax.field(function, "object")
        holder = walk.evaluate(walk, owner, scope) if owner is not None else OTHER
        values = _given(walk, given, scope) or _of_template(walk, arguments, scope)
        return of_member(walk, node, scope, function, holder, given, values)
    if function.type == "identifier":
        name = syntax.text(function)
        if name == "await" and len(given) == 1:
            return walk.evaluate(walk, given[0], scope)
        target = look_up(walk, name, scope)
        values = _given(walk, given, scope) or _of_template(walk, arguments, scope)
        imported = target.origin.name if target is not None and target.origin is not None else name
        named = name if imported == "default" else imported
        walk.left = []
        found = of_name(walk, node, scope, named, target, given, values)
        _give_back(walk, given, values, scope)
        return found
    target = walk.evaluate(walk, function, scope)
    values = _given(walk, given, scope)
    passes = target.wrapping is not None and target.wrapped and lets_pass(walk, target.wrapping, values, node)
    if target.wrapped and values and values[0].function is not None and not passes:  # withAuth({role})(handler)
        return replace(values[0], wrapped=target.wrapped, wrapper=target.wrapper)
    called = target.wrapping if passes else target.function
    if called is not None:
        return walk.enter(walk, called, values, node)
    if function.type == "import":
        specifier = syntax.string(given[0]) if given else None
        found = of_import(walk, scope.module, specifier, "*") if specifier is not None else OPAQUE
        return Value(passes=Proof.NO, settles=found, ours=True)
    if function.type == "super":
        return OURS
    return opaque(walk, node, scope, syntax.text(function), values)


def _give_back(walk: Walk, given: Sequence[Node], values: list[Value], scope: Scope) -> None:
    """Give routers what a function has added to them: registerNotes(app)."""
    for part, value, after in zip(given, values, walk.left, strict=False):
        holder = scope.find(syntax.text(part)) if part.type == "identifier" else None
        if value.router is not None and after is not None and after.router is not None and holder is not None:
            holder.names[syntax.text(part)] = after


def _given(walk: Walk, arguments: Sequence[Node], scope: Scope) -> list[Value]:
    """Evaluate what a call is given; a list that is known is spread."""
    values: list[Value] = []
    for part in arguments:
        value = walk.evaluate(walk, syntax.parts(part)[0] if part.type == "spread_element" else part, scope)
        known = part.type == "spread_element" and value.members is not None and "*" not in value.members
        values += list((value.members or {}).values()) if known else [value]
    return values


def _of_template(walk: Walk, arguments: Node, scope: Scope) -> list[Value]:
    return [walk.evaluate(walk, arguments, scope)] if arguments.type == "template_string" else []
