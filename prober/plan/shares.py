"""Shares the ladder among guards of one kind: where they are many, each rung goes to few routes. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from prober.plan.selection import by_kind, spread

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Hashable, Iterable, Mapping

    from prober.model import Route

WHOLE_LADDERS = 9  # guards of one kind get all of the ladder at so many routes between them


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What a route has of the ladder: of `among` routes, the rungs of this turn."""

    turn: int
    among: int

    def has(self, rung: int) -> bool:
        """Say whether the rung of this number is the route's."""
        return rung % self.among == self.turn


def shares_of(
    routes: Iterable[Route],
    chosen: Collection[Route],
    representatives: Collection[Route],
    kind: Callable[[Route], Hashable],
) -> Mapping[Route, Share]:
    """Give the chosen routes that have a share of the ladder instead of all of it.

    Guards of one kind that have many chosen routes between them have the whole ladder at one route each, and every rung
    once more at one of the others.
    """
    shares: dict[Route, Share] = {}
    for of_kind in by_kind(routes, kind).values():
        few = [route for route in spread(of_kind) if route in chosen]
        if len(few) <= WHOLE_LADDERS:
            continue
        whole: dict[str, Route] = {}
        for route in (*(route for route in few if route in representatives), *few):
            whole.setdefault(route.guard, route)
        others = [route for route in few if route not in whole.values()]
        shares |= {route: Share(turn=turn, among=len(others)) for turn, route in enumerate(others)}
    return shares
