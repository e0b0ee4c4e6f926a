"""What a name means, where it is used: a local value, one of the file's own, or another module's. Follows imports."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from prober.audit.source.analysis import syntax
from prober.audit.source.analysis.conditional import perhaps
from prober.audit.source.analysis.declarations import class_of, function_of, package_of
from prober.audit.source.analysis.guard_results import of_result
from prober.audit.source.analysis.joins import merged
from prober.audit.source.analysis.reassigned import given_later
from prober.audit.source.analysis.registering import registered
from prober.audit.source.analysis.state import TooLargeError
from prober.audit.source.analysis.values import (
    NOTHING,
    OPAQUE,
    OTHER,
    OURS,
    SERVICE,
    STEPS,
    UNDEFINED,
    GuardStyle,
    Origin,
    Proof,
    Scope,
    Shape,
    Value,
)
from prober.audit.source.analysis.variables import known_variables
from prober.audit.source.known_names import BAD, SENDING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tree_sitter import Node

    from prober.audit.source.analysis.module import Declared, Module
    from prober.audit.source.analysis.state import Walk

_TELLING_LITTLE = frozenset({"message", "code", "length", "count", "status"})
_CREDENTIALS = frozenset({"headers", "cookies"})  # of a request
_MOST_HOPS = 8  # of a name that is exported from one file to the next


def look_up(walk: Walk, name: str, scope: Scope) -> Value | None:
    """Give what is known of a name; None where nothing declares it."""
    holder = scope.find(name)
    return holder.names[name] if holder is not None else of_module(walk, scope.module, name)


def declared(walk: Walk, scope: Scope, name: str) -> tuple[Module, Declared] | None:
    """Give the declaration of a name that a file uses, through its imports; None where that is not in the folder."""
    module: Module | None = scope.module
    for _ in range(_MOST_HOPS):
        if module is None or name in module.declared:
            return (module, module.declared[name]) if module is not None else None
        imported = module.imports.get(name)
        exported = module.exports.get(name)
        source = imported or (exported.source if exported is not None else None)
        if source is None:
            return None
        file = walk.project.find(source.module, of=module.file)
        module, name = walk.project.module(file) if file is not None else None, source.name
    return None


def of_module(walk: Walk, module: Module, name: str, *, hops: int = 0) -> Value | None:
    """Give what is known of a name of the file's own, also of those that it imports."""
    if name in module.values:
        return module.values[name] or OTHER  # OTHER: it is made from itself
    if name in module.imports:
        imported = module.imports[name]
        value: Value | None = of_import(walk, module, imported.module, imported.name, hops=hops)
    elif name in module.declared:
        module.values[name] = None
        try:
            value = given_later(module, name, _made(walk, module, name, module.declared[name]))
        except (TooLargeError, RecursionError):
            value = OPAQUE  # whoever needs it learns that it cannot be followed
    else:
        return None
    known = _of_load_time(value) if value is not None else None
    if known is not None and (known.inline or known.literal is not None):  # who knows what has changed it since
        known = replace(known, inline=False, literal=known.literal if module.is_fixed(name) else None)
    module.values[name] = known
    return known


def _of_load_time(value: Value) -> Value:
    """Take away what a value proves: nobody had called yet when the module was loaded."""
    if value.function is not None or value.class_ is not None or value.chain is not None:
        return value
    if value.style is None and value.passes is None and Proof.YES not in {value.true, value.false}:
        return value
    false = Proof.DEAD if value.false is Proof.DEAD else Proof.NO
    members = None if value.style is not None else value.members
    return replace(value, true=Proof.NO, false=false, style=None, passes=None, settles=None, members=members, cases=())


def of_import(walk: Walk, module: Module, specifier: str, name: str, *, hops: int = 0) -> Value:
    """Give what is known of what another module exports, and where it is from."""
    origin = Origin(module=specifier, name=name)
    file = walk.project.find(specifier, of=module.file)
    other = walk.project.module(file) if file is not None else None
    if other is None or other.broken is not None or hops > _MOST_HOPS or name == "*":
        if file is not None and (other is None or other.broken is not None):
            walk.project.needed.add(file)
            if other is not None and other.broken is not None:
                walk.project.unparsed[file] = other.broken
        return replace(OPAQUE, origin=origin, library=package_of(specifier) if file is None else None)
    value = of_export(walk, other, name, hops=hops + 1)
    return replace(value, origin=origin) if value is not None else replace(OPAQUE, origin=origin)


