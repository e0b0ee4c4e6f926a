"""How a guard says no, read in its own definition: a name is no proof that it refuses anybody."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.audit.source.analysis import syntax
from prober.audit.source.analysis.responses import of_response
from prober.audit.source.analysis.values import GuardStyle, Shape
from prober.audit.source.known_names import BAD, REFUSING, STOPPING
from prober.model import Refusal

if TYPE_CHECKING:
    from tree_sitter import Node

    from prober.audit.source.analysis.state import Walk
    from prober.audit.source.analysis.values import Function

OF_REFUSAL = {Refusal.THROWS: GuardStyle.THROWS, Refusal.NULL: GuardStyle.VALUE, Refusal.RESPONSE: GuardStyle.DENIAL}
_MAKING = frozenset({"json", "redirect", "error", "rewrite", "next"})
_BRANCHES = frozenset({"if_statement", "ternary_expression", "switch_statement", "try_statement", "throw_statement"})


def style_of(walk: Walk, function: Function) -> GuardStyle:
    """Say how a function that is called a guard tells that it refuses."""
    if function.key not in walk.styles:
        walk.styles[function.key] = _read(walk, function)
    return walk.styles[function.key]


def _read(walk: Walk, function: Function) -> GuardStyle:
    body = syntax.field(function.node, "body")
    if body is None:
        return GuardStyle.UNSEEN
    nodes = list(syntax.every(body, into_functions=False))
    given = _given(body, nodes)
    kinds = {_kind(node) for node in given}
    throws = any(node.type == "throw_statement" or _stops(node) for node in nodes)
    guards = [style for node in nodes if (style := _guard_in(walk, node)) is not None]
    if GuardStyle.DENIAL in kinds:
        return GuardStyle.RESPONSE if GuardStyle.UNSEEN in kinds else GuardStyle.DENIAL
    if GuardStyle.RESULT in kinds:
        return GuardStyle.RESULT
    if GuardStyle.VALUE in kinds and kinds != {GuardStyle.VALUE}:
        return GuardStyle.VALUE
    if throws or GuardStyle.THROWS in guards:
        return GuardStyle.THROWS
    if kinds == {GuardStyle.VALUE}:
        # It gives nothing on every way, or what a condition comes to.
        return (
            GuardStyle.VALUE
            if any(syntax.bare(node).type not in {"null", "undefined", "false"} for node in given)
            else GuardStyle.STUB
        )
    calls = any(node.type in {"call_expression", "new_expression"} for node in nodes)
    if not calls and not any(node.type in _BRANCHES or node.type == "binary_expression" for node in nodes):
        return GuardStyle.STUB
    return GuardStyle.VALUE if GuardStyle.VALUE in guards else GuardStyle.UNSEEN


def _given(body: Node, nodes: list[Node]) -> list[Node]:
    """Give what a function returns; the node of the return itself where that is nothing."""
    if body.type != "statement_block":
        return [body]
    found = [(syntax.parts(node) or [node])[0] for node in nodes if node.type == "return_statement"]
    return [node for one in found for node in _ends_of(one)]


def _ends_of(node: Node) -> list[Node]:
    """Give what an expression may come to: both ends of a ternary."""
    node = syntax.bare(node)
    if node.type == "ternary_expression":
        ends = [syntax.field(node, name) for name in ("consequence", "alternative")]
        return [inner for end in ends if end is not None for inner in _ends_of(end)]
    return [node]


def _kind(node: Node) -> GuardStyle:
    """Say what one return tells: nothing (VALUE), a refusal (DENIAL), an object with an error (RESULT), or a user."""
    node = syntax.bare(node)
    if node.type == "await_expression":
        return _kind(syntax.parts(node)[0])
    if node.type in {"null", "undefined", "false", "return_statement"} or syntax.text(node) == "undefined":
        return GuardStyle.VALUE
    if node.type == "binary_expression":
        return GuardStyle.UNSEEN if syntax.text(syntax.field(node, "operator")) in {"+", "-"} else GuardStyle.VALUE
    if node.type == "unary_expression" or _is_optional(node):
        return GuardStyle.VALUE
    if node.type == "object":
        keys = {
            syntax.text(syntax.field(part, "key")) if part.type == "pair" else syntax.text(part)
            for part in syntax.parts(node)
        }
        return GuardStyle.RESULT if keys & (BAD | {"ok", "success", "authorized", "allowed"}) else GuardStyle.UNSEEN
    if node.type in {"call_expression", "new_expression"} and _refuses(node):
        return GuardStyle.DENIAL
    return GuardStyle.UNSEEN


def _is_optional(node: Node) -> bool:
    return node.type in {"member_expression", "subscript_expression"} and any(
        inner.type == "optional_chain" for inner in syntax.every(node)
    )


def _refuses(node: Node) -> bool:
    """Say whether a call makes a Response that says no."""
    called = syntax.dotted(syntax.field(node, "function") or syntax.field(node, "constructor"))
    arguments = syntax.field(node, "arguments")
    if not called or arguments is None:
        return False
    if called[0] in {"Response", "NextResponse"}:
        if len(called) > 1 and called[1] not in _MAKING:
            return False
        return of_response(syntax.parts(arguments), called[1] if len(called) > 1 else "new").shape is Shape.REFUSAL
    return bool(REFUSING.search(called[-1])) and called[-1] not in STOPPING


def _stops(node: Node) -> bool:
    if node.type != "call_expression":
        return False
    called = syntax.dotted(syntax.field(node, "function"))
    return len(called) == 1 and called[0] in STOPPING


def _guard_in(walk: Walk, node: Node) -> GuardStyle | None:
    """Give how a guard that this one stands on says no, by its name."""
    if node.type != "await_expression" or (inner := syntax.parts(node))[0].type != "call_expression":
        return None
    called = syntax.dotted(syntax.field(inner[0], "function"))
    known = walk.guards.get(called[-1]) if called else None
    refusal = known[0].refusal if known else None
    return OF_REFUSAL[refusal] if refusal is not None else None


def refuses_somebody(walk: Walk, function: Function) -> bool:
    """Say whether a wrapper's definition holds anything that could refuse: a guard, a throw, a refusal."""
    for node in syntax.every(function.node):
        if node.type == "throw_statement" or _stops(node):
            return True
        if node.type in {"call_expression", "new_expression"}:
            called = syntax.dotted(syntax.field(node, "function"))
            if (called and called[-1] in walk.guards) or _refuses(node):
                return True
    return False
