"""What is known of a value that may be one of several: of two names, two ways, or all that a function returns. Pure."""

from __future__ import annotations

from dataclasses import replace

from prober.audit.source.analysis.values import NOTHING, OTHER, UNDEFINED, GuardStyle, Proof, Shape, Value


def worst(first: Proof | None, second: Proof | None) -> Proof | None:
    """Join two ways to one place; None is a way that does not lead there."""
    if first is None or second is None:
        return second if first is None else first
    return min(first, second)


def may_be_undefined(value: Value) -> bool:
    """Say whether a value may be undefined, false or empty, and so is not null where it is nothing."""
    return value.undefined or (value.shape is Shape.NOTHING and value.literal != "null")


def where_defined(value: Value) -> Proof:
    """Say what is proven wherever a value is not undefined: the least of its other cases."""
    others = [(sure, one) for sure, one in value.cases if not _is_undefined(one)]
    proven = min((max(sure, where_defined(one)) for sure, one in others), default=Proof.NO)
    return Proof.NO if proven is Proof.DEAD else proven


def _is_undefined(value: Value) -> bool:
    """Say whether a value is undefined for certain: a name that holds it may have been given something else."""
    return value.literal == UNDEFINED.literal and value.shape is Shape.NOTHING and value.true is Proof.DEAD


def merged(first: Value, second: Value) -> Value:
    """Give what holds of a name that has been given either value."""
    if first is second:
        return first
    style = first.style if second.shape is Shape.NOTHING else second.style if first.shape is Shape.NOTHING else None
    return Value(
        shape=_joined_shape(first.shape, second.shape),
        true=min(first.true, second.true),
        false=min(first.false, second.false),
        style=first.style if first.style is second.style else style,
        passes=None if first.passes is None or second.passes is None else min(first.passes, second.passes),
        settles=merged(first.settles, second.settles) if first.settles and second.settles else None,
        function=first.function if second.shape is Shape.NOTHING else None,
        secret=first.secret or second.secret,
        certain=first.certain and second.certain,
        ours=_is_ours(first) and _is_ours(second),
        library=first.library if second.library in {first.library, None} else second.library,
        read=first.read or second.read,
        store=first.store or second.store,
        credential=first.credential or second.credential,
        undefined=may_be_undefined(first) or may_be_undefined(second),
        literal=first.literal if first.literal == second.literal else None,
    )


def _is_ours(value: Value) -> bool:
    """Say whether to call a value does nothing by itself; nothing cannot be called."""
    return value.ours or value.shape is Shape.NOTHING


def _joined_shape(first: Shape, second: Shape) -> Shape:
    """What may be nothing is told by what else it may be."""
    if Shape.NOTHING in {first, second}:
        return second if first is Shape.NOTHING else first
    return first if first is second else Shape.OTHER


def of_anybody(value: Value) -> Value:
    """Take away what a value proves of who calls: it was made for somebody else."""
    true, false = min(value.true, Proof.MAYBE), min(value.false, Proof.MAYBE)
    members = None if value.members is None else {key: of_anybody(one) for key, one in value.members.items()}
    return replace(value, true=true, false=false, style=None, passes=None, settles=None, cases=(), members=members)


def at(value: Value, sure: Proof) -> Value:
    """Give a value that is only ever had where this much is proven."""
    if value.true >= sure <= value.false:
        return value
    return replace(value, true=max(value.true, sure), false=max(value.false, sure))


def of_cases(cases: list[tuple[Proof, Value]]) -> tuple[Proof, Value]:
    """Give what is proven once one of these has been given, and what is known of it: a guard shows here."""
    if not cases:
        return Proof.DEAD, OTHER  # it never comes back
    proven = min(sure for sure, _ in cases)
    values = [at(value, sure) for sure, value in cases]
    if len(values) == 1:
        return proven, replace(values[0], cases=tuple(cases))
    true, false = min(value.true for value in values), min(value.false for value in values)
    open_ones = [value for sure, value in cases if sure < Proof.YES]
    style = None
    if open_ones and all(value.shape is Shape.REFUSAL for value in open_ones):
        style = GuardStyle.RESPONSE
    elif true is Proof.YES and false is Proof.NO:
        style = GuardStyle.VALUE
    members = None
    if all(value.members is not None or value.shape is Shape.NOTHING for value in values):
        members = _joined_members(values, cases)
    whole = Value(
        shape=values[0].shape if len({value.shape for value in values}) == 1 else Shape.OTHER,
        true=true, false=false, style=style, cases=tuple(cases), members=members,
        ours=all(_is_ours(value) for value in values),
        library=next((value.library for value in values if value.library), None),
        read=next((value.read for value in values if value.read), None),
        store=any(value.store for value in values),
        credential=any(value.credential for value in values),
        undefined=any(may_be_undefined(value) for value in values),
    )  # fmt: skip
    return proven, whole


def _joined_members(values: list[Value], cases: list[tuple[Proof, Value]]) -> dict[str, Value]:
    """Give what each key of a result proves: one that is missing in a case is nothing there."""
    members: dict[str, Value] = {}
    for key in dict.fromkeys(key for value in values for key in value.members or ()):
        held = [at(_held(value, key), sure) for value, (sure, _) in zip(values, cases, strict=True)]
        joined = held[0]
        for value in held[1:]:
            joined = merged(joined, value)
        members[key] = joined
    return members


def _held(value: Value, key: str) -> Value:
    members = value.members or {}
    return members.get(key, members.get("*", NOTHING))
