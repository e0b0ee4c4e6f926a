"""What of a source is a finding: handlers, applications, files, exemptions and what a middleware leaves out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from prober.audit.source import rules
from prober.audit.source.applications import other_frameworks
from prober.audit.source.handler_analyzer import public_name
from prober.audit.source.handler_status import GuardStatus
from prober.audit.source.known_names import PUBLIC_PAGES
from prober.audit.source.middleware import home_of
from prober.audit.source.nextjs_routes import normal, route_file_of
from prober.model import Source
from prober.model.audit import AuditFinding

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prober.audit.source.analysis.project import Project
    from prober.audit.source.handler_analyzer import Handler, HandlerAnalyzer
    from prober.audit.source.middleware import Matcher
    from prober.audit.source.nextjs_routes import RouteFile
    from prober.model import SourceGuards
    from prober.model.audit import Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page, and whether it guards itself."""

    route_file: RouteFile
    status: GuardStatus
    guards: tuple[str, ...] = ()


@dataclass(slots=True, kw_only=True)
class AuditState:
    """The findings so far, and what they need."""

    analyzer: HandlerAnalyzer
    homes: tuple[str, ...]
    read: set[str] = field(default_factory=set)  # applications that have a route
    handlers: list[Handler] = field(default_factory=list)
    route_files: list[RouteFile] = field(default_factory=list)
    breaches: list[AuditFinding] = field(default_factory=list)
    matchers: dict[str, Matcher] = field(default_factory=dict)


def finding(rule: Rule, what: str, file: str, line: int = 1) -> AuditFinding:
    """Give a finding of a rule at a line of a file."""
    return AuditFinding(rule=rule, what=what, source=Source(file=file, line=line))


def finding_of(handler: Handler) -> AuditFinding:
    """Give the finding of a handler that is not ok, with the steps that lead there."""
    rule = rules.UNGUARDED if handler.status is GuardStatus.UNGUARDED else rules.UNTOLD
    here = Source(file=handler.file, line=handler.line)
    steps = [(step.what, Source(file=step.file, line=max(1, step.line))) for step in handler.steps]
    flow = ((f"{handler.name} begins", here), *steps) if steps else ()
    return AuditFinding(rule=rule, what=f"{handler.name}: {handler.reason}", source=here, flow=flow)


def no_route(library: Project) -> AuditFinding:
    """Say that there is no handler, what the folder holds instead, and which command reads that."""
    detail = f"{len(library.files)} source files, none of them a route of Next.js"
    frameworks = list(other_frameworks(library))
    held = [f"{other.name} ({file}): {other.command}" for other, file in frameworks]
    where = frameworks[0][1] if frameworks else "."
    return finding(rules.NO_ROUTE, "; ".join([detail, *held]), where)


def empty_homes(audit_state: AuditState, pages: Iterable[Page]) -> Iterable[AuditFinding]:
    """Find applications of Next.js of which nothing was read, where there is another one that was."""
    read = {page.route_file.application for page in pages} | audit_state.read
    for home in audit_state.homes if audit_state.handlers else ():
        if home not in read and not any(other.startswith(f"{home}/") or not home for other in read):
            yield finding(rules.NO_ROUTE, f"the Next.js application in '{home}' has no route that was found", home)


def unread(audit_state: AuditState, library: Project) -> Iterable[AuditFinding]:
    """Find the files that were not read, and that a route is or needs; the others are named as left out."""
    for file, why in [*library.unread, *library.unparsed.items()]:
        own = file not in library.files or route_file_of(file, audit_state.homes) is not None
        if own or file in library.needed or home_of(file, audit_state.homes) is not None:
            yield finding(rules.UNREAD, why, file)
        else:
            library.left_out.append(f"{file} ({why})")


def not_read(library: Project, handlers: Iterable[Handler]) -> Iterable[AuditFinding]:
    """Find applications of other frameworks; one whose routes a route file of Next.js serves was read."""
    read = {handler.library for handler in handlers if handler.library is not None}
    for other, file in other_frameworks(library):
        if other.serves and not any(other.mark.fullmatch(package) for package in read):
            yield finding(rules.NOT_NEXTJS, f"{other.name}: {other.command}", file)


def empty_notes(handlers: Iterable[Handler]) -> Iterable[AuditFinding]:
    """Find the comments that declare a handler public and give no reason."""
    for handler in handlers:
        if handler.note is not None and not handler.note.reason:
            yield finding(rules.NO_REASON, handler.name, handler.file, handler.note.line)


def excluded_from_matcher(
    audit_state: AuditState, home: str, matcher: Matcher, pages: Iterable[Page]
) -> Iterable[AuditFinding]:
    """Find pages and handlers without a guard of their own that the matcher excludes, always or sometimes."""
    if matcher.unread is not None:
        yield finding(rules.UNTOLD, matcher.unread, matcher.file, matcher.line)
    public = {name.partition(" ")[2] for name in audit_state.analyzer.public} | set(PUBLIC_PAGES)
    open_ones = {page.route_file.file: page.route_file for page in pages if page.status is not GuardStatus.OK}
    open_ones |= {
        handler.file: route_file
        for handler in audit_state.handlers
        if handler.status is not GuardStatus.OK and (route_file := route_file_of(handler.file, audit_state.homes))
    }
    for file, route_file in open_ones.items():
        if route_file.application != home or normal(route_file.path) in public or matcher.covers(route_file.path):
            continue
        rule = rules.CONDITIONAL if matcher.covers_some(route_file.path) else rules.LEFT_OUT
        yield finding(rule, f"{route_file.path} ({file}) has no guard of its own", matcher.file, matcher.line)


def unneeded_exemptions(
    configured: SourceGuards, doors: Iterable[Handler], pages: Iterable[Page]
) -> Iterable[AuditFinding]:
    """Find exemptions without a route: a route that is added there later would be exempt."""
    existing = {public_name(handler.name) for handler in doors} | {
        public_name(f"GET {page.route_file.path}") for page in pages
    }
    for handler in configured.public:
        if public_name(handler.name) not in existing:
            where = handler.source or Source(file=".", line=1)
            yield AuditFinding(rule=rules.UNNEEDED, what=f"'{handler.name}'", source=where)
