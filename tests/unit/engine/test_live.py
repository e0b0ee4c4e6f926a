"""What is told while a run goes on: nothing before the controls are in, each finding once, and no shell as a leak."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from prober.engine.live import MOST_READINGS, LiveView
from prober.judge.verdicts import judge
from prober.model import Answered, Reason, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.judge.controls import Controls
    from prober.model import Finding, Outcome, Plan, Probe, Surface

HTML = ("content-type", "text/html")
REFUSED = Answered.of(status=401, headers=(), body=b'{"error":"not_signed_in"}', elapsed_ms=1)
DATA = Answered.of(status=200, headers=(), body=b'{"users":[1]}', elapsed_ms=1)
SHELL = Answered.of(status=200, headers=(HTML,), body=b"<title>Sign in</title><p>Welcome</p>", elapsed_ms=1)
NOT_FOUND = Answered.of(status=404, headers=(), body=b"nothing here", elapsed_ms=1)


@pytest.fixture
def plan(plan_of: Callable[..., Plan], routes_of: Callable[..., Surface]) -> Plan:
    paths = [f"GET /api/notes/{number}" for number in range(MOST_READINGS + 5)]
    return plan_of([routes_of(*paths)], only=("* [anonymous]",))


def test_nothing_is_told_before_the_controls_are_in(plan: Plan) -> None:
    told: list[Finding] = []
    early = LiveView(plan, judge=judge, tell=told.append)
    early.seen(plan.probes[0], REFUSED)
    assert told == []
    for path in plan.nowhere:
        early.seen(path, NOT_FOUND)
    early.seen(plan.probes[1], DATA)
    assert [(finding.probe, finding.verdict) for finding in told] == [
        (plan.probes[0], Verdict.LOCKED), (plan.probes[1], Verdict.LEAK),
    ]  # fmt: skip


def test_the_page_that_is_shown_to_everybody_is_no_open_door(plan: Plan) -> None:
    told: list[Finding] = []
    early = LiveView(plan, judge=judge, tell=told.append)
    for path in plan.nowhere:
        early.seen(path, SHELL)
    early.seen(plan.probes[0], SHELL)
    assert [(finding.verdict, finding.reason) for finding in told] == [(Verdict.DRIFT, Reason.SOFT_REFUSAL)]


def test_a_wide_open_deployment_does_not_have_the_controls_read_for_ever(plan: Plan) -> None:
    read: list[Controls] = []

    def remembering(probe: Probe, outcome: Outcome, controls: Controls) -> Finding:
        read.append(controls)
        return judge(probe, outcome, controls)

    told: list[Finding] = []
    early = LiveView(plan, judge=remembering, tell=told.append)
    for path in plan.nowhere:
        early.seen(path, NOT_FOUND)
    for probe in plan.probes:
        early.seen(probe, DATA)
    assert len({id(controls) for controls in read}) == MOST_READINGS + 1
    assert [finding.verdict for finding in told] == [Verdict.LEAK] * len(plan.probes)