def opened(walk: Walk, module: Module, value: Value) -> Value:
    """Give a namespace, import * as songs, as an object of what its file exports; every other value as it is."""
    if value.origin is None or value.origin.name != "*" or value.members is not None:
        return value
    file = walk.project.find(value.origin.module, of=module.file)
    other = walk.project.module(file) if file is not None else None
    if other is None or other.broken is not None or other.stars:
        return value
    members = {name: of_import(walk, module, value.origin.module, name) for name in other.exports}
    return replace(value, members=members)


def of_export(walk: Walk, module: Module, name: str, *, hops: int = 0) -> Value | None:
    """Give what is known of a name that a file exports; None where it does not, or where that cannot be told."""
    exported = module.exports.get(name)
    if exported is None:
        for specifier in module.stars:
            file = walk.project.find(specifier, of=module.file)
            other = walk.project.module(file) if file is not None and hops <= _MOST_HOPS else None
            if other is not None and (value := of_export(walk, other, name, hops=hops + 1)) is not None:
                return value
        return None
    if exported.source is not None:
        return of_import(walk, module, exported.source.module, exported.source.name, hops=hops)
    if exported.local is not None:
        return of_module(walk, module, exported.local, hops=hops)
    return _evaluated(walk, exported.value, Scope(module=module)) if exported.value is not None else None


def _made(walk: Walk, module: Module, name: str, declared: Declared) -> Value:
    scope = Scope(module=module)
    if declared.pattern is None:
        return _evaluated(walk, declared.node, scope)
    if declared.value is None:
        return NOTHING if declared.node.type == "variable_declarator" else OPAQUE
    value = _evaluated(walk, declared.value, scope)
    bind(walk, declared.pattern, value, scope)
    made = scope.names.get(name, OTHER)
    return registered(walk, module, name, made, _evaluated) if made.router is not None else made


def _evaluated(walk: Walk, node: Node, scope: Scope) -> Value:
    """Evaluate what runs when the module is loaded: nobody has asked for anything yet, so that nothing is exposed."""
    kept = (walk.proof, walk.returned, walk.leaving, walk.catching, walk.mutates)
    walk.proof, walk.returned, walk.leaving = Proof.NO, [], []
    walk.loading += 1
    try:
        return function_of(node, scope) or class_of(node, scope) or walk.evaluate(walk, node, scope)
    finally:
        walk.proof, walk.returned, walk.leaving, walk.catching, walk.mutates = kept
        walk.loading -= 1


# --- members ----------------------------------------------------------------------------------------------------------
def member(walk: Walk, value: Value, name: str, *, optional: bool, module: Module) -> Value:
    """Give what is known of a value's member. To ask nothing for a member throws: that proves a little."""
    found = _member(walk, value, name, optional=optional, module=module)
    if found.true is Proof.NO or not (optional and (value.undefined or value.false is not Proof.DEAD)):
        return found
    return replace(found, undefined=True)


def _member(walk: Walk, value: Value, name: str, *, optional: bool, module: Module) -> Value:
    if value.members is not None:
        return _of_object(value, value.members, name)
    if value.origin is not None and value.origin.name == "*":
        return of_import(walk, module, value.origin.module, name)
    if value.style in {GuardStyle.VALUE, GuardStyle.THROWS, GuardStyle.UNSEEN} and not optional:
        walk.prove(min(value.true, Proof.MAYBE))
    if value.style is not None:
        return of_result(value, name)
    if value.secret:
        part = name == "length" or name.isdigit()  # what is left of it can be guessed
        return OURS if part else replace(value, members=None)
    if value.variables is not None:  # a request's context
        return Value(members=known_variables(value.variables), ours=True) if name == "var" else OURS
    if value.responds:
        return value
    shared = Value(
        ours=value.ours, origin=value.origin, shape=value.shape, library=value.library,
        read=None if name in BAD or name in _TELLING_LITTLE else value.read,
        store=value.store, credential=value.credential or (value.ours and name in _CREDENTIALS),
        sent=value.sent or (value.ours and name in SENDING),
        chain=value.chain, public=value.public, part=_part_of(value, name),
    )  # fmt: skip
    return replace(shared, true=value.true) if value.true else shared


