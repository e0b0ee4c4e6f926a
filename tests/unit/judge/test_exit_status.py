"""The exit status is a pure function of the verdicts."""

from __future__ import annotations

from itertools import combinations

import pytest

from prober.judge.exit_status import exit_status, verdict_of_run
from prober.model import ExitStatus, Verdict

EVERY_MIX = [frozenset(mix) for size in range(len(Verdict) + 1) for mix in combinations(Verdict, size)]


def test_every_mix_is_there() -> None:
    assert len(EVERY_MIX) == 2 ** len(Verdict)


@pytest.mark.parametrize(
    ("verdicts", "status"),
    [
        pytest.param([Verdict.LOCKED], 0, id="locked"),
        pytest.param([Verdict.LOCKED, Verdict.SKIPPED], 0, id="a-skip-changes-nothing"),
        pytest.param([Verdict.LOCKED, Verdict.LEAK], 1, id="a-leak"),
        pytest.param([Verdict.UNREACHABLE, Verdict.LEAK], 1, id="a-timeout-hides-no-leak"),
        pytest.param([Verdict.UNPROVEN, Verdict.LEAK], 1, id="a-wall-hides-no-leak"),
        pytest.param([Verdict.LOCKED, Verdict.DRIFT], 1, id="drift"),
        pytest.param([Verdict.LOCKED, Verdict.UNPROVEN], 2, id="unproven"),
        pytest.param([Verdict.LOCKED, Verdict.UNREACHABLE], 2, id="unreachable"),
        pytest.param([Verdict.SKIPPED], 2, id="only-skips"),
        pytest.param([], 2, id="nothing-at-all"),
    ],
)
def test_the_worst_verdict_gives_the_status(verdicts: list[Verdict], status: int) -> None:
    assert exit_status(verdicts) == status


def test_zero_needs_something_locked_and_nothing_worse() -> None:
    harmless = {Verdict.LOCKED, Verdict.SKIPPED}
    zero = [mix for mix in EVERY_MIX if exit_status(mix) is ExitStatus.LOCKED]
    assert zero == [mix for mix in EVERY_MIX if Verdict.LOCKED in mix and mix <= harmless]


@pytest.mark.parametrize("tolerate", [pytest.param(False, id="strict"), pytest.param(True, id="tolerant")])
@pytest.mark.parametrize("lacking", [pytest.param(False, id="complete"), pytest.param(True, id="lacking")])
def test_the_verdict_of_a_run_and_its_status_agree(*, lacking: bool, tolerate: bool) -> None:
    by_verdict = {Verdict.LEAK: 1, Verdict.DRIFT: 1, Verdict.UNPROVEN: 2, Verdict.UNREACHABLE: 2, Verdict.LOCKED: 0}
    verdicts = [verdict_of_run(mix, tolerate_drift=tolerate, lacking=lacking) for mix in EVERY_MIX]
    statuses = [exit_status(mix, tolerate_drift=tolerate, lacking=lacking) for mix in EVERY_MIX]
    assert [by_verdict[verdict] for verdict in verdicts] == statuses


@pytest.mark.parametrize(
    ("mix", "said"),
    [
        pytest.param({Verdict.LEAK, Verdict.DRIFT}, Verdict.LEAK, id="a-leak-before-drift"),
        pytest.param({Verdict.DRIFT, Verdict.UNPROVEN}, Verdict.DRIFT, id="drift-before-what-is-unproven"),
        pytest.param({Verdict.UNPROVEN, Verdict.UNREACHABLE}, Verdict.UNPROVEN, id="unproven-before-unreachable"),
        pytest.param({Verdict.UNREACHABLE, Verdict.LOCKED}, Verdict.UNREACHABLE, id="unreachable-before-locked"),
        pytest.param({Verdict.SKIPPED}, Verdict.UNPROVEN, id="only-skips"),
        pytest.param(set(), Verdict.UNPROVEN, id="nothing"),
    ],
)
def test_the_worst_verdict_is_that_of_the_run(mix: set[Verdict], said: Verdict) -> None:
    assert verdict_of_run(mix) is said


def test_tolerating_drift_hides_no_leak_and_nothing_unproven() -> None:
    tolerant = [exit_status(mix, tolerate_drift=True) for mix in EVERY_MIX]
    assert tolerant == [exit_status(mix - {Verdict.DRIFT}) for mix in EVERY_MIX]
    assert [
        mix for mix, status in zip(EVERY_MIX, tolerant, strict=True) if (status == 1) != (Verdict.LEAK in mix)
    ] == []


def test_a_required_skip_is_no_verdict() -> None:
    assert exit_status([Verdict.LOCKED, Verdict.SKIPPED], lacking=True) == ExitStatus.NO_VERDICT
    assert exit_status([Verdict.LEAK], lacking=True) == ExitStatus.LEAK
    assert verdict_of_run([Verdict.LOCKED], lacking=True) is Verdict.UNPROVEN


def test_a_route_that_nobody_probes_is_drift_and_hides_no_leak() -> None:
    assert {exit_status(mix, uncovered=True) for mix in EVERY_MIX} == {ExitStatus.LEAK}
    verdicts = [verdict_of_run(mix, uncovered=True) for mix in EVERY_MIX]
    assert verdicts == [Verdict.LEAK if Verdict.LEAK in mix else Verdict.DRIFT for mix in EVERY_MIX]
