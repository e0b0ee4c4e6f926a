"""Classes of the source: what `new` makes of one, whose constructor runs and whose methods are followed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from prober.audit.source.analysis import syntax
from prober.audit.source.analysis.declarations import function_of
from prober.audit.source.analysis.effects import run_callbacks, tainted
from prober.audit.source.analysis.names import look_up
from prober.audit.source.analysis.responses import by_value, of_response
from prober.audit.source.analysis.router_calls import of_routing
from prober.audit.source.analysis.values import OPAQUE, OTHER, OURS, Proof, Scope, Shape, Value
from prober.audit.source.known_names import HARMLESS_CLASSES, HARMLESS_MODULES

if TYPE_CHECKING:
    from tree_sitter import Node

    from prober.audit.source.analysis.state import Walk
    from prober.audit.source.analysis.values import Class, Function

_DEEPEST = 6  # of classes that extend each other
_FIELDS = frozenset({"public_field_definition", "field_definition"})


def new(walk: Walk, node: Node, scope: Scope) -> Value:
    """Run a `new`: what it makes is followed, is a platform's own, or can do anything."""
    arguments = syntax.field(node, "arguments")
    given = [walk.evaluate(walk, part, scope) for part in syntax.parts(arguments)] if arguments is not None else []
    constructor = syntax.field(node, "constructor")
    name = syntax.text(constructor)
    if name in {"Response", "NextResponse"} and arguments is not None:
        return tainted(by_value(of_response(syntax.parts(arguments), "new"), given), given)
    plain = constructor is not None and constructor.type == "identifier"
    target = look_up(walk, name, scope) if plain else None
    if target is not None and target.class_ is not None:
        return instance_of(walk, target.class_, given, node)
    made = Value(ours=True, false=Proof.DEAD, secret=any(value.secret for value in given))
    module = target.origin.module if target is not None and target.origin is not None else ""
    platform = target is None and plain and name in HARMLESS_CLASSES
    if platform or HARMLESS_MODULES.match(module) or name.endswith(("Error", "Exception")):
        signs = target is not None and target.library in walk.packs and name in walk.packs[target.library or ""].signs
        return run_callbacks(walk, given, replace(made, library=target.library) if signs and target else made)
    library = target.library if target is not None else None
    pack = walk.packs.get(library) if library is not None else None
    if pack is not None and name in pack.promised and given:
        return given[0]
    if target is not None and (router := of_routing(walk, node, target, name, (), given)) is not None:
        return router
    origin = target.origin if target is not None else None
    return run_callbacks(
        walk, given, Value(shape=Shape.OPAQUE, false=Proof.DEAD, origin=origin, library=library)
    )  # fmt: skip


def instance_of(walk: Walk, class_: Class, given: list[Value], node: Node) -> Value:
    """Make an instance: its fields are given, its constructor runs, its methods can be called."""
    members: dict[str, Value] = {}
    instance = Value(members=members, false=Proof.DEAD)
    lineage = _lineage(walk, class_)
    if lineage[-1] is None:
        members["*"] = OPAQUE
    for one in reversed([one for one in lineage if one is not None]):
        scope = _scope_of(one, instance)
        scope.names["super"] = Value(members=dict(members), false=Proof.DEAD)
        _give_members(walk, one, members, scope, static=False)
    constructor = members.pop("constructor", None)
    if constructor is not None and constructor.function is not None:
        _give_parameters(walk, constructor.function, given, members)
        walk.enter(walk, constructor.function, given, node)
    return instance


def _scope_of(class_: Class, instance: Value) -> Scope:
    """Make the scope in which a class's methods know their instance."""
    return Scope(module=class_.scope.module, parent=class_.scope, names={"this": instance})


def static_member(walk: Walk, class_: Class, name: str) -> Value:
    """Give a static member of a class, which has no instance."""
    members: dict[str, Value] = {}
    _give_members(walk, class_, members, _scope_of(class_, Value(class_=class_)), static=True)
    return members.get(name, OPAQUE)


def _lineage(walk: Walk, class_: Class) -> list[Class | None]:
    """Give a class and those that it extends; None at the end where one of them cannot be followed."""
    found: list[Class | None] = [class_]
    while (last := found[-1]) is not None and len(found) <= _DEEPEST:
        heritage = next((child for child in last.node.named_children if child.type == "class_heritage"), None)
        extended = _extended(heritage)
        if extended is None:
            return found
        base = walk.evaluate(walk, extended, last.scope)
        if syntax.text(extended) in HARMLESS_CLASSES or syntax.text(extended).endswith("Error"):
            return found
        found.append(base.class_)
    return found


def _extended(heritage: Node | None) -> Node | None:
    if heritage is None:
        return None
    for part in syntax.parts(heritage):
        if part.type == "extends_clause":
            return syntax.field(part, "value")
        if part.type != "implements_clause":
            return part
    return None


def _give_members(walk: Walk, class_: Class, members: dict[str, Value], scope: Scope, *, static: bool) -> None:
    body = syntax.field(class_.node, "body")
    for part in syntax.parts(body) if body is not None else []:
        words = {child.type for child in part.children}
        if ("static" in words) is not static:
            continue
        name = syntax.text(syntax.field(part, "name") or syntax.field(part, "property"))
        if part.type == "method_definition":
            members[name] = OPAQUE if "get" in words else function_of(part, scope) or OTHER
        elif part.type in _FIELDS:
            value = syntax.field(part, "value")
            members[name] = walk.evaluate(walk, value, scope) if value is not None else OTHER


def _give_parameters(walk: Walk, constructor: Function, given: list[Value], members: dict[str, Value]) -> None:
    """Give the fields that a constructor's parameters declare: constructor(private db: Database)."""
    parameters = syntax.field(constructor.node, "parameters")
    for index, part in enumerate(syntax.parts(parameters) if parameters is not None else []):
        pattern = syntax.field(part, "pattern")
        if pattern is not None and any(child.type in {"accessibility_modifier", "readonly"} for child in part.children):
            default = syntax.field(part, "value") if index >= len(given) else None
            value = walk.evaluate(walk, default, constructor.scope) if default is not None else OURS
            members[syntax.text(pattern)] = given[index] if index < len(given) else value
