"""Checks whether code tests that a secret is set before comparing it: an unset one compares as 'undefined'."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.audit.source.analysis import syntax

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from prober.audit.source.analysis.state import Walk

_ORDERS = frozenset({"<", ">", "<=", ">="})
_EQUALS = frozenset({"===", "==", "!==", "!="})
_ASSERTS = ("assert", "invariant", "ensure", "require")


def is_checked(walk: Walk, secret: Node, before: Node) -> bool:
    """Say whether one of the functions on the call stack tests a secret before it is compared here."""
    return any(is_asked_for(secret, before, function.node) for function in walk.inside)


def is_asked_for(secret: Node, before: Node, inside: Node) -> bool:
    """Say whether code returns if a secret is missing, or skips the comparison."""
    names = set(secret_names(secret))
    return any(_asks(node, names, before) for node in syntax.every(inside))


def secret_names(secret: Node) -> Iterator[str]:
    """Give the names of a secret in an expression: process.env.X, or a variable."""
    for node in syntax.every(secret):
        if syntax.environment_name(node) is not None or (node.type == "identifier" and syntax.text(node) != "process"):
            yield syntax.text(node)


def _asks(node: Node, names: set[str], before: Node) -> bool:
    if node.start_byte > before.end_byte:
        return False
    if node.type == "if_statement":
        condition, then = syntax.field(node, "condition"), syntax.field(node, "consequence")
        if condition is None or then is None or not any(_tests(part, names) for part in syntax.every(condition)):
            return False
        return _holds(then, before) or _ends(then)
    if node.type == "ternary_expression":
        condition = syntax.field(node, "condition")
        return condition is not None and _holds(node, before) and any(_tests(n, names) for n in syntax.every(condition))
    if node.type == "binary_expression" and syntax.text(syntax.field(node, "operator")) in {"&&", "||"}:
        left = syntax.field(node, "left")
        return left is not None and _holds(node, before) and any(_tests(part, names) for part in syntax.every(left))
    if node.type == "call_expression":
        called, arguments = syntax.dotted(syntax.field(node, "function")), syntax.field(node, "arguments")
        if called and called[-1].lower().startswith(_ASSERTS) and arguments is not None:
            return any(syntax.text(syntax.bare(part)) in names for part in syntax.parts(arguments))
    return False


def _holds(outer: Node, inner: Node) -> bool:
    return outer.start_byte <= inner.start_byte and inner.end_byte <= outer.end_byte


def _ends(branch: Node) -> bool:
    return any(
        node.type in {"return_statement", "throw_statement"} for node in syntax.every(branch, into_functions=False)
    )


def _tests(node: Node, names: set[str]) -> bool:
    """Say whether a part of a condition tests that one of these is set."""
    if node.type == "unary_expression":
        return syntax.text(syntax.field(node, "operator")) == "!" and _is_one(syntax.field(node, "argument"), names)
    if node.type == "parenthesized_expression":
        return _is_one(node, names)
    if node.type != "binary_expression":
        return _is_one(node, names) and node.parent is not None and node.parent.type == "parenthesized_expression"
    operator, right = syntax.text(syntax.field(node, "operator")), syntax.field(node, "right")
    if operator in {"&&", "||"}:
        return _is_one(syntax.field(node, "left"), names) or _is_one(right, names)
    if operator in _EQUALS:
        nothing = right is not None and syntax.text(syntax.bare(right)) in {"undefined", "null", "''", '""'}
        return nothing and _is_one(syntax.field(node, "left"), names)
    return operator in _ORDERS and _is_one(syntax.field(node, "left"), names)


def _is_one(node: Node | None, names: set[str]) -> bool:
    if node is None:
        return False
    node = syntax.bare(node)
    if node.type == "member_expression" and syntax.text(syntax.field(node, "property")) in {"length", "trim"}:
        return _is_one(syntax.field(node, "object"), names)
    if node.type == "call_expression":
        return _is_one(syntax.field(node, "function"), names)
    return syntax.text(node) in names
