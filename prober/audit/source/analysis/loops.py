"""Loops, switches and labels: what holds after a body that may run never, often, or be left early."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.audit.source.analysis import syntax
from prober.audit.source.analysis.assignments import assign
from prober.audit.source.analysis.declarations import function_of
from prober.audit.source.analysis.joins import worst
from prober.audit.source.analysis.names import bind
from prober.audit.source.analysis.operators import compared
from prober.audit.source.analysis.values import OTHER, Proof, Scope, Value

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tree_sitter import Node

    from prober.audit.source.analysis.state import Walk

FUNCTION_DECLARATIONS = frozenset({"function_declaration", "generator_function_declaration"})


def run_all(walk: Walk, nodes: Iterable[Node], inner: Scope) -> None:
    """Run the statements of a block: its functions can be called before they are reached."""
    listed = list(nodes)
    for node in listed:
        if node.type in FUNCTION_DECLARATIONS:
            inner.names[syntax.text(syntax.field(node, "name"))] = function_of(node, inner) or OTHER
    for node in listed:
        walk.execute(walk, node, inner)


def loop(walk: Walk, node: Node, scope: Scope) -> None:
    """A body that may run never, or often; after it holds what holds without it, or where it is left."""
    inner = scope.inner()
    first, condition = syntax.field(node, "initializer"), syntax.field(node, "condition")
    if first is not None:
        walk.execute(walk, first, inner)
    endless = condition is None or condition.type == "empty_statement"
    proven_after = Proof.NO
    if condition is not None and condition.type != "empty_statement":
        value = walk.evaluate(
            walk, syntax.parts(condition)[0] if condition.type == "expression_statement" else condition, inner
        )
        endless = syntax.text(syntax.bare(condition)) == "true"
        proven_after = value.false
        before = walk.proof
        walk.prove(value.true)
    else:
        before = walk.proof
    left = _body(walk, node, inner)
    if condition is not None and not endless and walk.proof is not None:  # asked again, of what the body has changed
        proven_after = min(proven_after, _asked_again(walk, condition, inner))
    if endless:
        walk.proof = None
    else:
        walk.proof = before
        walk.prove(proven_after)
    for sure in left:
        walk.proof = worst(walk.proof, sure)


def _asked_again(walk: Walk, condition: Node, scope: Scope) -> Proof:
    asked = syntax.parts(condition)[0] if condition.type == "expression_statement" else condition
    return walk.evaluate(walk, asked, scope).false


def for_in(walk: Walk, node: Node, scope: Scope) -> None:
    """Run a for-in or a for-of, whose body may run never."""
    inner = scope.inner()
    left, right = syntax.field(node, "left"), syntax.field(node, "right")
    value = walk.evaluate(walk, right, scope) if right is not None else OTHER
    item = Value(ours=value.ours, origin=value.origin, shape=value.shape)
    if left is not None and syntax.field(node, "kind") is not None:
        bind(walk, left, item, inner)
    elif left is not None:
        assign(walk, left, item, inner)
    before = walk.proof
    for sure in _body(walk, node, inner):
        before = worst(before, sure)
    walk.proof = before


def do(walk: Walk, node: Node, scope: Scope) -> None:
    """Run a do-while, whose body runs at least once."""
    left = _body(walk, node, scope.inner())
    condition = syntax.field(node, "condition")
    if condition is not None and walk.proof is not None:
        walk.prove(walk.evaluate(walk, condition, scope).false)
    for sure in left:
        walk.proof = worst(walk.proof, sure)


def _body(walk: Walk, node: Node, scope: Scope) -> list[Proof | None]:
    walk.leaving.append([])
    body = syntax.field(node, "body")
    if body is not None:
        walk.execute(walk, body, scope)
    return walk.leaving.pop()


def leave(walk: Walk, node: Node, scope: Scope) -> None:  # noqa: ARG001 - as all statements
    """A break or a continue. With a label it may leave all that is round it."""
    for frame in walk.leaving if syntax.parts(node) else walk.leaving[-1:]:
        frame.append(walk.proof)
    walk.proof = None


def labelled(walk: Walk, node: Node, scope: Scope) -> None:
    """Run a statement that a break may leave by its name."""
    walk.leaving.append([])
    body = syntax.field(node, "body")
    if body is not None:
        walk.execute(walk, body, scope)
    for sure in walk.leaving.pop():
        walk.proof = worst(walk.proof, sure)


def switch(walk: Walk, node: Node, scope: Scope) -> None:
    """Run a switch: each case is reached from above, or straight."""
    value, body = syntax.field(node, "value"), syntax.field(node, "body")
    tested = walk.evaluate(walk, value, scope) if value is not None else OTHER
    before, inner = walk.proof, scope.inner()
    walk.leaving.append([])
    walk.proof, otherwise = None, False
    from_above: Proof | None
    for case in syntax.parts(body) if body is not None else []:
        otherwise = otherwise or case.type == "switch_default"
        asked, from_above = syntax.field(case, "value"), walk.proof
        walk.proof = before
        case_value = walk.evaluate(walk, asked, inner) if asked is not None else OTHER
        if asked is not None and value is not None and tested.literal is None:
            before = walk.proof
            equal, unequal = compared(walk, case, (value, tested), (asked, case_value), strict=True)
            walk.prove(unequal)
            before, walk.proof = walk.proof, before
            walk.prove(equal)
        walk.proof = worst(from_above, walk.proof)  # from above, or straight to it
        run_all(walk, [part for part in syntax.parts(case) if part != asked], inner)
    if not otherwise:
        walk.proof = worst(walk.proof, before)
    for sure in walk.leaving.pop():
        walk.proof = worst(walk.proof, sure)
