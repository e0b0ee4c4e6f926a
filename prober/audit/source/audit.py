"""The audit of a source folder: runs the checks on every file, and collects the findings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from prober.audit.source import rules
from prober.audit.source.analysis import syntax
from prober.audit.source.analysis.listing import is_by_hand, open_project
from prober.audit.source.applications import homes_of, other_frameworks
from prober.audit.source.findings import (
    AuditState,
    Page,
    empty_homes,
    empty_notes,
    excluded_from_matcher,
    finding,
    finding_of,
    no_route,
    not_read,
    unneeded_exemptions,
    unread,
)
from prober.audit.source.handler_analyzer import HandlerAnalyzer, handler_analyzer
from prober.audit.source.handler_status import GuardStatus
from prober.audit.source.handlers import handlers_of_actions, handlers_of_route, status_of_page
from prober.audit.source.known_names import NOT_SHIPPED, SHIPPED
from prober.audit.source.middleware import home_of, is_not_run, loose_exemptions, matcher_of
from prober.audit.source.nextjs_routes import FileKind, RouteFile, route_file_of
from prober.audit.source.packs.registry import names_of
from prober.audit.source.proposals import proposals_for
from prober.audit.source.secrets import secret_findings
from prober.audit.source.weak_tokens import randomness_findings
from prober.errors import UsageError
from prober.model import ExitStatus, SourceGuards
from prober.model.audit import AuditFinding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from prober.audit.source.analysis.module import Module
    from prober.audit.source.analysis.project import Project
    from prober.audit.source.handler_analyzer import Handler
    from prober.audit.source.proposals import Proposal

# A file without any of these texts cannot break a rule, and is not parsed.
_SECRETS = (b"env", b"SECRET", b"TOKEN", b"PASSW", b"KEY", b"iming")
_RANDOMNESS = (
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
_ACTIONS = b"use server"
_WORTH_PARSING = (*_SECRETS, *_RANDOMNESS, _ACTIONS)
_API = frozenset({FileKind.ROUTE, FileKind.PAGES_API})


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceAudit:
    """The result of the audit of a source."""

    handlers: tuple[Handler, ...]
    pages: tuple[Page, ...]
    breaches: tuple[AuditFinding, ...]
    files: int
    base_path: str = ""
    left_out: tuple[str, ...] = ()  # what was not read, since nobody wrote it by hand, or no handler needs it
    packs: tuple[str, ...] = ()  # the libraries whose guards are known
    proposals: tuple[Proposal, ...] = ()

    @property
    def status(self) -> ExitStatus:
        """0 if no rule is broken, 1 if one is, 2 if something is unknown, or no route was found."""
        severities = {one.rule.severity for one in self.breaches}
        if severities & {Severity.LEAK, Severity.DRIFT}:
            return ExitStatus.LEAK
        return ExitStatus.NO_VERDICT if Severity.UNPROVEN in severities else ExitStatus.LOCKED


def with_shipped(configured: SourceGuards) -> SourceGuards:
    """Join the guards of a deployment with the shipped ones; for the same name the deployment's come first."""
    return SourceGuards(
        guards=(*SHIPPED.guards, *configured.guards),
        wrappers=(*SHIPPED.wrappers, *configured.wrappers),
        harmless=(*SHIPPED.harmless, *configured.harmless),
        public=(*SHIPPED.public, *configured.public),
    )


