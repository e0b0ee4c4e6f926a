"""An id that a router refuses for its form says nothing of the guard: which probes that is, and how another id is sent."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from prober.judge.observations import Observations
from prober.judge.refused_ids import fits_better, probe_with_id, refused_ids, with_id
from prober.model import IMPOSSIBLE_ID, Answered, Cause, Outcome, Unanswered

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.model import Plan, Probe, Profile, Surface

JSON = ("content-type", "application/json")
SILENCE = Unanswered(cause=Cause.TIMEOUT, detail="no answer in 5 s", arrived=True, attempts=1, elapsed_ms=1)
SURFACE = """
surface: notes
about: Made for a test.
routes:
  - {route: 'GET /notes/:id', guard: session, why: w, fix: f}
  - {route: 'GET /open/:id', guard: public, why: w, fix: f}
  - {route: 'GET /numbers/:id<int>', guard: session, why: w, fix: f}
  - {route: 'GET /jobs/:id', guard: session, effect: repeats, why: w, fix: f}
  - {route: 'DELETE /notes/:id', guard: session, effect: acts, inert: {json: {}}, why: w, fix: f}
  - {route: GET /notes, guard: session, why: w, fix: f}
"""
PROFILE = "profile: p\nabout: Made for a test.\nguards: {session: 401, public: 200}\n"


def answer(status: int, body: str = "{}", *headers: tuple[str, str]) -> Answered:
    return Answered.of(status=status, headers=(JSON, *headers), body=body.encode(), elapsed_ms=1)


NOT_FOUND = answer(404, '{"error":"no such page"}')


@pytest.fixture(scope="module")
def plan(
    surface_of: Callable[[str], Surface], profile_of: Callable[[str], Profile], plan_of: Callable[..., Plan]
) -> Plan:
    return plan_of([surface_of(SURFACE)], profile_of(PROFILE), whole=True)


def asked(plan: Plan, outcome: Outcome) -> Observations:
    """Record this outcome for every probe, after the unknown paths."""
    observations = Observations(plan)
    for control in plan.not_found_controls:
        observations.record(control, NOT_FOUND)
    for probe in plan.probes:
        observations.record(probe, outcome)
    return observations


def plain(plan: Plan) -> Probe:
    return next(probe for probe in plan.probes if probe.id == "notes: GET /notes/:id [anonymous]")


@pytest.mark.parametrize("outcome", [answer(422), answer(400), NOT_FOUND], ids=["422", "400", "as-an-unknown-path"])
def test_only_the_plain_probe_of_a_guarded_read_with_an_untyped_id_is_named(plan: Plan, outcome: Outcome) -> None:
    assert [probe.id for probe in refused_ids(plan, asked(plan, outcome))] == ["notes: GET /notes/:id [anonymous]"]


@pytest.mark.parametrize(
    "outcome",
    [
        pytest.param(answer(401), id="refused-as-expected"),
        pytest.param(answer(200), id="open"),
        pytest.param(answer(404, '{"error":"no such note"}'), id="not-found-by-the-handler"),
        pytest.param(answer(422, "<p>no</p>", ("cf-mitigated", "challenge")), id="by-a-wall"),
        pytest.param(SILENCE, id="silence"),
    ],
)
def test_any_other_outcome_is_not_about_the_id(plan: Plan, outcome: Outcome) -> None:
    assert refused_ids(plan, asked(plan, outcome)) == ()


def test_a_probe_that_was_not_sent_is_not_named(plan: Plan) -> None:
    assert refused_ids(plan, Observations(plan)) == ()


@pytest.mark.parametrize(
    ("answered", "fits"),
    [
        pytest.param(answer(401), True, id="its-guard"),
        pytest.param(answer(200), True, id="open"),
        pytest.param(answer(404, '{"error":"no such note"}'), True, id="its-handler"),
        pytest.param(NOT_FOUND, False, id="the-router"),
        pytest.param(answer(422), False, id="invalid-too"),
        pytest.param(answer(400), False, id="bad-too"),
        pytest.param(answer(500), False, id="a-failure"),
        pytest.param(answer(403, "", ("cf-mitigated", "challenge")), False, id="a-wall"),
    ],
)
def test_another_id_fits_if_it_meets_more_than_the_router(plan: Plan, answered: Answered, *, fits: bool) -> None:
    assert fits_better(plain(plan), answered, asked(plan, NOT_FOUND)) is fits


# --- another id -------------------------------------------------------------------------------------------------------


def test_another_id_is_sent_wherever_the_impossible_one_was(plan: Plan) -> None:
    before = plain(plan)
    request = replace(before.request, headers=(("X-Note", f"n-{IMPOSSIBLE_ID}"), ("Accept", "*/*")))
    whole = replace(before, request=request, plain_target=request.target, others=(request,), counterpart=request)
    after = probe_with_id(whole, "42")
    sent = replace(request, target="/notes/42", headers=(("X-Note", "n-42"), ("Accept", "*/*")))
    assert after == replace(whole, request=sent, plain_target="/notes/42", others=(sent,), counterpart=sent)
    assert probe_with_id(replace(whole, counterpart=None), "42").counterpart is None


def test_every_probe_of_the_route_gets_the_id_and_no_other(plan: Plan) -> None:
    chosen = with_id(plan, {plain(plan).route.name: "42"})
    of_route = [
        (before, after)
        for before, after in zip(plan.probes, chosen.probes, strict=True)
        if before.route == plain(plan).route
    ]
    others = [pair for pair in zip(plan.probes, chosen.probes, strict=True) if pair not in of_route]
    assert len(of_route) > 1
    assert all(after == probe_with_id(before, "42") for before, after in of_route if IMPOSSIBLE_ID in before.place)
    assert all(before == after for before, after in others)
    assert IMPOSSIBLE_ID not in plain(chosen).request.target
