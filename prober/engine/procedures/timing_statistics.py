"""What two series of times can tell, and how sure it is. Pure: no network, no clock, and the same answer each time.

The rule (docs/depth.md) was simulated first: it called nothing a difference that was none,
where a comparison of means did so in up to 63 % of the runs.
"""

from __future__ import annotations

import random
from functools import lru_cache
from itertools import accumulate
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

SIGNIFICANT = 0.01  # the first block's p-value must be below it
FEWEST_PAIRS = 8  # below that even a series of one sign has a p-value of 2/2^7, which is above 0.01
_DRAWS = 300


def median(values: Sequence[float]) -> float:
    """Give the middle one of at least one value, or the mean of the two in the middle."""
    ordered = sorted(values)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def wilcoxon(differences: Sequence[float]) -> float:
    """Give the exact two-sided p-value of the signed-rank test; zeros are dropped, ties share their mean rank.

    Each sign of each rank is as likely as the other when nothing differs, so the sums that are as small as the one
    observed are counted among all 2^n. Where ranks are tied, their own distribution is counted, not that of 1 to n.
    """
    return _chance(_signed_ranks(differences))


def differ(first: Sequence[float], second: Sequence[float], *, floor: float) -> bool:
    """Say whether the first block differs significantly and by `floor` at least, and the second to the same side."""
    return _large_and_again(first, second, floor) and wilcoxon(first) < SIGNIFICANT


def power(differences: Sequence[float], shift: float, *, pairs: int, floor: float) -> float:
    """Estimate how often `differ` would have found a shift in two blocks of `pairs`, from the spread that was seen.

    A bootstrap: blocks are drawn from the differences, centred on their median and shifted, with a seed that is fixed.
    """
    middle = median(differences)
    shifted = [difference - middle + shift for difference in differences]
    drawing = random.Random(0)  # noqa: S311 - no secret: the same differences shall have the same power
    found = 0
    for _ in range(_DRAWS):
        first, second = drawing.choices(shifted, k=pairs), drawing.choices(shifted, k=pairs)
        if _large_and_again(first, second, floor):
            ranks = _signed_ranks(first)
            # The distribution of untied ranks, which is counted once: to draw with replacement makes ties, and to count
            # each draw's own would take a hundred times as long for a p-value that is hardly smaller.
            found += _smaller_sum(ranks) <= _critical_sum(len(ranks))
    return found / _DRAWS


def _large_and_again(first: Sequence[float], second: Sequence[float], floor: float) -> bool:
    here, there = median(first), median(second)
    return abs(here) >= floor and here * there > 0


def _signed_ranks(differences: Sequence[float]) -> list[int]:
    """Rank by size, doubled, so that the mean of two tied ranks is a whole number too."""
    ordered = sorted((difference for difference in differences if difference), key=abs)
    sizes = [abs(difference) for difference in ordered]
    ranks: list[int] = []
    while len(ranks) < len(sizes):
        start = len(ranks)
        end = start + 1
        while end < len(sizes) and sizes[end] == sizes[start]:
            end += 1
        ranks += [start + 1 + end] * (end - start)  # ranks count from 1: this is the first and the last, added
    return [rank if difference > 0 else -rank for rank, difference in zip(ranks, ordered, strict=True)]


def _smaller_sum(ranks: Sequence[int]) -> int:
    return min(sum(rank for rank in ranks if rank > 0), -sum(rank for rank in ranks if rank < 0))


def _chance(ranks: Sequence[int]) -> float:
    """Count the choices of signs whose sum is at most the smaller one observed, of either sign, among all."""
    return min(1.0, 2 * sum(_ways([abs(rank) for rank in ranks], most=_smaller_sum(ranks))) / (1 << len(ranks)))


def _ways(ranks: Sequence[int], *, most: int) -> list[int]:
    """Count for each sum from 0 to `most` in how many ways some of the ranks add up to it."""
    ways = [1] + [0] * most
    for rank in ranks:
        for total in range(most, rank - 1, -1):
            ways[total] += ways[total - rank]
    return ways


@lru_cache(maxsize=128)
def _critical_sum(n: int) -> int:
    """Give the largest doubled sum of n untied ranks that is still significant, -1 where none is."""
    cumulated = accumulate(_ways(range(1, n + 1), most=n * (n + 1) // 2))
    significant = sum(1 for ways in cumulated if 2 * ways < SIGNIFICANT * (1 << n))
    return 2 * significant - 1  # an odd sum, of tied ranks, lies between two untied ones: it counts with the smaller
