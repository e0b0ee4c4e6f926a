"""Operators: what it proves that a comparison, or a combination of conditions, is true, or is not."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from prober.audit.source.analysis import syntax
from prober.audit.source.analysis.effects import tainted
from prober.audit.source.analysis.guard_calls import is_of_the_server, note_secret
from prober.audit.source.analysis.joins import may_be_undefined, merged, where_defined, worst
from prober.audit.source.analysis.names import member
from prober.audit.source.analysis.values import (
    LENGTH,
    NOTHING,
    OTHER,
    OURS,
    STEPS,
    GuardStyle,
    Proof,
    Scope,
    Shape,
    Value,
)
from prober.audit.source.secret_checks import is_checked, is_given

if TYPE_CHECKING:
    from tree_sitter import Node

    from prober.audit.source.analysis.state import Walk

_TEXTS = frozenset({'"string', '"number', '"bigint'})  # types of which nothing is none
_FEWER = {("<", "1"), ("<=", "0"), ("===", "0"), ("==", "0"), ("!==", "1"), ("!=", "1")}  # than one row
_MORE = {(">", "0"), (">=", "1"), ("!==", "0"), ("!=", "0"), ("===", "1"), ("==", "1")}
_EQUAL = {"===": True, "==": True, "!==": False, "!=": False}


def note_vacuous(walk: Walk, tested: Node | None, value: Value) -> None:
    """Note a check that cannot fail: of an object that is always there, or of a promise."""
    if tested is not None and value.style is GuardStyle.ALWAYS and not walk.loading:
        walk.vacuous.append((syntax.text(tested), syntax.line(tested)))


def unary(walk: Walk, node: Node, scope: Scope) -> Value:
    """Run an operator of one operand."""
    argument, operator = syntax.field(node, "argument"), syntax.text(syntax.field(node, "operator"))
    value = walk.evaluate(walk, argument, scope) if argument is not None else OTHER
    if operator == "!":
        note_vacuous(walk, argument, value)
        # A promise is always true: `!auth()` says nothing.
        if value.passes is not None:
            return Value(shape=Shape.NOTHING)
        return Value(true=value.false, false=value.true, ours=True, undefined=True)
    if operator == "typeof" and walk.inside:
        walk.types[node.start_byte] = (walk.inside[-1], value)
    return NOTHING if operator == "void" else Value(ours=True)


def binary(walk: Walk, node: Node, scope: Scope) -> Value:
    """Run an operator of two operands."""
    operator = syntax.text(syntax.field(node, "operator"))
    left, right = syntax.field(node, "left"), syntax.field(node, "right")
    if left is None or right is None:
        return OTHER
    if operator in {"&&", "||", "??"}:
        return logical(walk, operator, left, right, scope)
    one = walk.evaluate(walk, left, scope)
    if operator == "instanceof":
        return _instance(one, syntax.text(right))
    other = walk.evaluate(walk, right, scope)
    if operator == "in":
        key = syntax.string(left)
        if key is None or not (other.cases or other.style is not None):  # an allow-list says nothing of the caller
            return OURS
        held = member(walk, other, key, optional=True, module=scope.module)
        return Value(true=held.true, false=held.false, ours=True, undefined=True)
    if STEPS in {one.part, other.part}:
        return Value(true=Proof.MAYBE, false=Proof.MAYBE, ours=True)
    counted = _counted(one, operator, syntax.text(syntax.bare(right)))
    if counted is not None:
        return counted
    if operator not in _EQUAL:
        return tainted(OURS, [one, other])
    true, false = compared(walk, node, (left, one), (right, other), strict=len(operator) > 2)  # noqa: PLR2004
    true, false = (true, false) if _EQUAL[operator] else (false, true)
    return Value(true=true, false=false, ours=True, undefined=True)


def _counted(one: Value, operator: str, number: str) -> Value | None:
    """Say what it proves that a look-up has found so many rows, or fewer; None for all else."""
    if one.part != LENGTH or one.style is not GuardStyle.VALUE:
        return None
    if (operator, number) in _FEWER:
        return Value(true=one.false, false=one.true, ours=True)
    more = (operator, number) in _MORE
    return Value(true=one.true, false=one.false, ours=True) if more else OURS


def logical(walk: Walk, operator: str, left: Node, right: Node, scope: Scope) -> Value:
    """Run `&&`, `||` or `??`: the right side runs only where the left one does not decide."""
    one = walk.evaluate(walk, left, scope)
    before = walk.proof
    walk.prove(one.true if operator == "&&" else one.false)
    entered = walk.proof
    other = walk.evaluate(walk, right, scope)
    ran = (
        Proof.NO if walk.proof is None or walk.proof == entered else walk.proof
    )  # a guard that throws may be on the right
    passed_by = max(before, one.false if operator == "&&" else one.true) if before is not None else None
    walk.proof = worst(passed_by, walk.proof)
    if operator == "&&":
        true = max(one.true, other.true, ran)
        false = min(one.false, max(one.true, other.false, ran))
        undefined = one.undefined or other.undefined or one.style is not GuardStyle.VALUE  # it may be false
        return replace(other, true=true, false=false, cases=(), passes=None, members=None, undefined=undefined)
    if operator == "??" and other.shape is Shape.NOTHING:
        return replace(one, undefined=may_be_undefined(other), cases=())
    true = min(one.true, max(one.false, other.true, ran))
    false = max(one.false, other.false)
    both = merged(one, other)
    certain, undefined = one.certain or other.certain, may_be_undefined(other)
    return replace(both, true=true, false=false, certain=certain, undefined=undefined)


def _instance(value: Value, class_: str) -> Value:
    if class_ in {"Response", "NextResponse"}:
        seen = value.style in {GuardStyle.DENIAL, GuardStyle.RESPONSE, GuardStyle.UNSEEN, GuardStyle.RESULT}
        return Value(false=Proof.YES if seen else Proof.NO, ours=True)
    if class_.endswith("Error") and value.style in {GuardStyle.UNSEEN, GuardStyle.RESULT}:
        return Value(false=Proof.MAYBE, ours=True)
    return Value(ours=True)


def _is_boolean(node: Node) -> bool:
    """Say whether an expression is true or false, and nothing else."""
    operator = syntax.text(syntax.field(syntax.bare(node), "operator"))
    return operator in {"!", "instanceof", "in", *_EQUAL, "<", ">", "<=", ">="}


def _typed(walk: Walk, node: Node) -> Value | None:
    """Give what a typeof asks about, where that is a name or a member; None for all else."""
    node = syntax.bare(node)
    argument = syntax.field(node, "argument")
    if argument is None or syntax.text(syntax.field(node, "operator")) != "typeof" or not walk.inside:
        return None
    value = walk.types.get(node.start_byte)
    return value[1] if value is not None and value[0] is walk.inside[-1] else None


def _written_out(one: str | None, other: str | None, *, strict: bool) -> bool | None:
    """Say whether two constants are equal; None where that cannot be told."""
    if one is None or other is None:
        return None
    if not strict and {one, other} & {"null", "undefined"}:
        return {one, other} <= {"null", "undefined"}
    return one == other if strict or one[0] == other[0] == '"' else None


def _is_another_nothing(value: Value, there: Node, against: Value, *, strict: bool) -> bool:
    """Say whether a value may be nothing, and yet not equal what it is compared with: undefined is not null.

    Loosely, null and undefined equal each other, and neither equals false or an empty text.
    """
    if not strict:
        both = against.literal in {"null", "undefined"} or syntax.text(there).startswith("void")
        return value.style is GuardStyle.VALUE and not both
    if syntax.text(there) == "false":
        return value.style is GuardStyle.VALUE
    return value.undefined or (value.style is GuardStyle.VALUE and syntax.text(there) != "null")


def _where_not(value: Value, there: Node, against: Value, *, strict: bool) -> Proof:
    """Say what is proven wherever a value is not equal to nothing: null, undefined, false, or an empty text."""
    if not _is_another_nothing(value, there, against, strict=strict):
        return value.true
    exactly = strict and syntax.text(there) == "undefined"
    return max(min(value.true, Proof.MAYBE), where_defined(value) if exactly else Proof.NO)


def compared(
    walk: Walk, node: Node, one: tuple[Node, Value], other: tuple[Node, Value], *, strict: bool
) -> tuple[Proof, Proof]:
    """Say what two values' being equal proves, and their being unequal."""
    equal = _written_out(one[1].literal, other[1].literal, strict=strict)
    if equal is not None:
        return (Proof.NO, Proof.DEAD) if equal else (Proof.DEAD, Proof.NO)
    for (here, value), (there, against) in ((one, other), (other, one)):
        if against.literal in _TEXTS and (typed := _typed(walk, here)) is not None:
            return typed.true, Proof.NO
        if against.shape is Shape.NOTHING and value.shape is not Shape.NOTHING:
            note_vacuous(walk, here, value)
            return value.false, _where_not(value, syntax.bare(there), against, strict=strict)
        if value.secret and not against.secret and against.shape is not Shape.ANSWER:
            certain = value.certain or is_checked(walk, here, node) or (value.bare and is_given(walk, there, node))
            if is_of_the_server(there, against):
                return Proof.MAYBE, Proof.NO
            note_secret(walk, node, certain=certain)
            return (Proof.YES if certain else Proof.MAYBE), Proof.NO
        if against.shape is Shape.ANSWER and not against.secret and (strict or against.literal is not None):
            if value.style is not None:
                walk.note_role(node, here, [against])
            # What is not true may still be something.
            unequal = value.false if _is_boolean(here) else min(value.false, Proof.MAYBE)
            return value.true, unequal if against.literal == "true" else Proof.NO
        if value.style is not None and value.true:
            return min(value.true, Proof.MAYBE), Proof.NO
    return Proof.NO, Proof.NO
