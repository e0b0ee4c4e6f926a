"""Calls of libraries, by what their packs believe of them. The packs are data; this applies them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from prober.audit.source.analysis import syntax
from prober.audit.source.analysis.effects import run_callbacks
from prober.audit.source.analysis.guard_calls import is_lenient
from prober.audit.source.analysis.joins import at, merged
from prober.audit.source.analysis.matching import match_begun
from prober.audit.source.analysis.results import result_made, result_settled
from prober.audit.source.analysis.values import (
    OTHER,
    OURS,
    RESULTS,
    SERVICE,
    GuardKind,
    GuardStyle,
    Proof,
    Shape,
    Value,
)

SIGNED = "signed"  # a token that the server itself has made
_OFF = frozenset({"false", "return-null", "undefined", "null"})

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
    lender = next((one for one in pack.lenders if one.call == chain[-1]), None)
    handler = next((value for value in values if value.function is not None), None)
    if lender is not None and handler is not None:
        wrapper = f"{lender.call} in line {syntax.line(node)}"
        return replace(handler, wrapper=wrapper, given=(lender.request,))
    guard = _guard_of(pack, ".".join(chain))
    if guard is not None:
        return _of_guard(walk, node, guard, chain, given, values)
    if chain[-1] in pack.stops:
        run_callbacks(walk, values, OURS)
        walk.proof = None
        return OURS
    if chain[-1] in pack.signs:
        return Value(part=SIGNED, ours=True)
    return _of_factory(walk, node, pack, package, chain[-1], values)


def _guard_of(pack: Pack, dotted: str) -> LibraryGuard | None:
    fitting = [guard for guard in pack.guards if dotted == guard.call or dotted.endswith(f".{guard.call}")]
    return max(fitting, key=lambda guard: len(guard.call), default=None)


def _of_guard(
    walk: Walk, node: Node, guard: LibraryGuard, chain: Sequence[str], given: Sequence[Node], values: list[Value]
) -> Value | None:
    shown = ".".join(chain) if chain[-1] == guard.call.rpartition(".")[2] else guard.call
    option = next((said for part in given if (said := _option(part, guard.strict)) is not None), None)
    if option in guard.lenient:
        return Value(passes=Proof.NO, settles=OURS, ours=True)
    for name, boxed in guard.boxes.items():
        if any(said not in {None, "false"} for said in (_option(part, name) for part in given)):
            walk.note_guard(node, shown, GuardStyle.ALWAYS, guard.kind)
            return Value(passes=Proof.NO, settles=boxed, ours=True)
    if guard.kind is GuardKind.SIGNATURE and any(value.part == SIGNED for value in values):
        return None  # it has just been signed here: that it verifies says nothing of the caller
    if guard.key is not None and guard.key < len(values) and _is_guessed(values[guard.key]):
        return None  # whoever calls has said the key, or there is none
    throws = guard.throws or (option is not None and option not in _OFF)
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


def _is_guessed(key: Value) -> bool:
    return key.sent or key.credential or (key.shape is Shape.NOTHING and not key.secret)


def _option(argument: Node, option: str | None) -> str | None:
    """Give an option's text among those that a call is given, without quotes."""
    argument = syntax.bare(argument)
    if option is None or argument.type != "object":
        return None
    for part in syntax.parts(argument):
        if syntax.text(syntax.field(part, "key")) == option:
            value = syntax.field(part, "value")
            return syntax.string(value) or syntax.text(value)
    return None


def _of_factory(walk: Walk, node: Node, pack: Pack, package: str, name: str, values: list[Value]) -> Value | None:
    if pack.chain is not None and name in pack.chain.starts:
        before = next((value for value in values if value.chain is not None), Value(chain=Proof.NO))
        return Value(
            chain=before.chain, library=package, false=Proof.DEAD, wrapper=before.wrapper, given=before.leaves
        )  # fmt: skip
    if name in pack.wrappers:
        handler = next((value for value in values if value.function is not None), OTHER)
        return replace(handler, wrapped=Proof.YES, wrapper=f"{name} in line {syntax.line(node)}")
    handler_of = next((one for one in pack.handlers if one.call == name), None)
    if handler_of is not None:
        door = (handler_of.why, handler_of.path)
        if not walk.loading:
            walk.doors.append(door)
        return Value(library=package, public=door, false=Proof.DEAD, ours=True)
    if name in pack.results:
        return result_made(walk, package, name, values)
    if name in pack.settling:
        return result_settled(package, values)
    if name in pack.matches:
        return match_begun(package, values)
    if name in pack.services:
        return run_callbacks(walk, values, Value(library=package, part=SERVICE, false=Proof.DEAD, ours=False))
    if name in pack.factories:
        return run_callbacks(walk, values, Value(library=package, false=Proof.DEAD, ours=False))
    return None


