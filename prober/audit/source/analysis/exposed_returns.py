"""What a function gives to whoever called it before a guard has let them pass."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.audit.source.analysis.state import Exposure
from prober.audit.source.analysis.values import GuardStyle, Proof, Shape

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prober.audit.source.analysis.state import ReturnValue, Walk
    from prober.audit.source.analysis.values import Value


def _is_written_out(value: Value) -> bool:
    """Say whether a value is an object of constants: a message, and no data."""
    members = value.members if value.inline else None
    return members is not None and all(one.literal is not None or _is_written_out(one) for one in members.values())


def _is_empty(value: Value) -> bool:
    return value.shape is Shape.ANSWER and value.members is not None and not value.members


def _ways(value: Value, sure: Proof) -> Iterator[tuple[Proof, Value]]:
    """Give each value that this may be, and what is proven where it is; a promise is what it comes to."""
    if value.passes is not None and value.settles is not None:
        yield from _ways(value.settles, max(sure, value.passes))
    elif not value.cases:
        yield sure, value
    for proven, one in value.cases if value.passes is None else ():
        yield from _ways(one, max(sure, proven))


def expose_return(walk: Walk, file: str, one: ReturnValue, *, pages: bool) -> None:
    """Record a value that is returned before a guard has accepted the caller."""
    ways = list(_ways(one.value, one.proof))
    for proven, given in ways:
        fine = given.shape in {Shape.REFUSAL, Shape.NOTHING} or given.style in {GuardStyle.DENIAL, GuardStyle.RESPONSE}
        if given.shape is Shape.REFUSAL and given.read and proven is Proof.NO and one.proof is not Proof.YES:
            what = f"refuses, and tells what {given.read}() gave,"
            walk.exposures.append(Exposure(what=what, file=file, line=one.line, certain=False))
        fine = fine or (len(ways) > 1 and _is_empty(given))  # rows for a user, an empty list for strangers
        fine = fine or given.public is not None or _is_written_out(given)
        if given.shape is Shape.NOTHING and proven is Proof.NO and one.proof is not Proof.YES:
            walk.exposures += walk.records[:1]  # it does not refuse, so that what it has written is no log of a refusal
        caught = one.caught or given.caught
        if Proof.YES in {proven, one.proof} or fine or pages or (caught and given.shape is not Shape.ANSWER):
            continue  # a catch clause describes the error
        told = given.shape is Shape.ANSWER or given.read is not None
        certain = told and proven is Proof.NO and (not caught or given.read is not None)
        what = f"answers with what {given.read}() gave" if given.read else "answers"
        what = what if told else "returns an unknown value"
        walk.exposures.append(Exposure(what=what, file=file, line=one.line, certain=certain))
