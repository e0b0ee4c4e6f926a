"""Calls of a member: of a response, a promise, a library's object, a database, or of what nobody can tell."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from prober.audit.source.analysis import syntax
from prober.audit.source.analysis.classes import static_member
from prober.audit.source.analysis.contexts import of_context
from prober.audit.source.analysis.effects import effect, of_rows, of_store, opaque, run_callbacks, tainted
from prober.audit.source.analysis.guard_calls import compared_by_function, guard_named, of_guard
from prober.audit.source.analysis.joins import of_cases
from prober.audit.source.analysis.library_calls import SIGNED, of_chain, of_library
from prober.audit.source.analysis.matching import of_match
from prober.audit.source.analysis.name_calls import is_assertion, of_name
from prober.audit.source.analysis.names import member
from prober.audit.source.analysis.promises import of_promise, of_promises
from prober.audit.source.analysis.responses import by_value, leads_to_sign_in, of_response, of_status
from prober.audit.source.analysis.results import of_result_asked
from prober.audit.source.analysis.router_calls import of_routing
from prober.audit.source.analysis.values import (
    ANSWER,
    EMPTY,
    NOTHING,
    OURS,
    REFUSED,
    SERVICE,
    GuardStyle,
    Proof,
    Shape,
    Value,
)
from prober.audit.source.known_names import (
    COMPARING,
    CUTTING,
    EFFECT_METHODS,
    EFFECT_MODULES,
    HARMLESS_METHODS,
    HARMLESS_MODULES,
    HARMLESS_ROOTS,
    LIMITERS,
    REFUSING,
    SENDING,
    SERVICES,
    STORES,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tree_sitter import Node

    from prober.audit.source.analysis.state import Walk
    from prober.audit.source.analysis.values import Function, Scope

_RESPONSES = frozenset({"Response", "NextResponse"})
_FOLDS = frozenset({"reduce", "reduceRight"})
_PARSING = frozenset({"parse", "safeParse", "parseAsync", "safeParseAsync", "validate"})
_SAYING = frozenset({"json", "send", "end", "write", "redirect", "sendStatus", "revalidate"})


def of_member(
    walk: Walk, node: Node, scope: Scope, function: Node, holder: Value, given: Sequence[Node], values: list[Value]
) -> Value:
    """Call a member of `holder`."""
    name, chain = syntax.text(syntax.field(function, "property")), syntax.dotted(function)
    root = chain[0] if chain else ""
    if root in _RESPONSES and len(chain) == 2:  # noqa: PLR2004 - Response.json and the like
        return _of_body(tainted(by_value(of_response(given, name), values), values), values)
    if chain == ("Object", "assign") and values:
        _overwrite(scope, given[0], values[0])
    if holder.variables is not None:
        return of_context(walk, name, holder.variables, given, values)
    if holder.responds:
        return _of_responder(walk, node, scope, name, holder, given)
    found = of_chain(walk, node, holder, name, values) or of_routing(walk, node, holder, name, given, values)
    found = found or of_result_asked(walk, node, holder, name, values)
    found = found or of_match(walk, node, scope, holder, name, given, values)
    found = found or of_library(walk, node, holder.library, chain or _tail_of(function), given, values)
    if found is not None:
        return found
    return _of_known(walk, node, scope, function, holder, given, values)


def _of_known(
    walk: Walk, node: Node, scope: Scope, function: Node, holder: Value, given: Sequence[Node], values: list[Value]
) -> Value:
    """Call a member of a promise, a function, a module or an object; else of something that is not known so well."""
    name, chain = syntax.text(syntax.field(function, "property")), syntax.dotted(function)
    root = chain[0] if chain else ""
    if holder.passes is not None or (root == "Promise" and len(chain) == 2):  # noqa: PLR2004
        return of_promise(walk, name, holder, given, values) if root != "Promise" else of_promises(walk, name, values)
    if name in {"ok", "assert"} and is_assertion(holder, "ok") and values:
        walk.prove(values[0].true)
        return OURS
    if holder.function is not None and name in {"bind", "call", "apply"}:
        return holder if name == "bind" else walk.enter(walk, holder.function, values[1:], node)
    if name in _FOLDS and holder.members is not None and len(values) == 2 and values[0].function is not None:  # noqa: PLR2004
        return _folded(walk, node, name, list(holder.members.values()), values[0].function, values[1])
    if holder.origin is not None and holder.origin.name == "*":
        target = member(walk, holder, name, optional=True, module=scope.module)
        return of_name(walk, node, scope, name, target, given, values)
    if (held := _held(walk, holder, name)) is not None and held.function is not None:
        return walk.enter(walk, held.function, values, node)
    if held is not None and held.proceeds is not None:
        return held.proceeds(walk, values, node)
    if held is not None and held.gives is not None:
        return run_callbacks(walk, values, held.gives)
    return _of_owner(walk, node, scope, chain or (name,), holder, given, values)


def _overwrite(scope: Scope, target: Node, value: Value) -> None:
    """Forget the members of an object that is given others: Object.assign(session, body)."""
    holder = scope.find(syntax.text(target)) if target.type == "identifier" else None
    if holder is not None and (value.style is GuardStyle.ALWAYS or value.members is not None):
        holder.names[syntax.text(target)] = Value(ours=True, false=Proof.DEAD)


def _folded(walk: Walk, node: Node, name: str, items: list[Value], function: Function, first: Value) -> Value:
    """Fold a list that is known: wrappers.reduceRight((next, wrap) => wrap(next), handler)."""
    result = first
    for item in reversed(items) if name == "reduceRight" else items:
        result = walk.enter(walk, function, [result, item], node)
    return result


def _of_body(response: Value, values: Sequence[Value]) -> Value:
    """Give a response by what its body is on each way: an empty list tells strangers nothing."""
    if response.shape is not Shape.ANSWER or not values or not values[0].cases:
        return response
    ways = [
        (sure, EMPTY if one.shape is Shape.NOTHING or (one.members is not None and not one.members) else response)
        for sure, one in values[0].cases
    ]
    return of_cases(ways)[1]


def _tail_of(function: Node) -> tuple[str, ...]:
    """Give the names at the end of a chain that begins with a call: auth, getUser of make().auth.getUser."""
    names: list[str] = []
    node: Node | None = function
    while node is not None and node.type == "member_expression":
        names.append(syntax.text(syntax.field(node, "property")))
        owner = syntax.field(node, "object")
        node = syntax.bare(owner) if owner is not None else None
    return tuple(reversed(names))


def _held(walk: Walk, holder: Value, name: str) -> Value | None:
    """Give a member that is known, of an object or of a class itself."""
    if holder.class_ is not None:
        return static_member(walk, holder.class_, name)
    return (holder.members or {}).get(name)


def _of_owner(
    walk: Walk,
    node: Node,
    scope: Scope,
    chain: tuple[str, ...],
    holder: Value,
    given: Sequence[Node],
    values: list[Value],
) -> Value:
    """A method of something that is not known member by member."""
    name = chain[-1]
    guard = guard_named(walk, name, holder) or guard_named(walk, ".".join(chain[-2:]), holder)
    if guard is not None and (holder.origin is not None or holder.shape is Shape.OPAQUE or "." in guard.name):
        return of_guard(walk, node, guard, holder, given, values)
    if name in walk.guarding.harmless or LIMITERS.search(".".join(chain)):
        return run_callbacks(walk, values, OURS)
    if COMPARING.search(name) and (found := compared_by_function(walk, node, given, values)) is not None:
        return found
    return _of_method(walk, node, scope, chain, holder, values)


def _ends_or_names_a_session(values: Sequence[Value]) -> bool:
    """Say whether a cookie is emptied, or is the one that a library has made for a session that it knows."""
    held = values[1] if len(values) > 1 else OURS
    by_library = held.library is not None and held.part is not None and held.shape is not Shape.OPAQUE
    return held.shape is Shape.NOTHING or (by_library and held.part != SIGNED)


def _of_method(
    walk: Walk, node: Node, scope: Scope, chain: tuple[str, ...], holder: Value, values: list[Value]
) -> Value:
    name, root = chain[-1], chain[0]
    module = holder.origin.module if holder.origin is not None else ""
    known = len(chain) > 1 and root in HARMLESS_ROOTS
    if holder.credential and name in {"set", "delete"}:  # of cookies
        if name == "delete" or _ends_or_names_a_session(values):
            return OURS
        walk.expose(node, scope, f"sets what {'.'.join(chain)}() is given", certain=False)
        return OURS
    pack = walk.packs.get(holder.library) if holder.library is not None else None
    if holder.part == SERVICE:
        return of_store(walk, node, scope, chain, values)
    if pack is not None and name in pack.acts:
        return effect(walk, node, scope, chain, values)
    if not known and any(SERVICES.fullmatch(part) for part in chain[:-1]):
        return effect(walk, node, scope, chain, values)
    if holder.store and len(chain) == 1:
        return of_rows(walk, node, scope, chain, holder, values)
    store = any(STORES.fullmatch(part) for part in chain[:-1]) and not known and not holder.ours
    if store or name in EFFECT_METHODS or EFFECT_MODULES.search(module) or EFFECT_MODULES.search(holder.library or ""):
        return of_store(walk, node, scope, chain, values)
    if holder.store:
        return of_rows(walk, node, scope, chain, holder, values)
    return _of_harmless(walk, node, scope, chain, holder, values, known=known)


def _of_harmless(
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
    """Say whether a call is given numbers that are written out, and nothing else."""
    arguments = syntax.field(call, "arguments")
    return all(syntax.number(one) is not None for one in (syntax.parts(arguments) if arguments is not None else []))


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


def _of_responder(walk: Walk, node: Node, scope: Scope, name: str, holder: Value, given: Sequence[Node]) -> Value:
    """The response object of pages/api: an answer goes out when it is told so."""
    status = holder.status
    if name in {"status", "writeHead", "sendStatus"}:
        said = syntax.number(given[0]) if given else None
        status = 0 if said is None else said
    if name == "redirect":
        status = 307 if given and leads_to_sign_in(given[-1]) else 0
    if name not in _SAYING or (name == "end" and not given):  # an end without a body tells nothing
        return replace(holder, status=status)
    if status == 0:
        walk.expose(node, scope, f"answers by res.{name}() with a status that cannot be told", certain=False)
    elif of_status(status or 200) is ANSWER:
        walk.expose(node, scope, "answers", certain=True)
    return NOTHING