def audit_source(
    folder: Path, configured: SourceGuards | None = None, *, only_handlers: bool = False
) -> SourceAudit:  # fmt: skip
    """Audit a folder: its routes and server actions, its secrets, its codes, its middleware.

    With `only_handlers` the rules for secrets and codes are left out, and files that only they look at are not parsed.
    """
    if not folder.is_dir():
        raise UsageError(f"no folder '{folder}'", fix="name the folder that contains app/, src/app/, pages/ or apps/")
    configured = configured or SourceGuards()
    library = open_project(folder)
    audit_state = AuditState(
        analyzer=handler_analyzer(library, with_shipped(configured)), homes=homes_of(library)
    )  # fmt: skip
    for file in sorted(library.files):
        _check_file(audit_state, library, file, only_handlers=only_handlers)
    pages = tuple(_pages(audit_state.analyzer, audit_state.route_files))
    breaches = audit_state.breaches + [
        finding_of(handler) for handler in audit_state.handlers if handler.status is not GuardStatus.OK
    ]
    for home, matcher in audit_state.matchers.items():
        breaches += excluded_from_matcher(audit_state, home, matcher, pages)
    breaches += empty_notes(audit_state.handlers)
    breaches += unread(audit_state, library)
    breaches += unneeded_exemptions(configured, audit_state.handlers, pages)
    if audit_state.handlers:
        breaches += not_read(library, audit_state.handlers)
    else:
        # Rules of Next.js say nothing of an application that is none: what it is, and what reads it, is the finding.
        breaches = breaches if audit_state.homes or pages or not any(other_frameworks(library)) else []
        breaches.append(no_route(library))
    breaches += empty_homes(audit_state, pages)
    return SourceAudit(
        handlers=tuple(audit_state.handlers), pages=pages, breaches=tuple(sorted(breaches, key=_order)),
        files=len(library.files), base_path=_base_path(library), left_out=tuple(sorted(set(library.left_out))),
        packs=names_of(audit_state.analyzer.packs.values()),
        proposals=proposals_for(library, audit_state.analyzer.guarding, audit_state.handlers, audit_state.homes),
    )  # fmt: skip


def _check_file(audit_state: AuditState, library: Project, file: str, *, only_handlers: bool) -> None:
    route_file, middleware = route_file_of(file, audit_state.homes), home_of(file, audit_state.homes)
    raw = library.raw(file)
    if raw is None:
        return
    routed = route_file is not None and route_file.kind in _API
    if middleware is None and is_not_run(file, raw):
        audit_state.breaches.append(finding(rules.MIDDLEWARE_NOT_RUN, "it is never run", file))
    if route_file is None and middleware is None and not is_by_hand(raw):
        library.left_out.append(file)
        return
    if route_file is not None and not routed:
        audit_state.route_files.append(route_file)
    markers = (_ACTIONS,) if only_handlers else _WORTH_PARSING
    if not routed and middleware is None and not any(marker in raw for marker in markers):
        return
    module = library.module(file, raw=raw, keep=False)
    if module is None:
        return
    if route_file is not None and routed:
        audit_state.read.add(route_file.application)
        audit_state.handlers += handlers_of_route(audit_state.analyzer, route_file, module)
    if _ACTIONS in raw:
        audit_state.handlers += handlers_of_actions(audit_state.analyzer, module)
    if middleware is not None:
        audit_state.matchers[middleware] = matcher_of(module)
        audit_state.breaches += loose_exemptions(module)
    audit_state.breaches += () if only_handlers else _rules_of(library, module, raw, routed=routed)


def _order(one: AuditFinding) -> tuple[int, str, str, int]:
    return list(Severity).index(one.rule.severity), one.rule.id, one.source.file, one.source.line


def _rules_of(library: Project, module: Module, raw: bytes, *, routed: bool) -> Iterable[AuditFinding]:
    if module.broken is not None:
        if not routed:
            library.unparsed[module.file] = module.broken
        return
    if NOT_SHIPPED.search(module.file) and not routed:
        return
    try:
        if any(marker in raw for marker in _SECRETS):
            yield from secret_findings(module)
        if any(marker in raw for marker in _RANDOMNESS):
            yield from randomness_findings(module)
    except RecursionError:
        library.unread.append((module.file, "is nested too deeply"))


def _pages(analyzer: HandlerAnalyzer, route_files: Iterable[RouteFile]) -> Iterable[Page]:
    for route_file in route_files:
        lock, guards = GuardStatus.UNKNOWN, tuple[str, ...]()
        module = analyzer.project.module(route_file.file, keep=False)
        if module is not None and module.broken is None:
            lock, guards = status_of_page(analyzer, module)
        yield Page(route_file=route_file, status=lock, guards=guards)


def _base_path(library: Project) -> str:
    """Read a literal base path of next.config; empty without one."""
    for name in ("next.config.js", "next.config.mjs", "next.config.ts"):
        raw = library.raw(name) if (library.folder / name).is_file() else None
        if raw is None or b"basePath" not in raw:
            continue
        root = syntax.parse(raw, name[name.rfind(".") :])
        for node in syntax.every(root):
            if node.type == "pair" and syntax.text(syntax.field(node, "key")) == "basePath":
                return syntax.string(syntax.field(node, "value")) or ""
    return ""
