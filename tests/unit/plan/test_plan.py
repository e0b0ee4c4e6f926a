"""The plan: which credentials at which depth, what may act, what goes over the wire, what it costs."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from prober.model import (
    Depth,
)
from tests.support.plan_texts import everything

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.model import Plan, Profile, Surface


def test_header_of_the_middleware_bypass_is_tried_at_every_page_that_redirects_strangers(
    plan_of: Callable[..., Plan],
) -> None:
    plan = plan_of()
    dressed = {probe.route.name for probe in plan.probes if probe.variant}
    pages = {probe.route.name for probe in plan.probes if probe.route.guard in {"session-page", "admin-page"}}
    assert len(pages) == 12
    assert dressed - pages == {"auth: GET /api/auth/callback/github"}  # it redirects strangers, too
    assert pages <= dressed
    assert {probe.variant.name for probe in plan.probes if probe.variant} == {"middleware-subrequest"}
    assert {probe.credential.name for probe in plan.probes if probe.variant} == {"anonymous"}


def test_one_header_holds_the_value_for_each_affected_line_of_next(plan_of: Callable[..., Plan]) -> None:
    [probe] = [probe for probe in plan_of().probes if probe.id == "pages: GET / [anonymous] middleware-subrequest"]
    values = [value for name, value in probe.request.headers if name == "x-middleware-subrequest"]
    assert len(values) == 1
    parts = Counter(values[0].split(":"))
    assert parts == {"middleware": 5, "src/middleware": 5, "pages/_middleware": 1}


def test_quick_tries_no_variant(plan_of: Callable[..., Plan]) -> None:
    assert [probe.id for probe in everything(plan_of(depth=Depth.QUICK)) if probe.variant] == []


@pytest.mark.parametrize(
    ("route", "promised", "variants"),
    [
        pytest.param("GET /x", "{status: 302, location: /signin}", 1, id="redirect"),
        pytest.param("GET /x", "[401, {status: 302, location: /signin}]", 1, id="one-of-them-a-redirect"),
        pytest.param("POST /x", "{status: 302, location: /signin}", 0, id="no-page"),
        pytest.param("GET /x", "401", 0, id="no-redirect"),
        pytest.param("GET /x", "[{status: 200}, {status: 302, location: /signin}]", 0, id="open-by-promise"),
    ],
)
def test_variant_is_for_pages_that_refuse_by_a_redirect(
    route: str,
    promised: str,
    variants: int,
    routes_of: Callable[..., Surface],
    profile_of: Callable[[str], Profile],
    plan_of: Callable[..., Plan],
) -> None:
    profile = profile_of(f"profile: p\nabout: A.\nguards:\n  page: {promised}\n")
    plan = plan_of([routes_of(route, guard="page")], profile)
    names = [probe.variant.name for probe in plan.probes if probe.variant]
    assert names.count("middleware-subrequest") == variants
