"""Expressions, in the order in which they run: what each is known to be, and what its being true proves."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from prober.audit.source.analysis import syntax
from prober.audit.source.analysis.calls import call, settle
from prober.audit.source.analysis.classes import new, static_member
from prober.audit.source.analysis.guard_calls import note_secret
from prober.audit.source.analysis.names import bind, class_of, function_of, look_up, member
from prober.audit.source.analysis.state import MOST_STEPS, TooLargeError, Walk
from prober.audit.source.analysis.values import (
    ANSWER,
    NOTHING,
    OTHER,
    OURS,
    REFUSED,
    GuardStyle,
    Proof,
    Scope,
    Shape,
    Value,
    at,
    merged,
    of_cases,
    worst,
)
from prober.audit.source.known_names import BAD, is_secret_name
from prober.audit.source.secret_checks import is_checked

if TYPE_CHECKING:
    from collections.abc import Callable

    from tree_sitter import Node

_EQUAL = {"===": True, "==": True, "!==": False, "!=": False}
_MOST_ITEMS = 64
_LITERALS = frozenset({"string", "number", "true", "false", "null", "regex"})
_FALSE_KEYS = frozenset({"ok", "success", "authorized", "allowed", "authenticated"})


def evaluate(walk: Walk, node: Node, scope: Scope) -> Value:
    """Run an expression."""
    walk.steps += 1
    if walk.steps > MOST_STEPS:
        raise TooLargeError
    node = syntax.bare(node)
    read = _READERS.get(node.type)
    if read is not None:
        return read(walk, node, scope)
    if node.type in syntax.FUNCTIONS:
        return function_of(node, scope) or OTHER
    for child in syntax.parts(node):
        evaluate(walk, child, scope)
    return OTHER


def _identifier(walk: Walk, node: Node, scope: Scope) -> Value:
    name = syntax.text(node)
    if name == "undefined":
        return NOTHING
    value = look_up(walk, name, scope) or OTHER
    # A name that is only known to hold nothing may have been given something where nobody looks.
    return replace(value, true=Proof.NO) if value.shape is Shape.NOTHING and value.style is None else value


def _nothing(walk: Walk, node: Node, scope: Scope) -> Value:  # noqa: ARG001 - as all readers
    return NOTHING


def _written(walk: Walk, node: Node, scope: Scope) -> Value:  # noqa: ARG001
    return NOTHING if syntax.text(node) in {"''", '""', "0"} else ANSWER


def _class(walk: Walk, node: Node, scope: Scope) -> Value:  # noqa: ARG001
    return class_of(node, scope) or OTHER


def _leaf(walk: Walk, node: Node, scope: Scope) -> Value:  # noqa: ARG001
    return OTHER


def _template(walk: Walk, node: Node, scope: Scope) -> Value:
    inner = [evaluate(walk, part, scope) for child in syntax.parts(node) for part in syntax.parts(child)]
    held = [value for value in inner if value.secret]
    return replace(ANSWER, secret=True, certain=all(value.certain for value in held)) if held else ANSWER


def _member(walk: Walk, node: Node, scope: Scope) -> Value:
    name = syntax.environment_name(node)
    if name is not None:
        return Value(secret=is_secret_name(name))
    owner, taken = syntax.field(node, "object"), syntax.field(node, "property")
    if owner is None:
        return OTHER
    value = evaluate(walk, owner, scope)
    if value.class_ is not None:
        return static_member(walk, value.class_, syntax.text(taken))
    return member(walk, value, syntax.text(taken), optional=_is_optional(node), module=scope.module)


def _subscript(walk: Walk, node: Node, scope: Scope) -> Value:
    if (name := syntax.environment_name(node)) is not None:
        return Value(secret=is_secret_name(name))
    owner, index = syntax.field(node, "object"), syntax.field(node, "index")
    value = evaluate(walk, owner, scope) if owner is not None else OTHER
    key = syntax.string(index)
    if index is not None and key is None:
        evaluate(walk, index, scope)
        key = syntax.text(index) if syntax.number(index) is not None else None
    if key is None:
        return Value(ours=value.ours, origin=value.origin, shape=value.shape)
    return member(walk, value, key, optional=_is_optional(node), module=scope.module)


def _is_optional(node: Node) -> bool:
    return any(child.type == "optional_chain" for child in node.children)


def _await(walk: Walk, node: Node, scope: Scope) -> Value:
    inner = syntax.parts(node)
    return settle(walk, evaluate(walk, inner[0], scope)) if inner else OTHER


def note_vacuous(walk: Walk, tested: Node | None, value: Value) -> None:
    """Note a check that cannot fail: of an object that is always there, or of a promise."""
    if tested is not None and value.style is GuardStyle.ALWAYS and not walk.loading:
        walk.vacuous.append((syntax.text(tested), syntax.line(tested)))


def _unary(walk: Walk, node: Node, scope: Scope) -> Value:
    argument, operator = syntax.field(node, "argument"), syntax.text(syntax.field(node, "operator"))
    value = evaluate(walk, argument, scope) if argument is not None else OTHER
    if operator == "!":
        note_vacuous(walk, argument, value)
        # A promise is always true: `!auth()` says nothing.
        if value.passes is not None:
            return Value(shape=Shape.NOTHING)
        return Value(true=value.false, false=value.true, ours=True)
    return NOTHING if operator == "void" else Value(ours=True)


def _binary(walk: Walk, node: Node, scope: Scope) -> Value:
    operator = syntax.text(syntax.field(node, "operator"))
    left, right = syntax.field(node, "left"), syntax.field(node, "right")
    if left is None or right is None:
        return OTHER
    if operator in {"&&", "||", "??"}:
        return _logical(walk, operator, left, right, scope)
    one = evaluate(walk, left, scope)
    if operator == "instanceof":
        return _instance(one, syntax.text(right))
    other = evaluate(walk, right, scope)
    if operator == "in":
        key = syntax.string(left)
        if key is None or not (other.cases or other.style is not None):  # an allow-list says nothing of the caller
            return OURS
        held = member(walk, other, key, optional=True, module=scope.module)
        return Value(true=held.true, false=held.false, ours=True)
    if operator not in _EQUAL:
        return Value(ours=True, secret=one.secret or other.secret)
    true, false = _compared(walk, node, (left, one), (right, other), strict=len(operator) > 2)  # noqa: PLR2004
    return Value(true=true, false=false, ours=True) if _EQUAL[operator] else Value(true=false, false=true, ours=True)


def _logical(walk: Walk, operator: str, left: Node, right: Node, scope: Scope) -> Value:
    one = evaluate(walk, left, scope)
    before = walk.proof
    walk.prove(one.true if operator == "&&" else one.false)
    entered = walk.proof
    other = evaluate(walk, right, scope)
    ran = (
        Proof.NO if walk.proof is None or walk.proof == entered else walk.proof
    )  # a guard that throws may be on the right
    passed_by = max(before, one.false if operator == "&&" else one.true) if before is not None else None
    walk.proof = worst(passed_by, walk.proof)
    if operator == "&&":
        true = max(one.true, other.true, ran)
        false = min(one.false, max(one.true, other.false, ran))
        return replace(other, true=true, false=false, cases=(), passes=None, members=None)
    if operator == "??" and other.shape is Shape.NOTHING:
        return one
    true = min(one.true, max(one.false, other.true, ran))
    false = max(one.false, other.false)
    both = merged(one, other)
    return replace(both, true=true, false=false, certain=one.certain or other.certain)


def _instance(value: Value, class_: str) -> Value:
    if class_ in {"Response", "NextResponse"}:
        seen = value.style in {GuardStyle.DENIAL, GuardStyle.RESPONSE, GuardStyle.UNSEEN, GuardStyle.RESULT}
        return Value(false=Proof.YES if seen else Proof.NO, ours=True)
    if class_.endswith("Error") and value.style in {GuardStyle.UNSEEN, GuardStyle.RESULT}:
        return Value(false=Proof.MAYBE, ours=True)
    return Value(ours=True)


def _compared(
    walk: Walk, node: Node, one: tuple[Node, Value], other: tuple[Node, Value], *, strict: bool
) -> tuple[Proof, Proof]:
    """Say what two values' being equal proves, and their being unequal."""
    for (here, value), (there, against) in ((one, other), (other, one)):
        if against.shape is Shape.NOTHING and value.shape is not Shape.NOTHING:
            note_vacuous(walk, here, value)
            unsure = strict and syntax.text(syntax.bare(there)) != "null" and value.style is GuardStyle.VALUE
            return value.false, min(value.true, Proof.MAYBE) if unsure else value.true
        if value.secret and not against.secret and against.shape is not Shape.ANSWER:
            certain = value.certain or is_checked(walk, here, node)
            note_secret(walk, node, certain=certain)
            return (Proof.YES if certain else Proof.MAYBE), Proof.NO
        if against.shape is Shape.ANSWER and syntax.bare(there).type in {"string", "number", "true"}:
            is_true = syntax.bare(there).type == "true"
            return value.true, value.false if is_true else Proof.NO
        if value.style is not None and value.true:
            return min(value.true, Proof.MAYBE), Proof.NO
    return Proof.NO, Proof.NO


