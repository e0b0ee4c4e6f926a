"""The context that Hono gives a handler: it answers by it, and a middleware leaves there what the handler reads."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from prober.audit.source.analysis import syntax
from prober.audit.source.analysis.effects import run_callbacks, tainted
from prober.audit.source.analysis.joins import merged
from prober.audit.source.analysis.responses import leads_to_sign_in, of_response, of_status
from prober.audit.source.analysis.values import OTHER, OURS, REFUSED, RESULTS, GuardStyle, Proof, Shape, Value
from prober.audit.source.analysis.variables import known_variables

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tree_sitter import Node

    from prober.audit.source.analysis.state import Walk
    from prober.audit.source.analysis.variables import Variables

_BODIES = frozenset({"json", "text", "html", "body", "newResponse"})


def of_context(walk: Walk, name: str, variables: Variables, given: Sequence[Node], values: list[Value]) -> Value:
    """Call a method of the context of a request."""
    key = syntax.string(given[0]) if given else None
    if name == "get" and key is not None:
        return known_variables(variables).get(key, OURS)
    if name == "set" and key is not None and len(values) > 1:
        # It may have been set on some ways only, so what it held before may still be there.
        before = variables.held.get(key)
        variables.held[key] = values[1] if before is None else merged(before, values[1])
        if values[1].style is GuardStyle.VALUE or walk.proof is Proof.YES:
            variables.guards[key] = replace(RESULTS[GuardStyle.VALUE], shape=Shape.NOTHING)
        return OURS
    if name in _BODIES:
        return _of_body(given, values)
    if name == "redirect":
        return REFUSED if given and leads_to_sign_in(given[0]) else OTHER
    return REFUSED if name == "notFound" else run_callbacks(walk, values, OURS)


def _of_body(given: Sequence[Node], values: list[Value]) -> Value:
    """Say what an answer is by its status, which is the second argument, or among the options that are."""
    status = syntax.number(given[1]) if len(given) > 1 else 200
    if status is None:
        return tainted(of_response(given, "json"), values)
    return tainted(of_status(int(status)), values)
