"""The members of what a guard gives: which of them say who came, and which that it refused. Pure."""

from __future__ import annotations

from dataclasses import replace

from prober.audit.source.analysis.values import OURS, RESULTS, GuardStyle, Proof, Value
from prober.audit.source.known_names import BAD, GOOD


def of_result(value: Value, name: str) -> Value:
    """Give a member of what a guard gave."""
    style = value.style
    if name in BAD:
        denied = style in {GuardStyle.RESULT, GuardStyle.UNSEEN}
        return Value(style=GuardStyle.DENIAL, false=Proof.YES, ours=True) if denied else OURS
    if style is GuardStyle.RESULT:
        return RESULTS[GuardStyle.VALUE] if name in GOOD else replace(value, true=Proof.MAYBE)
    if style is GuardStyle.ALWAYS:
        return Value(ours=True, true=Proof.MAYBE if name in GOOD else Proof.NO)
    if style in {GuardStyle.VALUE, GuardStyle.THROWS, GuardStyle.UNSEEN}:
        return Value(style=style, true=value.true, ours=True)
    return Value(ours=True, true=Proof.MAYBE if name in GOOD else Proof.NO)
