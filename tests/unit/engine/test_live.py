"""What is reported while a run goes on: nothing before the controls are in, each finding once, and no shell as a leak."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from prober.engine.live import LiveView
from prober.judge.observations import Observations
from prober.judge.verdicts import judge
from prober.model import Answered, NotFoundControl, Reason, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.model import Finding, Outcome, Plan, Probe, Surface

HTML = ("content-type", "text/html")
REFUSED = Answered.of(status=401, headers=(), body=b'{"error":"not_signed_in"}', elapsed_ms=1)
DATA = Answered.of(status=200, headers=(), body=b'{"users":[1]}', elapsed_ms=1)
SHELL = Answered.of(status=200, headers=(HTML,), body=b"<title>Sign in</title><p>Welcome</p>", elapsed_ms=1)
NOT_FOUND = Answered.of(status=404, headers=(), body=b"nothing here", elapsed_ms=1)


class Live:
    """A live view, what it has reported, and the observations that it looks at."""

    def __init__(self, plan: Plan) -> None:
        self.reported: list[Finding] = []
        self.observations = Observations(plan)
        self.view = LiveView(plan, self.observations, judge=judge, report=self.reported.append)

    def observe(self, entry: Probe | NotFoundControl, outcome: Outcome) -> None:
        self.observations.record(entry, outcome)
        self.view.observed(entry, outcome)

    @property
    def verdicts(self) -> list[tuple[Verdict, Reason]]:
        return [(finding.verdict, finding.reason) for finding in self.reported]


@pytest.fixture
def plan(plan_of: Callable[..., Plan], routes_of: Callable[..., Surface]) -> Plan:
    paths = [f"GET /api/notes/{number}" for number in range(5)]
    return plan_of([routes_of(*paths)], only=("* [anonymous]",))


def test_nothing_is_reported_before_the_controls_are_in(plan: Plan) -> None:
    live = Live(plan)
    live.observe(plan.probes[0], REFUSED)
    assert live.reported == []
    for path in plan.not_found_controls:
        live.observe(path, NOT_FOUND)
    live.observe(plan.probes[1], DATA)
    assert [(finding.probe, finding.verdict) for finding in live.reported] == [
        (plan.probes[0], Verdict.LOCKED), (plan.probes[1], Verdict.LEAK),
    ]  # fmt: skip


def test_the_page_that_is_shown_to_everybody_is_no_open_route(plan: Plan) -> None:
    live = Live(plan)
    for path in plan.not_found_controls:
        live.observe(path, SHELL)
    live.observe(plan.probes[0], SHELL)
    assert live.verdicts == [(Verdict.DRIFT, Reason.SOFT_REFUSAL)]
