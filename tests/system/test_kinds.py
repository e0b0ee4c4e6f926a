"""Each kind of what is presented has a depth and a door: the tables of docs/depth.md and docs/effects.md are complete."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from prober.definitions.builtin import load_profile, load_surfaces
from prober.definitions.packs import PACKS
from prober.definitions.service import parse_service
from prober.engine.procedures.registry import PROCEDURES
from prober.model import Category, Deployment, Depth
from prober.model.session_cookies import SESSION_COOKIES
from prober.plan.credential_names import credential_names
from prober.plan.options import PlanOptions
from prober.plan.plan import make_plan
from prober.plan.variants import VARIANTS
from tools.kinds import BESIDES, cost_table, kind_table, kinds_by_name, names_of, requests_by_name

# What the shipped routes, a deployment without addresses of its own, or one without held secrets has no request for.
UNSEEN = {"file-name", "samples", "comparison", "session-binding", "burst", "port", "bogus"}
BOUNDS = {Depth.QUICK: 200, Depth.STANDARD: 950, Depth.DEEP: 7_500}  # of probes; with all effects allowed


def test_each_kind_presents_something_or_says_what_is_asked_besides() -> None:
    assert [kind for kind in Category if not names_of(kind) and kind not in BESIDES] == []


def test_each_kind_says_from_which_depth_and_what_shows_that_it_is_found() -> None:
    rows = kind_table().splitlines()[2:]
    assert len(rows) == len(Category)
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


@pytest.mark.parametrize(
    ("row", "pack"), [pytest.param("all", None, id="all"), pytest.param("those of the Brain Platform", "brain-platform", id="brain")]
)  # fmt: skip
def test_the_page_says_what_a_run_of_each_depth_costs(row: str, pack: str | None) -> None:
    tried = tuple(
        each for each in load_surfaces() if not each.by_name_only and (not pack or each.name in PACKS[pack].surfaces)
    )
    services = (
        parse_service("web", "https://brain.example.com"),
        parse_service("mcp", "https://mcp.brain.example.com"),
    )
    deployment = Deployment(services=services, surfaces=tried, declared=frozenset(), cookies=SESSION_COOKIES)
    profile = load_profile("oauth", credentials=credential_names())
    plans = [
        make_plan(deployment, profile, PlanOptions(run="0123abcd", user_agent="t", depth=depth), procedures=PROCEDURES)
        for depth in Depth
    ]
    counts = [sum(probe.requests for probe in plan.probes) + len(plan.not_found_controls) for plan in plans]
    page = (Path(__file__).parents[2] / "docs" / "depth.md").read_text(encoding="utf-8")
    assert f"| {row} | " + " | ".join(f"{count:,}" for count in counts) + " |" in page
