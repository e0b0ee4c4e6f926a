"""Matches of a library, as ts-pattern has them: match(value).with(pattern, handler).exhaustive()."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from prober.audit.source.analysis import syntax
from prober.audit.source.analysis.names import member
from prober.audit.source.analysis.operators import compared
from prober.audit.source.analysis.results import either
from prober.audit.source.analysis.values import NOTHING, OTHER, Arm, Proof, Scope, Shape, Value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tree_sitter import Node

    from prober.audit.source.analysis.state import Walk

_ENDS = frozenset({"exhaustive", "run", "otherwise"})
_NULL = replace(NOTHING, literal="null")
_DEEPEST = 4  # of patterns in each other


def match_begun(library: str, values: Sequence[Value]) -> Value:
    """Begin a match: its arms come by its methods."""
    return Value(library=library, matched=values[0] if values else OTHER, false=Proof.DEAD)


def of_match(
    walk: Walk, node: Node, scope: Scope, holder: Value, name: str, given: Sequence[Node], values: list[Value]
) -> Value | None:
    """Call a method of a match; None where the value is none."""
    if holder.matched is None:
        return None
    rest = max((arm.otherwise for arm in holder.arms), default=Proof.NO)
    if name in _ENDS:
        arms = [(arm.proven, arm.handler) for arm in holder.arms]
        return either(walk, node, [*arms, *((rest, value) for value in values[:1])])
    if name not in {"with", "when"} or not values:
        return replace(holder, false=Proof.DEAD)  # it says nothing but a type
    proven = otherwise = Proof.NO
    if name == "with":
        asked = [_fits(walk, node, scope, holder.matched, part) for part in given[:-1]]
        asked = asked if not any(value.function is not None for value in values[:-1]) else asked[:1]
        proven = min((equal for equal, _ in asked), default=Proof.NO)
        whole = len(asked) == len(values) - 1  # no function decides besides
        otherwise = max((unequal for _, unequal in asked), default=Proof.NO) if whole else Proof.NO
    arm = Arm(proven=max(proven, rest), otherwise=max(otherwise, rest), handler=values[-1])
    return replace(holder, arms=(*holder.arms, arm))


def _fits(
    walk: Walk, node: Node, scope: Scope, value: Value, pattern: Node, *, depth: int = 0
) -> tuple[Proof, Proof]:  # fmt: skip
    """Say what it proves that a value fits a pattern, and that it does not."""
    pattern = syntax.bare(pattern)
    named = syntax.dotted(syntax.field(pattern, "function") if pattern.type == "call_expression" else pattern)
    if named[-1:] == ("nullish",):
        return compared(walk, node, (pattern, value), (pattern, _NULL), strict=False)
    if named[-1:] == ("nonNullable",):
        nothing, something = compared(walk, node, (pattern, value), (pattern, _NULL), strict=False)
        return something, nothing
    if named[-1:] == ("not",):
        arguments = syntax.field(pattern, "arguments")
        inner = syntax.parts(arguments) if arguments is not None else []
        fits, fits_not = _fits(walk, node, scope, value, inner[0]) if inner else (Proof.NO, Proof.NO)
        return fits_not, fits
    if pattern.type == "object" and depth < _DEEPEST:
        return _fits_object(walk, node, scope, value, pattern, depth=depth)
    if pattern.type in {"null", "undefined", "true", "false", "string", "number"}:
        against = walk.evaluate(walk, pattern, scope)
        equal, unequal = compared(walk, node, (pattern, value), (pattern, against), strict=True)
        return equal, value.false if pattern.type == "true" and value.style is None else unequal
    return Proof.NO, Proof.NO


def _fits_object(
    walk: Walk, node: Node, scope: Scope, value: Value, pattern: Node, *, depth: int
) -> tuple[Proof, Proof]:  # fmt: skip
    """Say what it proves that a value fits an object of patterns: it is an object, and each member fits."""
    proven = [value.true if value.shape is not Shape.NOTHING else Proof.NO]
    for part in syntax.parts(pattern):
        key, inner = syntax.field(part, "key"), syntax.field(part, "value")
        if part.type == "pair" and key is not None and inner is not None:
            held = member(walk, value, syntax.string(key) or syntax.text(key), optional=True, module=scope.module)
            proven.append(_fits(walk, node, scope, held, inner, depth=depth + 1)[0])
    return min(max(proven), Proof.YES), Proof.NO
