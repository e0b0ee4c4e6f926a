"""The table of rules: named, described, and never locked by default."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from prober.judge.verdicts import RULES

if TYPE_CHECKING:
    from prober.judge.rules import Rule


def test_no_two_rules_have_one_name() -> None:
    assert len({rule.name for rule in RULES}) == len(RULES)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_is_named_and_described(rule: Rule) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", rule.name)
    assert re.fullmatch(r"[A-Z].{10,110}\.", rule.about)


def test_the_last_rule_is_a_drift_for_whatever_answer() -> None:
    assert RULES[-1].name == "wrong-status"
