"""The controls are read as the answers come: in whatever order, they show the same, and nothing is read twice."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prober.judge import controls_reader
from prober.judge.attribution import attribute
from prober.judge.observations import Observations
from prober.judge.verdicts import ends_chain
from prober.model import Answered, Effect, NotFoundControl
from tests.support.judging import read_controls

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.model import Outcome, Plan, Probe, Surface

JSON, HTML = ("content-type", "application/json"), ("content-type", "text/html")
POWERED = ("x-powered-by", "Express")


def answer(status: int, body: bytes, *headers: tuple[str, str]) -> Answered:
    return Answered.of(status=status, headers=headers, body=body, elapsed_ms=1)


ANSWERS = st.sampled_from([
    answer(200, b'{"ok":true}', JSON),
    answer(200, b"<title>Sign in</title>", HTML, POWERED),
    answer(200, b"<title>App</title>", HTML),
    answer(401, b'{"error":"not_signed_in"}', JSON, POWERED),
    answer(307, b"", ("location", "/signin")),
    answer(404, b"<title>404</title>", HTML),
    answer(200, b"{}", JSON, ("set-cookie", "authjs.session-token=; Max-Age=0")),
    answer(500, b'{"error":"oops"}', JSON),
    answer(502, b"bad gateway"),
])  # fmt: skip


@pytest.fixture(scope="module")
def plan(plan_of: Callable[..., Plan], shipped_surfaces: tuple[Surface, ...]) -> Plan:
    names = {"auth", "health", "login", "me", "pages"}
    return plan_of([surface for surface in shipped_surfaces if surface.name in names])


@given(data=st.data())
def test_any_order_shows_the_same(data: st.DataObject, plan: Plan) -> None:
    asked: list[Probe | NotFoundControl] = [*plan.not_found_controls, *plan.probes[:40]]
    answers: list[Outcome] = [*data.draw(st.lists(ANSWERS, min_size=len(asked), max_size=len(asked)))]
    entries = list(zip(asked, answers, strict=True))
    order = data.draw(st.permutations(range(len(asked))))
    lost = [(entry, outcome) for entry, outcome in entries if isinstance(entry, NotFoundControl)]
    probed = [(entry, outcome) for entry, outcome in entries if not isinstance(entry, NotFoundControl)]
    observations = Observations(plan)
    for number in order:
        observations.record(*entries[number])
    assert observations.controls == read_controls(plan, lost, probed)


def test_each_answer_is_read_once_however_many_routes_open(
    plan_of: Callable[..., Plan], routes_of: Callable[..., Surface], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = routes_of(*(f"POST /api/jobs/{number}" for number in range(300)))
    plan = plan_of([replace(made, routes=tuple(replace(route, effect=Effect.REPEATS) for route in made.routes))])
    read: list[Answered] = []

    def counted(answered: Answered) -> str:
        read.append(answered)
        return attribute(answered)

    monkeypatch.setattr(controls_reader, "attribute", counted)
    observations = Observations(plan)
    for control in plan.not_found_controls:
        observations.record(control, answer(404, b"nothing"))
    for number, probe in enumerate(plan.probes):
        granted = answer(200, b'{"done":%d}' % number, JSON)
        observations.record(probe, granted)
        assert ends_chain(probe, granted, observations.controls_of(probe.request.service))
    assert len(read) <= len(plan.probes)


def test_nothing_excuses_a_success_before_every_unknown_path_was_answered(plan: Plan) -> None:
    observations = Observations(plan)
    shell = answer(200, b"<title>App</title>", HTML)
    own = [control for control in plan.not_found_controls if control.request.service == "web"]
    for control in own[:-1]:
        observations.record(control, shell)
    assert observations.controls_for_stopping("web").not_found == ()
    observations.record(own[-1], shell)
    assert len(observations.controls_for_stopping("web").not_found) > 0
