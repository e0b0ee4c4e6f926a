"""Runs a route of a router as its library does: the context is made, each middleware in turn, then the handler."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from prober.audit.source.analysis.exposed_returns import expose_return
from prober.audit.source.analysis.functions import run
from prober.audit.source.analysis.joins import of_cases
from prober.audit.source.analysis.responses import of_status
from prober.audit.source.analysis.routers import Convention
from prober.audit.source.analysis.state import ReturnValue
from prober.audit.source.analysis.values import OTHER, OURS, REFUSED, GuardKind, GuardStyle, Proof, Shape, Value
from prober.audit.source.analysis.variables import Variables

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tree_sitter import Node

    from prober.audit.source.analysis.routers import Endpoint, Served
    from prober.audit.source.analysis.state import Walk

_REQUEST = Value(members={"req": OURS, "resHeaders": OURS, "info": OURS, "res": OURS})
_UNKNOWN = Value(shape=Shape.OPAQUE, true=Proof.MAYBE, false=Proof.MAYBE)  # a context that cannot be read
_NAMES = {Convention.OPTIONS: "ctx", Convention.PROCEDURE: "context"}  # of the context in the one object
_DONE = Value(passes=Proof.NO, settles=REFUSED, ours=True)  # what the rest has returned is recorded where it was


def run_endpoint(walk: Walk, served: Served, endpoint: Endpoint) -> list[ReturnValue]:
    """Walk through a route of a router, and give what its own handler returns."""
    walk.proof = served.proof
    walk.called += served.called
    named = _NAMES.get(served.convention)
    context = _UNKNOWN if named is not None else Value(responds=True)
    if served.convention is Convention.CONTEXT:
        context = Value(responds=True, variables=Variables(guards=_guards_left(walk, served, endpoint)))
    if served.context is not None and served.context.function is not None:
        made = walk.enter(walk, served.context.function, [_REQUEST], endpoint.node)
        context = made.settles or made
        context = context if context.members is not None else _UNKNOWN
        walk.prove(made.passes or Proof.NO)
    elif named is not None and served.context is not None and served.context.members is not None:
        context = replace(served.context, inline=False)
    returned: list[ReturnValue] = []
    _go_on(walk, served.convention, endpoint, endpoint.stages, context, returned)
    return returned


def _guards_left(walk: Walk, served: Served, endpoint: Endpoint) -> dict[str, Value]:
    """Learn on a walk of its own under which names the middleware ever leaves what a guard gave."""
    context = Value(responds=True, variables=Variables())
    alone = replace(
        walk,
        exposures=[],
        called=[],
        returned=[],
        leaving=[],
        inside=[],
        reads=[],
        records=[],
        refusals=[],
        vacuous=[],
        roles=[],
        lookups={},
    )
    _go_on(alone, served.convention, endpoint, endpoint.stages, context, [])
    walk.steps = alone.steps
    return context.variables.guards if context.variables is not None else {}


def _go_on(
    walk: Walk, convention: Convention, endpoint: Endpoint, stages: Sequence[Value], context: Value,
    returned: list[ReturnValue],
) -> None:  # fmt: skip
    """Run what is left of a route, from where the walk is."""
    if not stages:
        if endpoint.handler.function is None:
            returned.append(ReturnValue(proof=walk.proof or Proof.NO, value=OTHER, line=0, caught=False))
            return
        _run(walk, endpoint.handler, _arguments(convention, context, OURS), returned, convention)
        return
    stage, rest = stages[0], stages[1:]

    def proceed(at: Walk, values: list[Value], node: Node) -> Value:  # noqa: ARG001 - as all that are called
        before = at.proof
        if before is not None:
            inner = _with(context, values, _NAMES[convention]) if convention in _NAMES else context
            _go_on(at, convention, endpoint, rest, inner, returned)
        at.proof = before
        return _DONE

    if stage.wrapped is Proof.YES and stage.function is None:
        name, _, _ = (stage.wrapper or "").partition(" in line ")
        walk.note_guard(endpoint.node, name, GuardStyle.THROWS, GuardKind.SECRET)
        walk.prove(Proof.YES)
        _go_on(walk, convention, endpoint, rest, context, returned)
    elif stage.function is None:
        walk.prove(Proof.NO if stage.library in walk.packs and stage.shape is not Shape.OPAQUE else Proof.MAYBE)
        _go_on(walk, convention, endpoint, rest, context, returned)
    else:
        answered: list[ReturnValue] = []
        _run(walk, stage, _arguments(convention, context, Value(proceeds=proceed)), answered, convention)


def _run(walk: Walk, value: Value, arguments: list[Value], returned: list[ReturnValue], convention: Convention) -> None:
    """Run a function, and note what it gives an unauthenticated client."""
    if value.function is None:
        return
    found = run(walk, value.function, arguments)
    if convention is Convention.ARGUMENTS:
        found = [_by_status(one) for one in found]
    for one in found:
        expose_return(walk, value.function.module.file, one, pages=False)
    returned += found


def _by_status(one: ReturnValue) -> ReturnValue:
    """Read an answer of ts-rest: an object that holds its status."""
    cases = [(sure, _answer(value)) for sure, value in one.value.cases or ((one.proof, one.value),)]
    return replace(one, value=of_cases(cases)[1])


def _answer(value: Value) -> Value:
    status = (value.members or {}).get("status")
    refuses = status is not None and status.status is not None and of_status(status.status) is REFUSED
    return replace(REFUSED, members=value.members) if refuses else value


def _arguments(convention: Convention, context: Value, proceeding: Value) -> list[Value]:
    if (name := _NAMES.get(convention)) is not None:
        return [Value(members={name: context, "next": proceeding, "*": OURS})]
    if convention is Convention.CONTEXT:
        return [context, proceeding]
    if convention is Convention.CONNECT:
        return [OURS, context, proceeding]
    return [OURS, OURS]


def _with(context: Value, values: Sequence[Value], name: str) -> Value:
    """Give the context as a middleware passes it on: what it names is added."""
    named: Mapping[str, Value] = (values[0].members or {}) if values else {}
    given = named.get(name)
    if given is None:
        return context if not values or values[0].members is not None else _UNKNOWN
    if given.members is None or context.members is None:
        return given if given.members is not None else _UNKNOWN
    if "*" in given.members:  # it may stand in for any of them
        return given
    return replace(context, members={**context.members, **given.members})
