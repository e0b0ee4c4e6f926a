"""The table of rules: named, described, and never locked by default."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from prober.judge.verdicts import RULES, judge
from prober.model import Answered, Cause, Observed, ProcedureResult, Reason, Unanswered, Unsent
from tests.support.judging import REFUSED, answer, controls, probe, promise

if TYPE_CHECKING:
    from prober.judge.rules import Rule
    from prober.model import Outcome


def test_no_two_rules_have_one_name() -> None:
    assert len({rule.name for rule in RULES}) == len(RULES)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_is_named_and_described(rule: Rule) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", rule.name)
    assert re.fullmatch(r"[A-Z].{10,110}\.", rule.about)


def test_the_last_rule_is_a_drift_for_whatever_answer() -> None:
    assert RULES[-1].name == "wrong-status"


@pytest.mark.parametrize(
    ("outcome", "rule"),
    [
        pytest.param(Unsent(reason=Reason.EFFECT, detail="it may act"), "not-sent", id="not-sent"),
        pytest.param(
            Unanswered(cause=Cause.TIMEOUT, detail="late", arrived=True, attempts=1, elapsed_ms=1),
            "unanswered",
            id="silence",
        ),
        pytest.param(
            ProcedureResult(observed=Observed.SESSION_BOUND, detail="bound", requests=2),
            "observed-session-bound",
            id="observed",
        ),
        pytest.param(answer(401), "as-expected", id="answered"),
    ],
)
def test_a_finding_names_its_probe_and_its_rule(outcome: Outcome, rule: str) -> None:
    asked = probe(promise(REFUSED))
    found = judge(asked, outcome, controls())
    assert (found.probe, found.outcome, found.rule) == (asked, outcome, rule)
    assert (found.answered_by is None) is not isinstance(outcome, Answered | ProcedureResult)