def of_chain(walk: Walk, node: Node, holder: Value, name: str, values: list[Value]) -> Value | None:
    """Call a method of a builder of handlers; None where the value is none."""
    pack = walk.packs.get(holder.library) if holder.library is not None else None
    if pack is None or pack.chain is None or holder.chain is None:
        return None
    proven, chain = holder.chain, pack.chain
    if name in chain.starts:  # the actions of a procedure
        return replace(holder, function=None, given=holder.leaves)
    if name in chain.adds:
        before, walk.loaded = walk.loaded, []
        given = holder.given
        for value in values:
            passed, given = _of_middleware(walk, node, chain, value, replace(holder, chain=proven, given=given))
            proven = max(proven, passed)
        by, walk.loaded = _names_of(walk, holder, proven, node), before
        return replace(holder, chain=proven, wrapper=by, given=given)
    if name in chain.ends:
        handler = next((value for value in values if value.function is not None), None)
        if handler is None:
            return None
        by, left = holder.wrapper, holder.given
        if not chain.next_name:
            before, walk.loaded = walk.loaded, []
            passed, left = _of_procedure(walk, node, handler, holder)
            proven = max(proven, passed)
            by, walk.loaded = _names_of(walk, holder, proven, node), before
        wrapped = max(handler.wrapped, holder.chain)
        return replace(
            handler, wrapped=wrapped, wrapper=by, library=holder.library, chain=proven, given=holder.given, leaves=left
        )  # fmt: skip
    return replace(holder, wrapper=holder.wrapper)


def _names_of(walk: Walk, holder: Value, proven: Proof, node: Node) -> str | None:
    """Name the guards of a middleware, and of those before it; None where nobody is asked."""
    kind = "" if proven is not Proof.YES else "({})"
    asked = (*walk.loaded, *(walk.roles if proven is Proof.YES else ()))
    guards = [f"{one.name} in {one.file}:{one.line} {kind.format(one.kind)}".strip() for one in asked]
    walk.roles = []
    named = ", ".join(dict.fromkeys([*([holder.wrapper] if holder.wrapper else []), *guards]))
    return named or (f"the middleware in line {syntax.line(node)}" if proven is Proof.YES else None)


def _context(value: Value) -> tuple[Value, ...]:
    """Give the argument of a handler whose context is this."""
    return (Value(members={"ctx": value, "*": OURS}, ours=True),)


def _of_middleware(
    walk: Walk, node: Node, chain: Chain, value: Value, holder: Value
) -> tuple[Proof, tuple[Value, ...]]:
    """Say what is proven wherever a middleware lets the caller pass, and give what the next one is given."""
    if value.chain is not None:  # a piece that another client has made
        return value.chain, value.given or holder.given
    if value.function is None:
        return Proof.NO, ()
    kept, walk.went_on, proof = walk.went_on, [], walk.proof
    walk.proof = holder.chain
    walk.loading += 1
    passed_on = Value(goes_on=True)
    known = (holder.given[0].members or {}) if holder.given else {"*": OURS}
    walk.enter(walk, value.function, [Value(members={**known, chain.next_name: passed_on}), passed_on], node)
    walk.loading -= 1
    found, walk.went_on, walk.proof = walk.went_on, kept, proof
    ways = [(sure, context) for sure, context in found if sure is not None]
    passed = min((sure for sure, _ in ways), default=Proof.NO)
    before = known.get("ctx", OURS)
    joined: Value | None = None
    for _, context in ways:
        given = before if context.literal == "undefined" else context
        if given.members is not None and before.members is not None and "*" not in given.members:
            given = replace(given, members={**before.members, **given.members})
        joined = given if joined is None else merged(joined, given)
    return Proof.YES if passed is Proof.YES else Proof.NO, _context(joined or OURS)


def _of_procedure(walk: Walk, node: Node, handler: Value, holder: Value) -> tuple[Proof, tuple[Value, ...]]:
    """Say what is proven once a procedure's own handler has come back, and give what its actions are given."""
    if handler.function is None:
        return Proof.NO, ()
    proof, walk.proof = walk.proof, holder.chain
    walk.loading += 1
    given = walk.enter(walk, handler.function, list(holder.given) or [OURS], node)
    walk.loading -= 1
    walk.proof = proof
    return Proof.YES if given.passes is Proof.YES else Proof.NO, _context(given.settles or given)
