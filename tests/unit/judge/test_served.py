"""Which surfaces are there for sure, so that a request which may act goes to no other."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from prober.judge.observations import Observations
from prober.judge.served import is_granted_control, may_have_acted, served_surfaces
from prober.model import Answered, Cause, NotFoundControl, Request, Unanswered
from tests.support.judging import HTML, JSON, NOT_FOUND, answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.model import Outcome, Plan, Profile, Surface

SURFACE = """
surface: {name}
about: Made for a test.
routes:
"""
PROFILE = """
profile: made
about: Made for a test.
guards: {public: 200, session: 401, gone: [401, 404]}
"""
HEALTH = "  - {route: GET /health, guard: public, control: alive, why: w, fix: f}\n"
READ = "  - {route: GET /notes, guard: session, effect: none, why: w, fix: f}\n"
GONE = "  - {route: GET /gone, guard: gone, effect: none, why: w, fix: f}\n"
ACT = "  - {route: POST /orders, guard: session, effect: trace, send: {json: {}}, why: w, fix: f}\n"
REFUSED = answer(401, '{"error":"no"}', JSON)
SILENCE = Unanswered(cause=Cause.TIMEOUT, detail="no answer", arrived=True, attempts=1, elapsed_ms=1)
NGINX = answer(403, "<html><title>403</title><center>nginx</center></html>", HTML)
TAKEN = answer(201, '{"id":1}', JSON)


@pytest.fixture
def served(
    surface_of: Callable[[str], Surface], profile_of: Callable[[str], Profile], plan_of: Callable[..., Plan]
) -> Callable[..., set[str]]:
    """Name the surfaces that count as served where each path gets this, and paths that do not exist get that."""
    texts = {"health": HEALTH, "notes": READ, "gone": GONE, "orders": ACT}
    surfaces = [surface_of(SURFACE.format(name=name) + routes) for name, routes in texts.items()]
    made = plan_of(surfaces, profile_of(PROFILE), urls={"web": "http://app.test"})

    def judged(
        unknown: Outcome = NOT_FOUND,
        declared: frozenset[str] = frozenset(),
        *,
        variants_alone: bool = False,
        **said: Outcome,
    ) -> set[str]:
        plan = replace(made, declared=declared)
        seen = Observations(plan)
        for control in plan.not_found_controls:
            seen.record(control, unknown)
        for probe in plan.probes:
            given = said.get(probe.route.path.strip("/"))
            if given is not None and (probe.variant is not None or not variants_alone):
                seen.record(probe, given)
        return {surface for _, surface in served_surfaces(plan, seen)}

    return judged


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        pytest.param({}, set(), id="nothing-has-answered"),
        pytest.param({"notes": SILENCE}, set(), id="silence"),
        pytest.param({"notes": NOT_FOUND}, set(), id="not-there"),
        pytest.param({"notes": answer(500)}, set(), id="broken"),
        pytest.param({"notes": NGINX}, set(), id="a-wall"),
        pytest.param({"notes": REFUSED}, {"notes", "orders"}, id="a-refusal"),
        pytest.param({"notes": answer(200, '{"a":1}', JSON)}, {"notes", "orders"}, id="an-open-one"),
        pytest.param({"gone": answer(404, '{"e":1}', JSON)}, {"gone", "orders"}, id="a-404-of-its-own"),
        pytest.param({"gone": NOT_FOUND}, set(), id="gone-as-is-expected"),
        pytest.param({"health": answer(200, "ok")}, {"health"}, id="a-sign-of-life-alone"),
        pytest.param({"orders": REFUSED}, set(), id="what-acts-proves-nothing"),
    ],
)
def test_a_surface_is_served_where_a_route_that_only_reads_has_answered(
    said: dict[str, Outcome], wanted: set[str], served: Callable[..., set[str]]
) -> None:
    assert served(**said) == wanted


def test_a_refusal_of_every_path_is_served_where_it_is_the_expected_one(served: Callable[..., set[str]]) -> None:
    assert served(REFUSED, notes=REFUSED) == {"notes", "orders"}
    other = answer(403, '{"error":"no"}', JSON)
    assert served(other, notes=other) == set()


def test_other_spellings_prove_nothing(served: Callable[..., set[str]]) -> None:
    assert served(notes=REFUSED, variants_alone=True) == set()


def test_what_acts_goes_to_no_service_that_takes_it_at_any_path(served: Callable[..., set[str]]) -> None:
    assert served(TAKEN, notes=REFUSED) == {"notes"}
    assert served(answer(200, "<html>", HTML), notes=REFUSED) == {"notes", "orders"}


def test_what_is_declared_is_served(served: Callable[..., set[str]]) -> None:
    assert served(declared=frozenset({"orders"})) == {"orders"}
    assert served(TAKEN, frozenset({"orders"}), notes=SILENCE) == {"orders"}


@pytest.mark.parametrize(
    ("method", "outcome", "granted", "acted"),
    [
        pytest.param("POST", TAKEN, True, True, id="taken"),
        pytest.param("GET", TAKEN, False, False, id="read"),
        pytest.param("POST", answer(200, "<html>", HTML), False, False, id="the-page-of-every-path"),
        pytest.param("POST", answer(200), True, True, id="without-a-type"),
        pytest.param("POST", answer(500), False, True, id="broken"),
        pytest.param("GET", answer(500), False, False, id="a-read-that-is-broken"),
        pytest.param("POST", answer(302, "done"), False, True, id="leads-nowhere-with-a-body"),
        pytest.param("POST", answer(302, " "), False, False, id="leads-nowhere"),
        pytest.param("POST", answer(302, "moved", ("location", "/x")), False, False, id="leads-somewhere"),
        pytest.param("POST", NOT_FOUND, False, False, id="not-found"),
        pytest.param("POST", SILENCE, False, False, id="silence"),
    ],
)
def test_a_path_that_does_not_exist_may_have_acted(
    method: str, outcome: Answered | Unanswered, *, granted: bool, acted: bool
) -> None:
    control = NotFoundControl(
        prefix="/", request=Request(service="web", method=method, target="/x", headers=(), content=None)
    )
    assert (is_granted_control(control, outcome), may_have_acted(control, outcome)) == (granted, acted)
