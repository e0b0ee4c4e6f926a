"""Tables of routes: objects of procedures or functions, beside the contract that they keep. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from prober.audit.source.analysis.routers import Endpoint
from prober.audit.source.analysis.values import OPAQUE, OURS, Value

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tree_sitter import Node


def text_of(value: Value) -> str | None:
    """Give a text that is written out somewhere; None for all else."""
    return value.literal[1:] if value.literal is not None and value.literal.startswith('"') else None


def prefixed(contract: Value, prefix: str) -> Value:
    """Give a contract whose paths all begin with this."""
    if contract.members is None or not prefix:
        return contract
    path = text_of(contract.members.get("path", OURS)) if "method" in contract.members else None
    if path is not None:
        members = {**contract.members, "path": Value(literal=f'"{prefix}{path}')}
    else:
        members = {name: prefixed(one, prefix) for name, one in contract.members.items()}
    return replace(contract, members=members)


def of_table(table: Value, prefix: str, node: Node, contract: Value | None) -> Iterable[Endpoint]:
    """Give the routes of an object: each member is one, or an object or a router of others."""
    if table.router is not None and not table.router.endpoints and prefix:  # it is loaded later: base.lazy(...)
        yield Endpoint(method="ANY", path=prefix, stages=(), handler=OPAQUE, node=node)
        return
    if table.router is not None:
        for one in table.router.endpoints:
            yield one if one.path.startswith("/") else replace(one, path=f"{prefix}.{one.path}".strip("."))
        return
    agreed = (contract.members or {}) if contract is not None else {}
    method, path = (text_of(agreed.get(name, OURS)) for name in ("method", "path"))
    method, path = (method, path) if method is not None and path is not None else ("ANY", prefix)
    members = table.members
    if table.function is not None:
        yield Endpoint(method=method, path=path, stages=(), handler=table, node=table.function.node)
    elif members is None:
        yield Endpoint(method=method, path=path or "*", stages=(), handler=OPAQUE, node=node)
    elif (handler := members.get("handler")) is not None and handler.function is not None:  # with its own middleware
        listed = members.get("middleware", members.get("requestMiddleware"))
        stages = tuple((listed.members or {}).values()) if listed is not None else ()
        yield Endpoint(method=method, path=path, stages=stages, handler=handler, node=handler.function.node)
    else:
        for name, value in members.items():
            yield from of_table(value, f"{prefix}.{name}".strip("."), node, agreed.get(name))