def _ternary(walk: Walk, node: Node, scope: Scope) -> Value:
    condition, yes, no = (syntax.field(node, name) for name in ("condition", "consequence", "alternative"))
    if condition is None or yes is None or no is None:
        return OTHER
    value, before = evaluate(walk, condition, scope), walk.proof
    cases: list[tuple[Proof, Value]] = []
    after: list[Proof | None] = []
    for branch, proven in ((yes, value.true), (no, value.false)):
        walk.proof = before
        walk.prove(proven)
        given = evaluate(walk, branch, scope)
        after.append(walk.proof)
        if walk.proof is not None:
            cases.append((walk.proof, given))
    walk.proof = worst(*after)
    return of_cases(cases)[1]


def _assignment(walk: Walk, node: Node, scope: Scope) -> Value:
    left, right = syntax.field(node, "left"), syntax.field(node, "right")
    if left is None or right is None:
        return OTHER
    value = evaluate(walk, right, scope)
    assign(walk, left, value, scope)
    return value


def assign(walk: Walk, left: Node, value: Value, scope: Scope) -> None:
    """Give a name that there is a further value; what holds of it is what holds of both."""
    left = syntax.bare(left)
    if left.type == "identifier":
        name = syntax.text(left)
        holder = scope.find(name)
        if holder is not None:
            holder.names[name] = merged(holder.names[name], at(value, walk.proof or Proof.NO))
    elif left.type in {"object_pattern", "array_pattern"}:
        inner = Scope(module=scope.module)
        bind(walk, left, value, inner)
        for name, given in inner.names.items():
            holder = scope.find(name)
            if holder is not None:
                holder.names[name] = merged(holder.names[name], at(given, walk.proof or Proof.NO))
    elif left.type == "member_expression":
        _assign_member(walk, left, value, scope)


