"""docs/coverage.md is whole: every rule of the audits is in it, and each fact has a rule or a reason."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from prober.audit.env.audit import RULES as ENV_RULES
from prober.audit.ports.rules import RULES as PORT_RULES
from prober.audit.source.rules import RULES as SOURCE_RULES

if TYPE_CHECKING:
    from prober.model.audit import Rule

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "coverage.md").read_text(encoding="utf-8")
FACTS, OTHERS = PAGE.split("## Rules that stand on no fact of this list")
RULE = re.compile(r"`((?:ENV|SRC|PORT)\d{3})`")
ROWS = [
    (int(number), where, held)
    for number, where, held in re.findall(r"^\| (\d+) \| (\d{3}:\d+) \| .+ \| (.+) \|$", FACTS, re.MULTILINE)
]
KNOWN = {rule.id for rule in (*ENV_RULES, *SOURCE_RULES, *PORT_RULES)}


def test_each_fact_that_needs_no_request_is_there_once() -> None:
    numbers = [number for number, _, _ in ROWS]
    assert numbers == sorted(set(numbers))
    assert len(numbers) == 156
    assert len(numbers) == len([line for line in FACTS.splitlines() if re.match(r"\| \d", line)])


def test_every_rule_is_there_and_there_is_no_other() -> None:
    assert set(RULE.findall(FACTS)) | set(RULE.findall(OTHERS)) == KNOWN
    assert set(RULE.findall(FACTS)) & set(RULE.findall(OTHERS)) == set()


@pytest.mark.parametrize("rule", ENV_RULES, ids=lambda rule: rule.id)
def test_rule_names_the_facts_that_it_holds(rule: Rule) -> None:
    assert tuple(number for number, _, held in ROWS if rule.id in RULE.findall(held)) == rule.facts


def test_every_fact_has_a_rule_or_a_reason() -> None:
    reasons = {number: RULE.sub("", held).strip(" ,;") for number, _, held in ROWS if not RULE.search(held)}
    assert [number for number, reason in reasons.items() if len(reason) < len("the same")] == []
    known = {number for number, _, _ in ROWS}
    others = [(number, int(other)) for number, _, held in ROWS for other in re.findall(r"\bas fact (\d+)", held)]
    assert [pair for pair in others if pair[1] not in known - {pair[0]}] == []


@pytest.mark.parametrize("path", sorted(set(re.findall(r"`((?:probes|profiles|docs)/[^`]+\.\w+)`", PAGE))))
def test_file_that_it_names_is_there(path: str) -> None:
    assert (ROOT / path).is_file()


def test_rules_of_ours_say_in_words_what_they_are() -> None:
    titles = dict(re.findall(r"^\| `(\w+)` \| (.+) \|$", OTHERS, re.MULTILINE))
    rules = {rule.id: rule.title for rule in (*ENV_RULES, *SOURCE_RULES, *PORT_RULES)}
    assert titles == {name: rules[name] for name in titles}
