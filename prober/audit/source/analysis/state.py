"""A walk through a handler: what is proven so far, what has been reached without proof, and what was returned."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from prober.audit.source.analysis import syntax
from prober.audit.source.analysis.values import GuardKind, GuardStyle, Proof
from prober.audit.source.known_names import ROLES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from tree_sitter import Node

    from prober.audit.source.analysis.pack import Pack
    from prober.audit.source.analysis.project import Project
    from prober.audit.source.analysis.routers import Served
    from prober.audit.source.analysis.values import Function, Scope, Value
    from prober.model import GuardName, SourceGuards

MOST_STEPS = 50_000  # of one handler: expressions, those of the functions that it calls too
# What one handler may still have once all of them together have had so many steps: a source in which everything calls
# everything ends in time, and those that call that much are unknown, in sight.
SHARED = ((1_500_000, 150), (500_000, 400), (100_000, 1_000), (0, MOST_STEPS))
ALMOST_ALL = 0.9  # of a handler's steps: a function that took them is too large for every other handler too
MOST_DEPTH = 12  # of functions that call each other


def most_steps_after(steps: int) -> int:
    """Give how many steps a handler may have, after those of all handlers before it."""
    return next(most for after, most in SHARED if steps >= after)


class TooLargeError(Exception):
    """A handler calls more than can be followed."""


class KnownTooLargeError(TooLargeError):
    """A handler calls a function that was too large for another handler."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """What is reached before a guard has let the caller pass; or may be, where that is not certain."""

    what: str
    file: str
    line: int
    certain: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardCall:
    """A guard that is called."""

    name: str
    line: int
    style: GuardStyle
    kind: GuardKind
    file: str = ""

    def where(self, file: str) -> str:
        """Say where it is called, as seen from a file."""
        return f"line {self.line}" if self.file in {"", file} else f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnValue:
    """What a function gave, and what was proven when it did."""

    proof: Proof
    value: Value
    line: int
    caught: bool  # in a catch clause


@dataclass(slots=True, kw_only=True)
class Walk:
    """The state of a walk. `sure` is None on a way that leads nowhere: after a return, a throw, a break."""

    project: Project
    guarding: SourceGuards
    guards: Mapping[str, tuple[GuardName, ...]]
    packs: Mapping[str, Pack]
    evaluate: Callable[[Walk, Node, Scope], Value]
    execute: Callable[[Walk, Node, Scope], None]
    enter: Callable[[Walk, Function, list[Value], Node], Value]
    styles: dict[tuple[str, int], GuardStyle]
    refusing: dict[tuple[str, int, str], bool]  # of functions that are called as guards: whether they may refuse
    followed: dict[tuple[str, int], tuple[bool, bool]]  # beyond a guard: what a function mutates and validates
    believing: bool = False  # that whatever cannot be followed may ask who calls
    too_large: set[tuple[str, int]] = field(default_factory=set)  # functions that took all steps of a handler
    trail: list[GuardCall | Exposure] = field(default_factory=list)  # guards and what is reached, as they come
    proof: Proof | None = Proof.NO
    exposures: list[Exposure] = field(default_factory=list)
    called: list[GuardCall] = field(default_factory=list)
    returned: list[ReturnValue] = field(default_factory=list)
    leaving: list[list[Proof | None]] = field(default_factory=list)  # of each loop, switch and label: where it is left
    inside: list[Function] = field(default_factory=list)
    sites: dict[int, Node] = field(
        default_factory=dict
    )  # by how many are inside of each other: where that one is called
    most_steps: int = MOST_STEPS
    catching: int = 0
    steps: int = 0
    mutates: bool = False  # it calls what creates, changes or deletes
    validates: bool = False  # it parses what it is sent by a schema
    loading: int = 0  # what runs when a module is loaded: nobody has asked for anything yet
    passed: bool = False  # something was reached that a guard is on
    reads: list[Exposure] = field(default_factory=list)  # of a store, before a guard: no effect by themselves
    records: list[Exposure] = field(
        default_factory=list
    )  # of what was asked, written before a guard: a log, if it refuses
    looked_up: bool = False  # a store has been asked by a cookie or a header: who is signed in
    refusals: list[Exposure] = field(default_factory=list)  # where the handler itself answers with a refusal
    vacuous: list[tuple[str, int]] = field(default_factory=list)  # checks that cannot fail, and their lines
    lookups: dict[str, str] = field(default_factory=dict)  # what looks like a guard, and the file that it stands in
    roles: list[GuardCall] = field(default_factory=list)  # comparisons of a caller's role
    unset: list[tuple[str, int]] = field(default_factory=list)  # where a secret that may be unset is compared
    loaded: list[GuardCall] = field(default_factory=list)  # guards that are called while a module is loaded
    types: dict[int, tuple[Function, Value]] = field(default_factory=dict)  # by its place: what a typeof asks about
    left: list[Value | None] = field(default_factory=list)  # what the parameters of the function that ran last hold now
    doors: list[tuple[str, str | None]] = field(default_factory=list)  # a library's own handlers that the handler calls
    served: list[Served] = field(default_factory=list)  # routers that the handler answers with
    went_on: list[tuple[Proof | None, Value]] = field(default_factory=list)  # where a middleware lets pass: what is
    # proven there, and the context that it passes on

    def expose(self, node: Node, scope: Scope, what: str, *, certain: bool) -> None:
        """Note what is reached here, unless a guard has let the caller pass, or no way leads here."""
        if self.proof is Proof.YES:
            self.passed = self.passed or not self.loading
        if self.proof is None or self.proof is Proof.YES or self.loading:
            return
        known = certain and self.proof is Proof.NO
        reached = Exposure(what=what, file=scope.module.file, line=syntax.line(node), certain=known)
        self.exposures.append(reached)
        self.trail.append(reached)

    def note_guard(self, node: Node, name: str, style: GuardStyle, kind: GuardKind) -> None:
        """Note that a guard is called here."""
        file = self.inside[-1].module.file if self.inside else ""
        call = GuardCall(name=name, line=syntax.line(node), style=style, kind=kind, file=file)
        noted = self.loaded if self.loading else self.called
        if call not in noted:
            noted.append(call)
            self.trail.append(call)

    def note_role(self, node: Node, asked: Node, wanted: Iterable[Value]) -> None:
        """Note that the role of a caller is compared with what is written out; other members are no roles."""
        names = [one.literal[1:] for one in wanted if one.literal is not None and one.literal.startswith('"')]
        member = syntax.field(syntax.bare(asked), "property") or syntax.bare(asked)
        if self.inside and names and ROLES.search(syntax.text(member)):
            file, name = self.inside[-1].module.file, f"the role {' or '.join(names)}"
            kind, style = GuardKind.ROLE, GuardStyle.VALUE
            call = GuardCall(name=name, line=syntax.line(node), style=style, kind=kind, file=file)
            if call not in self.roles:
                self.roles.append(call)

    def note_read(self, node: Node, scope: Scope, what: str) -> None:
        """Note what is read from a store before a guard: it is an exposure once it is in an answer."""
        if self.proof is Proof.YES:
            self.passed = self.passed or not self.loading
        elif self.proof is Proof.NO and not self.loading:
            line = syntax.line(node)
            self.reads.append(Exposure(what=what, file=scope.module.file, line=line, certain=True))

    def prove(self, sure: Proof) -> None:
        """Note that this much is proven from here on; what a guard has proven stays so."""
        if self.proof is not None and self.proof is not Proof.YES:
            self.proof = max(self.proof, sure)
