"""Expressions, in the order in which they run: what each is known to be, and what its being true proves."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from prober.audit.source.analysis import syntax
from prober.audit.source.analysis.assignments import assignment
from prober.audit.source.analysis.calls import call, settle
from prober.audit.source.analysis.classes import new, static_member
from prober.audit.source.analysis.conditional import is_optional, perhaps
from prober.audit.source.analysis.declarations import class_of, function_of
from prober.audit.source.analysis.joins import of_cases, worst
from prober.audit.source.analysis.literals import array_literal, constant, object_literal, template_literal
from prober.audit.source.analysis.names import declared, look_up, member
from prober.audit.source.analysis.operators import binary, unary
from prober.audit.source.analysis.responses import of_status
from prober.audit.source.analysis.state import TooLargeError, Walk
from prober.audit.source.analysis.values import ANSWER, NOTHING, OTHER, REFUSED, UNDEFINED, Proof, Scope, Shape, Value
from prober.audit.source.known_names import ENVIRONMENTS, is_secret_name
from prober.audit.source.secret_checks import is_checked
from prober.audit.source.secret_schemas import is_demanded

if TYPE_CHECKING:
    from collections.abc import Callable

    from tree_sitter import Node


def evaluate(walk: Walk, node: Node, scope: Scope) -> Value:
    """Run an expression."""
    walk.steps += 1
    if walk.steps > walk.most_steps:
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
        return UNDEFINED
    value = look_up(walk, name, scope) or OTHER
    # A name that is only known to hold nothing may have been given something where nobody looks.
    return replace(value, true=Proof.NO) if value.shape is Shape.NOTHING and value.style is None else value


def _nothing(walk: Walk, node: Node, scope: Scope) -> Value:  # noqa: ARG001 - as all readers
    return replace(NOTHING, literal=syntax.text(node))


def _class(walk: Walk, node: Node, scope: Scope) -> Value:  # noqa: ARG001
    return class_of(node, scope) or OTHER


def _leaf(walk: Walk, node: Node, scope: Scope) -> Value:  # noqa: ARG001
    return OTHER


def _member(walk: Walk, node: Node, scope: Scope) -> Value:
    name = syntax.environment_name(node)
    if name is not None:
        return _of_environment(walk, node, name)
    owner, taken = syntax.field(node, "object"), syntax.field(node, "property")
    if owner is None:
        return OTHER
    if syntax.text(owner) in ENVIRONMENTS and is_secret_name(syntax.text(taken)):
        return _of_checked_environment(walk, owner, syntax.text(taken), scope)
    value = evaluate(walk, owner, scope)
    if value.class_ is not None:
        return static_member(walk, value.class_, syntax.text(taken))
    return member(walk, value, syntax.text(taken), optional=is_optional(node), module=scope.module)


def _of_checked_environment(walk: Walk, owner: Node, name: str, scope: Scope) -> Value:
    """Give a secret of an object that holds the environment: one that a schema or a function has demanded is set."""
    held = (look_up(walk, syntax.text(owner), scope) or OTHER).members or {}
    certain = is_demanded(declared(walk, scope, syntax.text(owner)), name)
    return Value(secret=True, certain=certain or held.get(name, OTHER).certain)


def _of_environment(walk: Walk, node: Node, name: str) -> Value:
    secret = is_secret_name(name)
    return Value(secret=secret, certain=secret and is_checked(walk, node, node), bare=True)


def _subscript(walk: Walk, node: Node, scope: Scope) -> Value:
    if (name := syntax.environment_name(node)) is not None:
        return _of_environment(walk, node, name)
    owner, index = syntax.field(node, "object"), syntax.field(node, "index")
    value = evaluate(walk, owner, scope) if owner is not None else OTHER
    key = syntax.string(index)
    if index is not None and key is None:
        perhaps(walk, index, scope)
        key = syntax.text(index) if syntax.number(index) is not None else None
    if key is None:
        listed = [one.status for one in (value.members or {}).values()] if value.inline else []
        least = min((one for one in listed if one is not None), default=None) if None not in listed else None
        status = least if least is not None and of_status(least) is REFUSED else None  # whichever it is, it refuses
        return Value(ours=value.ours, origin=value.origin, shape=value.shape, status=status)
    return member(walk, value, key, optional=is_optional(node), module=scope.module)


def _await(walk: Walk, node: Node, scope: Scope) -> Value:
    inner = syntax.parts(node)
    return settle(walk, evaluate(walk, inner[0], scope)) if inner else OTHER


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
    "true": constant,
    "string": constant,
    "number": constant,
    "regex": _leaf,
    "this": _identifier,
    "super": _identifier,
    "property_identifier": _leaf,
    "statement_identifier": _leaf,
    "type_annotation": _leaf,
    "type_arguments": _leaf,
    "class": _class,
    "class_declaration": _class,
    "abstract_class_declaration": _class,
    "private_property_identifier": _leaf,
    "template_string": template_literal,
    "member_expression": _member,
    "subscript_expression": _subscript,
    "await_expression": _await,
    "unary_expression": unary,
    "binary_expression": binary,
    "ternary_expression": _ternary,
    "assignment_expression": assignment,
    "augmented_assignment_expression": assignment,
    "object": object_literal,
    "array": array_literal,
    "new_expression": new,
    "call_expression": call,
    "jsx_element": _shown,
    "jsx_self_closing_element": _shown,
    "jsx_fragment": _shown,
}
