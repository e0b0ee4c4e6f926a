"""Handlers, one by one: is a guard passed on every way before anything happens? Never 'ok' by default."""

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
from prober.audit.source.analysis.values import OURS, Scope, Shape, Style, Sure, Value
from prober.audit.source.nextjs_routes import ANY, METHODS, Sort, normal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tree_sitter import Node

    from prober.audit.source.analysis.module import Module
    from prober.audit.source.analysis.project import Library
    from prober.audit.source.analysis.state import Returned
    from prober.audit.source.nextjs_routes import Place
    from prober.model import GuardName, PublicDoor, SourceGuards

_NEXTAUTH = normal("/api/auth/[...nextauth]"), normal("/api/auth/[[...nextauth]]")


class Lock(StrEnum):
    """What is told of a door; worst first."""

    UNGUARDED = "unguarded"
    UNKNOWN = "unknown"
    OK = "ok"


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """A route or a server action of the source, and what is told of its lock."""

    name: str  # GET /api/me, or app/actions.ts#save
    method: str | None  # None: a server action
    path: str | None
    file: str
    line: int
    lock: Lock
    reason: str
    public: bool = False
    guards: tuple[str, ...] = ()
    mutates: bool = False
    validates: bool = False
    methods: tuple[str, ...] = ()  # those that a function for all of them asks for


@dataclass(slots=True, kw_only=True)
class Judge:
    """What handlers are judged by; it remembers what it has read of guards' definitions."""

    library: Library
    guarding: SourceGuards
    guards: Mapping[str, tuple[GuardName, ...]]
    public: Mapping[str, PublicDoor]
    styles: dict[tuple[str, int], Style] = field(default_factory=dict)
    followed: dict[tuple[str, int], tuple[bool, bool]] = field(default_factory=dict)

    def walk(self) -> Walk:
        """Begin a walk at the door."""
        return Walk(
            library=self.library, guarding=self.guarding, guards=self.guards, evaluate=evaluate, enter=enter,
            styles=self.styles, followed=self.followed,
        )  # fmt: skip


def judge_for(library: Library, guarding: SourceGuards) -> Judge:
    """Make the judge of a source."""
    guards: dict[str, tuple[GuardName, ...]] = {}
    for guard in guarding.guards:
        guards[guard.name] = (guard, *guards.get(guard.name, ()))
    public = {public_name(door.name): door for door in guarding.public}
    return Judge(library=library, guarding=guarding, guards=guards, public=public)


def public_name(name: str) -> str:
    """Give the name of a public door as it is compared: a route's path without its parameters' names."""
    method, space, path = name.partition(" ")
    return f"{method} {normal(path)}" if space else name


# --- which handlers there are -----------------------------------------------------------------------------------------
def doors_of_route(judge: Judge, place: Place, module: Module) -> Iterator[Door]:
    """Judge each method that a route's file exports."""
    if module.broken is not None:
        yield _unknown(ANY, place, 1, f"the file cannot be read: {module.broken}")
        return
    if place.sort is Sort.PAGES_API:
        exported = module.exports.get("default")
        if exported is None:
            yield _unknown(ANY, place, 1, "it has no default export that can be read")
        else:
            yield _door(judge, module, "default", ANY, place, syntax.line(exported.node))
        return
    methods = [method for method in METHODS if method in module.exports]
    for method in methods:
        yield _door(judge, module, method, method, place, syntax.line(module.exports[method].node))
    if module.stars or "export=" in module.exports or not methods:
        yield from _starred(judge, place, module, set(methods))


def _starred(judge: Judge, place: Place, module: Module, known: set[str]) -> Iterator[Door]:
    found = False
    for method in METHODS:
        if method not in known and module.stars and of_export(judge.walk(), module, method) is not None:
            found = True
            yield _door(judge, module, method, method, place, 1)
    unread = [name for name in module.stars if judge.library.find(name, of=module.file) is None]
    if unread:
        yield _unknown(ANY, place, 1, f"it exports all of '{unread[0]}', which cannot be followed")
    elif not found and not known:
        yield _unknown(ANY, place, 1, "it exports no method that can be read")


