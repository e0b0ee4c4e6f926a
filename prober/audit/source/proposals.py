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
    from collections.abc import Iterable, Sequence

    from prober.audit.source.analysis.project import Project
    from prober.audit.source.handler_analyzer import Handler
    from prober.model import SourceGuards

_MOST_PROPOSED = 6
_MOST_FILES = 60  # of which it is tried out what a proposal settles
_MOST_TRIED = 100_000  # expressions that are run to try one out: about a second


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
    for (name, where), _ in wanted.most_common(_MOST_PROPOSED):
        affected = {handler.name: handler.file for handler in unknown if (name, where) in handler.lookups}
        tried = [
            Proposal(name=name, where=where, refusal=refusal, settles=settled)
            for refusal in (Refusal.NULL, Refusal.THROWS)
            if (settled := _settled(project, guarding, GuardName(name=name, refusal=refusal), affected, homes))
        ]
        if tried:
            found.append(max(tried, key=lambda one: one.settles))
    return tuple(sorted(found, key=lambda one: (-one.settles, one.name)))


def _settled(
    project: Project, guarding: SourceGuards, guard: GuardName, affected: dict[str, str], homes: Sequence[str]
) -> int:
    analyzer = handler_analyzer(project, replace(guarding, guards=(*guarding.guards, guard)))
    settled = 0
    for file in sorted(set(affected.values()))[:_MOST_FILES]:
        module = project.module(file)
        if module is None or analyzer.steps > _MOST_TRIED:
            continue
        route_file = route_file_of(file, homes)
        again: Iterable[Handler] = handlers_of_actions(analyzer, module)
        if route_file is not None:
            again = [*handlers_of_route(analyzer, route_file, module), *again]
        settled += sum(one.name in affected and one.status is GuardStatus.OK for one in again)
    return settled
