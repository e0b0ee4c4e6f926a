"""What two series of times can tell: the exact signed-rank test, its rule, and the power that it had.

The p-values were computed with SciPy 1.17.1, outside this repository: scipy.stats.wilcoxon(d, method="exact"), and where
there are ties or zeros, for which that is not exact, with zero_method="wilcox" and method=PermutationMethod(
n_resamples=10**6), which tries every choice of signs where there are so few.
"""

from __future__ import annotations

import itertools
import random
import time

import pytest

from prober.engine.procedures.timing_statistics import FEWEST_PAIRS, SIGNIFICANT, differ, median, power, wilcoxon

# Of the example in scipy.stats.wilcoxon's documentation: heights of cross- and self-fertilised corn, after Darwin.
CORN = [6, 8, 14, 16, 23, 24, 28, 29, 41, -48, 49, 56, 60, -67, 75]


def up_to(n: int, negative: int) -> list[float]:
    """The numbers from 1 to n, and every so many of them below zero."""
    return [-float(i) if i % negative == 0 else float(i) for i in range(1, n + 1)]


def jittered(n: int, spread: float, seed: int = 1) -> list[float]:
    chance = random.Random(seed)
    return [chance.gauss(0, spread) for _ in range(n)]


@pytest.mark.parametrize(
    ("differences", "p"),
    [
        pytest.param(CORN, 0.041259765625, id="documentation"),
        pytest.param([1.5], 1.0, id="one"),
        pytest.param([1, 2, 3], 0.25, id="three-resets-an-hour"),
        pytest.param([1, 2, 3, 4, 5, 6, 7], 0.015625, id="seven-of-one-sign"),
        pytest.param([1, -2, 3, -4, 5], 0.8125, id="mixed"),
        pytest.param(up_to(20, 3), 0.1230926513671875, id="20"),
        pytest.param([-i for i in up_to(20, 3)], 0.1230926513671875, id="20-the-other-way"),
        pytest.param(range(-20, 0), 1.9073486328125e-06, id="20-of-one-sign"),
        pytest.param(up_to(40, 3), 0.06616061626664305, id="40"),
        pytest.param(up_to(60, 4), 0.001105250385311285, id="60-significant"),
        pytest.param(up_to(60, 3), 0.035563173784766366, id="60"),
    ],
)
def test_p_value_is_that_of_scipy(differences: list[float], p: float) -> None:
    assert wilcoxon(differences) == pytest.approx(p, rel=1e-9)


@pytest.mark.parametrize(
    ("differences", "p"),
    [
        pytest.param([1, 1, 2, 2, -2, 3, 3, 3, -4, 5], 0.154296875, id="ties"),
        pytest.param([30] * 8, 0.0078125, id="all-tied"),
        pytest.param([10, 10, -10, 20, 20, 30, -30, 40, 50, 50, 60, 70], 0.01513671875, id="ties-of-both-signs"),
        pytest.param([0, 0, 1, -2, 2, 3, 4, 4, 5], 0.0625, id="ties-and-zeros"),
    ],
)
def test_ties_share_their_rank_and_zeros_are_dropped(differences: list[float], p: float) -> None:
    assert wilcoxon(differences) == pytest.approx(p, rel=1e-9)


@pytest.mark.parametrize("differences", [pytest.param([], id="none"), pytest.param([0.0, 0.0], id="zeros")])
def test_no_difference_at_all_is_no_evidence(differences: list[float]) -> None:
    assert wilcoxon(differences) == 1.0


@pytest.mark.parametrize(
    "sizes", [pytest.param(range(1, 10), id="untied"), pytest.param([1, 1, 1, 2, 2, 5, 5, 6, 6], id="tied")]
)
def test_p_value_is_true_of_every_choice_of_signs(sizes: list[int]) -> None:
    """At most a share of 1 % of all the series that no difference can make has a p-value of at most 1 %."""
    chances = [
        wilcoxon([sign * size for sign, size in zip(signs, sizes, strict=True)])
        for signs in itertools.product((-1, 1), repeat=9)
    ]
    assert [sum(chance <= p for chance in chances) / 512 for p in sorted(set(chances))] == sorted(set(chances))


@pytest.mark.parametrize(
    ("values", "middle"),
    [
        pytest.param([7.0], 7.0, id="one"),
        pytest.param([9.0, 1.0, 2.0], 2.0, id="odd"),
        pytest.param([4.0, 1.0, 100.0, 2.0], 3.0, id="even"),
    ],
)
def test_median_is_the_middle(values: list[float], middle: float) -> None:
    assert median(values) == middle