def doors_of_actions(judge: Judge, module: Module) -> Iterator[Door]:
    """Judge each server action of a file: what it exports below 'use server', and each function that says so itself."""
    if "use server" in module.directives:
        if module.broken is not None:
            yield _action(module, "*", 1, Lock.UNKNOWN, f"the file cannot be read: {module.broken}")
            return
        for name, exported in module.exports.items():
            yield _judged(
                judge,
                f"{module.file}#{name}",
                module,
                of_export(judge.walk(), module, name),
                syntax.line(exported.node),
            )
        if module.stars:
            yield _action(module, "*", 1, Lock.UNKNOWN, f"it exports all of '{module.stars[0]}'")
    for node in syntax.every(module.root):
        body = syntax.field(node, "body") if node.type in syntax.FUNCTIONS else None
        if body is None or body.type != "statement_block" or "use server" not in directives(body):
            continue
        name = _called(node)
        if module.broken is not None:
            yield _action(module, name, syntax.line(node), Lock.UNKNOWN, f"the file cannot be read: {module.broken}")
        else:
            value = function_of(node, Scope(module=module))
            yield _judged(judge, f"{module.file}#{name}", module, value, syntax.line(node))


def _called(function: Node) -> str:
    name = syntax.field(function, "name")
    above = function.parent
    if name is None and above is not None and above.type == "variable_declarator":
        name = syntax.field(above, "name")
    return syntax.text(name) if name is not None else f"line-{syntax.line(function)}"


def lock_of_page(judge: Judge, module: Module) -> tuple[Lock, tuple[str, ...]]:
    """Say whether a page guards itself; a layout above it does not: Next.js renders both at once."""
    said = _judged(judge, module.file, module, of_export(judge.walk(), module, "default"), 1)
    return said.lock, said.guards


def _unknown(method: str, place: Place, line: int, reason: str) -> Door:
    return Door(
        name=f"{method} {place.path}", method=method, path=place.path, file=place.file, line=line, lock=Lock.UNKNOWN,
        reason=reason,
    )  # fmt: skip


def _action(module: Module, name: str, line: int, lock: Lock, reason: str) -> Door:
    return Door(
        name=f"{module.file}#{name}", method=None, path=None, file=module.file, line=line, lock=lock, reason=reason
    )


# --- the judgement ----------------------------------------------------------------------------------------------------
def _door(judge: Judge, module: Module, export: str, method: str, place: Place, line: int) -> Door:
    value = of_export(judge.walk(), module, export)
    name = f"{method} {place.path}"
    said = _judged(judge, name, module, value, line, pages=place.sort is Sort.PAGES_API)
    own = value.origin if value is not None else None
    auth_js = own is not None and (own.name == "handlers" or own.module.startswith("next-auth"))
    if said.lock is not Lock.OK and auth_js and normal(place.path) in _NEXTAUTH:
        return _routed(said, place, method, lock=Lock.OK, reason="Auth.js's own handler, at its own path", public=True)
    return _routed(said, place, method, lock=said.lock, reason=said.reason, public=said.public)


def _routed(said: Door, place: Place, method: str, *, lock: Lock, reason: str, public: bool) -> Door:
    return Door(
        name=said.name, method=method, path=place.path, file=place.file, line=said.line, lock=lock, reason=reason,
        public=public, guards=said.guards, mutates=said.mutates, validates=said.validates, methods=said.methods,
    )  # fmt: skip


def _judged(judge: Judge, name: str, module: Module, value: Value | None, line: int, *, pages: bool = False) -> Door:
    walk = judge.walk()
    public = judge.public.get(public_name(name))
    lock, reason = _read(walk, value, pages=pages)
    if public is not None:
        lock, reason = Lock.OK, f"public: {public.why}"
    return Door(
        name=name, method=None, path=None, file=module.file, line=line, lock=lock, reason=reason,
        public=public is not None, guards=tuple(dict.fromkeys(called.name for called in walk.called)),
        mutates=walk.mutates, validates=walk.validates,
        methods=tuple(dict.fromkeys(_methods(module.root))) if pages else (),
    )  # fmt: skip


