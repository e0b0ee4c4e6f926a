"""Finds out for each handler whether a guard runs on every path before any effect. Never 'ok' by default."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from prober.audit.source.analysis import syntax
from prober.audit.source.analysis.expressions import evaluate
from prober.audit.source.analysis.module import directives
from prober.audit.source.analysis.names import function_of, of_export
from prober.audit.source.analysis.state import TooLargeError, Walk
from prober.audit.source.analysis.statements import enter, statement
from prober.audit.source.analysis.values import OPAQUE, GuardStyle, Scope, Value
from prober.audit.source.handler_status import GuardStatus, status_of
from prober.audit.source.inline_notes import InlineNote, inline_note
from prober.audit.source.nextjs_routes import ANY, METHODS, FileKind, normal
from prober.audit.source.packs.registry import packs_for

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tree_sitter import Node

    from prober.audit.source.analysis.module import Module
    from prober.audit.source.analysis.pack import Pack
    from prober.audit.source.analysis.project import Project
    from prober.audit.source.nextjs_routes import RouteFile
    from prober.model import GuardName, PublicDoor, SourceGuards


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A place in the source that says why a handler is what it is."""

    what: str
    file: str
    line: int


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
    inline: bool = False  # public by a comment beside it
    note: InlineNote | None = None
    steps: tuple[Step, ...] = ()  # the guards that are called, and what is reached before one has let pass
    lookups: tuple[tuple[str, str], ...] = ()  # functions that look like guards, and where they are from


@dataclass(slots=True, kw_only=True)
class HandlerAnalyzer:
    """Analyzes handlers with the names of guards; caches what it has read of the guards' definitions."""

    project: Project
    guarding: SourceGuards
    guards: Mapping[str, tuple[GuardName, ...]]
    public: Mapping[str, PublicDoor]
    packs: Mapping[str, Pack]
    styles: dict[tuple[str, int], GuardStyle] = field(default_factory=dict)
    followed: dict[tuple[str, int], tuple[bool, bool]] = field(default_factory=dict)

    def walk(self) -> Walk:
        """Start the interpretation of a handler."""
        return Walk(
            project=self.project, guarding=self.guarding, guards=self.guards, evaluate=evaluate,
            execute=statement, enter=enter,
            styles=self.styles, followed=self.followed, packs=self.packs,
        )  # fmt: skip


def handler_analyzer(library: Project, guarding: SourceGuards) -> HandlerAnalyzer:
    """Make the analyzer of a source."""
    guards: dict[str, tuple[GuardName, ...]] = {}
    for guard in guarding.guards:
        guards[guard.name] = (guard, *guards.get(guard.name, ()))
    public = {public_name(door.name): door for door in guarding.public}
    packs = packs_for(library.dependencies())
    return HandlerAnalyzer(project=library, guarding=guarding, guards=guards, public=public, packs=packs)


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
            yield _handler(analyzer, module, "default", ANY, route_file, exported.node)
        return
    methods = [method for method in METHODS if method in module.exports]
    for method in methods:
        yield _handler(analyzer, module, method, method, route_file, module.exports[method].node)
    if module.stars or "export=" in module.exports or not methods:
        yield from _re_exported(analyzer, route_file, module, set(methods))


def _re_exported(
    analyzer: HandlerAnalyzer, route_file: RouteFile, module: Module, known_methods: set[str]
) -> Iterator[Handler]:
    found = False
    for method in METHODS:
        if method not in known_methods and module.stars and _exported(analyzer, module, method) is not None:
            found = True
            yield _handler(analyzer, module, method, method, route_file, module.root)
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
                _exported(analyzer, module, name),
                exported.node,
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
            yield _analyzed(analyzer, f"{module.file}#{name}", module, value, node)


def _called(function: Node) -> str:
    name = syntax.field(function, "name")
    above = function.parent
    if name is None and above is not None and above.type == "variable_declarator":
        name = syntax.field(above, "name")
    return syntax.text(name) if name is not None else f"line-{syntax.line(function)}"


def status_of_page(analyzer: HandlerAnalyzer, module: Module) -> tuple[GuardStatus, tuple[str, ...]]:
    """Say whether a page guards itself; a layout above it is not a guard: Next.js renders both at once."""
    handler = _analyzed(analyzer, module.file, module, _exported(analyzer, module, "default"), module.root)
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
    analyzer: HandlerAnalyzer, module: Module, export: str, method: str, route_file: RouteFile, node: Node
) -> Handler:
    value = _exported(analyzer, module, export)
    name = f"{method} {route_file.path}"
    handler = _analyzed(analyzer, name, module, value, node, pages=route_file.kind is FileKind.PAGES_API)
    handler = replace(handler, method=method, path=route_file.path, file=route_file.file)
    if handler.status is GuardStatus.OK or value is None or value.public is None:
        return handler
    why, path = value.public
    served = normal(route_file.path)
    own = path is None and served.endswith(("+", "*"))
    if own or (path is not None and (served.endswith((path, path.replace("+", "*"))))):
        return replace(handler, status=GuardStatus.OK, reason=f"public: {why}", public=True)
    return handler


def _exported(analyzer: HandlerAnalyzer, module: Module, name: str) -> Value | None:
    """Give what a file exports; what is too large to be followed is opaque."""
    try:
        return of_export(analyzer.walk(), module, name)
    except (TooLargeError, RecursionError):
        return OPAQUE


def _analyzed(
    analyzer: HandlerAnalyzer, name: str, module: Module, value: Value | None, node: Node, *, pages: bool = False
) -> Handler:
    walk = analyzer.walk()
    public = analyzer.public.get(public_name(name))
    note = inline_note(node)
    status, reason = status_of(walk, value, module.file, pages=pages)
    if public is not None:
        status, reason = GuardStatus.OK, f"public: {public.why}"
    elif note is not None and note.reason:
        status, reason = GuardStatus.OK, f"public, as line {note.line} says: {note.reason}"
    open_ = public is not None or (note is not None and bool(note.reason))
    guards = [
        Step(what=f"calls the guard {one.name}", file=one.file or module.file, line=one.line) for one in walk.called
    ]
    reached = [*walk.exposures, *walk.refusals[:1]]
    exposed = [Step(what=one.what, file=one.file, line=one.line) for one in reached]
    return Handler(
        name=name, method=None, path=None, file=module.file, line=syntax.line(node), status=status, reason=reason,
        public=open_, inline=public is None and open_, note=note,
        guards=tuple(dict.fromkeys(called.name for called in walk.called)),
        mutates=walk.mutates, validates=walk.validates,
        methods=tuple(dict.fromkeys(_methods(module.root))) if pages else (),
        steps=tuple(guards + exposed), lookups=tuple(walk.lookups.items()),
    )  # fmt: skip


def _methods(root: Node) -> Iterator[str]:
    """Give the methods that a file compares with, as in: if (req.method === 'POST')."""
    for node in syntax.every(root):
        if node.type == "string" and (handler := syntax.string(node)) in METHODS:
            yield handler
