"""The audit of a source folder: every handler, every file, every rule. Gathers; what each means is told elsewhere."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from prober.audit.source import rules
from prober.audit.source.analysis import syntax
from prober.audit.source.analysis.project import open_library
from prober.audit.source.handlers import (
    Judge,
    Lock,
    doors_of_actions,
    doors_of_route,
    judge_for,
    lock_of_page,
    public_name,
)
from prober.audit.source.known_names import PUBLIC_PAGES, SHIPPED
from prober.audit.source.middleware import FILE, Matcher, loose_exemptions, matcher_of
from prober.audit.source.nextjs_routes import Place, Sort, normal, place_of
from prober.audit.source.secrets import secret_findings
from prober.audit.source.weak_tokens import chance_findings
from prober.errors import UsageError
from prober.model import ExitStatus, Source, SourceGuards
from prober.model.audit import Breach, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from prober.audit.source.analysis.module import Module
    from prober.audit.source.analysis.project import Library
    from prober.audit.source.handlers import Door
    from prober.model.audit import Rule

# What a file must hold for a rule to find anything in it; it is not even asked for in all others.
_SECRETS = (b"env", b"SECRET", b"TOKEN", b"PASSW", b"KEY", b"iming")
_CHANCE = (
    b"Math.random",
    b"use client",
    b"udit",
    b"ode",
    b"ODE",
    b"oucher",
    b"OUCHER",
    b"nvit",
    b"NVIT",
    b"airing",
    b"AIRING",
)
_WORTH_PARSING = (*_SECRETS, *_CHANCE, b"use server")
_API = frozenset({Sort.ROUTE, Sort.PAGES_API})


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page, and whether it guards itself."""

    place: Place
    lock: Lock
    guards: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceAudit:
    """What the audit of a source has found."""

    doors: tuple[Door, ...]
    pages: tuple[Page, ...]
    breaches: tuple[Breach, ...]
    files: int
    base_path: str = ""

    @property
    def status(self) -> ExitStatus:
        """0 where all is well; 1 where a rule is broken; 2 where something cannot be told, or nothing was found."""
        found = {one.rule.severity for one in self.breaches}
        if found & {Severity.LEAK, Severity.DRIFT}:
            return ExitStatus.LEAK
        return ExitStatus.NO_VERDICT if Severity.UNPROVEN in found else ExitStatus.LOCKED


def with_shipped(own: SourceGuards) -> SourceGuards:
    """Put what a deployment names beside what comes with the tool; its own word on a name goes first."""
    return SourceGuards(
        guards=(*SHIPPED.guards, *own.guards),
        wrappers=(*SHIPPED.wrappers, *own.wrappers),
        harmless=(*SHIPPED.harmless, *own.harmless),
        public=(*SHIPPED.public, *own.public),
    )


def audit_source(folder: Path, own: SourceGuards | None = None) -> SourceAudit:
    """Audit a folder: its routes and server actions, its secrets, its codes, its middleware."""
    if not folder.is_dir():
        raise UsageError(f"no folder '{folder}'", fix="name the folder that holds app/, src/app/, pages/ or apps/")
    own = own or SourceGuards()
    library = open_library(folder)
    found = _Found(judge=judge_for(library, with_shipped(own)))
    for file in sorted(library.files):
        _look_at(found, library, file)
    pages = tuple(_pages(found.judge, found.places))
    breaches = found.breaches + [_of_door(door) for door in found.doors if door.lock is not Lock.OK]
    for home, matcher in found.matchers.items():
        breaches += _left_out(found.judge, home, matcher, pages, found.doors)
    breaches += [_breach(rules.UNREAD, why, file) for file, why in library.unread]
    breaches += _unneeded(own, found.doors, pages)
    if not found.doors:
        detail = f"{len(library.files)} source files, none of them a route"
        breaches.append(_breach(rules.NO_ROUTE, detail, "."))
    return SourceAudit(
        doors=tuple(found.doors), pages=pages, breaches=tuple(sorted(breaches, key=_order)),
        files=len(library.files), base_path=_base_path(library),
    )  # fmt: skip


@dataclass(slots=True, kw_only=True)
class _Found:
    """What has been found so far."""

    judge: Judge
    doors: list[Door] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    breaches: list[Breach] = field(default_factory=list)
    matchers: dict[str, Matcher] = field(default_factory=dict)


