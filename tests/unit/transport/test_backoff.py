"""A service that started well and grows slow, or fails, gets a rest."""

from __future__ import annotations

import pytest

from prober.transport.backoff import FIRST_PAUSE, HEALTHY_START, MAX_PAUSES, MAX_TOTAL_PAUSE, SLOW_MS, Backoff

SLOW = (SLOW_MS + 500, False)
FAILED = (5, True)
GOOD = (5, False)


def rests(*answers: tuple[int, bool]) -> list[float]:
    strain = Backoff()
    return [strain.pause_after(elapsed_ms, failed=failed) for elapsed_ms, failed in answers]


@pytest.mark.parametrize("bad", [pytest.param(SLOW, id="slow"), pytest.param(FAILED, id="failing")])
def test_three_strained_answers_in_a_row_are_followed_by_rests_that_grow(bad: tuple[int, bool]) -> None:
    assert rests(*[GOOD] * HEALTHY_START, bad, bad, bad, bad)[-4:] == [0, 0, FIRST_PAUSE, 2 * FIRST_PAUSE]


def test_what_resting_does_not_mend_is_how_the_service_is() -> None:
    given = rests(*[GOOD] * HEALTHY_START, *[FAILED] * 500)
    assert sum(given) == FIRST_PAUSE * (2**MAX_PAUSES - 1)
    assert given[-1] == 0


def test_one_good_answer_ends_the_strain() -> None:
    assert rests(*[GOOD] * HEALTHY_START, FAILED, FAILED, GOOD, FAILED, FAILED) == [0] * (HEALTHY_START + 5)


def test_a_service_that_never_did_well_is_not_waited_for() -> None:
    assert rests(*[FAILED] * 40) == [0] * 40


def test_a_service_that_is_always_slow_is_as_usual() -> None:
    assert rests(*[SLOW] * 40) == [0] * 40


def test_routes_that_fail_among_others_that_do_not_cost_no_more_than_so_much() -> None:
    given = rests(*[*[GOOD] * HEALTHY_START, *[FAILED] * 6] * 100)
    assert sum(given) == MAX_TOTAL_PAUSE
    assert given[-1] == 0