def _methods(root: Node) -> Iterator[str]:
    """Give the methods that a file writes out, as in: if (req.method === 'POST')."""
    for node in syntax.every(root):
        if node.type == "string" and (said := syntax.string(node)) in METHODS:
            yield said


def _read(walk: Walk, value: Value | None, *, pages: bool) -> tuple[Lock, str]:
    if value is None:
        return Lock.UNKNOWN, "it is exported from a place that cannot be followed"
    if value.cases and value.function is None:
        found = [_read(walk, one, pages=pages) for _, one in value.cases]
        return min(found, key=lambda one: list(Lock).index(one[0]))
    if value.function is None and value.wrapped is Sure.YES:
        return Lock.OK, "a wrapper makes it"
    if value.function is None:
        where = f"'{value.origin.module}', which" if value.origin is not None else "something that"
        return Lock.UNKNOWN, f"it is made by {where} cannot be followed"
    walk.sure = value.wrapped
    arguments = list(value.given) or [OURS, Value(responds=True) if pages else OURS]
    try:
        returned = run(walk, value.function, arguments)
    except TooLargeError:
        return Lock.UNKNOWN, "it calls more than can be followed"
    except RecursionError:
        return Lock.UNKNOWN, "it is nested deeper than can be followed"
    if value.wrapped is Sure.YES:
        return Lock.OK, "a wrapper guards it"
    for one in returned:
        _expose_return(walk, value.function.module.file, one, pages=pages)
    return _verdict(walk, returned)


def _expose_return(walk: Walk, file: str, one: Returned, *, pages: bool) -> None:
    """Note what is given back before a guard has let the caller pass."""
    for sure, value in one.value.cases or ((one.sure, one.value),):
        proven, given = max(sure, one.sure), value
        if value.passes is not None:
            proven, given = max(proven, value.passes), value.settles or value
        fine = given.shape in {Shape.REFUSAL, Shape.NOTHING} or given.style in {Style.DENIAL, Style.RESPONSE}
        if proven is Sure.YES or fine or pages or (one.caught and given.shape is not Shape.ANSWER):
            continue  # what a catch clause makes of an error tells of the error
        known = given.shape is Shape.ANSWER and proven is Sure.NO and not one.caught
        what = "answers" if known else "gives back what cannot be told"
        walk.exposures.append(Exposure(what=what, file=file, line=one.line, certain=known))


def _verdict(walk: Walk, returned: list[Returned]) -> tuple[Lock, str]:
    certain = [one for one in walk.exposures if one.certain]
    if walk.exposures:
        first = (certain or walk.exposures)[0]
        return (
            Lock.UNGUARDED if certain else Lock.UNKNOWN
        ), f"{first.what} in {first.file}:{first.line}, {_before(walk, first)}"
    if (returned and all(one.sure is Sure.YES for one in returned)) or walk.called:
        names = ", ".join(dict.fromkeys(f"{called.name} in line {called.line}" for called in walk.called))
        return Lock.OK, names or "it compares a secret"
    if returned and all(_is_nothing(one) for one in returned):
        return Lock.UNKNOWN, "it has no guard, and does nothing that is known as an effect"
    return Lock.OK, "it refuses everybody"


def _is_nothing(one: Returned) -> bool:
    return one.sure is not Sure.YES and one.value.shape is Shape.NOTHING


def _before(walk: Walk, first: Exposure) -> str:
    """Say how it is with the guards that are called at all."""
    if not walk.called:
        return "and calls no guard" if first.certain else "before any guard that is known"
    guard = walk.called[0]
    if guard.line > first.line and first.certain:
        return f"before {guard.name} in line {guard.line}"
    if guard.style is Style.STUB:
        return f"and {guard.name} refuses nobody"
    return (
        f"though {guard.name} is called in line {guard.line}: not awaited, its result not checked, or not on every way"
    )
