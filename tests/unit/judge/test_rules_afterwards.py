"""Every rule that a report can name is explained: those of the table by the table, all others here."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import prober.judge
from prober.cli.explain import explain_word
from prober.judge.rules_afterwards import RULES_AFTERWARDS, about_rule_afterwards
from prober.judge.verdicts import RULES
from prober.judge.whole_service import _WHOLES
from prober.model import Observed

NAMED = re.compile(r"rule=\"([a-z-]+)\"|, \"(surface-[a-z-]+)\"$", re.MULTILINE)
SOURCES = sorted(Path(prober.judge.__file__).parent.glob("*.py"))
GIVEN = {
    name for path in SOURCES for found in NAMED.findall(path.read_text(encoding="utf-8")) for name in found if name
}


def test_the_source_names_the_rules_that_are_known_here() -> None:
    of_services = {f"service-{reason}" for _, reason, _ in _WHOLES}
    assert GIVEN | of_services == set(RULES_AFTERWARDS)


def test_no_name_is_given_twice() -> None:
    assert not {rule.name for rule in RULES} & set(RULES_AFTERWARDS)


@pytest.mark.parametrize("name", [*RULES_AFTERWARDS, *(f"observed-{seen}" for seen in Observed)])
def test_each_is_explained_in_a_sentence(name: str) -> None:
    about = about_rule_afterwards(name)
    assert about is not None
    assert about.endswith(".")
    assert about.split()[0] in (explain_word(name) or "")


def test_no_other_word_is_a_rule() -> None:
    assert about_rule_afterwards("observed-nothing-known") is None
    assert about_rule_afterwards("sent") is None
