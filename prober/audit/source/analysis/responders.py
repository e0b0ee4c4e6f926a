"""The response that a handler gives: by what its body is on each way, or told to the response object of pages/api."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from prober.audit.source.analysis import syntax
from prober.audit.source.analysis.joins import of_cases
from prober.audit.source.analysis.responses import leads_to_sign_in, of_status
from prober.audit.source.analysis.values import ANSWER, EMPTY, NOTHING, Scope, Shape, Value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tree_sitter import Node

    from prober.audit.source.analysis.state import Walk

_SAYING = frozenset({"json", "send", "end", "write", "redirect", "sendStatus", "revalidate"})


def by_body(response: Value, values: Sequence[Value]) -> Value:
    """Give a response by what its body is on each way: an empty list tells strangers nothing."""
    if response.shape is not Shape.ANSWER or not values or not values[0].cases:
        return response
    ways = [
        (sure, EMPTY if one.shape is Shape.NOTHING or (one.members is not None and not one.members) else response)
        for sure, one in values[0].cases
    ]
    return of_cases(ways)[1]


def of_responder(walk: Walk, node: Node, scope: Scope, name: str, holder: Value, given: Sequence[Node]) -> Value:
    """Call the response object of pages/api: an answer goes out when it is told so."""
    status = holder.status
    if name in {"status", "writeHead", "sendStatus"}:
        said = syntax.number(given[0]) if given else None
        status = 0 if said is None else said
    if name == "redirect":
        status = 307 if given and leads_to_sign_in(given[-1]) else 0
    if name not in _SAYING or (name == "end" and not given):  # an end without a body tells nothing
        return replace(holder, status=status)
    if status == 0:
        walk.expose(node, scope, f"answers by res.{name}() with a status that cannot be told", certain=False)
    elif of_status(status or 200) is ANSWER:
        walk.expose(node, scope, "answers", certain=True)
    return NOTHING
