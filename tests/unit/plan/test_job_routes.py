"""A guarded GET of a job must say what it does: it would run with each request of a run at an open door."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from prober.errors import DefinitionError

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.model import Plan, Profile, Surface

PROFILE = """\
profile: p
about: A.
presents: {timer: [secret, job], night-cron: [secret], keys: [api-key, secret, job], rows: {header: X-Cron-Key}}
guards:
  timer: 401
  night-cron: 401
  session: 401
  keys: 401
  rows: 401
  session-page: {status: 302, location: /signin}
  public: 200
  gone: {skip: this mode has none}
"""


@pytest.fixture
def planned(
    surface_of: Callable[[str], Surface], profile_of: Callable[[str], Profile], plan_of: Callable[..., Plan]
) -> Callable[[str], Plan]:
    """Plan one route."""

    def plan(route: str) -> Plan:
        health = "  - {route: GET /healthz, guard: public, control: alive, why: w, fix: f}\n"
        surface = surface_of(f"surface: own\nabout: A.\nroutes:\n{health}  - {{{route}, why: w, fix: f}}\n")
        return plan_of([surface], profile_of(PROFILE), urls={"web": "http://h"})

    return plan


@pytest.mark.parametrize(
    ("route", "because"),
    [
        pytest.param("route: GET /api/mails, guard: timer", "guard 'timer' is for jobs", id="guard-that-presents-job"),
        pytest.param(
            "route: GET /api/mails, guard: night-cron", "guard 'night-cron' is for jobs", id="name-of-the-guard"
        ),
        pytest.param(
            "route: GET /api/rows, guard: rows", "guard 'rows' takes the credential of jobs", id="place-of-the-guard"
        ),
        pytest.param("route: GET /api/cron/prune-rows, guard: session", "and its path is that of a job:", id="cron"),
        pytest.param("route: GET /Tasks/:id/run, guard: session", "its path is that of a job", id="tasks-in-any-case"),
        pytest.param("route: 'GET /api/reset?all=1', guard: session", "its path is that of a job", id="query"),
        pytest.param("route: HEAD /api/hooks/nightly, guard: session", "its path is that of a job", id="head"),
    ],
)
def test_a_get_of_a_job_without_an_effect_is_refused(route: str, because: str, planned: Callable[[str], Plan]) -> None:
    with pytest.raises(DefinitionError) as refused:
        planned(route)
    assert because in str(refused.value)
    assert str(refused.value).startswith("probes/x.yaml:5: '")
    assert "effect: acts" in (refused.value.fix or "")


@pytest.mark.parametrize(
    "route",
    [
        "route: GET /api/mails, guard: timer, effect: repeats",
        "route: GET /api/cron/prune-rows, guard: session, effect: none",
        "route: GET /api/cron/prune-rows, guard: session, effect: acts",
        "route: GET /api/cronies, guard: session",
        "route: GET /api/mails, guard: keys",
        "route: GET /settings/reset-knowledge, guard: session",
        "route: 'GET /api/rows?job=1', guard: session",
        "route: GET /tasks, guard: session-page",
        "route: GET /webhooks, guard: public",
        "route: GET /api/jobs, guard: gone",
    ],
)
def test_what_says_its_effect_and_what_is_no_job_is_planned(route: str, planned: Callable[[str], Plan]) -> None:
    plan = planned(route)
    everything = [*plan.probes, *(skip.probe for skip in plan.skips)]
    assert len({probe.route.name for probe in everything}) == 2
