"""One handler: what is known of it, and the analyzer that walks through it. Never 'ok' by default."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from prober.audit.source.analysis import syntax
from prober.audit.source.analysis.expressions import evaluate
from prober.audit.source.analysis.functions import enter
from prober.audit.source.analysis.state import Walk, most_steps_after
from prober.audit.source.analysis.statements import statement
from prober.audit.source.handler_status import GuardStatus
from prober.audit.source.inline_notes import InlineNote, inline_note
from prober.audit.source.nextjs_routes import METHODS, normal
from prober.audit.source.packs.registry import packs_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tree_sitter import Node

    from prober.audit.source.analysis.module import Module
    from prober.audit.source.analysis.pack import Pack
    from prober.audit.source.analysis.project import Project
    from prober.audit.source.analysis.values import GuardStyle
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
    library: str | None = None  # whose router serves it
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
    refusing: dict[tuple[str, int, str], bool] = field(default_factory=dict)
    followed: dict[tuple[str, int], tuple[bool, bool]] = field(default_factory=dict)
    too_large: set[tuple[str, int]] = field(default_factory=set)

    _last: Walk | None = None
    _steps: int = 0  # of all walks but the last

    @property
    def steps(self) -> int:
        """How many expressions have been run so far."""
        return self._steps + (self._last.steps if self._last is not None else 0)

    def walk(self) -> Walk:
        """Start the interpretation of a handler."""
        before = self.steps
        self._steps, self._last = before, Walk(
            most_steps=most_steps_after(before),
            project=self.project, guarding=self.guarding, guards=self.guards, evaluate=evaluate,
            execute=statement, enter=enter,
            styles=self.styles, refusing=self.refusing, followed=self.followed, packs=self.packs,
            too_large=self.too_large,
        )  # fmt: skip
        return self._last


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


def analyzed(
    analyzer: HandlerAnalyzer, name: str, module: Module, judge: Callable[[Walk], tuple[GuardStatus, str]], node: Node,
    *, walk: Walk, pages: bool = False,
) -> Handler:  # fmt: skip
    """Judge a handler, and give it with why it is what it is; what is declared public is ok whatever it does."""
    public = analyzer.public.get(public_name(name))
    note = inline_note(node)
    status, reason = judge(walk)
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
