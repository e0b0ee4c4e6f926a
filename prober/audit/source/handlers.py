"""Finds out for each handler whether a guard runs on every path before any effect. Never 'ok' by default."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from prober.audit.source.analysis import syntax
from prober.audit.source.analysis.expressions import evaluate
from prober.audit.source.analysis.module import directives
from prober.audit.source.analysis.names import function_of, of_export
from prober.audit.source.analysis.state import Exposure, TooLargeError, Walk
from prober.audit.source.analysis.statements import enter, run
from prober.audit.source.analysis.values import OURS, GuardStyle, Proof, Scope, Shape, Value
from prober.audit.source.nextjs_routes import ANY, METHODS, FileKind, normal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tree_sitter import Node

    from prober.audit.source.analysis.module import Module
    from prober.audit.source.analysis.project import Project
    from prober.audit.source.analysis.state import ReturnValue
    from prober.audit.source.nextjs_routes import RouteFile
    from prober.model import GuardName, PublicDoor, SourceGuards

_NEXTAUTH = normal("/api/auth/[...nextauth]"), normal("/api/auth/[[...nextauth]]")


class GuardStatus(StrEnum):
    """Whether a handler is guarded; worst first."""

    UNGUARDED = "unguarded"
    UNKNOWN = "unknown"
    OK = "ok"


@dataclass(frozen=True, slots=True, kw_only=True)
class Handler:
    """A route or a server action of the source, and whether it is guarded."""

    name: str  # GET /api/me, or app/actions.ts#save
    method: str | None  # None: a server action
    path: str | None
    file: str
    line: int
    status: GuardStatus
    reason: str
    public: bool = False
    guards: tuple[str, ...] = ()
    mutates: bool = False
    validates: bool = False
    methods: tuple[str, ...] = ()  # those that a function for all methods checks for


@dataclass(slots=True, kw_only=True)
class HandlerAnalyzer:
    """Analyzes handlers with the names of guards; caches what it has read of the guards' definitions."""

    project: Project
    guarding: SourceGuards
    guards: Mapping[str, tuple[GuardName, ...]]
    public: Mapping[str, PublicDoor]
    styles: dict[tuple[str, int], GuardStyle] = field(default_factory=dict)
    followed: dict[tuple[str, int], tuple[bool, bool]] = field(default_factory=dict)

    def walk(self) -> Walk:
        """Start the interpretation of a handler."""
        return Walk(
            project=self.project, guarding=self.guarding, guards=self.guards, evaluate=evaluate, enter=enter,
            styles=self.styles, followed=self.followed,
        )  # fmt: skip


def handler_analyzer(library: Project, guarding: SourceGuards) -> HandlerAnalyzer:
    """Make the analyzer of a source."""
    guards: dict[str, tuple[GuardName, ...]] = {}
    for guard in guarding.guards:
        guards[guard.name] = (guard, *guards.get(guard.name, ()))
    public = {public_name(door.name): door for door in guarding.public}
    return HandlerAnalyzer(project=library, guarding=guarding, guards=guards, public=public)


def public_name(name: str) -> str:
    """Normalize the name of a public route: its path without the names of parameters."""
    method, space, path = name.partition(" ")
    return f"{method} {normal(path)}" if space else name


# --- which handlers there are -----------------------------------------------------------------------------------------
def handlers_of_route(analyzer: HandlerAnalyzer, route_file: RouteFile, module: Module) -> Iterator[Handler]:
    """Analyze each method that a route file exports."""
    if module.broken is not None:
        yield _unknown(ANY, route_file, 1, f"the file cannot be read: {module.broken}")
        return
    if route_file.kind is FileKind.PAGES_API:
        exported = module.exports.get("default")
        if exported is None:
            yield _unknown(ANY, route_file, 1, "its default export cannot be read")
        else:
            yield _handler(analyzer, module, "default", ANY, route_file, syntax.line(exported.node))
        return
    methods = [method for method in METHODS if method in module.exports]
    for method in methods:
        yield _handler(analyzer, module, method, method, route_file, syntax.line(module.exports[method].node))
    if module.stars or "export=" in module.exports or not methods:
        yield from _re_exported(analyzer, route_file, module, set(methods))


