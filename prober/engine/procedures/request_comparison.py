"""Can two requests be told apart: of a known account and of an unknown one? First by the answers, then by the time.

Each is sent three times; what varies between the answers to one of them is not compared, so that a nonce, a date or a
counter makes no difference. Where nothing differs, time is compared by the rule of `statistics`. One request after the
other, through a `send` that takes each of them once; it has no opinion.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from prober.engine.procedures.compared_texts import STATUS, Look, Words, look_at, own_words
from prober.engine.procedures.timing_statistics import FEWEST_PAIRS, differ, median, power, wilcoxon
from prober.model import Answered, Unsent

if TYPE_CHECKING:
    import random
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from prober.model import Outcome, Request

    Send = Callable[[Request], Awaitable[Outcome]]

# Not always the same one first: two replicas that take turns would see one of the two each.
_ORDER = (0, 1, 1, 0, 1, 0)
_REPEATS = 3
_WARM_UP = 2  # pairs that are discarded: connections are opened, caches filled, functions started
_FLOOR = 30.0  # ms: a smaller difference is no finding, however significant
_SHIFT = 200.0  # ms that bcrypt takes at cost 12: the difference of which `detail` gives the power
_SURE = 0.99  # a few hundred draws cannot show more
_THROTTLED = 429
_MOST_NAMES = 5

_NUMBER = re.compile(r"\d+")
Shared = tuple[str | None, ...] | None  # None for a word that varies, or for all where their number does


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """What came of a comparison; where it failed, neither that the two can be told apart nor that they cannot."""

    tellable: bool
    by: str | None
    detail: str  # what was seen, and with what power; where it failed nothing, unless the answers changed
    failed: Outcome | None  # nobody answered, a throttle, or an answer that is unlike the first ones
    requests: int
    power: float | None = None  # to find a difference of 200 ms, where time was compared


class _EndedError(Exception):
    """The comparison cannot go on."""

    def __init__(self, outcome: Outcome, detail: str = "") -> None:
        """Keep what ended it."""
        super().__init__(detail)
        self.outcome, self.detail = outcome, detail


async def compare(
    plain: Request, other: Request, send: Send, *, pairs: int, shuffle: random.Random, clock: Callable[[], float]
) -> Compared:
    """Say whether the two are answered differently, or in another time; `pairs` make a block, `clock` is in seconds."""
    arms = _Arms(plain, other, send, clock)
    try:
        by, alike = await _by_answers(arms)
        if by is not None:
            return Compared(tellable=True, by=by, detail=alike, failed=None, requests=arms.requests)
        if pairs < FEWEST_PAIRS:
            why = f": {pairs} pairs are too few to tell" if pairs > 0 else ""
            detail = f"{alike}; the time was not compared{why}"
            return Compared(tellable=False, by=None, detail=detail, failed=None, requests=arms.requests)
        await _differences(arms, _WARM_UP, shuffle)
        first = await _differences(arms, pairs, shuffle)
        second = await _differences(arms, pairs, shuffle)
    except _EndedError as end:
        return Compared(tellable=False, by=None, detail=end.detail, failed=end.outcome, requests=arms.requests)
    by, detail, sure = _by_time(first, second)
    detail = detail if by else f"{alike}; {detail}"
    return Compared(tellable=by is not None, by=by, detail=detail, failed=None, requests=arms.requests, power=sure)


async def compare_once(plain: Request, other: Request, send: Send) -> Compared:
    """Say whether one answer to each tells the two apart, where a limit leaves no more: by status, place or body.

    Nothing shows what varies from one answer to the next, so numbers, cookies and the names of headers do not count.
    """
    arms = _Arms(plain, other, send, time.monotonic)
    try:
        looks = [(await arms.ask(arm))[0] for arm in range(2)]
    except _EndedError as end:
        return Compared(tellable=False, by=None, detail=end.detail, failed=end.outcome, requests=arms.requests)
    for facet in looks[0].texts:
        here, there = (look.texts[facet] if facet == STATUS else _without_numbers(look.texts[facet]) for look in looks)
        if here != there:
            by = _by(facet, looks)
            return Compared(tellable=True, by=by, detail=f"{by}, in one answer to each", failed=None, requests=2)
    detail = "one answer to each is alike in status, Location and body; its limit leaves no more requests"
    return Compared(tellable=False, by=None, detail=detail, failed=None, requests=arms.requests)


class _Arms:
    """Sends one of the two, counts, and ends the comparison when it is not answered as it was at first."""

    def __init__(self, plain: Request, other: Request, send: Send, clock: Callable[[], float]) -> None:
        """Send nothing yet."""
        self._requests, self._send, self._clock = (plain, other), send, clock
        self._own = own_words(plain, other)
        self.requests = 0
        self.usual: tuple[Mapping[str, Shared], ...] = ({}, {})

    async def ask(self, arm: int) -> tuple[Look, float]:
        """Give what was answered, and in how many milliseconds."""
        started = self._clock()
        outcome = await self._send(self._requests[arm])
        took = (self._clock() - started) * 1000
        self.requests += not isinstance(outcome, Unsent)
        if not isinstance(outcome, Answered) or outcome.status == _THROTTLED:
            raise _EndedError(outcome)
        look = look_at(outcome, self._own)
        # A limiter with a word of its own, or an account that is locked: from here on another answer would be timed.
        if any(_apart(look.texts[facet], shared) for facet, shared in self.usual[arm].items()):
            raise _EndedError(outcome, f"the answer to one of the two changed after {self.requests - 1} requests")
        # An answer knows its own time to the millisecond; where the clock saw more, `send` held the request back.
        return look, min(took, outcome.elapsed_ms + 1.0)


# --- the answers --------------------------------------------------------------------------------------------------


async def _by_answers(arms: _Arms) -> tuple[str | None, str]:
    """Say what tells the two apart, None when nothing does, and what was seen."""
    looks: tuple[list[Look], list[Look]] = ([], [])
    for arm in _ORDER:
        looks[arm].append((await arms.ask(arm))[0])
    plain, other = ({facet: _shared([look.texts[facet] for look in arm]) for facet in arm[0].texts} for arm in looks)
    for facet in plain:
        if _apart(plain[facet], other[facet]):
            by = _by(facet, [arm[0] for arm in looks])
            return by, f"{by}, in {_REPEATS} answers to each"
    for facet in looks[0][0].names:
        names = _names_apart(*([look.names[facet] for look in arm] for arm in looks))
        if names:
            by = f"{facet} ({', '.join(names[:_MOST_NAMES])})"
            return by, f"{by}, in {_REPEATS} answers to each"
    arms.usual = tuple({**shared, "the body": _count(shared["the body"])} for shared in (plain, other))
    loose = [facet for facet in plain if _is_loose(plain[facet]) or _is_loose(other[facet])]
    but = f" (not compared, as it varies: {', '.join(loose)})" if loose else ""
    return None, f"{_REPEATS} answers to each are alike{but}"


def _by(facet: str, looks: Sequence[Look]) -> str:
    """Name what tells the two apart; of the status also what it is for each."""
    here, there = (" ".join(look.texts[facet]) for look in looks)
    return f"status {here} against {there}" if facet == STATUS else facet


def _without_numbers(words: Words) -> Words:
    return tuple(_NUMBER.sub("0", word) for word in words)


def _shared(answers: Sequence[Words]) -> Shared:
    if len({len(words) for words in answers}) > 1:
        return None
    return tuple(words[0] if len(set(words)) == 1 else None for words in zip(*answers, strict=True))


def _count(shared: Shared) -> Shared:
    """Keep how many words there are: a clock's minute may change in a longer series, without another answer."""
    return None if shared is None else (None,) * len(shared)


