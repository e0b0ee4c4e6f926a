"""A walk through a handler: what is proven so far, what has been reached without proof, and what was returned."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from prober.audit.source.analysis import syntax
from prober.audit.source.analysis.values import Proof

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tree_sitter import Node

    from prober.audit.source.analysis.project import Project
    from prober.audit.source.analysis.values import Function, GuardStyle, Scope, Value
    from prober.model import GuardName, SourceGuards

MOST_STEPS = 50_000  # of one handler: expressions, those of the functions that it calls too
MOST_DEPTH = 12  # of functions that call each other


class TooLargeError(Exception):
    """A handler calls more than can be followed."""


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
    evaluate: Callable[[Walk, Node, Scope], Value]
    enter: Callable[[Walk, Function, list[Value], Node], Value]
    styles: dict[tuple[str, int], GuardStyle]
    followed: dict[tuple[str, int], tuple[bool, bool]]  # beyond a guard: what a function mutates and validates
    proof: Proof | None = Proof.NO
    exposures: list[Exposure] = field(default_factory=list)
    called: list[GuardCall] = field(default_factory=list)
    returned: list[ReturnValue] = field(default_factory=list)
    leaving: list[list[Proof | None]] = field(default_factory=list)  # of each loop, switch and label: where it is left
    inside: list[Function] = field(default_factory=list)
    catching: int = 0
    steps: int = 0
    mutates: bool = False  # it calls what creates, changes or deletes
    validates: bool = False  # it parses what it is sent by a schema

    def expose(self, node: Node, scope: Scope, what: str, *, certain: bool) -> None:
        """Note what is reached here, unless a guard has let the caller pass, or no way leads here."""
        if self.proof is None or self.proof is Proof.YES:
            return
        known = certain and self.proof is Proof.NO
        self.exposures.append(Exposure(what=what, file=scope.module.file, line=syntax.line(node), certain=known))

    def prove(self, sure: Proof) -> None:
        """Note that this much is proven from here on."""
        if self.proof is not None:
            self.proof = max(self.proof, sure)
