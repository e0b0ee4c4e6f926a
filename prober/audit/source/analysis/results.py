"""Results of a library, as neverthrow has them: which way has made a good one, and which a bad one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from prober.audit.source.analysis.effects import run_callbacks, tainted
from prober.audit.source.analysis.joins import of_cases, worst
from prober.audit.source.analysis.values import OURS, Proof, Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from prober.audit.source.analysis.state import Walk

GOOD_RESULT, BAD_RESULT = "good result", "bad result"  # parts of such a library
_ASKS = {"isErr": BAD_RESULT, "isOk": GOOD_RESULT}
_OTHER = {GOOD_RESULT: BAD_RESULT, BAD_RESULT: GOOD_RESULT}
_LOOKS = {  # methods that run a function for one kind, and keep the result as good or as bad as it was
    "map": GOOD_RESULT, "asyncMap": GOOD_RESULT, "andTee": GOOD_RESULT, "mapErr": BAD_RESULT, "orTee": BAD_RESULT,
}  # fmt: skip
_REPLACES = {  # methods that put the result of a function in place of one kind
    "andThen": GOOD_RESULT, "asyncAndThen": GOOD_RESULT, "andThrough": GOOD_RESULT, "orElse": BAD_RESULT,
}  # fmt: skip
_TAKES = {"_unsafeUnwrap": GOOD_RESULT, "_unsafeUnwrapErr": BAD_RESULT}  # they throw where it is of the other kind


def result_made(walk: Walk, library: str, name: str, values: list[Value]) -> Value:
    """Make a result: ok(session), err('signed out')."""
    part = BAD_RESULT if name.startswith("err") else GOOD_RESULT
    return run_callbacks(walk, values, tainted(_result(library, part), values))


def result_settled(library: str, values: list[Value]) -> Value:
    """Make a result of a promise: good where it is kept, bad where it is broken."""
    kept = (values[0].passes if values else None) or Proof.NO
    made = of_cases([(kept, _result(library, GOOD_RESULT)), (Proof.NO, _result(library, BAD_RESULT))])[1]
    return Value(passes=Proof.NO, settles=made, ours=True)


def _result(library: str, part: str | None) -> Value:
    return Value(library=library, part=part, false=Proof.DEAD, ours=True)


def of_result_asked(walk: Walk, node: Node, holder: Value, name: str, values: list[Value]) -> Value | None:
    """Call a method of a result, or of a promise of one; None where nothing is known to have made one."""
    made = holder if holder.passes is None else holder.settles
    pack = walk.packs.get(made.library) if made is not None and made.library is not None else None
    if made is None or made.library is None or pack is None or not pack.results:
        return None
    ways = list(_ways(made, Proof.NO))
    if holder.passes is None:
        return _asked(walk, node, made, ways, name, values)
    before = walk.proof
    walk.prove(holder.passes)
    given = _asked(walk, node, made, ways, name, values) if name not in _ASKS else None
    walk.proof = before
    return Value(passes=Proof.NO, settles=given.settles or given, ours=True) if given is not None else None


def _asked(
    walk: Walk, node: Node, made: Value, ways: list[tuple[Proof, str | None]], name: str, values: list[Value]
) -> Value | None:
    proven = {part: _proven(ways, unless=_OTHER[part]) for part in _OTHER}
    if name in _ASKS:
        asked = _ASKS[name]
        return Value(true=proven[asked], false=proven[_OTHER[asked]], ours=True)
    if name in _TAKES:
        walk.prove(proven[_TAKES[name]])
        return OURS
    if name == "unwrapOr" and values:
        return of_cases([(proven[GOOD_RESULT], OURS), (proven[BAD_RESULT], values[0])])[1]
    if name == "match" and len(values) > 1:
        return either(walk, node, [(proven[GOOD_RESULT], values[0]), (proven[BAD_RESULT], values[1])])
    if name in _LOOKS and values:
        _run(walk, node, proven[_LOOKS[name]], values[0])
        return replace(made, members=None)
    if name in _REPLACES and values:
        part = _REPLACES[name]
        given = _run(walk, node, proven[part], values[0])
        kept = [(sure, _result(made.library or "", kind)) for sure, kind in ways if kind != part]
        whole = of_cases([*kept, (proven[part], given)])[1]
        return replace(whole, library=made.library, members=None)
    return None


def either(walk: Walk, node: Node, arms: list[tuple[Proof, Value]]) -> Value:
    """Run one of several functions, each where this much is proven, and give what it comes to."""
    before, cases, waits = walk.proof, [], False
    after: list[Proof | None] = []
    for proven, value in arms:
        walk.proof = before
        walk.prove(proven)
        given = walk.enter(walk, value.function, [OURS], node) if value.function is not None else value
        after.append(walk.proof)
        if walk.proof is not None:
            waits = waits or given.passes is not None
            cases.append((max(walk.proof, given.passes or Proof.NO), given.settles or given))
    walk.proof = worst_of(after)
    sure, whole = of_cases(cases)
    return Value(passes=sure, settles=whole, ours=whole.ours) if waits else whole


def worst_of(ways: list[Proof | None]) -> Proof | None:
    """Join several ways to one place."""
    joined: Proof | None = None
    for sure in ways:
        joined = worst(joined, sure)
    return joined


def _run(walk: Walk, node: Node, proven: Proof, value: Value) -> Value:
    """Run a function where this much is proven, and give what it settles to; what it proves is not proven after it."""
    before = walk.proof
    walk.prove(proven)
    given = walk.enter(walk, value.function, [OURS], node) if value.function is not None else OURS
    walk.proof = before
    return given.settles or given


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
