"""Functions: what a call returns on every way through it, and what is proven by then."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from prober.audit.source.analysis import syntax
from prober.audit.source.analysis.conditional import is_generator, not_begun
from prober.audit.source.analysis.expressions import evaluate
from prober.audit.source.analysis.joins import of_anybody, of_cases, worst
from prober.audit.source.analysis.loops import run_all
from prober.audit.source.analysis.module import directives
from prober.audit.source.analysis.parameters import bind_parameters, patterns_of
from prober.audit.source.analysis.state import ALMOST_ALL, MOST_DEPTH, ReturnValue, TooLargeError, Walk
from prober.audit.source.analysis.values import OPAQUE, OTHER, UNDEFINED, Function, Proof, Scope, Value

if TYPE_CHECKING:
    from tree_sitter import Node


def run(walk: Walk, function: Function, arguments: list[Value]) -> list[ReturnValue]:
    """Walk through a function from where the walk is, and give what it returns.

    One that took all the steps of a handler is too large for every other handler, and is not tried again.
    """
    comparable = walk.proof is Proof.NO and function.scope.parent is None and not any(one.function for one in arguments)
    if comparable and function.key in walk.too_large:
        raise TooLargeError
    before = walk.steps
    try:
        return _returns_of(walk, function, arguments)
    except TooLargeError:
        if comparable and walk.steps - before >= ALMOST_ALL * walk.most_steps:
            walk.too_large.add(function.key)
        raise


def _returns_of(walk: Walk, function: Function, arguments: list[Value]) -> list[ReturnValue]:
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
        run_all(walk, syntax.parts(body), scope.inner())
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
