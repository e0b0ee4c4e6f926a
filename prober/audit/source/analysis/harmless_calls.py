"""Methods that reach no store: of the platform, of lists and texts, of what came with the request."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from prober.audit.source.analysis import syntax
from prober.audit.source.analysis.effects import opaque, run_callbacks, tainted
from prober.audit.source.analysis.values import OURS, REFUSED, GuardStyle, Proof, Shape, Value
from prober.audit.source.known_names import CUTTING, HARMLESS_METHODS, HARMLESS_MODULES, REFUSING, SENDING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tree_sitter import Node

    from prober.audit.source.analysis.state import Walk
    from prober.audit.source.analysis.values import Scope

_PARSING = frozenset({"parse", "safeParse", "parseAsync", "safeParseAsync", "validate"})


def of_harmless(
    walk: Walk, node: Node, scope: Scope, chain: tuple[str, ...], holder: Value, values: list[Value], *, known: bool
) -> Value:  # fmt: skip
    """A method that reaches no store: of the platform, of what came with the request, or of what nobody can tell."""
    name, module = chain[-1], holder.origin.module if holder.origin is not None else ""
    if holder.secret and name in CUTTING and not _is_fixed(node):
        holder = replace(holder, secret=False, certain=False)  # whoever says how much is left can guess it
    if (
        name in HARMLESS_METHODS
        and not known
        and (asked := _asked_of(walk, node, name, holder, values)) is not Proof.NO
    ):
        return run_callbacks(walk, values, Value(true=asked, ours=True, undefined=True))
    if name in _PARSING and not known:
        walk.validates = True
    if known or holder.ours or name in HARMLESS_METHODS or HARMLESS_MODULES.match(module):
        came = replace(OURS, sent=holder.ours and name in SENDING)
        return run_callbacks(walk, values, tainted(came, [replace(holder, sent=holder.sent or came.sent), *values]))
    if holder.shape is Shape.ANSWER or holder.secret:
        return run_callbacks(walk, values, tainted(OURS, [holder, *values]))
    if REFUSING.search(name):
        return run_callbacks(walk, values, REFUSED)
    return replace(opaque(walk, node, scope, ".".join(chain), values), library=holder.library)


def _is_fixed(call: Node) -> bool:
    """Say whether all that a call is given is written out."""
    arguments = syntax.field(call, "arguments")
    given = syntax.parts(arguments) if arguments is not None else []
    return all(one.type == "regex" or syntax.string(one) is not None or syntax.number(one) is not None for one in given)


def _asked_of(walk: Walk, node: Node, name: str, holder: Value, values: Sequence[Value]) -> Proof:
    """Say what it proves that a method of a list or a text is true: of what a guard gave, or given to a list."""
    if holder.style in {GuardStyle.VALUE, GuardStyle.THROWS, GuardStyle.UNSEEN}:
        function = syntax.field(node, "function")
        owner = syntax.field(function, "object") if function is not None else None
        if owner is not None:
            walk.note_role(node, owner, values)
        return min(holder.true, Proof.YES)
    if name != "includes" or not values or values[0].style is None:
        return Proof.NO
    listed = list((holder.members or {}).values())
    written = bool(listed) and all(one.literal is not None and one.shape is Shape.ANSWER for one in listed)
    arguments = syntax.field(node, "arguments")
    if written and arguments is not None:
        walk.note_role(node, syntax.parts(arguments)[0], listed)
    return min(values[0].true, Proof.YES if written else Proof.MAYBE)