def _of_object(value: Value, members: Mapping[str, Value], name: str) -> Value:
    """Give a member of an object whose members are known."""
    if name == "length" and any(one.function is not None for one in members.values()):
        return Value(part=STEPS, ours=True)  # which of the functions is meant cannot be told
    if name in members or "*" in members:
        held = members.get(name, members.get("*", OTHER))
        return held if value.inline or not (held.inline or held.literal) else replace(held, inline=False, literal=None)
    if value.inline:
        return UNDEFINED
    # It may have been given one where nobody looks: that it is missing proves nothing.
    return OURS if value.ours else Value(shape=Shape.NOTHING)


def _part_of(value: Value, name: str) -> str | None:
    """Give what a member is of what a library made; all of a client of a service is that client."""
    if value.library is None:
        return None
    return SERVICE if value.part == SERVICE else name


def bind(walk: Walk, pattern: Node, value: Value, scope: Scope) -> None:
    """Give a pattern's names what they take from a value."""
    kind = pattern.type
    if kind in {"identifier", "shorthand_property_identifier_pattern"}:
        scope.names[syntax.text(pattern)] = value
    elif kind == "object_pattern":
        for part in syntax.parts(pattern):
            _bind_part(walk, part, _rest_of(value) if part.type == "rest_pattern" else value, scope)
    elif kind == "array_pattern":
        for index, part in syntax.items(pattern):
            _bind_item(walk, part, value, index, scope)
    elif kind == "assignment_pattern":
        left, right = syntax.field(pattern, "left"), syntax.field(pattern, "right")
        if left is not None and right is not None:
            bind(walk, left, _or_default(walk, value, right, scope), scope)
    elif kind == "rest_pattern":
        for part in syntax.parts(pattern):
            bind(walk, part, value, scope)


def _or_default(walk: Walk, value: Value, default: Node, scope: Scope) -> Value:
    """Give what holds of a name that is given a default where its value is undefined: only then the default runs."""
    if value.literal == UNDEFINED.literal:
        return walk.evaluate(walk, default, scope)
    instead = perhaps(walk, default, scope)
    return merged(value, instead) if value.literal is None else value


def _bind_part(walk: Walk, part: Node, value: Value, scope: Scope) -> None:
    def of(name: str) -> Value:
        return member(walk, value, name, optional=False, module=scope.module)

    if part.type == "shorthand_property_identifier_pattern":
        scope.names[syntax.text(part)] = of(syntax.text(part))
    elif part.type == "pair_pattern":
        key, inner = syntax.field(part, "key"), syntax.field(part, "value")
        if key is not None and inner is not None:
            bind(walk, inner, of(syntax.string(key) or syntax.text(key)), scope)
    elif part.type == "object_assignment_pattern":
        left, right = syntax.field(part, "left"), syntax.field(part, "right")
        if left is not None and right is not None:
            scope.names[syntax.text(left)] = _or_default(walk, of(syntax.text(left)), right, scope)
    else:
        bind(walk, part, value, scope)


def _rest_of(value: Value) -> Value:
    """Give an object of what is left of a value: plain data, that is always there and proves nothing."""
    return Value(
        ours=value.ours or value.style is not None, false=Proof.DEAD, read=value.read, credential=value.credential
    )  # fmt: skip


def _bind_item(walk: Walk, part: Node, value: Value, index: int, scope: Scope) -> None:
    if part.type == "rest_pattern":
        bind(walk, part, _rest_of(value), scope)
    elif value.members is not None:
        bind(walk, part, value.members.get(str(index), OTHER), scope)
    elif value.store:
        bind(walk, part, replace(value, cases=()), scope)
    elif value.style is not None and part.type == "identifier":
        bind(walk, part, of_result(replace(value, style=GuardStyle.RESULT), syntax.text(part)), scope)
    else:
        bind(walk, part, Value(ours=value.ours, shape=value.shape), scope)
