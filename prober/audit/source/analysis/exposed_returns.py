"""What a function gives to whoever called it before a guard has let them pass."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.audit.source.analysis.state import Exposure
from prober.audit.source.analysis.values import GuardStyle, Proof, Shape

if TYPE_CHECKING:
    from prober.audit.source.analysis.state import ReturnValue, Walk


def expose_return(walk: Walk, file: str, one: ReturnValue, *, pages: bool) -> None:
    """Record a value that is returned before a guard has accepted the caller."""
    for sure, value in one.value.cases or ((one.proof, one.value),):
        proven, given = max(sure, one.proof), value
        if value.passes is not None:
            proven, given = max(proven, value.passes), value.settles or value
        fine = given.shape in {Shape.REFUSAL, Shape.NOTHING} or given.style in {GuardStyle.DENIAL, GuardStyle.RESPONSE}
        if given.shape is Shape.REFUSAL and given.read and proven is Proof.NO and one.proof is not Proof.YES:
            what = f"refuses, and tells what {given.read}() gave,"
            walk.exposures.append(Exposure(what=what, file=file, line=one.line, certain=False))
        if Proof.YES in {proven, one.proof} or fine or pages or (one.caught and given.shape is not Shape.ANSWER):
            continue  # a catch clause describes the error
        told = given.shape is Shape.ANSWER or given.read is not None
        certain = told and proven is Proof.NO and (not one.caught or given.read is not None)
        what = f"answers with what {given.read}() gave" if given.read else "answers"
        what = what if told else "returns an unknown value"
        walk.exposures.append(Exposure(what=what, file=file, line=one.line, certain=certain))
