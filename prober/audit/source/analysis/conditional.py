"""What may run or not: what it reaches counts, what it proves does not."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from prober.audit.source.analysis import syntax
from prober.audit.source.analysis.joins import worst
from prober.audit.source.analysis.values import OTHER, Proof, Value

if TYPE_CHECKING:
    from tree_sitter import Node

    from prober.audit.source.analysis.state import Walk
    from prober.audit.source.analysis.values import Scope

_CHAINED = {"call_expression": "function", "member_expression": "object", "subscript_expression": "object",
            "non_null_expression": None}  # fmt: skip


def perhaps(walk: Walk, node: Node, scope: Scope) -> Value:
    """Run an expression that may be left out: a default, the index behind `?.`."""
    before = walk.proof
    value = walk.evaluate(walk, node, scope)
    walk.proof = worst(before, walk.proof)
    return value


def left_out(walk: Walk, before: Proof | None, value: Value) -> Value:
    """Give what a call behind `?.` comes to: where there is nothing to call, it has proven nothing."""
    walk.proof = worst(before, walk.proof)
    return value if value.passes is None else replace(value, passes=min(value.passes, Proof.MAYBE))


def is_optional(node: Node) -> bool:
    """Say whether a call, or what it is called on, may be left out: a?.b(c), a?.b.c(d)."""
    end: Node | None = node
    while end is not None and end.type in _CHAINED:
        if any(child.type == "optional_chain" or syntax.text(child) == "?." for child in end.children):
            return True
        inner = _CHAINED[end.type]
        end = syntax.field(end, inner) if inner is not None else next(iter(syntax.parts(end)), None)
    return False


def is_generator(function: Node) -> bool:
    """Say whether a call of a function runs nothing of it yet: its body runs when somebody asks for what it yields."""
    return function.type in {"generator_function", "generator_function_declaration"} or any(
        child.type == "*" for child in function.children
    )


def not_begun(walk: Walk, before: Proof | None) -> Value:
    """Give what a generator's call comes to."""
    walk.proof = before
    return OTHER
