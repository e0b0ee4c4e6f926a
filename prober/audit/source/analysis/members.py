"""Members of a value, as far as the value alone tells: of an object, of what a library made, and what is left. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from prober.audit.source.analysis.values import OTHER, OURS, SERVICE, STEPS, UNDEFINED, Proof, Shape, Value

if TYPE_CHECKING:
    from collections.abc import Mapping


def member_of_object(value: Value, members: Mapping[str, Value], name: str) -> Value:
    """Give a member of an object whose members are known."""
    if name == "length" and any(one.function is not None for one in members.values()):
        return Value(part=STEPS, ours=True)  # which of the functions is meant cannot be told
    if name in members or "*" in members:
        held = members.get(name, members.get("*", OTHER))
        return held if value.inline or not (held.inline or held.literal) else replace(held, inline=False, literal=None)
    if value.inline:
        return UNDEFINED
    # It may have been given one where nobody looks: that it is missing proves nothing.
    return OURS if value.ours else Value(shape=Shape.NOTHING)


def part_of(value: Value, name: str) -> str | None:
    """Give what a member is of what a library made; all of a client of a service is that client."""
    if value.library is None:
        return None
    return SERVICE if value.part == SERVICE else name


def rest_of(value: Value) -> Value:
    """Give an object of what is left of a value: plain data, that is always there and proves nothing."""
    return Value(
        ours=value.ours or value.style is not None, false=Proof.DEAD, read=value.read, credential=value.credential
    )  # fmt: skip
