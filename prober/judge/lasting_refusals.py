"""A refusal in words that came in the middle of a run and stayed: a ban that spares the controls. Pure.

Its sign: from some answer on, several routes are refused in words that the same guards did not give to the same
credentials before. A route that was refused before is asked once more: if it now gets those words too, they are not of
the routes but of whoever stands in front of all of them.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from prober.judge.attribution import is_throttle
from prober.judge.passing_refusals import Seen, Shape, by_service, shape_of
from prober.model import Answered, Effect

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from prober.judge.observations import Observations
    from prober.model import Probe

_FEWEST = 3  # answers, on at least two routes
_MOST_AMONG = 8  # answers in the words from before that were under way when the new ones began


@dataclass(frozen=True, slots=True, kw_only=True)
class LastingRefusal:
    """Words that came late and stayed; `probe` was refused in others before."""

    probe: Probe
    words: Shape
    status: int
    since: int  # the number of outcomes before the first


def lasting_refusals(observations: Observations) -> list[LastingRefusal]:
    """Give at most one for each service: it is worth a request."""
    found = (next(iter(_lasting_in(seen)), None) for seen in by_service(observations, as_clients=True).values())
    return [one for one in found if one is not None]


def has_come(refusal: LastingRefusal, now: object) -> str | None:
    """Say what a probe that was refused in other words before gets now, None where these words are not for it."""
    if not isinstance(now, Answered) or is_throttle(now) or shape_of(refusal.probe, now) != refusal.words:
        return None
    target = refusal.probe.request.target
    return f"{target} was refused in its own words before, and gets the {now.status} of other routes now"


def _lasting_in(seen: Sequence[Seen]) -> Iterable[LastingRefusal]:
    refused = [one for one in seen if not one.answered.succeeded]
    groups: dict[Shape, list[Seen]] = defaultdict(list)
    for one in refused:
        if one.probe.variant is None:
            groups[one.shape].append(one)
    for group in groups.values():
        first, last = group[0], group[-1]
        if len(group) < _FEWEST or len({one.probe.route.name for one in group}) < 2:  # noqa: PLR2004 - several
            continue
        pairs, guards = {_pair(one) for one in group}, {one.probe.route.guard for one in group}
        others = [one for one in refused if one.shape != first.shape and one.probe.route.guard in guards]
        before = [one for one in others if one.turn < first.turn and one.probe.route.effect is Effect.NONE]
        plain = [one for one in others if one.probe.variant is None and _pair(one) in pairs]
        if before and all(one.turn <= first.turn + _MOST_AMONG and one.turn < last.turn for one in plain):
            yield LastingRefusal(
                probe=before[-1].probe, words=first.shape, status=first.answered.status, since=first.number - 1
            )


def _pair(one: Seen) -> tuple[str, str]:
    return one.probe.route.guard, one.probe.credential.name
