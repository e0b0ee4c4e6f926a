"""Statements, on every way through a function: where guards are passed, and what is reached before them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from prober.audit.source.analysis import syntax
from prober.audit.source.analysis.conditional import is_generator, not_begun
from prober.audit.source.analysis.declarations import class_of
from prober.audit.source.analysis.expressions import evaluate
from prober.audit.source.analysis.joins import of_anybody, of_cases, worst
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
from prober.audit.source.analysis.module import directives
from prober.audit.source.analysis.names import bind
from prober.audit.source.analysis.operators import note_vacuous
from prober.audit.source.analysis.parameters import bind_parameters, patterns_of
from prober.audit.source.analysis.state import (
    ALMOST_ALL,
    MOST_DEPTH,
    KnownTooLargeError,
    ReturnValue,
    TooLargeError,
    Walk,
)
from prober.audit.source.analysis.values import (
    NOTHING,
    OPAQUE,
    OTHER,
    OURS,
    UNDEFINED,
    Function,
    GuardStyle,
    Proof,
    Scope,
    Value,
)
from prober.audit.source.secret_checks import names_set_after

if TYPE_CHECKING:
    from collections.abc import Callable

    from tree_sitter import Node


def run(walk: Walk, function: Function, arguments: list[Value]) -> list[ReturnValue]:
    """Walk through a function from where the walk is, and give what it returns.

    One that took all the steps of a handler is too large for every other handler, and is not tried again; neither is
    one that calls it.
    """
    comparable = walk.proof is Proof.NO and function.scope.parent is None and not any(one.function for one in arguments)
    if comparable and function.key in walk.too_large:
        raise KnownTooLargeError
    before = walk.steps
    try:
        return _run(walk, function, arguments)
    except TooLargeError as error:
        known = isinstance(error, KnownTooLargeError)
        if comparable and (known or walk.steps - before >= ALMOST_ALL * walk.most_steps):
            walk.too_large.add(function.key)
        raise


def _run(walk: Walk, function: Function, arguments: list[Value]) -> list[ReturnValue]:
    scope = Scope(module=function.scope.module, parent=function.scope, shared=walk.loading > 0)
    bind_parameters(walk, function.node, arguments, scope)
    kept = (walk.returned, walk.leaving, walk.catching)
    walk.returned, walk.leaving, walk.catching = [], [], 0
    walk.inside.append(function)
    body = syntax.field(function.node, "body")
    if body is not None and body.type != "statement_block":
        value = evaluate(walk, body, scope)
        if walk.proof is not None:
            walk.returned.append(ReturnValue(proof=walk.proof, value=value, line=syntax.line(body), caught=False))
    elif body is not None:
        _block(walk, body, scope)
        if walk.proof is not None:
            last = body.end_point[0] + 1
            walk.returned.append(ReturnValue(proof=walk.proof, value=UNDEFINED, line=last, caught=False))
    walk.left = [scope.names.get(syntax.text(pattern)) for pattern in patterns_of(function.node)]
    found = walk.returned
    walk.sites.pop(len(walk.inside), None)
    walk.inside.pop()
    walk.returned, walk.leaving, walk.catching = kept
    return found


def enter(walk: Walk, function: Function, arguments: list[Value], node: Node) -> Value:
    """Follow a call, and give what it comes to; what a promise would prove is proven when it is awaited."""
    if any(other.scope is function.scope and other.key == function.key for other in walk.inside):
        if any(value.function is not None for value in arguments):
            walk.expose(node, function.scope, "calls itself with another function", certain=False)
        return OTHER  # what it does is seen where it began
    if len(walk.inside) > MOST_DEPTH:
        walk.expose(node, function.scope, "calls deeper than can be followed", certain=False)
        return OPAQUE
    before = walk.proof
    alone = before is Proof.YES and function.scope.parent is None and not any(value.function for value in arguments)
    if alone and function.key in walk.followed:  # all is proven already, and what else it does is known
        mutates, validates = walk.followed[function.key]
        walk.mutates, walk.validates = walk.mutates or mutates, walk.validates or validates
        return Value(passes=Proof.YES, settles=OTHER) if function.asynchronous else OTHER
    kept = (walk.mutates, walk.validates)
    walk.mutates = walk.validates = False
    walk.sites[len(walk.inside) + 1] = node
    found = run(walk, function, arguments)
    if alone:
        walk.followed[function.key] = (walk.mutates, walk.validates)
    walk.mutates, walk.validates = walk.mutates or kept[0], walk.validates or kept[1]
    proven, value = _given(function, found)
    if is_generator(function.node):
        return not_begun(walk, before)
    promises = function.asynchronous or any(one.value.passes is not None for one in found)
    if promises:
        walk.proof = before
        return Value(passes=proven, settles=value, ours=value.ours)
    walk.proof = None if not found else worst(before, proven) if before is None else max(before, proven)
    return value


def _given(function: Function, found: list[ReturnValue]) -> tuple[Proof, Value]:
    """Give what is proven once a function has come back, and what it gives."""
    cases = [(one.proof, replace(one.value, caught=True) if one.caught else one.value) for one in found]
    for index, (sure, value) in enumerate(cases):
        if value.passes is not None:  # a function that returns a promise is as good as one that awaits it
            cases[index] = (max(sure, value.passes), value.settles or OTHER)
    proven, whole = of_cases(cases)
    if function.remembered or "use cache" in _directives(function.node):
        return min(proven, Proof.MAYBE), of_anybody(whole)
    return proven, whole


def _directives(function: Node) -> list[str]:
    body = syntax.field(function, "body")
    return directives(body) if body is not None and body.type == "statement_block" else []


# --- statements -------------------------------------------------------------------------------------------------------
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
