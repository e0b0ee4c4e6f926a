"""Assignments: what holds of a name, or of a member, that is given a further value."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from prober.audit.source.analysis import syntax
from prober.audit.source.analysis.joins import at, merged, of_anybody
from prober.audit.source.analysis.names import bind
from prober.audit.source.analysis.operators import logical
from prober.audit.source.analysis.values import OTHER, GuardStyle, Proof, Scope, Shape, Value

if TYPE_CHECKING:
    from tree_sitter import Node

    from prober.audit.source.analysis.state import Walk

_PERHAPS = frozenset({"??=", "||=", "&&="})


def assignment(walk: Walk, node: Node, scope: Scope) -> Value:
    """Run an assignment, and give what is assigned."""
    left, right = syntax.field(node, "left"), syntax.field(node, "right")
    if left is None or right is None:
        return OTHER
    operator = syntax.text(syntax.field(node, "operator"))
    if operator in _PERHAPS:  # what is there already is not asked for
        value = logical(walk, operator.removesuffix("="), left, right, scope)
    else:
        value = walk.evaluate(walk, right, scope)
    assign(walk, left, value, scope)
    return value


def assign(walk: Walk, left: Node, value: Value, scope: Scope) -> None:
    """Give a name that there is a further value; what holds of it is what holds of both."""
    left = syntax.bare(left)
    if left.type == "identifier":
        name = syntax.text(left)
        holder = scope.find(name)
        if holder is not None:
            holder.names[name] = merged(holder.names[name], _kept_in(holder, walk, value))
    elif left.type in {"object_pattern", "array_pattern"}:
        inner = Scope(module=scope.module)
        bind(walk, left, value, inner)
        for name, given in inner.names.items():
            holder = scope.find(name)
            if holder is not None:
                holder.names[name] = merged(holder.names[name], _kept_in(holder, walk, given))
    elif left.type == "member_expression":
        _assign_member(walk, left, value, scope)


def _kept_in(holder: Scope, walk: Walk, value: Value) -> Value:
    """Give what a name holds that is given a value; one that all requests share tells nothing of who calls now."""
    given = at(value, walk.proof or Proof.NO)
    if not holder.shared or walk.loading:
        return given
    return of_anybody(given)


def _one_of(before: Value, given: Value) -> Value:
    """Give a member that has been given either value; which of two constants it holds here cannot be told."""
    both = merged(before, given)
    set_anew = before.literal is not None and given.literal is not None and before.literal != given.literal
    return replace(both, true=Proof.MAYBE, false=Proof.MAYBE) if set_anew else both


def _assign_member(walk: Walk, left: Node, value: Value, scope: Scope) -> None:
    """Give an object a member: what it is can be followed, what it proved elsewhere is not believed."""
    owner, key = syntax.field(left, "object"), syntax.text(syntax.field(left, "property"))
    held = walk.evaluate(walk, owner, scope) if owner is not None else OTHER
    if held.style is GuardStyle.ALWAYS and owner is not None and held.members is not None:
        # A library's object is the same in every handler: this one has its own from here on.
        holder = scope.find(syntax.text(owner)) if owner.type == "identifier" else None
        if holder is not None:
            before = held.members.get(key, held.members.get("*"))
            own = replace(value, true=min(value.true, Proof.MAYBE), false=Proof.NO, style=None, cases=())
            own = merged(before, value) if before is not None and value.shape is Shape.NOTHING else own
            holder.names[syntax.text(owner)] = replace(held, members=MappingProxyType({**held.members, key: own}))
    elif isinstance(held.members, dict):
        before = held.members.get(key)
        given = replace(value, true=min(value.true, Proof.MAYBE), false=Proof.NO, style=None, cases=())
        held.members[key] = given if before is None or before is OTHER else _one_of(before, given)
