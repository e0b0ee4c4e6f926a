"""Declarations: functions and classes that are written out, and what a name stands for through imports."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.audit.source.analysis import syntax
from prober.audit.source.analysis.values import Class, Function, Proof, Scope, Value

if TYPE_CHECKING:
    from tree_sitter import Node

    from prober.audit.source.analysis.module import Declared, Module
    from prober.audit.source.analysis.state import Walk

MOST_HOPS = 8  # of a name that is exported from one file to the next
CLASSES = frozenset({"class_declaration", "abstract_class_declaration", "class"})


def package_of(specifier: str) -> str | None:
    """Give the package of an import that is no file of the folder: '@clerk/nextjs' of '@clerk/nextjs/server'."""
    if specifier.startswith((".", "/", "~", "#", "@/")):
        return None
    parts = specifier.removeprefix("npm:").split("/")
    return "/".join(parts[: 2 if specifier.startswith("@") else 1])


def function_of(node: Node, scope: Scope) -> Value | None:
    """Give the value of a function that is written out."""
    if node.type not in syntax.FUNCTIONS:
        return None
    return Value(function=Function(node=node, scope=scope, asynchronous=syntax.is_async(node)), false=Proof.DEAD)


def class_of(node: Node, scope: Scope) -> Value | None:
    """Give the value of a class that is written out."""
    if node.type not in CLASSES:
        return None
    return Value(class_=Class(node=node, scope=scope), false=Proof.DEAD)


def declared(walk: Walk, scope: Scope, name: str) -> tuple[Module, Declared] | None:
    """Give the declaration of a name that a file uses, through its imports; None where that is not in the folder."""
    module: Module | None = scope.module
    for _ in range(MOST_HOPS):
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
