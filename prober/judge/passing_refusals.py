"""A refusal that came for a while alone may have been a ban between two looks at the controls. Pure.

Its sign: for a run of answers on several routes it is given in words that the same guards give to the same credentials
neither before nor after. One of those probes is asked once more; where it now gets another answer, the ban has passed.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from prober.judge.attribution import is_throttle
from prober.judge.fingerprint import fingerprint
from prober.model import Answered, Effect, Probe

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from prober.judge.observations import Observations

LONGEST = 80  # answers of a service: what lasts longer is seen by its controls
_FEWEST = 3  # answers, on at least two routes: fewer are the words of a route
_MOST_OTHERS = 0.5  # of the answers meanwhile: with eight requests under way some came before, or after
_MOST_ASKED = 0.01  # of the requests, and one in any case
_VOLATILE = frozenset({"set-cookie", "retry-after", "connection", "keep-alive", "age", "content-length"})

Shape = tuple[object, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PassingRefusal:
    """Answers of one service that were refused in the same words for a while; `probe` is one of them."""

    probe: Probe
    answered: Answered
    since: int  # the number of outcomes before the first
    until: int  # and at the last
    length: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A refused answer to a plain request, in its turn."""

    turn: int  # among the answers of its service
    number: int  # among all outcomes
    probe: Probe
    answered: Answered
    shape: Shape


def passing_refusals(observations: Observations) -> list[PassingRefusal]:
    """Give the refusals that may have been a passing ban's, the longest first, as many as are worth a request."""
    found = [passing for seen in by_service(observations).values() for passing in _passing_in(seen)]
    most = max(1, int(observations.count * _MOST_ASKED))
    return sorted(found, key=lambda one: -one.length)[:most]


def has_passed(refusal: PassingRefusal, now: object) -> str | None:
    """Say what a probe gets now in place of a refusal that came for a while, None where it gets the same."""
    if not isinstance(now, Answered) or is_throttle(now) or shape_of(refusal.probe, now) == _shape(refusal):
        return None
    target = refusal.probe.request.target
    return f"{target} got {refusal.answered.status} for a while, and {now.status} in other words before and later"


def shape_of(probe: Probe, answered: Answered) -> Shape:
    """Give what tells one author's refusal from another's, whatever path was asked for."""
    seen = fingerprint(answered, probe.request.target)
    names = frozenset(name for name, _ in answered.headers) - _VOLATILE
    return seen.status, seen.content_type, seen.location, seen.digest, names, answered.header("server")


def _shape(refusal: PassingRefusal) -> Shape:
    return shape_of(refusal.probe, refusal.answered)


def by_service(observations: Observations, *, as_clients: bool = False) -> dict[str, list[Seen]]:
    """Give the answers to plain requests of guarded routes in their order; also as other clients send them."""
    seen: dict[str, list[Seen]] = defaultdict(list)
    for entry, number in sorted(observations.recorded_at.items(), key=lambda pair: pair[1]):
        outcome = observations.outcomes[entry]
        if not isinstance(entry, Probe) or not isinstance(outcome, Answered):
            continue
        plain = entry.variant is None or (as_clients and entry.variant.as_client)
        if plain and not entry.procedure and entry.promise.refuses:
            own = seen[entry.request.service]
            shape = shape_of(entry, outcome)
            own.append(Seen(turn=len(own), number=number, probe=entry, answered=outcome, shape=shape))
    return seen


def _passing_in(seen: Sequence[Seen]) -> Iterable[PassingRefusal]:
    groups: dict[Shape, list[Seen]] = defaultdict(list)
    for one in seen:
        if not one.answered.succeeded:
            groups[one.shape].append(one)
    for group in groups.values():
        first, last = group[0], group[-1]
        asked = next((one for one in group if one.probe.route.effect is Effect.NONE), None)
        if asked is not None and _is_a_while(group) and _others_differ(group, seen):
            yield PassingRefusal(
                probe=asked.probe, answered=asked.answered, since=first.number - 1, until=last.number, length=len(group)
            )


def _is_a_while(group: Sequence[Seen]) -> bool:
    """Say whether these came one after the other, but for a few, and on several routes."""
    turns = group[-1].turn - group[0].turn + 1
    many = len(group) >= _FEWEST and len({one.probe.route.name for one in group}) > 1
    return many and turns <= LONGEST and len(group) >= turns * _MOST_OTHERS


def _others_differ(group: Sequence[Seen], seen: Sequence[Seen]) -> bool:
    """Say whether before and after it the same guards refused the same credentials in other words."""
    asked = {(one.probe.route.guard, one.probe.credential.name) for one in group}
    first, last = group[0].turn, group[-1].turn
    before = any(_is_of(one, asked) for one in seen[:first])
    after = any(_is_of(one, asked) for one in seen[last + 1 :])
    return before and after


def _is_of(one: Seen, asked: set[tuple[str, str]]) -> bool:
    return (one.probe.route.guard, one.probe.credential.name) in asked and not one.answered.succeeded
