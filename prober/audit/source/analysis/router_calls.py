"""Calls of a library of routers: what begins a router, what adds to it, and what answers with it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from prober.audit.source.analysis import syntax
from prober.audit.source.analysis.route_tables import of_table, prefixed, text_of
from prober.audit.source.analysis.routers import Convention, Endpoint, Router, Served, Stage, joined, unread
from prober.audit.source.analysis.values import OPAQUE, OURS, Proof, Value

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tree_sitter import Node

    from prober.audit.source.analysis.routers import Routing
    from prober.audit.source.analysis.state import Walk

_CONTRACT = "contract"  # the part of a library that writes contracts down


def routing_of(walk: Walk, library: str | None) -> Routing | None:
    """Give what is believed of a library's routers; None where it has none."""
    pack = walk.packs.get(library) if library is not None else None
    return pack.routing if pack is not None else None


def of_routing(
    walk: Walk, node: Node, holder: Value, name: str, given: Sequence[Node], values: list[Value]
) -> Value | None:
    """Call a function of a library of routers, or a method of a router; None where it is none of them."""
    routing = routing_of(walk, holder.library)
    if routing is None:
        return None
    if name in routing.contracts:
        return Value(library=holder.library, part=_CONTRACT)
    if holder.part == _CONTRACT:
        return prefixed(values[0], text_of(_option(values[1:], "pathPrefix") or OURS) or "") if values else OPAQUE
    if name in routing.starts:
        return Value(library=holder.library, router=Router(), false=Proof.DEAD)
    if name in routing.tables and routing.tables[name] < len(values):
        place = routing.tables[name]
        contract = values[0] if place > 0 else None
        before = tuple(stage.value for stage in holder.router.stages) if holder.router is not None else ()
        listed = of_table(values[place], "", node, contract)
        router = Router(
            endpoints=tuple(replace(one, stages=(*before, *one.stages)) for one in listed),
            base=text_of(_option(values[place + 1 :], "basePath") or OURS) or "",
        )
        table = Value(library=holder.library, router=router, false=Proof.DEAD)
        return _served(walk, routing, table, values) if name in routing.serves else table
    if name in routing.joins:
        endpoints = [one for value in values for one in (value.router.endpoints if value.router else ())]
        return Value(library=holder.library, router=Router(endpoints=tuple(endpoints)), false=Proof.DEAD)
    return _of_maker(walk, node, holder, name, given, values)


def _of_maker(
    walk: Walk, node: Node, holder: Value, name: str, given: Sequence[Node], values: list[Value]
) -> Value | None:
    """Call what makes a middleware, what answers with a router, or a method of a router."""
    routing = routing_of(walk, holder.library)
    if routing is None:
        return None
    if name in routing.middleware:
        return replace(values[0], library=holder.library) if values else OPAQUE
    if name in routing.lists:
        return Value(members={str(at): value for at, value in enumerate(values)}, ours=True, false=Proof.DEAD)
    if name in routing.pieces:
        stages = tuple(stage for one in values for stage in _pieces_of(one))
        return Value(library=holder.library, router=Router(stages=stages), false=Proof.DEAD)
    if name in routing.pipes:
        pieces = [one.router.stages if one.router else _stages_of([one], "*") for one in (holder, *values)]
        stages = tuple(stage for piece in pieces for stage in piece)
        return Value(library=holder.library, router=Router(stages=stages), false=Proof.DEAD)
    if name in routing.guards:
        asks = any(one.function is not None for value in values for one in (value.members or {}).values())
        if asks:  # a function of the application's own decides
            return replace(OPAQUE, library=holder.library)
        wrapper = f"{name} in line {syntax.line(node)}"
        return Value(library=holder.library, wrapped=Proof.YES, wrapper=wrapper, false=Proof.DEAD)
    if name in routing.serves:
        return _served(walk, routing, holder, values)
    own = holder.origin is not None and holder.origin.module.startswith(holder.library or " ")
    builder = holder.part or (holder.origin.name if holder.origin is not None and own else None)
    if holder.router is not None or builder in routing.builders:
        return _built(routing, node, holder, name, given, values)
    return None


