"""Literals: constants, templates, objects and arrays, with the members that are known of them."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from prober.audit.source.analysis import syntax
from prober.audit.source.analysis.declarations import function_of
from prober.audit.source.analysis.effects import tainted
from prober.audit.source.analysis.names import look_up, opened
from prober.audit.source.analysis.values import ANSWER, NOTHING, OTHER, REFUSED, Scope, Shape, Value
from prober.audit.source.known_names import BAD

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tree_sitter import Node

    from prober.audit.source.analysis.state import Walk

_MOST_ITEMS = 64
_LITERALS = frozenset({"string", "number", "true", "false", "null", "regex"})
_FALSE_KEYS = frozenset({"ok", "success", "authorized", "allowed", "authenticated"})


def constant(walk: Walk, node: Node, scope: Scope) -> Value:  # noqa: ARG001 - as all readers of expressions
    """Give the value of a constant that is written out."""
    return _constant(node.type, syntax.text(node), syntax.number(node), syntax.string(node))


@lru_cache(maxsize=4096)
def _constant(kind: str, literal: str, number: int | None, string: str | None) -> Value:
    """Make that value: the same one wherever the constant stands."""
    if kind == "number":
        return NOTHING if literal == "0" else replace(ANSWER, status=int(number) if number else None, literal=literal)
    literal = literal if string is None else f'"{string}'
    return replace(NOTHING if string == "" else ANSWER, literal=literal)


def template_literal(walk: Walk, node: Node, scope: Scope) -> Value:
    """Run the expressions of a template: it holds what they hold."""
    inner = [walk.evaluate(walk, part, scope) for child in syntax.parts(node) for part in syntax.parts(child)]
    return tainted(ANSWER, inner)


def object_literal(walk: Walk, node: Node, scope: Scope) -> Value:
    """Run the parts of an object, and give it with its members: one that says no is a refusal."""
    members: dict[str, Value] = {}
    named: dict[str, Value] = {}  # also those that what comes after them may stand in for
    for part in syntax.parts(node):
        added = _added(walk, part, scope)
        if added is None:  # it may be any member
            members = {"*": OTHER}
        else:
            members.update(added)
            named.update(added)
    says_no = any(named[key].shape is not Shape.NOTHING for key in named.keys() & BAD) or any(
        named[key].shape is Shape.NOTHING for key in named.keys() & _FALSE_KEYS
    )
    return replace(REFUSED if says_no else ANSWER, members=members, ours=False, inline=True)


def _added(walk: Walk, part: Node, scope: Scope) -> Mapping[str, Value] | None:
    """Give the members that a part of an object adds; None where nobody can tell which."""
    if part.type == "pair" and (key := syntax.field(part, "key")) is not None:
        inner = syntax.field(part, "value")
        value = opened(walk, scope.module, walk.evaluate(walk, inner, scope)) if inner is not None else OTHER
        name = _key_of(walk, key, scope)
        return {name: value} if name is not None else None
    if part.type == "shorthand_property_identifier":
        return {syntax.text(part): opened(walk, scope.module, look_up(walk, syntax.text(part), scope) or OTHER)}
    if part.type == "method_definition":
        return {syntax.text(syntax.field(part, "name")): function_of(part, scope) or OTHER}
    held = syntax.parts(part)
    spread = walk.evaluate(walk, held[0] if part.type == "spread_element" and held else part, scope)
    known = part.type == "spread_element" and spread.members is not None and "*" not in spread.members
    return spread.members if known else None


def _key_of(walk: Walk, key: Node, scope: Scope) -> str | None:
    """Give the name of a member; None where it is computed of what cannot be told: it may be any."""
    if key.type != "computed_property_name":
        return syntax.string(key) or syntax.text(key)
    inner = syntax.parts(key)
    literal = walk.evaluate(walk, inner[0], scope).literal if inner else None
    return literal[1:] if literal is not None and literal.startswith('"') else None


def array_literal(walk: Walk, node: Node, scope: Scope) -> Value:
    """Run the items of an array, and give it with them."""
    parts = syntax.parts(node)
    if len(parts) > _MOST_ITEMS:  # a table: only what could run in it is looked at
        for part in parts:
            if part.type not in _LITERALS:
                walk.evaluate(walk, part, scope)
        return replace(ANSWER, ours=False)
    members = {str(place): walk.evaluate(walk, part, scope) for place, part in syntax.items(node)}
    return replace(ANSWER, members=members, ours=False)
