"""What a condition says of names: which of them are set where it is true, and where it is not. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.audit.source.analysis import syntax
from prober.audit.source.known_names import STOPPING

if TYPE_CHECKING:
    from tree_sitter import Node

_NAMES = frozenset({"identifier", "member_expression", "subscript_expression"})
_ORDERS = frozenset({"<", ">", "<=", ">="})
_EQUAL = {"===": True, "==": True, "!==": False, "!=": False}
_LEAVING = frozenset({"return_statement", "throw_statement", "break_statement", "continue_statement"})


def names_set(condition: Node, *, true: bool) -> frozenset[str]:
    """Give the names that hold something wherever a condition is true, or wherever it is not."""
    node = syntax.bare(condition)
    if node.type == "unary_expression":
        argument = syntax.field(node, "argument")
        negated = syntax.text(syntax.field(node, "operator")) == "!"
        return names_set(argument, true=not true) if negated and argument is not None else frozenset()
    if node.type == "binary_expression":
        left, right = syntax.field(node, "left"), syntax.field(node, "right")
        operator = syntax.text(syntax.field(node, "operator"))
        return _of_operator(operator, left, right, true=true) if left is not None and right is not None else frozenset()
    if node.type == "call_expression" and syntax.text(syntax.field(node, "function")) == "Boolean":
        arguments = syntax.field(node, "arguments")
        given = syntax.parts(arguments) if arguments is not None else []
        return names_set(given[0], true=true) if given else frozenset()
    return _named(node) if true else frozenset()


def _of_operator(operator: str, left: Node, right: Node, *, true: bool) -> frozenset[str]:
    if operator in {"&&", "||"}:
        first, second = names_set(left, true=true), names_set(right, true=true)
        return first | second if (operator == "&&") == true else first & second
    if operator in _ORDERS:  # of a length: where the name holds nothing, it throws, or behind ?. it is false
        return _named(left) if true or _is_read_of(left) else frozenset()
    if operator not in _EQUAL:
        return frozenset()
    nothing = {"undefined"} if len(operator) > 2 else {"undefined", "null"}  # noqa: PLR2004 - strictly
    if syntax.text(syntax.bare(right)) in nothing:
        return _named(left) if _EQUAL[operator] != true else frozenset()
    typed = syntax.bare(left)
    asked = syntax.field(typed, "argument") if syntax.text(syntax.field(typed, "operator")) == "typeof" else None
    if asked is not None and syntax.string(right) == "string":
        return _named(asked) if _EQUAL[operator] == true else frozenset()
    return _named(left) if syntax.number(right) is not None and _is_read_of(left) else frozenset()


def _is_read_of(node: Node) -> bool:
    """Say whether a member is read without ?., which throws where there is nothing to read it of."""
    node = syntax.bare(node)
    return node.type == "member_expression" and not any(child.type == "optional_chain" for child in node.children)


def _named(node: Node | None) -> frozenset[str]:
    """Give the name that an operand tests, also by its length, or trimmed."""
    if node is None:
        return frozenset()
    node = syntax.bare(node)
    if node.type == "member_expression" and syntax.text(syntax.field(node, "property")) in {"length", "trim"}:
        return _named(syntax.field(node, "object"))
    if node.type == "call_expression":
        return _named(syntax.field(node, "function"))
    return frozenset({syntax.text(node)}) if node.type in _NAMES else frozenset()


def leaves(branch: Node) -> bool:
    """Say whether what follows a branch is never reached from it."""
    if branch.type in _LEAVING:
        return True
    if branch.type in {"statement_block", "else_clause"}:
        return any(leaves(part) for part in syntax.parts(branch))
    if branch.type == "if_statement":
        ways = [syntax.field(branch, name) for name in ("consequence", "alternative")]
        return all(way is not None and leaves(way) for way in ways)
    if branch.type == "expression_statement":
        called = syntax.dotted(syntax.field(syntax.bare(syntax.parts(branch)[0]), "function"))
        return bool(called) and (called == ("process", "exit") or (len(called) == 1 and called[0] in STOPPING))
    return False