def _assign_member(walk: Walk, left: Node, value: Value, scope: Scope) -> None:
    """Give an object a member: what it is can be followed, what it proved elsewhere is not believed."""
    owner, key = syntax.field(left, "object"), syntax.text(syntax.field(left, "property"))
    held = evaluate(walk, owner, scope) if owner is not None else OTHER
    if held.style is GuardStyle.ALWAYS and owner is not None and held.members is not None:
        # A library's object is the same in every handler: this one has its own from here on.
        holder = scope.find(syntax.text(owner)) if owner.type == "identifier" else None
        if holder is not None:
            own = replace(value, true=min(value.true, Proof.MAYBE), false=Proof.NO, style=None, cases=())
            holder.names[syntax.text(owner)] = replace(held, members=MappingProxyType({**held.members, key: own}))
    elif isinstance(held.members, dict):
        before = held.members.get(key)
        given = replace(value, true=min(value.true, Proof.MAYBE), false=Proof.NO, style=None, cases=())
        held.members[key] = given if before is None or before is OTHER else merged(before, given)


def _object(walk: Walk, node: Node, scope: Scope) -> Value:
    members: dict[str, Value] = {}
    whole = True
    for part in syntax.parts(node):
        if part.type == "pair":
            key, inner = syntax.field(part, "key"), syntax.field(part, "value")
            if key is not None and inner is not None:
                members[syntax.string(key) or syntax.text(key)] = evaluate(walk, inner, scope)
        elif part.type == "shorthand_property_identifier":
            members[syntax.text(part)] = look_up(walk, syntax.text(part), scope) or OTHER
        elif part.type == "method_definition":
            members[syntax.text(syntax.field(part, "name"))] = function_of(part, scope) or OTHER
        else:
            evaluate(walk, part, scope)
            whole = False
    says_no = any(members[key].shape is not Shape.NOTHING for key in members.keys() & BAD) or any(
        members[key].shape is Shape.NOTHING for key in members.keys() & _FALSE_KEYS
    )
    return replace(REFUSED if says_no else ANSWER, members=members if whole else None, ours=False)


def _array(walk: Walk, node: Node, scope: Scope) -> Value:
    parts = syntax.parts(node)
    if len(parts) > _MOST_ITEMS:  # a table: only what could run in it is looked at
        for part in parts:
            if part.type not in _LITERALS:
                evaluate(walk, part, scope)
        return replace(ANSWER, ours=False)
    items = [evaluate(walk, part, scope) for part in parts]
    return replace(ANSWER, members={str(index): item for index, item in enumerate(items)}, ours=False)


def _shown(walk: Walk, node: Node, scope: Scope) -> Value:
    for child in syntax.parts(node):
        if child.type not in {"identifier", "property_identifier"}:
            evaluate(walk, child, scope)
    return ANSWER


_READERS: dict[str, Callable[[Walk, Node, Scope], Value]] = {
    "identifier": _identifier,
    "shorthand_property_identifier": _identifier,
    "undefined": _nothing,
    "null": _nothing,
    "false": _nothing,
    "true": _written,
    "string": _written,
    "number": _written,
    "regex": _leaf,
    "this": _identifier,
    "property_identifier": _leaf,
    "statement_identifier": _leaf,
    "type_annotation": _leaf,
    "type_arguments": _leaf,
    "class": _class,
    "class_declaration": _class,
    "private_property_identifier": _leaf,
    "template_string": _template,
    "member_expression": _member,
    "subscript_expression": _subscript,
    "await_expression": _await,
    "unary_expression": _unary,
    "binary_expression": _binary,
    "ternary_expression": _ternary,
    "assignment_expression": _assignment,
    "augmented_assignment_expression": _assignment,
    "object": _object,
    "array": _array,
    "new_expression": new,
    "call_expression": call,
    "jsx_element": _shown,
    "jsx_self_closing_element": _shown,
    "jsx_fragment": _shown,
}