def _is_loose(shared: Shared) -> bool:
    return shared is None or (bool(shared) and not any(shared))


def _apart(plain: Shared, other: Shared) -> bool:
    if plain is None or other is None:
        return False
    both = zip(plain, other, strict=False)
    return len(plain) != len(other) or any(None not in {one, two} and one != two for one, two in both)


def _names_apart(plain: Sequence[frozenset[str]], other: Sequence[frozenset[str]]) -> list[str]:
    always = [frozenset.intersection(*arm) for arm in (plain, other)]
    varying = [frozenset.union(*arm) - names for arm, names in zip((plain, other), always, strict=True)]
    return sorted((always[0] ^ always[1]) - varying[0] - varying[1])


# --- the time -----------------------------------------------------------------------------------------------------


async def _differences(arms: _Arms, pairs: int, shuffle: random.Random) -> list[float]:
    """Time so many pairs, either one first as it falls; give how many milliseconds longer the other one took."""
    differences: list[float] = []
    for _ in range(pairs):
        order = (0, 1) if shuffle.random() < 0.5 else (1, 0)  # noqa: PLR2004 - a fair coin
        took = {arm: (await arms.ask(arm))[1] for arm in order}
        differences.append(took[1] - took[0])
    return differences


def _by_time(first: Sequence[float], second: Sequence[float]) -> tuple[str | None, str, float]:
    """Say what tells the two apart, None when nothing does; what was seen; and with what power to see 200 ms."""
    pairs, here, there = len(first), median(first), median(second)
    sure = power([*first, *second], _SHIFT, pairs=pairs, floor=_FLOOR)
    chance = wilcoxon(first)
    p = f"p = {chance:.4f}" if chance >= 0.0001 else "p < 0.0001"  # noqa: PLR2004 - four digits
    if differ(first, second, floor=_FLOOR):
        by = f"time: the median difference is {round(here)} ms ({p}, {pairs} pairs, twice the same sign)"
        return by, by, sure
    seen = f"no difference of {_FLOOR:.0f} ms or more seen in 2 x {pairs} pairs"
    if max(abs(here), abs(there)) >= _FLOOR:
        seen = f"2 x {pairs} pairs differ by {round(here)} ms ({p}) and then {round(there)} ms, which may be chance"
    would = f"over {_SURE}" if sure > _SURE else f"{sure:.2f}"
    return None, f"{seen}; one of {_SHIFT:.0f} ms would have been found with power {would}", sure
