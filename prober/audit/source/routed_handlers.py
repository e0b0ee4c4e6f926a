"""The routes of a router that a route file answers with: each is a handler of its own."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from prober.audit.source.analysis.pipelines import run_endpoint
from prober.audit.source.analysis.routers import Convention, Served
from prober.audit.source.analysis.state import TooLargeError
from prober.audit.source.analysis.values import Proof
from prober.audit.source.handler_analyzer import analyzed
from prober.audit.source.handler_status import GuardStatus, verdict_of
from prober.audit.source.nextjs_routes import ANY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prober.audit.source.analysis.module import Module
    from prober.audit.source.analysis.routers import Endpoint
    from prober.audit.source.analysis.state import Walk
    from prober.audit.source.analysis.values import Value
    from prober.audit.source.handler_analyzer import Handler, HandlerAnalyzer
    from prober.audit.source.nextjs_routes import RouteFile

_LAST_PARAMETER = re.compile(r"/:[^/]+$")
_PATTERN = re.compile(r"\{[^{}]*\}")


def handlers_of_router(
    analyzer: HandlerAnalyzer, module: Module, served: Served, method: str, route_file: RouteFile
) -> Iterator[Handler]:
    """Analyze those routes of a router that come in by a method of the route file."""
    seen: set[tuple[str, str, int]] = set()  # a router may be built twice over: app.route(...) and what it gives
    for endpoint in served.router.endpoints:
        place = (endpoint.method, endpoint.path, endpoint.node.start_byte)
        if place in seen:
            continue
        seen.add(place)
        if method not in {endpoint.method, ANY} and endpoint.method != ANY:
            continue
        yield _handler_of(analyzer, module, served, endpoint, route_file)


def _handler_of(
    analyzer: HandlerAnalyzer, module: Module, served: Served, endpoint: Endpoint, route_file: RouteFile
) -> Handler:
    path = _path_of(served, endpoint, route_file)
    function = endpoint.handler.function
    home = function.module if function is not None else module

    def judge(walk: Walk) -> tuple[GuardStatus, str]:
        return status_of_endpoint(walk, served, endpoint, home.file)

    node = function.node if function is not None else endpoint.node
    handler = analyzed(analyzer, f"{endpoint.method} {path}", home, judge, node, walk=analyzer.walk())
    return replace(handler, method=endpoint.method, path=path, library=served.library)


def status_of_endpoint(walk: Walk, served: Served, endpoint: Endpoint, file: str) -> tuple[GuardStatus, str]:
    """Say what a route of a router comes to, as seen from a file."""
    if endpoint.handler.function is None:
        return GuardStatus.UNKNOWN, "the router's route cannot be followed"
    try:
        returned = run_endpoint(walk, served, endpoint)
    except TooLargeError:
        return GuardStatus.UNKNOWN, "it calls more than can be followed"
    except RecursionError:
        return GuardStatus.UNKNOWN, "it is nested deeper than can be followed"
    if walk.doors and not walk.exposures and endpoint.path.endswith("*"):
        return GuardStatus.OK, f"public: {walk.doors[0][0]}"
    return verdict_of(walk, returned, file)


def action_of(analyzer: HandlerAnalyzer, value: Value | None) -> tuple[Served, Endpoint] | None:
    """Give the procedure that is exported as an action, and how it is called; None where a value is none."""
    pack = analyzer.packs.get(value.library) if value is not None and value.library is not None else None
    if value is None or value.router is None or pack is None or pack.routing is None or not pack.routing.acts:
        return None
    if len(value.router.endpoints) != 1:
        return None
    convention = pack.routing.convention
    served = Served(
        router=value.router, convention=convention, context=None, proof=Proof.NO, library=value.library
    )  # fmt: skip
    return served, value.router.endpoints[0]


def _path_of(served: Served, endpoint: Endpoint, route_file: RouteFile) -> str:
    """Give the whole path: a procedure's name stands in place of the route file's last parameter."""
    if served.convention is Convention.ARGUMENTS and endpoint.path.startswith("/"):  # as the contract says
        whole, folder = f"{served.router.base}{endpoint.path}", _LAST_PARAMETER.sub("", route_file.path)
        return whole if whole.startswith(f"{folder}/") else f"{folder}{whole}"
    if served.convention is Convention.PROCEDURE:
        return f"{_LAST_PARAMETER.sub('', route_file.path)}/{endpoint.path.replace('.', '/')}"
    if served.convention in {Convention.OPTIONS, Convention.ARGUMENTS}:
        return f"{_LAST_PARAMETER.sub('', route_file.path)}/{endpoint.path}"
    if endpoint.path in {"", "*", "/"}:
        return route_file.path
    return _PATTERN.sub("", endpoint.path if endpoint.path.startswith("/") else f"/{endpoint.path}")
