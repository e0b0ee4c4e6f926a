"""Statements, on every way through them: where guards are passed, and what is reached before them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from prober.audit.source.analysis import syntax
from prober.audit.source.analysis.declarations import class_of
from prober.audit.source.analysis.expressions import evaluate
from prober.audit.source.analysis.joins import worst
from prober.audit.source.analysis.loops import (
    FUNCTION_DECLARATIONS,
    do,
    for_in,
    labelled,
    leave,
    loop,
    run_all,
    switch,
)
from prober.audit.source.analysis.names import bind
from prober.audit.source.analysis.operators import note_vacuous
from prober.audit.source.analysis.state import ReturnValue, Walk
from prober.audit.source.analysis.values import NOTHING, OTHER, OURS, UNDEFINED, GuardStyle, Proof, Scope
from prober.audit.source.secret_checks import names_set_after

if TYPE_CHECKING:
    from collections.abc import Callable

    from tree_sitter import Node


def statement(walk: Walk, node: Node, scope: Scope) -> None:
    """Run a statement."""
    if walk.proof is None:  # no way leads here
        return
    read = _STATEMENTS.get(node.type)
    if read is not None:
        read(walk, node, scope)
    elif node.type not in FUNCTION_DECLARATIONS:
        for part in syntax.parts(node):
            value = evaluate(walk, part, scope)
            if (
                value.router is not None
                and (name := syntax.root_name(part))
                and (holder := scope.find(name)) is not None
            ):
                holder.names[name] = value  # app.get('/notes', handler) adds to app


def _block(walk: Walk, node: Node, scope: Scope) -> None:
    run_all(walk, syntax.parts(node), scope.inner())


def _declaration(walk: Walk, node: Node, scope: Scope) -> None:
    for declarator in syntax.parts(node):
        pattern, value = syntax.field(declarator, "name"), syntax.field(declarator, "value")
        if declarator.type == "variable_declarator" and pattern is not None:
            bind(walk, pattern, evaluate(walk, value, scope) if value is not None else NOTHING, scope)


def _return(walk: Walk, node: Node, scope: Scope) -> None:
    given = syntax.parts(node)
    value = evaluate(walk, given[0], scope) if given and not syntax.is_empty(given[0]) else UNDEFINED
    if walk.proof is not None:
        walk.returned.append(
            ReturnValue(proof=walk.proof, value=value, line=syntax.line(node), caught=walk.catching > 0)
        )  # fmt: skip
    walk.proof = None


def _throw(walk: Walk, node: Node, scope: Scope) -> None:
    for part in syntax.parts(node):
        evaluate(walk, part, scope)
    walk.proof = None


def _class(walk: Walk, node: Node, scope: Scope) -> None:  # noqa: ARG001 - what it holds runs when it is called
    scope.names[syntax.text(syntax.field(node, "name"))] = class_of(node, scope) or OTHER


def _if(walk: Walk, node: Node, scope: Scope) -> None:
    condition, then, other = (syntax.field(node, name) for name in ("condition", "consequence", "alternative"))
    if condition is None or then is None:
        return
    value = evaluate(walk, condition, scope)
    note_vacuous(walk, condition, value)
    constant = syntax.text(syntax.bare(condition))
    true, false = value.true, value.false
    if value.style in {GuardStyle.UNSEEN, GuardStyle.RESPONSE} and _gives_back(then, constant):
        true, false = Proof.NO, Proof.YES  # what it returns is the guard's own refusal
    before = walk.proof
    _branch(walk, then, scope, before if constant != "false" else None, true)
    after = walk.proof
    if other is not None:
        _branch(walk, syntax.parts(other)[0], scope, before if constant != "true" else None, false)
    else:
        walk.proof = before if constant != "true" else None
        walk.prove(false)
    walk.proof = worst(after, walk.proof)
    for name in names_set_after(node):
        holder = scope.find(name)
        if holder is not None and holder.names[name].secret:
            holder.names[name] = replace(holder.names[name], certain=True)


def _branch(walk: Walk, node: Node, scope: Scope, before: Proof | None, proven: Proof) -> None:
    walk.proof = before
    walk.prove(proven)
    statement(walk, node, scope)


def _gives_back(then: Node, name: str) -> bool:
    for node in syntax.every(then, into_functions=False):
        if node.type == "return_statement":
            given = syntax.parts(node)
            return bool(given) and syntax.text(syntax.bare(given[0])) == name
    return False


def _try(walk: Walk, node: Node, scope: Scope) -> None:
    body, handler, last = (syntax.field(node, name) for name in ("body", "handler", "finalizer"))
    before = walk.proof
    if body is not None:
        statement(walk, body, scope)
    if handler is not None:
        # It may have been thrown before anything was proven.
        after, walk.proof = walk.proof, before
        inner = scope.inner()
        parameter, caught = syntax.field(handler, "parameter"), syntax.field(handler, "body")
        if parameter is not None:
            bind(walk, parameter, OURS, inner)
        walk.catching += 1
        if caught is not None:
            statement(walk, caught, inner)
        walk.catching -= 1
        walk.proof = worst(after, walk.proof)
    if last is not None:
        after, walk.proof = walk.proof, before
        for part in syntax.parts(last):
            statement(walk, part, scope)
        walk.proof = None if walk.proof is None else after


_STATEMENTS: dict[str, Callable[[Walk, Node, Scope], None]] = {
    "statement_block": _block,
    "lexical_declaration": _declaration,
    "variable_declaration": _declaration,
    "using_declaration": _declaration,
    "return_statement": _return,
    "throw_statement": _throw,
    "if_statement": _if,
    "try_statement": _try,
    "for_statement": loop,
    "while_statement": loop,
    "for_in_statement": for_in,
    "do_statement": do,
    "break_statement": leave,
    "continue_statement": leave,
    "labeled_statement": labelled,
    "switch_statement": switch,
    "class_declaration": _class,
    "abstract_class_declaration": _class,
    "empty_statement": lambda walk, node, scope: None,  # noqa: ARG005
    "type_alias_declaration": lambda walk, node, scope: None,  # noqa: ARG005
    "interface_declaration": lambda walk, node, scope: None,  # noqa: ARG005
    "enum_declaration": lambda walk, node, scope: None,  # noqa: ARG005
}
