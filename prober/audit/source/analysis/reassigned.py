"""Names of a module that are given something else later, and objects that are changed: nobody knows what they hold."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from prober.audit.source.analysis import syntax
from prober.audit.source.analysis.values import OPAQUE, Proof, Value

if TYPE_CHECKING:
    from tree_sitter import Node

    from prober.audit.source.analysis.module import Module

_ASSIGNMENTS = ("assignment_expression", "augmented_assignment_expression")
_CHANGING = frozenset({
    ("Object", "assign"), ("Object", "defineProperty"), ("Object", "defineProperties"), ("Object", "setPrototypeOf"),
    ("Reflect", "set"),
})  # fmt: skip
_ANY, _WHOLE = "*", ""  # any member; the name itself


def given_later(module: Module, name: str, value: Value) -> Value:
    """Give what is known of a module's own name, whatever else the file gives to it, or to a member of it."""
    if module.changes is None:
        module.changes = _changes_of(module)
    changed = module.changes.get(name)
    if changed is None:
        return value
    if value.class_ is not None:
        return OPAQUE if changed & {_WHOLE, _ANY, "prototype", *_methods_of(value.class_.node)} else value
    if value.certain and _WHOLE in changed:  # a secret that was demanded, before it was another
        value = replace(value, certain=False)
    acts = _acts(value) or any(_acts(one) or one.certain for one in (value.members or {}).values())
    if not acts:
        return value
    if _WHOLE in changed:
        return OPAQUE
    if value.members is None:
        return value
    if _ANY in changed:
        return replace(value, members={_ANY: OPAQUE})
    return replace(value, members={**value.members, **dict.fromkeys(changed, OPAQUE)})


def _acts(value: Value) -> bool:
    return value.function is not None or value.wrapped is not Proof.NO or value.chain is not None


def _methods_of(class_: Node) -> set[str]:
    body = syntax.field(class_, "body")
    return {syntax.text(syntax.field(part, "name")) for part in syntax.parts(body)} if body is not None else set()


def _changes_of(module: Module) -> dict[str, set[str]]:
    """Give the module's names that are changed, each with the members that are given to it."""
    found: dict[str, set[str]] = {}
    for node in module.nodes(*_ASSIGNMENTS):
        left = syntax.bare(syntax.field(node, "left") or node)
        if left.type == "identifier":
            found.setdefault(syntax.text(left), set()).add(_WHOLE)
        elif left.type in {"member_expression", "subscript_expression"}:
            chain = syntax.dotted(left)
            name = chain[0] if chain else _root_of(left)
            found.setdefault(name, set()).add(chain[1] if len(chain) > 1 else _ANY)
    for node in module.nodes("call_expression"):
        arguments = syntax.field(node, "arguments")
        if arguments is not None and syntax.dotted(syntax.field(node, "function")) in _CHANGING:
            chain = syntax.dotted(next(iter(syntax.parts(arguments)), None))
            found.setdefault(chain[0] if chain else "", set()).add("prototype" if len(chain) > 1 else _ANY)
    return {
        name: changed - ({_WHOLE} if module.is_fixed(name) else set())
        for name, changed in found.items()
        if name in module.declared
    }


def _root_of(node: Node) -> str:
    """Give the name at the beginning of what is written to: o of o[key]."""
    end: Node | None = node
    while end is not None and end.type in {"member_expression", "subscript_expression"}:
        end = syntax.field(end, "object")
    return syntax.text(end)