def _re_exported(
    analyzer: HandlerAnalyzer, route_file: RouteFile, module: Module, known_methods: set[str]
) -> Iterator[Handler]:
    found = False
    for method in METHODS:
        if method not in known_methods and module.stars and of_export(analyzer.walk(), module, method) is not None:
            found = True
            yield _handler(analyzer, module, method, method, route_file, 1)
    unread = [name for name in module.stars if analyzer.project.find(name, of=module.file) is None]
    if unread:
        yield _unknown(ANY, route_file, 1, f"it re-exports '{unread[0]}', which cannot be followed")
    elif not found and not known_methods:
        yield _unknown(ANY, route_file, 1, "none of its exports is a readable method")


def handlers_of_actions(analyzer: HandlerAnalyzer, module: Module) -> Iterator[Handler]:
    """Analyze each server action: the exports of a 'use server' file, and each function with that directive."""
    if "use server" in module.directives:
        if module.broken is not None:
            yield _action(module, "*", 1, GuardStatus.UNKNOWN, f"the file cannot be read: {module.broken}")
            return
        for name, exported in module.exports.items():
            yield _analyzed(
                analyzer,
                f"{module.file}#{name}",
                module,
                of_export(analyzer.walk(), module, name),
                syntax.line(exported.node),
            )
        if module.stars:
            yield _action(module, "*", 1, GuardStatus.UNKNOWN, f"it re-exports '{module.stars[0]}'")
    for node in syntax.every(module.root):
        body = syntax.field(node, "body") if node.type in syntax.FUNCTIONS else None
        if body is None or body.type != "statement_block" or "use server" not in directives(body):
            continue
        name = _called(node)
        if module.broken is not None:
            yield _action(
                module, name, syntax.line(node), GuardStatus.UNKNOWN, f"the file cannot be read: {module.broken}"
            )
        else:
            value = function_of(node, Scope(module=module))
            yield _analyzed(analyzer, f"{module.file}#{name}", module, value, syntax.line(node))


def _called(function: Node) -> str:
    name = syntax.field(function, "name")
    above = function.parent
    if name is None and above is not None and above.type == "variable_declarator":
        name = syntax.field(above, "name")
    return syntax.text(name) if name is not None else f"line-{syntax.line(function)}"


def status_of_page(analyzer: HandlerAnalyzer, module: Module) -> tuple[GuardStatus, tuple[str, ...]]:
    """Say whether a page guards itself; a layout above it is not a guard: Next.js renders both at once."""
    handler = _analyzed(analyzer, module.file, module, of_export(analyzer.walk(), module, "default"), 1)
    return handler.status, handler.guards


def _unknown(method: str, route_file: RouteFile, line: int, reason: str) -> Handler:
    return Handler(
        name=f"{method} {route_file.path}", method=method, path=route_file.path, file=route_file.file, line=line,
        status=GuardStatus.UNKNOWN, reason=reason,
    )  # fmt: skip


def _action(module: Module, name: str, line: int, status: GuardStatus, reason: str) -> Handler:
    return Handler(
        name=f"{module.file}#{name}", method=None, path=None, file=module.file, line=line, status=status, reason=reason
    )


# --- the judgement ----------------------------------------------------------------------------------------------------
def _handler(
    analyzer: HandlerAnalyzer, module: Module, export: str, method: str, route_file: RouteFile, line: int
) -> Handler:
    value = of_export(analyzer.walk(), module, export)
    name = f"{method} {route_file.path}"
    handler = _analyzed(analyzer, name, module, value, line, pages=route_file.kind is FileKind.PAGES_API)
    origin = value.origin if value is not None else None
    auth_js = origin is not None and (origin.name == "handlers" or origin.module.startswith("next-auth"))
    if handler.status is not GuardStatus.OK and auth_js and normal(route_file.path) in _NEXTAUTH:
        return _routed(
            handler,
            route_file,
            method,
            status=GuardStatus.OK,
            reason="Auth.js's own handler, at its own path",
            public=True,
        )
    return _routed(handler, route_file, method, status=handler.status, reason=handler.reason, public=handler.public)


def _routed(
    handler: Handler, route_file: RouteFile, method: str, *, status: GuardStatus, reason: str, public: bool
) -> Handler:
    return Handler(
        name=handler.name, method=method, path=route_file.path, file=route_file.file, line=handler.line,
        status=status, reason=reason, public=public, guards=handler.guards, mutates=handler.mutates,
        validates=handler.validates, methods=handler.methods,
    )  # fmt: skip


