"""What stands of each deployment: a leak at once, all else when it is sure; what proves nothing ends nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from prober.canary.finding_state import Moment
from prober.fleet.deployment_states import UNKNOWN, DeploymentStates
from prober.fleet.tasks import Cause, FleetVerdict, Result
from prober.fleet.worker import MOST_CAUSES
from prober.model import Verdict

NOW = Moment(run="r", at="2026-11-22T10:00:00Z")


def cause(route: str, verdict: str = "leak", reason: str = "granted") -> Cause:
    return Cause(surface="me", route=route, verdict=verdict, reason=reason)


def result(verdict: str, *causes: Cause, name: str = "a") -> Result:
    return Result(name=name, verdict=FleetVerdict(verdict), causes=causes, sentence=f"{verdict}!", why="dns: nobody")


def seen(*verdicts: str, confirm: int = 2) -> list[tuple[str | None, str]]:
    states = DeploymentStates(confirm=confirm)
    changes = [states.record(result(verdict), NOW).change for verdict in verdicts]
    return [(change.before, change.after) for change in changes if change]


@pytest.mark.parametrize(
    ("verdicts", "changes"),
    [
        pytest.param("locked locked locked", [], id="quiet"),
        pytest.param("leak", [(None, "leak")], id="a-leak-at-once"),
        pytest.param("locked leak leak leak", [("locked", "leak")], id="a-leak-once"),
        pytest.param("locked leak locked leak locked", [("locked", "leak")], id="two-in-three-is-open"),
        pytest.param("leak leak locked locked", [(None, "leak"), ("leak", "locked")], id="closed"),
        pytest.param("locked leak no-verdict no-verdict no-verdict", [("locked", "leak")], id="nobody-answers"),
        pytest.param("locked drift locked drift", [], id="a-chance"),
        pytest.param("drift drift", [(None, "drift")], id="a-drift-that-is-sure"),
        pytest.param("locked no-verdict no-verdict locked locked", [("locked", "no-verdict"), ("no-verdict", "locked")], id="away"),
        pytest.param("drift drift leak", [(None, "drift"), ("drift", "leak")], id="worse"),
    ],
)  # fmt: skip
def test_a_verdict_changes_by_the_rules_of_the_canary(verdicts: str, changes: list[tuple[str | None, str]]) -> None:
    assert seen(*verdicts.split()) == changes


def test_what_is_locked_takes_no_memory_and_a_second_look_is_wanted_where_one_is_not_sure() -> None:
    states = DeploymentStates(confirm=2)
    for number in range(100):
        states.record(result("locked", name=f"shop-{number}"), NOW)
    assert list(states) == []
    states.record(result("drift", cause("GET /x", "drift", "missing")), NOW)
    assert (states.is_unsure("a"), states.is_unsure("shop-1")) == (True, False)


def test_each_cause_of_a_deployment_stands_for_itself() -> None:
    states = DeploymentStates(confirm=1)
    states.record(result("leak", cause("GET /x"), cause("GET /y")), NOW)
    step = states.record(result("leak", cause("GET /y")), NOW)
    assert {state.id: state.verdict for state in states} == {"a me: GET /y": Verdict.LEAK}
    assert (step.gone, [transition.id for transition in step.transitions]) == (("a me: GET /x",), ["a me: GET /x"])
    assert states.verdict_of("a") is FleetVerdict.LEAK


def test_a_list_of_causes_that_was_cut_closes_none_that_it_does_not_name() -> None:
    states = DeploymentStates(confirm=1)
    states.record(result("leak", cause("GET /last")), NOW)
    states.record(result("leak", *(cause(f"GET /{number}") for number in range(MOST_CAUSES))), NOW)
    assert "a me: GET /last" in {state.id for state in states}
    states.record(result("locked"), NOW)
    assert list(states) == []


def test_a_cause_with_two_reasons_is_the_leak() -> None:
    states = DeploymentStates(confirm=1)
    states.record(result("leak", cause("GET /x", "drift", "missing"), cause("GET /x")), NOW)
    assert [state.verdict for state in states] == [Verdict.LEAK]


def test_what_was_told_is_kept_until_it_is_told_that_it_is_over_and_a_restart_forgets_nothing() -> None:
    states = DeploymentStates(confirm=1)
    states.record(result("leak", cause("GET /x")), NOW)
    again = DeploymentStates([replace(state, alerted_at=NOW.at) for state in states], confirm=1)
    assert again.record(result("leak", cause("GET /x")), NOW).change is None
    step = again.record(result("locked"), NOW)
    assert [(state.verdict, state.alerted_at) for state in again] == [(Verdict.LOCKED, NOW.at)]
    assert step.change is not None
    assert (step.change.before, step.change.after) == ("leak", "locked")


def test_a_cause_that_becomes_worse_is_to_be_told_anew() -> None:
    states = DeploymentStates(confirm=1)
    states.record(result("drift", cause("GET /x", "drift", "missing")), NOW)
    again = DeploymentStates([replace(state, alerted_at=NOW.at) for state in states], confirm=1)
    again.record(result("leak", cause("GET /x")), NOW)
    assert [(state.verdict, state.alerted_at) for state in again] == [(Verdict.LEAK, None)]


def test_a_deployment_that_answers_again_is_rid_of_its_no_verdict() -> None:
    states = DeploymentStates(confirm=1)
    states.record(result("no-verdict"), NOW)
    assert [state.id for state in states] == [f"a {UNKNOWN}"]
    states.record(result("leak", cause("GET /x")), NOW)
    assert [state.id for state in states] == ["a me: GET /x"]
