"""Calls of libraries, by what their packs believe of them. The packs are data; this applies them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from prober.audit.source.analysis import syntax
from prober.audit.source.analysis.effects import run_callbacks
from prober.audit.source.analysis.guard_calls import is_lenient
from prober.audit.source.analysis.values import (
    OTHER,
    OURS,
    RESULTS,
    GuardStyle,
    Proof,
    Value,
    at,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tree_sitter import Node

    from prober.audit.source.analysis.pack import Chain, LibraryGuard, Pack
    from prober.audit.source.analysis.state import Walk


def of_library(
    walk: Walk, node: Node, package: str | None, chain: Sequence[str], given: Sequence[Node], values: list[Value]
) -> Value | None:
    """Call a function of a library, or a method of what it made; None where its pack says nothing of it."""
    pack = walk.packs.get(package) if package is not None else None
    if pack is None or package is None:
        return None
    guard = _guard_of(pack, ".".join(chain))
    if guard is not None:
        if values and values[0].function is not None and guard.call == "auth":  # it says who came, and lets all pass
            return replace(
                values[0], wrapper=f"auth in line {syntax.line(node)}",
                given=(Value(members={"auth": RESULTS[GuardStyle.VALUE]}, ours=True),),
            )  # fmt: skip
        return _of_guard(walk, node, guard, chain, given, values)
    return _of_factory(walk, node, pack, package, chain[-1], values)


def _guard_of(pack: Pack, dotted: str) -> LibraryGuard | None:
    fitting = [guard for guard in pack.guards if dotted == guard.call or dotted.endswith(f".{guard.call}")]
    return max(fitting, key=lambda guard: len(guard.call), default=None)


def _of_guard(
    walk: Walk, node: Node, guard: LibraryGuard, chain: Sequence[str], given: Sequence[Node], values: list[Value]
) -> Value:
    shown = ".".join(chain) if chain[-1] == guard.call.rpartition(".")[2] else guard.call
    throws = guard.throws or any(_is_strict(part, guard.strict) for part in given)
    style = GuardStyle.THROWS if throws else guard.gives.style or GuardStyle.VALUE
    by_callback = guard.throws and not guard.awaited and any(value.function is not None for value in values)
    if by_callback:  # it tells a function, and comes back whatever it found
        return run_callbacks(walk, values, RESULTS[GuardStyle.UNSEEN])
    if any(is_lenient(part) for part in given):
        walk.note_guard(node, shown, GuardStyle.UNSEEN, guard.kind)
        return Value(passes=Proof.MAYBE, settles=RESULTS[GuardStyle.UNSEEN], ours=True)
    walk.note_guard(node, shown, style, guard.kind)
    if not throws:
        return Value(passes=Proof.NO, settles=guard.gives, ours=True) if guard.awaited else guard.gives
    if guard.awaited:
        return Value(passes=Proof.YES, settles=at(guard.gives, Proof.YES), ours=True)
    walk.prove(Proof.YES)
    return at(guard.gives, Proof.YES)


def _is_strict(argument: Node, option: str | None) -> bool:
    argument = syntax.bare(argument)
    if option is None or argument.type != "object":
        return False
    values = [
        syntax.text(syntax.field(part, "value"))
        for part in syntax.parts(argument)
        if syntax.text(syntax.field(part, "key")) == option
    ]
    return bool(values) and values[0] not in {"false", "'return-null'", '"return-null"', "undefined", "null"}


def _of_factory(walk: Walk, node: Node, pack: Pack, package: str, name: str, values: list[Value]) -> Value | None:
    if pack.chain is not None and name in pack.chain.starts:
        begun = max((value.chain for value in values if value.chain is not None), default=Proof.NO)
        return Value(chain=begun, library=package, false=Proof.DEAD)
    if name in pack.wrappers:
        handler = next((value for value in values if value.function is not None), OTHER)
        return replace(handler, wrapped=Proof.YES, wrapper=f"{name} in line {syntax.line(node)}")
    handler_of = next((one for one in pack.handlers if one.call == name), None)
    if handler_of is not None:
        return Value(library=package, public=(handler_of.why, handler_of.path), false=Proof.DEAD)
    if name in pack.factories:
        return run_callbacks(walk, values, Value(library=package, false=Proof.DEAD, ours=False))
    return None


def of_chain(walk: Walk, node: Node, holder: Value, name: str, values: list[Value]) -> Value | None:
    """Call a method of a builder of handlers; None where the value is none."""
    pack = walk.packs.get(holder.library) if holder.library is not None else None
    if pack is None or pack.chain is None or holder.chain is None:
        return None
    proven, chain = holder.chain, pack.chain
    if name in chain.adds:
        before, walk.loaded = walk.loaded, []
        for value in values:
            proven = max(proven, _of_middleware(walk, node, chain, value, proven))
        by, walk.loaded = _name_of(walk, proven, node), before
        return replace(holder, chain=proven, wrapper=holder.wrapper or by)
    if name in chain.ends:
        handler = next((value for value in values if value.function is not None), None)
        if handler is None:
            return None
        by = holder.wrapper
        if not chain.next_name:
            before, walk.loaded = walk.loaded, []
            proven = max(proven, _of_procedure(walk, node, values, proven))
            by, walk.loaded = by or _name_of(walk, proven, node), before
        wrapped = max(handler.wrapped, holder.chain)
        return replace(handler, wrapped=wrapped, wrapper=by, library=holder.library, chain=proven)
    return replace(holder, wrapper=holder.wrapper)


def _name_of(walk: Walk, proven: Proof, node: Node) -> str | None:
    """Name the guards of a middleware that lets pass only behind one."""
    if proven is not Proof.YES:
        return None
    guards = [f"{one.name} in {one.file}:{one.line} ({one.kind})" for one in walk.loaded]
    return ", ".join(guards) or f"the middleware in line {syntax.line(node)}"


def _of_middleware(walk: Walk, node: Node, chain: Chain, value: Value, before: Proof) -> Proof:
    """Say what is proven wherever a middleware lets the caller pass."""
    if value.chain is not None:  # a piece that another client has made
        return value.chain
    if value.function is None:
        return Proof.NO
    kept, walk.went_on, proof = walk.went_on, [], walk.proof
    walk.proof = before
    walk.loading += 1
    passed_on = Value(goes_on=True)
    walk.enter(walk, value.function, [Value(members={chain.next_name: passed_on, "*": OURS}), passed_on], node)
    walk.loading -= 1
    found, walk.went_on, walk.proof = walk.went_on, kept, proof
    ways = [sure for sure in found if sure is not None]
    return Proof.NO if not ways or min(ways) is not Proof.YES else Proof.YES


def _of_procedure(walk: Walk, node: Node, values: list[Value], before: Proof) -> Proof:
    """Say what is proven once a procedure's own handler has come back."""
    function = next(value.function for value in values if value.function is not None)
    proof, walk.proof = walk.proof, before
    walk.loading += 1
    given = walk.enter(walk, function, [OURS], node)
    walk.loading -= 1
    walk.proof = proof
    return Proof.YES if given.passes is Proof.YES else Proof.NO
