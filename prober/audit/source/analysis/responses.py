"""Responses: which of them say no. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from prober.audit.source.analysis import syntax
from prober.audit.source.analysis.values import ANSWER, EMPTY, OURS, REFUSED, Value
from prober.audit.source.known_names import SIGN_IN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tree_sitter import Node

_REDIRECTS = 300
_SIGN_IN_URL = re.compile(r"(sign|log)_?in\w*(url|uri|link|path)$", re.IGNORECASE)


def of_response(arguments: Sequence[Node], made_by: str) -> Value:
    """Say what a Response is, by how it is made: new, json, redirect, next, rewrite, error."""
    if made_by == "error":
        return REFUSED
    if made_by == "redirect":
        return REFUSED if arguments and leads_to_sign_in(arguments[0]) else OURS
    status = 200 if len(arguments) < 2 else _status(arguments[1])  # noqa: PLR2004 - the body, and how it is sent
    if status is None:
        return OURS
    said = of_status(status)
    bare = not arguments or syntax.text(syntax.bare(arguments[0])) in {"null", "undefined"}
    return EMPTY if said is ANSWER and (bare or syntax.is_empty(arguments[0])) else said


def by_value(response: Value, values: Sequence[Value]) -> Value:
    """Give a response whose status is not written out, but known: of a table whose every status refuses, say."""
    held = values[1].members.get("status") if len(values) > 1 and values[1].members is not None else None
    return of_status(held.status) if response is OURS and held is not None and held.status else response


def of_status(status: int) -> Value:
    """Say what a status is."""
    return REFUSED if status >= _REDIRECTS else ANSWER


def _status(options: Node) -> int | None:
    """Give the status of a response's options; 200 where they name none, None where it cannot be told."""
    options = syntax.bare(options)
    if options.type != "object":
        return None
    for part in syntax.parts(options):
        if part.type == "pair" and (syntax.string(key := syntax.field(part, "key")) or syntax.text(key)) == "status":
            return syntax.number(syntax.field(part, "value"))
        if part.type == "spread_element" or syntax.text(part) == "status":
            return None
    return 200


def leads_to_sign_in(target: Node) -> bool:
    """Say whether a redirect is written out and leads to a sign-in, or a function makes the address of one."""
    target = syntax.bare(target)
    if target.type == "await_expression":
        target = syntax.bare(syntax.parts(target)[0])
    if target.type == "call_expression":
        called = syntax.dotted(syntax.field(target, "function"))
        return bool(called) and _SIGN_IN_URL.search(called[-1]) is not None
    said = [syntax.string(node) or syntax.text(node) for node in syntax.every(target)
            if node.type in {"string", "template_string"}]  # fmt: skip
    return bool(said) and bool(SIGN_IN.search(said[0].split("?", 1)[0].strip("`")))
