"""Checks whether code tests that a secret is set before comparing it: an unset one compares as 'undefined'."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from typing import TYPE_CHECKING

from prober.audit.source.analysis import syntax

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tree_sitter import Node

    from prober.audit.source.analysis.state import Walk

_NAMES = frozenset({"identifier", "member_expression", "subscript_expression"})
_ORDERS = frozenset({"<", ">", "<=", ">="})
_EQUALS = frozenset({"===", "==", "!==", "!="})
_ASSERTS = ("assert", "invariant", "ensure", "require")


def is_checked(walk: Walk, secret: Node, before: Node) -> bool:
    """Say whether a secret is tested before it is compared here: by a function on the call stack, or at load time."""
    for depth, function in enumerate(walk.inside, start=1):  # where the next one is called, at the end where it is now
        place = before if depth == len(walk.inside) else walk.sites.get(depth + 1)
        if place is not None and is_asked_for(secret, place, function.node):
            return True
    return bool(walk.inside) and not _set_at_load(walk.inside[-1].module.root).isdisjoint(secret_names(secret))


def is_given(walk: Walk, sent: Node, before: Node) -> bool:
    """Say whether what a client sends is tested to be there before it is compared: it does not equal what is unset."""
    sent = syntax.bare(sent)
    return sent.type == "identifier" and bool(walk.inside) and is_asked_for(sent, before, walk.inside[-1].node)


@lru_cache(maxsize=64)
def _set_at_load(root: Node) -> frozenset[str]:
    """Give the names without which a module does not load: if (!secret) throw."""
    checks = [statement for statement in syntax.parts(root) if statement.type == "if_statement"]
    return frozenset(name for check in checks for name in names_set_after(check))


def is_asked_for(secret: Node, before: Node, inside: Node) -> bool:
    """Say whether code returns if a secret is missing, or skips the comparison."""
    checks = _checks_in(inside)
    return any(checks.holds(name, before) for name in set(secret_names(secret)))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Spans:
    """Pieces of code in which a name is known to be set, by where they begin."""

    starts: tuple[int, ...]
    farthest: tuple[int, ...]  # the farthest end of those that begin here or before

    def hold(self, node: Node) -> bool:
        """Say whether one of them holds a node."""
        index = bisect_right(self.starts, node.start_byte) - 1
        return index >= 0 and self.farthest[index] >= node.end_byte


@dataclass(frozen=True, slots=True, kw_only=True)
class _Checks:
    """The checks of a function, by the name that they test."""

    spans: Mapping[str, _Spans]

    def holds(self, name: str, before: Node) -> bool:
        """Say whether a name has been tested where this node is."""
        return name in self.spans and self.spans[name].hold(before)


@lru_cache(maxsize=64)
def _checks_in(inside: Node) -> _Checks:
    """Read the checks of a function once: it may compare a thousand times."""
    spans: dict[str, list[tuple[int, int]]] = {}
    for node in syntax.every(inside):
        names, held, leaves = _check_of(node)
        for name in names:
            if leaves:
                spans.setdefault(name, []).append((node.start_byte, _end_of_block(node)))
            if held is not None:
                spans.setdefault(name, []).append((held.start_byte, held.end_byte))
    return _Checks(spans={name: _spans(held) for name, held in spans.items()})


def _end_of_block(check: Node) -> int:
    """Give where the block ends in which a check stands: beyond it nobody may have come by the check."""
    node = check
    while node.parent is not None and node.parent.type in {"expression_statement", "await_expression"}:
        node = node.parent
    return node.parent.end_byte if node.parent is not None else node.end_byte


def _spans(held: list[tuple[int, int]]) -> _Spans:
    ordered = sorted(held)
    return _Spans(
        starts=tuple(start for start, _ in ordered), farthest=tuple(accumulate((end for _, end in ordered), max))
    )


def _check_of(node: Node) -> tuple[frozenset[str], Node | None, bool]:
    """Give the names that a node tests, the code that runs only where they are set, and whether it ends otherwise."""
    if node.type == "if_statement":
        condition, then = syntax.field(node, "condition"), syntax.field(node, "consequence")
        if condition is None or then is None or not (names := _tested_in(condition)):
            return frozenset(), None, False
        return names, then, _ends(then)
    if node.type == "ternary_expression":
        condition = syntax.field(node, "condition")
        return (_tested_in(condition) if condition is not None else frozenset()), node, False
    if node.type == "binary_expression" and syntax.text(syntax.field(node, "operator")) in {"&&", "||"}:
        left = syntax.field(node, "left")
        return (_tested_in(left) if left is not None else frozenset()), node, False
    if node.type == "call_expression":
        called, arguments = syntax.dotted(syntax.field(node, "function")), syntax.field(node, "arguments")
        if called and called[-1].lower().startswith(_ASSERTS) and arguments is not None:
            return frozenset(syntax.text(syntax.bare(part)) for part in syntax.parts(arguments)), None, True
    return frozenset(), None, False


def _tested_in(condition: Node) -> frozenset[str]:
    return frozenset(name for part in syntax.every(condition) for name in _tested(part))


def names_set_after(check: Node) -> Iterator[str]:
    """Give the names that are set behind an if that leaves unless they are: if (!secret || ...) return."""
    condition, then = syntax.field(check, "condition"), syntax.field(check, "consequence")
    if condition is None or then is None or not _ends(then):
        return
    waiting = [condition]
    while waiting:
        node = syntax.bare(waiting.pop())
        operator = syntax.text(syntax.field(node, "operator"))
        if node.type == "binary_expression" and operator == "||":
            waiting += [side for name in ("left", "right") if (side := syntax.field(node, name)) is not None]
        elif (node.type == "unary_expression" and operator == "!") or operator in {"===", "=="}:
            yield from _tested(node)


def secret_names(secret: Node) -> Iterator[str]:
    """Give the names of a secret in an expression: process.env.X, or a variable."""
    for node in syntax.every(secret):
        if syntax.environment_name(node) is not None or (node.type == "identifier" and syntax.text(node) != "process"):
            yield syntax.text(node)


def _ends(branch: Node) -> bool:
    return any(
        node.type in {"return_statement", "throw_statement"} for node in syntax.every(branch, into_functions=False)
    )


def _tested(node: Node) -> Iterator[str]:
    """Give what a part of a condition tests to be set."""
    if node.type == "unary_expression":
        if syntax.text(syntax.field(node, "operator")) == "!":
            yield from _named(syntax.field(node, "argument"))
    elif node.type == "parenthesized_expression":
        yield from _named(node)
    elif node.type != "binary_expression":
        if node.parent is not None and node.parent.type == "parenthesized_expression":
            yield from _named(node)
    else:
        operator, right = syntax.text(syntax.field(node, "operator")), syntax.field(node, "right")
        nothing = right is not None and syntax.text(syntax.bare(right)) in {"undefined", "null", "''", '""'}
        if operator in {"&&", "||"} or operator in _ORDERS or (operator in _EQUALS and nothing):
            yield from _named(syntax.field(node, "left"))
        if operator in {"&&", "||"}:
            yield from _named(right)


def _named(node: Node | None) -> Iterator[str]:
    """Give the name that an operand tests, also by its length, or trimmed."""
    if node is None:
        return
    node = syntax.bare(node)
    if node.type == "member_expression" and syntax.text(syntax.field(node, "property")) in {"length", "trim"}:
        yield from _named(syntax.field(node, "object"))
    elif node.type == "call_expression":
        yield from _named(syntax.field(node, "function"))
    elif node.type in _NAMES:
        yield syntax.text(node)
