"""Calls of guards and wrappers by their names, and comparisons with a secret."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from prober.audit.source.analysis import syntax
from prober.audit.source.analysis.guard_kinds import OF_REFUSAL, refuses_somebody, style_of
from prober.audit.source.analysis.values import OTHER, OURS, RESULTS, GuardKind, GuardStyle, Proof, Shape, Value
from prober.audit.source.known_names import LENIENT, ROLES, SHIPPED, STRICT
from prober.audit.source.secret_checks import is_checked

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tree_sitter import Node

    from prober.audit.source.analysis.state import Walk
    from prober.audit.source.analysis.values import Function
    from prober.model import GuardName


_UNSURE = Value(shape=Shape.OPAQUE, true=Proof.MAYBE, false=Proof.MAYBE)


def guard_named(walk: Walk, name: str, target: Value | None) -> GuardName | None:
    """Find the guard of this name, imported from where it has to be."""
    module = target.origin.module if target is not None and target.origin is not None else None
    for guard in walk.guards.get(name, ()):
        if guard.module is None or (module is not None and module.endswith(guard.module)):
            return guard
    return None


def of_guard(
    walk: Walk, node: Node, guard: GuardName, target: Value | None, given: Sequence[Node], values: list[Value]
) -> Value:
    """Call a guard: how it refuses is read in its own definition, or believed as it is declared.

    A shipped name is a guess: a definition in the folder that certainly asks nobody who calls is no guard.
    """
    function = target.function if target is not None else None
    style = OF_REFUSAL[guard.refusal] if guard.refusal is not None else GuardStyle.UNSEEN
    if function is not None:
        seen = style_of(walk, function)
        style = style if seen is GuardStyle.UNSEEN else seen
        if guard in SHIPPED.guards and not _may_refuse(walk, function, values, node):
            style = GuardStyle.STUB
        elif guard in SHIPPED.guards and _lets_strangers_pass(walk, function, style, values, node):
            walk.note_guard(node, guard.name, GuardStyle.UNSEEN, GuardKind.SESSION)
            return Value(passes=Proof.MAYBE, settles=_UNSURE, ours=True)
    if target is None or any(is_lenient(part) for part in given) or _may_be_missing(node):
        style = GuardStyle.UNSEEN
    kind = GuardKind.ROLE if ROLES.search(guard.name) else GuardKind.SESSION
    walk.note_guard(node, guard.name, style, kind)
    passes = {GuardStyle.THROWS: Proof.YES, GuardStyle.UNSEEN: Proof.MAYBE}.get(style, Proof.NO)
    result = RESULTS[style] if target is not None else replace(OTHER, true=Proof.MAYBE)
    if function is not None and not function.asynchronous and _is_plain(function.node):
        walk.prove(passes)
        return result
    return Value(passes=passes, settles=result, ours=True)


def _may_be_missing(node: Node) -> bool:
    return any(child.type == "optional_chain" or syntax.text(child) == "?." for child in node.children)


def _is_plain(function: Node) -> bool:
    """Say whether a function that is not async gives no promise either."""
    body = syntax.field(function, "body")
    if body is None:
        return False
    ends = [body] if body.type != "statement_block" else [
        part
        for node in syntax.every(body, into_functions=False) if node.type == "return_statement"
        for part in syntax.parts(node)
    ]  # fmt: skip
    for end in ends:
        end = syntax.bare(end)  # noqa: PLW2901 - the same, without its wrappings
        called = syntax.dotted(syntax.field(end, "function")) if end.type == "call_expression" else ()
        if end.type == "call_expression" and called[:1] not in {("Response",), ("NextResponse",)}:
            return False
        if end.type == "new_expression" and syntax.text(syntax.field(end, "constructor")) == "Promise":
            return False
    return True


def is_lenient(argument: Node) -> bool:
    """Say whether an argument takes the edge off a guard: {optional: true}, {required: false}, and the like."""
    argument = syntax.bare(argument)
    if argument.type != "object":
        return False
    for part in syntax.parts(argument):
        key = syntax.text(syntax.field(part, "key"))
        value = syntax.text(syntax.field(part, "value"))
        if (key in LENIENT and value != "false") or (key in STRICT and value != "true"):
            return True
    return False


def of_wrapper(
    walk: Walk, node: Node, name: str, target: Value | None, given: Sequence[Node], values: list[Value]
) -> Value:
    """Call a function that makes a guarded handler; one whose definition could refuse nobody is followed.

    So is one that lets everybody pass, unless the user names it as a wrapper: what is named is believed.
    """
    handler = next((value for value in values if value.function is not None), None)
    function = target.function if target is not None else None
    is_guess = name in SHIPPED.wrappers
    if function is not None and (
        not refuses_somebody(walk, function) or (is_guess and lets_pass(walk, function, values, node))
    ):
        return walk.enter(walk, function, values, node)
    sure = Proof.MAYBE if target is None or any(is_lenient(part) for part in given) else Proof.YES
    wrapper = f"{name} in line {syntax.line(node)}"
    if handler is None:
        made = walk.enter(walk, function, values, node) if function is not None else OTHER
        return Value(wrapped=sure, wrapper=wrapper, wrapping=made.function)
    return replace(handler, wrapped=sure, wrapper=wrapper)


def _apart(walk: Walk) -> Walk:
    """Give a walk of its own that begins without proof, and leaves no trace in this one."""
    return replace(
        walk, proof=Proof.NO, loading=0, exposures=[], called=[], returned=[], leaving=[], inside=list(walk.inside),
        reads=[], records=[], refusals=[], vacuous=[], roles=[], lookups={}, served=[], unset=[], followed={},
    )  # fmt: skip


def _written_in(values: Sequence[Value]) -> str:
    """Give the constants among arguments, which may decide whether a guard refuses."""
    return repr(
        [(value.literal, [(key, one.literal) for key, one in (value.members or {}).items()]) for value in values]
    )


def _lets_strangers_pass(walk: Walk, function: Function, style: GuardStyle, values: list[Value], node: Node) -> bool:
    """Say whether a definition has a way by which nobody is asked, whatever the calls do that cannot be followed."""
    if style not in {GuardStyle.THROWS, GuardStyle.VALUE}:
        return False
    called = (*function.key, f"{style} {_written_in(values)}")
    if called not in walk.refusing:
        walk.refusing[called] = False  # while it is read: it may call itself
        alone = _apart(walk)
        alone.believing = True
        given = walk.enter(alone, function, values, node)
        walk.steps = alone.steps
        settled = given.settles or given
        closed = {Shape.REFUSAL, Shape.OPAQUE, *({Shape.NOTHING} if style is GuardStyle.VALUE else ())}
        walk.refusing[called] = any(
            sure is Proof.NO and one.true is Proof.NO and one.shape not in closed for sure, one in settled.cases
        )
    return walk.refusing[called]


def _may_refuse(walk: Walk, function: Function, values: list[Value], node: Node) -> bool:
    """Say whether a definition may refuse a stranger: what it comes to proves something, or cannot be told."""
    called = (*function.key, _written_in(values))
    if called not in walk.refusing:
        walk.refusing[called] = True  # while it is read: it may call itself
        alone = _apart(walk)
        given = walk.enter(alone, function, values, node)
        walk.steps = alone.steps
        settled = given.settles or given
        members = list((settled.members or {}).values())
        proofs = {
            alone.proof,
            given.passes,
            *(one for value in (settled, *members) for one in (value.true, value.false)),
        }
        unread = settled.shape is Shape.OPAQUE and settled.read is None
        walk.refusing[called] = (
            unread or not proofs.isdisjoint({Proof.MAYBE, Proof.YES}) or any(not one.certain for one in alone.exposures)
        )
    return walk.refusing[called]


def lets_pass(walk: Walk, function: Function, values: list[Value], node: Node) -> bool:
    """Say whether an unauthenticated client certainly gets through a wrapper to what its handler does."""
    alone = _apart(walk)
    made = walk.enter(alone, function, values, node)
    if made.function is None:  # it asks for the handler by another call, or cannot be followed
        return False
    alone.proof, alone.exposures = Proof.NO, []
    given = walk.enter(alone, made.function, [OURS], node)
    walk.steps = alone.steps
    answers = any(
        sure is Proof.NO and (one.shape is Shape.ANSWER or one.read is not None)
        for sure, one in (given.settles or given).cases
    )
    return answers or any(one.certain for one in alone.exposures)


def compared_by_function(walk: Walk, node: Node, given: Sequence[Node], values: Sequence[Value]) -> Value | None:
    """Compare a secret with what came, by a function; None where no secret is given."""
    for part, value in zip(given, values, strict=False):
        if value.secret:
            others = [(one, what) for one, what in zip(given, values, strict=False) if one is not part]
            if any(what.secret or is_of_the_server(one, what) for one, what in others):
                return Value(true=Proof.MAYBE, ours=True)
            certain = value.certain or is_checked(walk, part, node)
            note_secret(walk, node, certain=certain)
            return Value(true=Proof.YES if certain else Proof.MAYBE, ours=True)
    return None


def is_of_the_server(node: Node, value: Value) -> bool:
    """Say whether no client has sent what a secret is compared with: a row, or another variable of the environment."""
    return value.store or any(syntax.environment_name(one) is not None for one in syntax.every(node))


def note_secret(walk: Walk, node: Node, *, certain: bool) -> None:
    """Note that a secret is compared here; one that may be unset is no guard."""
    if certain:
        walk.note_guard(node, "a comparison with a secret", GuardStyle.VALUE, GuardKind.SECRET)
    elif walk.inside and not walk.loading:
        walk.unset.append((walk.inside[-1].module.file, syntax.line(node)))
