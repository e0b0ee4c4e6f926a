"""Functions that look like guards, and how many handlers each would settle if prober.yaml named it. Decides nothing."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from prober.audit.source.handler_analyzer import handler_analyzer
from prober.audit.source.handler_status import GuardStatus
from prober.audit.source.handlers import handlers_of_actions, handlers_of_route
from prober.audit.source.nextjs_routes import route_file_of
from prober.model import GuardName, Refusal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from prober.audit.source.analysis.project import Project
    from prober.audit.source.handler_analyzer import Handler, HandlerAnalyzer
    from prober.model import SourceGuards

_MOST_PROPOSED = 6
_MOST_FILES = 60  # of which it is tried out what a proposal settles
_MOST_TRIED = 100_000  # expressions that are run to try one out: about a second
_MOST_TRIED_IN_ALL = 300_000  # for all proposals of a source: what is left over is settled by nobody's count


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A line for prober.yaml, to be written by somebody who has read the function."""

    name: str
    where: str  # the file or the module that it is from
    refusal: Refusal
    settles: int  # handlers that are ok with it, and unknown without

    @property
    def line(self) -> str:
        """Give the line, as it is written under `source` in prober.yaml."""
        return f"guards: [{{name: {self.name}, refuses: '{self.refusal}'}}]"


def proposals_for(
    project: Project, guarding: SourceGuards, handlers: Sequence[Handler], homes: Sequence[str]
) -> tuple[Proposal, ...]:
    """Try each function that looks like a guard, and give those that settle a handler, the most useful first."""
    unknown = [handler for handler in handlers if handler.status is GuardStatus.UNKNOWN]
    wanted = Counter(lookup for handler in unknown for lookup in handler.lookups)
    found: list[Proposal] = []
    budget = _Budget(left=_MOST_TRIED_IN_ALL)
    for (name, where), _ in wanted.most_common(_MOST_PROPOSED):
        affected = {handler.name: handler.file for handler in unknown if (name, where) in handler.lookups}
        tried = [
            Proposal(name=name, where=where, refusal=refusal, settles=settled)
            for refusal in (Refusal.NULL, Refusal.THROWS)
            if (settled := _settled(project, guarding, GuardName(name=name, refusal=refusal), affected, homes, budget))
        ]
        if tried:
            found.append(max(tried, key=lambda one: one.settles))
    return tuple(sorted(found, key=lambda one: (-one.settles, one.name)))


@dataclass(slots=True)
class _Budget:
    left: int  # expressions


def _settled(
    project: Project, guarding: SourceGuards, guard: GuardName, affected: dict[str, str], homes: Sequence[str],
    budget: _Budget,
) -> int:  # fmt: skip
    """Count the handlers that are ok with this guard, as far as the budget reaches."""
    analyzer = handler_analyzer(project, replace(guarding, guards=(*guarding.guards, guard)))
    most = min(_MOST_TRIED, budget.left)
    settled = 0
    for handler in _again(analyzer, sorted(set(affected.values()))[:_MOST_FILES], homes):
        settled += handler.name in affected and handler.status is GuardStatus.OK
        if analyzer.steps > most:
            break
    budget.left = max(budget.left - analyzer.steps, 0)
    return settled


def _again(analyzer: HandlerAnalyzer, files: Iterable[str], homes: Sequence[str]) -> Iterator[Handler]:
    """Analyze the handlers of these files once more, one after the other."""
    for file in files:
        module = analyzer.project.module(file)
        if module is None:
            continue
        route_file = route_file_of(file, homes)
        if route_file is not None:
            yield from handlers_of_route(analyzer, route_file, module)
        yield from handlers_of_actions(analyzer, module)