def _analyzed(
    analyzer: HandlerAnalyzer, name: str, module: Module, value: Value | None, line: int, *, pages: bool = False
) -> Handler:
    walk = analyzer.walk()
    public = analyzer.public.get(public_name(name))
    status, reason = _status_of(walk, value, pages=pages)
    if public is not None:
        status, reason = GuardStatus.OK, f"public: {public.why}"
    return Handler(
        name=name, method=None, path=None, file=module.file, line=line, status=status, reason=reason,
        public=public is not None, guards=tuple(dict.fromkeys(called.name for called in walk.called)),
        mutates=walk.mutates, validates=walk.validates,
        methods=tuple(dict.fromkeys(_methods(module.root))) if pages else (),
    )  # fmt: skip


def _methods(root: Node) -> Iterator[str]:
    """Give the methods that a file compares with, as in: if (req.method === 'POST')."""
    for node in syntax.every(root):
        if node.type == "string" and (handler := syntax.string(node)) in METHODS:
            yield handler


def _status_of(walk: Walk, value: Value | None, *, pages: bool) -> tuple[GuardStatus, str]:
    if value is None:
        return GuardStatus.UNKNOWN, "its export cannot be followed"
    if value.cases and value.function is None:
        found = [_status_of(walk, one, pages=pages) for _, one in value.cases]
        return min(found, key=lambda one: list(GuardStatus).index(one[0]))
    if value.function is None and value.wrapped is Proof.YES:
        return GuardStatus.OK, "a wrapper creates it"
    if value.function is None:
        where = f"'{value.origin.module}', which" if value.origin is not None else "something that"
        return GuardStatus.UNKNOWN, f"it is created by {where} cannot be followed"
    walk.proof = value.wrapped
    arguments = list(value.given) or [OURS, Value(responds=True) if pages else OURS]
    try:
        returned = run(walk, value.function, arguments)
    except TooLargeError:
        return GuardStatus.UNKNOWN, "it calls more than can be followed"
    except RecursionError:
        return GuardStatus.UNKNOWN, "it is nested deeper than can be followed"
    if value.wrapped is Proof.YES:
        return GuardStatus.OK, "a wrapper guards it"
    for one in returned:
        _expose_return(walk, value.function.module.file, one, pages=pages)
    return _verdict(walk, returned)


def _expose_return(walk: Walk, file: str, one: ReturnValue, *, pages: bool) -> None:
    """Record a value that is returned before a guard has accepted the caller."""
    for sure, value in one.value.cases or ((one.proof, one.value),):
        proven, given = max(sure, one.proof), value
        if value.passes is not None:
            proven, given = max(proven, value.passes), value.settles or value
        fine = given.shape in {Shape.REFUSAL, Shape.NOTHING} or given.style in {GuardStyle.DENIAL, GuardStyle.RESPONSE}
        if proven is Proof.YES or fine or pages or (one.caught and given.shape is not Shape.ANSWER):
            continue  # a catch clause describes the error
        known_methods = given.shape is Shape.ANSWER and proven is Proof.NO and not one.caught
        what = "answers" if known_methods else "returns an unknown value"
        walk.exposures.append(Exposure(what=what, file=file, line=one.line, certain=known_methods))


def _verdict(walk: Walk, returned: list[ReturnValue]) -> tuple[GuardStatus, str]:
    certain = [one for one in walk.exposures if one.certain]
    if walk.exposures:
        first = (certain or walk.exposures)[0]
        return (
            GuardStatus.UNGUARDED if certain else GuardStatus.UNKNOWN
        ), f"{first.what} in {first.file}:{first.line}, {_before(walk, first)}"
    if (returned and all(one.proof is Proof.YES for one in returned)) or walk.called:
        names = ", ".join(dict.fromkeys(f"{called.name} in line {called.line}" for called in walk.called))
        return GuardStatus.OK, names or "it compares a secret"
    if returned and all(_is_nothing(one) for one in returned):
        return GuardStatus.UNKNOWN, "it has no guard, and no known effect"
    return GuardStatus.OK, "it refuses every client"


def _is_nothing(one: ReturnValue) -> bool:
    return one.proof is not Proof.YES and one.value.shape is Shape.NOTHING


def _before(walk: Walk, first: Exposure) -> str:
    """Describe the guards that are called at all."""
    if not walk.called:
        return "and calls no guard" if first.certain else "before any known guard"
    guard = walk.called[0]
    if guard.line > first.line and first.certain:
        return f"before {guard.name} in line {guard.line}"
    if guard.style is GuardStyle.STUB:
        return f"and {guard.name} never refuses"
    return f"although {guard.name} is called in line {guard.line}: not awaited, unchecked, or not on every path"
