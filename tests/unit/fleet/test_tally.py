"""What a fleet came to: it starts from the inventory, so that nobody is forgotten, and no empty fleet is locked."""

from __future__ import annotations

import itertools

import pytest

from prober.fleet.tally import NOT_BEGUN, Tally
from prober.fleet.tasks import Cause, FleetVerdict, Result
from prober.model import ExitStatus

GRANTED = Cause(surface="me", route="GET /api/me", verdict="leak", reason="granted")
MOVED = Cause(surface="me", route="GET /api/you", verdict="drift", reason="missing")


def tally(*verdicts: str, at_least: int | None = None, inventory: int | None = None) -> Tally:
    made = Tally(labels={f"d{n}": () for n in range(len(verdicts))}, at_least=at_least, inventory=inventory)
    for number, verdict in enumerate(verdicts):
        if verdict:
            made.record(Result(name=f"d{number}", verdict=FleetVerdict(verdict)))
    return made


@pytest.mark.parametrize(
    ("verdicts", "status"),
    [
        pytest.param(["locked", "locked"], ExitStatus.LOCKED, id="all-locked"),
        pytest.param(["locked", "leak", ""], ExitStatus.LEAK, id="a-leak-beside-no-verdict"),
        pytest.param(["drift", "no-verdict"], ExitStatus.LEAK, id="a-drift"),
        pytest.param(["locked", "no-verdict"], ExitStatus.NO_VERDICT, id="one-unknown"),
        pytest.param(["locked", ""], ExitStatus.NO_VERDICT, id="one-without-a-result"),
        pytest.param([], ExitStatus.NO_VERDICT, id="empty"),
    ],
)
def test_the_exit_status_is_that_of_the_worst(verdicts: list[str], status: ExitStatus) -> None:
    assert tally(*verdicts).exit_status == status


def test_a_fleet_that_has_shrunk_has_no_verdict_and_a_leak_in_it_is_one() -> None:
    assert tally("locked", at_least=2).exit_status == ExitStatus.NO_VERDICT
    assert tally("locked", at_least=2, inventory=2).exit_status == ExitStatus.LOCKED
    assert tally("leak", at_least=2).exit_status == ExitStatus.LEAK


@pytest.mark.parametrize("verdicts", list(itertools.product(["", "leak", "drift", "no-verdict", "locked"], repeat=3)))
def test_the_counts_are_always_those_of_the_inventory(verdicts: tuple[str, ...]) -> None:
    made = tally(*verdicts)
    assert sum(made.counts.values()) == 3
    assert (made.exit_status == ExitStatus.LOCKED) is (set(verdicts) == {"locked"})


def test_a_result_of_nobody_is_a_bug_and_a_second_one_replaces_the_first() -> None:
    made = tally("no-verdict")
    with pytest.raises(ValueError, match="not in the inventory"):
        made.record(Result(name="other", verdict=FleetVerdict.LOCKED))
    made.record(Result(name="d0", verdict=FleetVerdict.LOCKED))
    assert made.counts[FleetVerdict.LOCKED] == 1
    made.record(Result(name="d0", verdict=FleetVerdict.LEAK))
    assert made.counts[FleetVerdict.LOCKED] == 0
    assert made.exit_status == ExitStatus.LEAK


def labelled() -> Tally:
    labels = {f"d{n}": (("env", "prod" if n < 4 else "preview"), ("instance", f"h{n}")) for n in range(8)}
    made = Tally(labels=labels)
    for name in ("d5", "d6"):
        made.record(Result(name=name, verdict=FleetVerdict.LEAK, causes=(MOVED, GRANTED)))
    made.record(Result(name="d7", verdict=FleetVerdict.DRIFT, causes=(MOVED,)))
    made.record(Result(name="d0", verdict=FleetVerdict.NO_VERDICT, why="dns: no such name"))
    return made


def test_causes_are_grouped_leaks_first_with_the_label_that_sets_them_apart() -> None:
    granted, moved = labelled().causes()
    assert (granted.cause, granted.names, granted.apart) == (GRANTED, ("d5", "d6"), "env=preview (2 of 4)")
    assert (moved.cause, moved.names) == (MOVED, ("d5", "d6", "d7"))


def test_a_label_that_each_has_for_itself_sets_nobody_apart() -> None:
    labels = {f"d{n}": (("instance", f"h{n}"),) for n in range(3)}
    made = Tally(labels=labels)
    made.record(Result(name="d1", verdict=FleetVerdict.LEAK, causes=(GRANTED,)))
    assert made.causes()[0].apart is None


def test_no_verdicts_are_grouped_by_cause_the_most_frequent_first() -> None:
    groups = [(group.why, group.names) for group in labelled().unknown()]
    assert groups == [(NOT_BEGUN, ("d1", "d2", "d3", "d4")), ("dns: no such name", ("d0",))]
