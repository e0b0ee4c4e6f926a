"""Calls by a name: of guards, wrappers, libraries, what can be followed, and what only its name is known of."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from prober.audit.source.analysis import syntax
from prober.audit.source.analysis.demanded import demanded
from prober.audit.source.analysis.effects import effect, of_store, opaque, read_in, run_callbacks, tainted
from prober.audit.source.analysis.guard_calls import compared_by_function, guard_named, of_guard, of_wrapper
from prober.audit.source.analysis.library_calls import of_library
from prober.audit.source.analysis.responses import leads_to_sign_in
from prober.audit.source.analysis.router_calls import of_routing
from prober.audit.source.analysis.values import NOTHING, OURS, REFUSED, RESULTS, UNDEFINED, GuardStyle, Proof, Value
from prober.audit.source.known_names import (
    ASSERTING,
    ASSERTIONS,
    COMPARING,
    CONDITION_MODULES,
    EFFECT_CALLS,
    EFFECT_MODULES,
    GUARD_LIKE,
    HARMLESS_CALLS,
    HARMLESS_MODULES,
    LIMITERS,
    REFUSING,
    REMEMBERING,
    SERVICES,
    STOPPING,
    STORE_MAKERS,
    STORES,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tree_sitter import Node

    from prober.audit.source.analysis.state import Walk
    from prober.audit.source.analysis.values import Scope


def of_name(
    walk: Walk, node: Node, scope: Scope, name: str, target: Value | None, given: Sequence[Node], values: list[Value]
) -> Value:
    """Call what goes by a name; `target` is what is known of it, None where nothing declares it."""
    if target is not None and target.goes_on:
        walk.went_on.append((walk.proof, ((values[0].members or {}) if values else {}).get("ctx", UNDEFINED)))
        return REFUSED
    if target is not None and target.proceeds is not None:
        return target.proceeds(walk, values, node)
    if target is not None and target.gives is not None:
        return run_callbacks(walk, values, target.gives)
    library = target.library if target is not None and target.function is None else None
    made = of_routing(walk, node, target, target.part or name, given, values) if library and target else None
    if (found := made or of_library(walk, node, library, (name,), given, values)) is not None:
        return found
    return _of_own_name(walk, node, scope, name, target, given, values)


def _of_own_name(
    walk: Walk, node: Node, scope: Scope, name: str, target: Value | None, given: Sequence[Node], values: list[Value]
) -> Value:
    """Call what no library is known to have made: a guard or a wrapper by its name, or what can be followed."""
    foreign = target is None or target.origin is not None
    if foreign and (guard := guard_named(walk, name, target)) is not None:
        if values and values[0].function is not None and guard.name == "auth":  # it says who came, and lets all pass
            return replace(
                values[0], wrapper=f"auth in line {syntax.line(node)}",
                given=(Value(members={"auth": RESULTS[GuardStyle.VALUE]}, ours=True),),
            )  # fmt: skip
        return of_guard(walk, node, guard, target, given, values)
    if foreign and name in walk.guarding.wrappers:
        return of_wrapper(walk, node, name, target, given, values)
    module = target.origin.module if target is not None and target.origin is not None else ""
    if name in STOPPING and foreign and module in {"next/navigation", ""}:
        if any(read_in(value) for value in values):
            walk.expose(node, scope, f"gives {name}() what it has read", certain=False)
        return _stop(walk, node, scope, name, given)
    if target is not None and is_assertion(target, target.origin.name if target.origin is not None else ""):
        walk.prove(values[0].true if values else Proof.NO)
        return OURS
    if foreign and (name in walk.guarding.harmless or LIMITERS.search(name)):
        return run_callbacks(walk, values, OURS)
    if COMPARING.search(name) and (found := compared_by_function(walk, node, given, values)) is not None:
        return found
    if target is not None and target.function is not None:
        return _followed(walk, node, name, target, values)
    return _of_boolean(name, target, values) or _of_unread(walk, node, scope, name, target, values)


def _of_boolean(name: str, target: Value | None, values: list[Value]) -> Value | None:
    """Give what `Boolean(value)` proves: what the value does; None for any other call."""
    if name != "Boolean" or target is not None or len(values) != 1 or values[0].passes is not None:
        return None
    return tainted(Value(true=values[0].true, false=values[0].false, ours=True, undefined=True), values)


def is_assertion(target: Value, name: str) -> bool:
    """Say whether a function of an imported module throws where what it is given is false."""
    return target.origin is not None and name in ASSERTIONS and bool(ASSERTING.match(target.origin.module))


def _followed(walk: Walk, node: Node, name: str, target: Value, values: list[Value]) -> Value:
    """Follow a function; one that asks for something and may then refuse looks like a guard."""
    if target.function is None:
        return OURS
    if (secret := demanded(target.function, values)) is not None:
        return secret
    before = walk.proof
    given = walk.enter(walk, target.function, [*target.given, *values], node)
    settled = given.settles or given
    ways = {settled.true, given.passes, walk.proof, *(one.true for one in (settled.members or {}).values())}
    if target.origin is not None and before is Proof.NO and Proof.MAYBE in ways:
        walk.lookups.setdefault(name, target.function.module.file)
    return given


def _of_unread(walk: Walk, node: Node, scope: Scope, name: str, target: Value | None, values: list[Value]) -> Value:
    """A function whose definition is not in the folder: what its name and its module say of it."""
    module = target.origin.module if target is not None and target.origin is not None else ""
    foreign = target is None or target.origin is not None
    if module == "next/headers":
        return Value(ours=True, credential=name in {"headers", "cookies"})
    if name in REMEMBERING and module in {"react", "next/cache"} and values and values[0].function is not None:
        shared = module == "next/cache"  # it does what the function does, once: in a request, or for all of them
        return replace(values[0], function=replace(values[0].function, remembered=shared))
    if STORES.fullmatch(name):
        return of_store(walk, node, scope, (name, "query"), values)
    if EFFECT_MODULES.search(module):
        return _of_store_module(walk, node, scope, name, module, values)
    if (foreign and name in EFFECT_CALLS) or SERVICES.fullmatch(name):
        return effect(walk, node, scope, (name,), values)
    if HARMLESS_MODULES.match(module) or (target is None and name in HARMLESS_CALLS):
        return run_callbacks(walk, values, tainted(OURS, values))
    if REFUSING.search(name) and foreign:
        return run_callbacks(walk, values, REFUSED)
    if target is not None and target.ours:
        return run_callbacks(walk, values, OURS)
    unread = target is not None and target.origin is not None and walk.proof is Proof.NO and not walk.loading
    if unread and GUARD_LIKE.search(name):
        walk.lookups.setdefault(name, module)
    result = opaque(walk, node, scope, name, values)
    return result if target is None or target.origin is None else replace(
        result, origin=target.origin, library=target.library
    )  # fmt: skip


def _of_store_module(walk: Walk, node: Node, scope: Scope, name: str, module: str, values: list[Value]) -> Value:
    """Call a function of a module of a store, which may only build a query: and(), gt()."""
    if CONDITION_MODULES.match(module) and name not in STORE_MAKERS:
        return run_callbacks(walk, values, tainted(OURS, values))
    return of_store(walk, node, scope, (name,), values)


def _stop(walk: Walk, node: Node, scope: Scope, name: str, given: Sequence[Node]) -> Value:
    """End the handler by what Next.js throws; what is reached behind a guard is noted."""
    leads = name in {"redirect", "permanentRedirect"} and given and not leads_to_sign_in(given[0])
    if leads and (syntax.string(given[0]) is None or walk.proof is Proof.YES):
        walk.expose(node, scope, f"leads to what {name}() is given", certain=False)
    walk.proof = None
    return NOTHING
