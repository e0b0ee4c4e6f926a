"""The parameters of a function, and what they hold when it is called."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.audit.source.analysis import syntax
from prober.audit.source.analysis.names import bind
from prober.audit.source.analysis.values import OURS, Proof, Scope, Value

if TYPE_CHECKING:
    from tree_sitter import Node

    from prober.audit.source.analysis.state import Walk


def _parameters_of(function: Node) -> list[Node]:
    single, parameters = syntax.field(function, "parameter"), syntax.field(function, "parameters")
    return [single] if single is not None else syntax.parts(parameters) if parameters is not None else []


def patterns_of(function: Node) -> list[Node]:
    """Give the patterns of a function's parameters, without their types and defaults."""
    return [
        next((inner for name in ("pattern", "left") if (inner := syntax.field(one, name)) is not None), one)
        for one in _parameters_of(function)
    ]


def bind_parameters(walk: Walk, function: Node, arguments: list[Value], scope: Scope) -> None:
    """Give a function's parameters what it is called with, or their defaults."""
    for index, (parameter, pattern) in enumerate(zip(_parameters_of(function), patterns_of(function), strict=True)):
        given = arguments[index] if index < len(arguments) else None
        default = syntax.field(parameter, "value") or syntax.field(parameter, "right")
        if pattern.type == "rest_pattern":
            rest = {str(place): value for place, value in enumerate(arguments[index:])}
            bind(walk, syntax.parts(pattern)[0], Value(members=rest, ours=True, false=Proof.DEAD), scope)
            continue
        if given is None:
            given = walk.evaluate(walk, default, scope) if default is not None else OURS
        bind(walk, pattern, given, scope)
