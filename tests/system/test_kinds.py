"""Each kind of what is presented has a depth and a door: the tables of docs/depth.md and docs/effects.md are complete."""

from __future__ import annotations

import re

import pytest

from prober.model import Category, Depth
from prober.plan.variants import VARIANTS
from tools.kinds import KINDS, cost_table, kind_table, kinds_by_name, names_of, requests_by_name

# What the shipped routes, a deployment without addresses of its own, or one without held secrets has no request for.
UNSEEN = {"file-name", "samples", "comparison", "session-binding", "burst", "port", "bogus"}
BOUNDS = {Depth.QUICK: 200, Depth.STANDARD: 950, Depth.DEEP: 7_500}  # of probes; with all effects allowed


def test_each_credential_variant_and_procedure_says_its_kind() -> None:
    assert names_of(Category.UNSORTED) == [], "give these entries a `category`"


def test_each_kind_says_from_which_depth_and_what_shows_that_it_is_found() -> None:
    rows = kind_table().splitlines()[2:]
    assert len(rows) == len(KINDS)
    said = [re.fullmatch(r"\| [^|]+ \| `(quick|standard|deep)` \|.*\| (\d+|`[\w/.]+`) \|", row) for row in rows]
    assert all(said)
    assert "| 0 |" not in kind_table()


def test_each_variant_has_its_cost_and_why_it_is_harmless() -> None:
    table = cost_table()
    assert [entry.name for entry in VARIANTS if f"| `{entry.name}` |" not in table] == []


def test_each_name_that_the_shipped_routes_can_be_asked_with_is_counted() -> None:
    counted = requests_by_name()
    lacking = {name for name in kinds_by_name() if name not in counted and not name.startswith("own-")}
    assert lacking <= UNSEEN


@pytest.mark.parametrize("depth", list(Depth))
def test_all_surfaces_cost_no_more_than_is_promised(depth: Depth) -> None:
    assert sum(counts[depth] for counts in requests_by_name().values()) <= BOUNDS[depth]
