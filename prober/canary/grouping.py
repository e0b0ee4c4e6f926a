"""Groups of findings with the same verdict and detail: an outage is one line, and not one for each route. Pure.

Doors that stand open are never put together: each has its own line, however many there are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from prober.model import Verdict, weight_of_name
from prober.model.finding_ids import route_of_id

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

    from prober.canary.finding_state import FindingState

    K = TypeVar("K", bound=Hashable)

MOST_ALIKE = 3  # routes that are still named one by one
MOST_NAMED = 3  # surfaces that a group is named by


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What findings of a group share: the verdict and the detail."""

    id: str
    verdict: str | None
    words: str


def harm_of(name: str, verdict: str | None) -> tuple[int, int]:
    """Give the place of a finding in the order of harm: by its verdict, then by what an open route gives away."""
    verdicts = list(Verdict)
    return (verdicts.index(Verdict(verdict)) if verdict else len(verdicts), weight_of_name(name).rank)


def worst_first(states: Iterable[FindingState]) -> tuple[FindingState, ...]:
    """Sort findings that stand: the worst first, and of those the oldest."""
    return tuple(sorted(states, key=lambda state: (*harm_of(state.id, state.verdict), state.since.at)))


def lines_of(lines: Iterable[Line]) -> list[str]:
    """Write a line for each route, with what it was presented with; one for all of a crowd."""
    entries = list(lines)
    crowds = crowded((one.id, one.words) for one in entries if one.verdict != Verdict.LEAK)
    groups: dict[tuple[str, str], list[str]] = {}
    for one in entries:
        is_one = one.verdict == Verdict.LEAK or one.words not in crowds
        name = route_of_id(one.id) if is_one else ""
        groups.setdefault((name, one.words), []).append(one.id)
    return [
        f"{name} [{', '.join(doors(ids)[name])}]: {words}" if name else f"{summary_of_many(ids)}: {words}"
        for (name, words), ids in groups.items()
    ]


def doors(ids: Iterable[str]) -> dict[str, list[str]]:
    """Put findings together by their route: what it was presented with is a list behind it."""
    routes: dict[str, list[str]] = {}
    for name in ids:
        route, _, rest = name.partition(" [")
        routes.setdefault(route, []).append(rest.removesuffix("]").replace("] ", " + "))
    return routes


def crowded(entries: Iterable[tuple[str, K]]) -> set[K]:
    """Give the keys that so many routes share that nobody would read them one by one."""
    routes: dict[K, set[str]] = {}
    for name, key in entries:
        routes.setdefault(key, set()).add(route_of_id(name))
    return {key for key, names in routes.items() if len(names) > MOST_ALIKE}


def summary_of_many(ids: Iterable[str]) -> str:
    """Name many routes by their number and their surfaces."""
    routes = doors(ids)
    surfaces = list(dict.fromkeys(route.partition(": ")[0] for route in routes))
    if len(surfaces) == 1:
        return f"{len(routes)} routes of {surfaces[0]}"
    more = len(surfaces) - MOST_NAMED
    named = ", ".join(surfaces) if more <= 0 else f"{', '.join(surfaces[:MOST_NAMED])} and {more} more"
    return f"{len(routes)} routes of {len(surfaces)} surfaces ({named})"