def _built(routing: Routing, node: Node, holder: Value, name: str, given: Sequence[Node], values: list[Value]) -> Value:
    """Call a method of a router, and give the router that it leaves."""
    router = holder.router or Router()
    if routing.convention is Convention.PROCEDURE and name in routing.adds:  # behind it comes what it is given
        stages = _stages_of([one for one in values[:1] if one.router is None], "*")
        behind = tuple(
            replace(one, stages=(*one.stages, *(stage.value for stage in stages))) for one in router.endpoints
        )
        return replace(holder, router=replace(router, endpoints=behind, stages=(*router.stages, *stages)))
    if name == routing.by_method:
        return _by_method(node, holder, router, values)
    path = syntax.string(given[0]) if given else None
    path = path if path is not None or not values else text_of(values[0])
    functions = values if path is None else values[1:]
    if name == routing.base and path is not None:
        return replace(holder, router=replace(router, base=joined(router.base, path)))
    if name in routing.mounts and path is not None:
        inner = functions[0].router if functions else None
        mounted = list(_mounted(router, inner, path)) if inner is not None else [unread(router, path, node)]
        return replace(holder, router=replace(router, endpoints=(*router.endpoints, *mounted)))
    if name in routing.adds:
        added = [one.value for value in functions if not _has_routes(value) for one in _pieces_of(value)]
        stages = (*router.stages, *_stages_of(added, path or "*"))
        inside = tuple(
            one for value in functions if value.router is not None and _has_routes(value)
            for one in _mounted(router, value.router, path or "")
        )  # fmt: skip
        return replace(holder, router=replace(router, stages=stages, endpoints=(*router.endpoints, *inside)))
    if name in routing.ends and functions:
        where = path or ""
        stages_of = [stage.value for stage in router.stages if stage.covers(where)]
        endpoint = Endpoint(
            method=routing.ends[name], path=joined(router.base, where), node=given[-1],
            stages=(*stages_of, *(one.value for value in functions[:-1] for one in _pieces_of(value))),
            handler=functions[-1],
        )  # fmt: skip
        return replace(holder, router=replace(router, endpoints=(*router.endpoints, endpoint)))
    return replace(holder, router=router)


def _has_routes(value: Value) -> bool:
    return value.router is not None and bool(value.router.endpoints)


def _pieces_of(value: Value) -> tuple[Stage, ...]:
    """Give the middleware that a value is: one, or the several that it was put together of."""
    return value.router.stages if value.router is not None else _stages_of([value], "*")


def _stages_of(values: Iterable[Value], pattern: str) -> tuple[Stage, ...]:
    return tuple(Stage(pattern=pattern, value=value) for value in values)


def _by_method(node: Node, holder: Value, router: Router, values: list[Value]) -> Value:
    """Add a handler for methods that are an argument: app.on(['GET', 'POST'], '/notes', handler)."""
    listed = [list(value.members.values()) if value.members is not None else [value] for value in values[:2]]
    texts = [[text_of(one) for one in some] for some in listed]
    methods, paths = texts if len(texts) > 1 else ([None], [None])
    added: list[Endpoint] = []
    for method, path in ((method, path) for method in methods for path in paths):
        if method is None or path is None or not values[2:]:
            added.append(unread(router, "*", node))
            continue
        stages = [stage.value for stage in router.stages if stage.covers(path)]
        added.append(Endpoint(
            method=method.upper(), path=joined(router.base, path), stages=(*stages, *values[2:-1]), handler=values[-1],
            node=node,
        ))  # fmt: skip
    return replace(holder, router=replace(router, endpoints=(*router.endpoints, *added)))


def _mounted(router: Router, inner: Router, path: str) -> Iterable[Endpoint]:
    for one in inner.endpoints:
        whole = joined(path, one.path)
        before = [stage.value for stage in router.stages if stage.covers(whole)]
        yield replace(one, path=joined(router.base, whole), stages=(*before, *one.stages))


def _served(walk: Walk, routing: Routing, holder: Value, values: list[Value]) -> Value:
    """Answer with a router: the route file's own handler does nothing else by this."""
    named, context = _option(values, "router"), _option(values, "createContext") or _option(values, "context")
    routers = [value for value in (holder, named, *values) if value is not None and value.router is not None]
    router = routers[0].router if routers else None
    if router is None:
        return OPAQUE
    served = Served(
        router=router, convention=routing.convention, context=context, proof=walk.proof or Proof.NO,
        library=holder.library, called=tuple(walk.called),
    )  # fmt: skip
    if not walk.loading:
        walk.served.append(served)
    return Value(served=served, ours=True, false=Proof.DEAD, passes=Proof.NO, settles=replace(OURS, served=served))


def _option(values: Sequence[Value], name: str) -> Value | None:
    return next((value.members[name] for value in values if value.members and name in value.members), None)
