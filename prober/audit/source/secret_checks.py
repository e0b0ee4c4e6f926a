"""Checks whether code tests that a secret is set before comparing it: an unset one compares as 'undefined'."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from typing import TYPE_CHECKING

from prober.audit.source.analysis import syntax
from prober.audit.source.set_names import leaves, names_set

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tree_sitter import Node

    from prober.audit.source.analysis.state import Walk

_JOINS = frozenset({"&&", "||"})
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
        for names, start, end in _checks_of(node):
            for name in names:
                spans.setdefault(name, []).append((start, end))
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


def _checks_of(node: Node) -> Iterator[tuple[frozenset[str], int, int]]:
    """Give the names that a node shows to be set, and where the code begins and ends in which they are."""
    if node.type in {"if_statement", "ternary_expression"}:
        condition, then, other = (syntax.field(node, name) for name in ("condition", "consequence", "alternative"))
        if condition is None or then is None:
            return
        set_then, set_otherwise = names_set(condition, true=True), names_set(condition, true=False)
        yield set_then, then.start_byte, then.end_byte
        if other is not None:
            yield set_otherwise, other.start_byte, other.end_byte
        if leaves(then):
            yield set_otherwise, node.end_byte, _end_of_block(node)
        if other is not None and leaves(other):
            yield set_then, node.end_byte, _end_of_block(node)
    elif node.type == "binary_expression" and (operator := syntax.text(syntax.field(node, "operator"))) in _JOINS:
        left, right = syntax.field(node, "left"), syntax.field(node, "right")
        if left is not None and right is not None:
            yield names_set(left, true=operator == "&&"), right.start_byte, right.end_byte
    elif node.type == "call_expression":
        called, arguments = syntax.dotted(syntax.field(node, "function")), syntax.field(node, "arguments")
        if called and called[-1].lower().startswith(_ASSERTS) and arguments is not None:
            given = [syntax.bare(part) for part in syntax.parts(arguments)]
            names = {syntax.text(part) for part in given} | (names_set(given[0], true=True) if given else set())
            yield frozenset(names), node.start_byte, _end_of_block(node)


def names_set_after(check: Node) -> frozenset[str]:
    """Give the names that are set behind an if that leaves unless they are: if (!secret || ...) return."""
    condition, then = syntax.field(check, "condition"), syntax.field(check, "consequence")
    if condition is None or then is None or not leaves(then):
        return frozenset()
    return names_set(condition, true=False)


def secret_names(secret: Node) -> Iterator[str]:
    """Give the names of a secret in an expression: process.env.X, or a variable."""
    for node in syntax.every(secret):
        if syntax.environment_name(node) is not None or (node.type == "identifier" and syntax.text(node) != "process"):
            yield syntax.text(node)