def _look_at(found: _Found, library: Library, file: str) -> None:
    place, middleware = place_of(file), FILE.match(file)
    raw = library.raw(file)
    if raw is None:
        return
    routed = place is not None and place.sort in _API
    if place is not None and not routed:
        found.places.append(place)
    if not routed and middleware is None and not any(word in raw for word in _WORTH_PARSING):
        return
    module = library.module(file, raw=raw, keep=False)
    if module is None:
        return
    if place is not None and routed:
        found.doors += doors_of_route(found.judge, place, module)
    if b"use server" in raw:
        found.doors += doors_of_actions(found.judge, module)
    if middleware is not None:
        found.matchers[middleware["home"].rstrip("/")] = matcher_of(module)
        found.breaches += loose_exemptions(module)
    found.breaches += _rules_of(library, module, raw, routed=routed)


def _order(one: Breach) -> tuple[int, str, str, int]:
    return list(Severity).index(one.rule.severity), one.rule.id, one.source.file, one.source.line


def _breach(rule: Rule, what: str, file: str, line: int = 1) -> Breach:
    return Breach(rule=rule, what=what, source=Source(file=file, line=line))


def _of_door(door: Door) -> Breach:
    rule = rules.UNGUARDED if door.lock is Lock.UNGUARDED else rules.UNTOLD
    return _breach(rule, f"{door.name}: {door.reason}", door.file, door.line)


def _rules_of(library: Library, module: Module, raw: bytes, *, routed: bool) -> Iterable[Breach]:
    if module.broken is not None:
        if not routed:
            library.unread.append((module.file, module.broken))
        return
    try:
        if any(word in raw for word in _SECRETS):
            yield from secret_findings(module)
        if any(word in raw for word in _CHANCE):
            yield from chance_findings(module)
    except RecursionError:
        library.unread.append((module.file, "is nested deeper than can be followed"))


def _pages(judge: Judge, places: Iterable[Place]) -> Iterable[Page]:
    for place in places:
        lock, guards = Lock.UNKNOWN, tuple[str, ...]()
        module = judge.library.module(place.file, keep=False)
        if module is not None and module.broken is None:
            lock, guards = lock_of_page(judge, module)
        yield Page(place=place, lock=lock, guards=guards)


def _left_out(
    judge: Judge, home: str, matcher: Matcher, pages: Iterable[Page], doors: Iterable[Door]
) -> Iterable[Breach]:
    """Find what has no guard of its own and that the middleware is not run for, or not always."""
    if matcher.unread is not None:
        yield _breach(rules.UNTOLD, matcher.unread, matcher.file, matcher.line)
    public = {name.partition(" ")[2] for name in judge.public} | set(PUBLIC_PAGES)
    open_ones = {page.place.file: page.place for page in pages if page.lock is not Lock.OK}
    open_ones |= {door.file: place for door in doors if door.lock is not Lock.OK and (place := place_of(door.file))}
    for file, place in open_ones.items():
        if place.application != home or normal(place.path) in public or matcher.covers(place.path):
            continue
        rule = rules.CONDITIONAL if matcher.covers_some(place.path) else rules.LEFT_OUT
        yield _breach(rule, f"{place.path} ({file}) has no guard of its own", matcher.file, matcher.line)


def _unneeded(own: SourceGuards, doors: Iterable[Door], pages: Iterable[Page]) -> Iterable[Breach]:
    """Name the exemptions that nothing needs: whatever comes to stand there later would be exempt."""
    there = {public_name(door.name) for door in doors} | {public_name(f"GET {page.place.path}") for page in pages}
    for door in own.public:
        if public_name(door.name) not in there:
            where = door.source or Source(file=".", line=1)
            yield Breach(rule=rules.UNNEEDED, what=f"'{door.name}'", source=where)


def _base_path(library: Library) -> str:
    """Read the base path of next.config, where it is written out."""
    for name in ("next.config.js", "next.config.mjs", "next.config.ts"):
        raw = library.raw(name) if (library.folder / name).is_file() else None
        if raw is None or b"basePath" not in raw:
            continue
        root = syntax.parse(raw, name[name.rfind(".") :])
        for node in syntax.every(root):
            if node.type == "pair" and syntax.text(syntax.field(node, "key")) == "basePath":
                return syntax.string(syntax.field(node, "value")) or ""
    return ""