UP = [float(size) for size in range(40, 50)]
DOWN = [-size for size in UP]


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        pytest.param(UP, UP, True, id="twice"),
        pytest.param(DOWN, DOWN, True, id="twice-the-other-way"),
        pytest.param(UP, [1.0] * 10, True, id="smaller-the-second-time"),
        pytest.param(UP, DOWN, False, id="another-sign"),
        pytest.param(UP, [0.0] * 10, False, id="nothing-the-second-time"),
        pytest.param([30.0] * 10, UP, True, id="at-the-floor"),
        pytest.param([29.9] * 10, UP, False, id="below-the-floor"),
        pytest.param([-29.9] * 10, DOWN, False, id="below-the-floor-the-other-way"),
        pytest.param([*UP[:6], *DOWN[:4]], UP, False, id="not-significant"),
        pytest.param([40.0] * FEWEST_PAIRS, UP, True, id="enough"),
        pytest.param([40.0] * (FEWEST_PAIRS - 1), UP, False, id="too-few"),
    ],
)
def test_two_blocks_differ_when_large_significant_and_again(
    first: list[float], second: list[float], *, told: bool
) -> None:
    assert differ(first, second, floor=30.0) is told


@pytest.mark.parametrize(
    ("spread", "least", "most"),
    [
        pytest.param(0.0, 1.0, 1.0, id="still"),
        pytest.param(40.0, 0.99, 1.0, id="calm"),
        pytest.param(200.0, 0.75, 0.99, id="restless"),
        pytest.param(2000.0, 0.0, 0.1, id="hopeless"),
    ],
)
def test_power_falls_with_the_spread(spread: float, least: float, most: float) -> None:
    assert least <= power(jittered(40, spread), 200.0, pairs=20, floor=30.0) <= most


@pytest.mark.parametrize("shift", [pytest.param(200.0, id="slower"), pytest.param(-200.0, id="faster")])
def test_power_is_the_same_in_both_directions_and_each_time(shift: float) -> None:
    seen = jittered(40, 150.0)
    found = power(seen, shift, pairs=20, floor=30.0)
    assert found == power(seen, shift, pairs=20, floor=30.0)
    assert found == pytest.approx(power([-one for one in seen], -shift, pairs=20, floor=30.0), abs=0.001)


def test_power_does_not_count_the_difference_that_was_seen() -> None:
    seen = jittered(40, 150.0)
    assert power([one + 500.0 for one in seen], 200.0, pairs=20, floor=30.0) == power(
        seen, 200.0, pairs=20, floor=30.0
    )  # fmt: skip


def test_a_shift_below_the_floor_is_not_found_however_still_it_is() -> None:
    assert power([0.0] * 40, 29.0, pairs=20, floor=30.0) == 0.0


@pytest.mark.parametrize(
    ("pairs", "found"), [pytest.param(FEWEST_PAIRS - 1, 0.0, id="seven"), pytest.param(FEWEST_PAIRS, 1.0, id="eight")]
)
def test_too_few_pairs_have_no_power(pairs: int, found: float) -> None:
    assert power(up_to(16, 3), 500.0, pairs=pairs, floor=30.0) == found


def test_power_is_about_the_share_of_series_that_are_found() -> None:
    """Of the rule itself, over fresh series of the same spread."""
    chance = random.Random(5)

    def series(n: int) -> list[float]:
        return [chance.gauss(200, 200) for _ in range(n)]

    share = sum(differ(series(20), series(20), floor=30.0) for _ in range(1000)) / 1000
    estimates = [power(series(40), 200.0, pairs=20, floor=30.0) for _ in range(60)]
    assert 0.85 < share < 0.95
    assert sum(estimates) / 60 == pytest.approx(share, abs=0.04)


@pytest.mark.parametrize("n", [20, 60])
def test_power_is_quick(n: int) -> None:
    seen = jittered(2 * n, 100.0)
    power(seen, 30.0, pairs=n, floor=0.0)  # the distribution is counted once
    started = time.process_time()
    power(seen, 30.0, pairs=n, floor=0.0)
    assert time.process_time() - started < 0.3  # 15 to 50 ms; the margin is for a machine that is busy


def test_significance_is_the_one_of_the_simulation() -> None:
    assert SIGNIFICANT == 0.01
