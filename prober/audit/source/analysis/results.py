"""Results of a library, as neverthrow has them: which way has made a good one, and which a bad one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.audit.source.analysis.effects import run_callbacks, tainted
from prober.audit.source.analysis.values import Proof, Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prober.audit.source.analysis.state import Walk

GOOD_RESULT, BAD_RESULT = "good result", "bad result"  # parts of such a library
_ASKS = {"isErr": BAD_RESULT, "isOk": GOOD_RESULT}


def result_made(walk: Walk, library: str, name: str, values: list[Value]) -> Value:
    """Make a result: ok(session), err('signed out')."""
    part = BAD_RESULT if name.startswith("err") else GOOD_RESULT
    return run_callbacks(walk, values, tainted(Value(library=library, part=part, false=Proof.DEAD, ours=True), values))


def of_result_asked(walk: Walk, holder: Value, name: str) -> Value | None:
    """Ask a result which it is; None where nothing is known to have made one."""
    pack = walk.packs.get(holder.library) if holder.library is not None else None
    if pack is None or not pack.results or name not in _ASKS:
        return None
    ways = list(_ways(holder, Proof.NO))
    asked, other = _ASKS[name], ({*_ASKS.values()} - {_ASKS[name]}).pop()
    return Value(true=_proven(ways, unless=other), false=_proven(ways, unless=asked), ours=True)


def _proven(ways: list[tuple[Proof, str | None]], *, unless: str) -> Proof:
    """Give what is proven on every way but those that have certainly made the other kind of result."""
    proven = min((sure for sure, part in ways if part != unless), default=Proof.NO)
    return Proof.NO if proven is Proof.DEAD else proven


def _ways(value: Value, sure: Proof) -> Iterator[tuple[Proof, str | None]]:
    """Give what each way to a value has proven, and which kind of result it has made."""
    if not value.cases:
        yield sure, value.part
    for proven, one in value.cases:
        yield from _ways(one, max(sure, proven))
