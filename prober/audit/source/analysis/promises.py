"""Calls of a promise: what comes after it, what swallows its failure, and all of several."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.audit.source.analysis import syntax
from prober.audit.source.analysis.effects import run_callbacks
from prober.audit.source.analysis.joins import of_cases
from prober.audit.source.analysis.values import NOTHING, OTHER, OURS, Proof, Value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tree_sitter import Node

    from prober.audit.source.analysis.state import Walk


def of_promises(walk: Walk, name: str, values: Sequence[Value]) -> Value:
    """All of several promises: that none failed proves what each proves."""
    items = list((values[0].members or {}).values()) if values else []
    members = {str(index): item.settles or item for index, item in enumerate(items)}
    proven = max((item.passes for item in items if item.passes is not None), default=Proof.NO)
    if name == "all":
        return Value(passes=proven, settles=Value(members=members), ours=True)
    if name == "allSettled":  # each is an object that is always there, with what came of it
        settled = {
            place: Value(members={"status": Value(true=Proof.MAYBE, ours=True), "value": one}, false=Proof.DEAD)
            for place, one in members.items()
        }
        return Value(passes=Proof.NO, settles=Value(members=settled, false=Proof.DEAD), ours=True)
    return run_callbacks(walk, list(values), OURS)


def of_promise(walk: Walk, name: str, holder: Value, given: Sequence[Node], values: list[Value]) -> Value:
    """A promise's own methods: what comes after it, and what swallows its failure."""
    settled = holder.settles or OTHER
    if name == "catch":
        return Value(passes=Proof.NO, settles=_caught(walk, holder, settled, given, values), ours=True)
    if name == "finally":
        return run_callbacks(walk, values, holder)
    before = walk.proof
    walk.prove(holder.passes or Proof.NO)
    for value in values:
        if value.function is not None:
            walk.enter(walk, value.function, [settled], value.function.node)
    walk.proof = before
    return Value(passes=holder.passes if len(values) < 2 else Proof.NO, settles=OTHER, ours=True)  # noqa: PLR2004


def _caught(walk: Walk, holder: Value, settled: Value, given: Sequence[Node], values: list[Value]) -> Value:
    """Give what a promise comes to whose failure is swallowed: what it gave, or what stands in for that."""
    function = values[0].function if values else None
    if function is None:
        logs = bool(given) and syntax.dotted(given[0])[:1] == ("console",)
        instead = NOTHING if logs else OTHER
    else:
        before = walk.proof
        instead = walk.enter(walk, function, [OURS], function.node)
        instead, walk.proof = instead.settles or instead, before
    return of_cases([(holder.passes or Proof.NO, settled), (Proof.NO, instead)])[1]
