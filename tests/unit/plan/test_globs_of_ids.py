"""Which probes --only and --skip choose."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from prober.errors import UsageError
from prober.plan.globs import matches

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.model import Plan

COPIED = [
    "pages: GET / [anonymous]",
    "pages: GET / [anonymous] middleware-subrequest",
    "pages: GET /reset-password?token=lockdown-probe [anonymous]",
    "mcp: POST /mcp initialize [bearer-two-spaces]",
    "admin: PATCH /api/admin/users/:id/role [bogus-cookie]",
]


@pytest.mark.parametrize("copied", COPIED)
def test_id_can_be_copied_into_only(copied: str, plan_of: Callable[..., Plan]) -> None:
    assert [probe.id for probe in plan_of(only=(copied,)).probes] == [copied]


@pytest.mark.parametrize("copied", COPIED)
def test_id_can_be_copied_into_skip(copied: str, plan_of: Callable[..., Plan]) -> None:
    whole, less = plan_of(), plan_of(skip=(copied,))
    assert {p.id for p in whole.probes} - {p.id for p in less.probes} == {copied}


@pytest.mark.parametrize(
    ("glob", "paths"),
    [
        pytest.param("knowledge", "/api/knowledge*", id="surface"),
        pytest.param("/api/knowledge/:id/promote", "/api/knowledge/:id/promote", id="path"),
        pytest.param("GET /api/orgs", "/api/orgs", id="method-and-path"),
        pytest.param("*tokens*", "*/tokens*", id="anywhere"),
    ],
)
def test_only_takes_a_glob_of_surface_route_or_path(glob: str, paths: str, plan_of: Callable[..., Plan]) -> None:
    probes = plan_of(only=(glob,)).probes
    assert len(probes) >= 3
    assert {p.route.path for p in probes if matches(paths, [p.route.path])} == {p.route.path for p in probes}


@pytest.mark.parametrize("option", ["only", "skip"])
def test_glob_that_matches_nothing_is_a_usage_error(option: str, plan_of: Callable[..., Plan]) -> None:
    with pytest.raises(UsageError) as caught:
        plan_of(**{option: ("knowlege",)})
    assert str(caught.value) == f"error: --{option} 'knowlege' matches no probe\n  fix: did you mean 'knowledge'?"


def test_skip_wins_over_only(plan_of: Callable[..., Plan]) -> None:
    plan = plan_of(only=("knowledge",), skip=("GET *",))
    assert {probe.route.method for probe in plan.probes} == {"POST", "PATCH", "DELETE"}


def test_plan_with_nothing_to_send_is_a_usage_error(plan_of: Callable[..., Plan]) -> None:
    with pytest.raises(UsageError) as caught:
        plan_of(skip=("*",))
    assert str(caught.value) == "error: no probe is left to send\n  fix: choose more surfaces, or fewer --skip"


def test_plan_of_skips_alone_is_a_usage_error(plan_of: Callable[..., Plan]) -> None:
    with pytest.raises(UsageError, match="no probe is left to send"):
        plan_of(only=("reminders",))


def test_choosing_does_not_change_what_is_presented_at_a_route(plan_of: Callable[..., Plan]) -> None:
    """A large guard stays large when only one of its routes is asked for."""
    whole = [probe.id for probe in plan_of().probes if probe.route.surface == "machines"]
    assert [probe.id for probe in plan_of(only=("machines",)).probes] == whole
