"""Functions and classes that are written out, and the package of an import. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.audit.source.analysis import syntax
from prober.audit.source.analysis.values import Class, Function, Proof, Scope, Value

if TYPE_CHECKING:
    from tree_sitter import Node

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
