"""A 404 on a route that must refuse: of the route, or of the id that was looked for; and what else may be the cause."""

from __future__ import annotations

from dataclasses import replace

import pytest

from prober.judge.controls import Controls, ServiceControls
from prober.judge.verdicts import judge
from prober.model import IdType, Payload, Probe, Reason, Verdict
from tests.support.judging import JSON, NOT_FOUND, REFUSED, WEB, answer, controls, probe, promise

OTHER_404 = answer(404, '{"error":"no such note"}', JSON)
OTHER_IDS = ", or takes other ids (for numbers write :id<int>)"
WITH_ID = probe(promise(REFUSED), path="/api/notes/:id")


def routed(asked: Probe, **facts: object) -> Probe:
    return replace(asked, route=replace(asked.route, **facts))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("asked", "cause"),
    [
        pytest.param(probe(promise(REFUSED)), "", id="no-parameter"),
        pytest.param(WITH_ID, OTHER_IDS, id="an-id-of-any-type"),
        pytest.param(routed(WITH_ID, id_types=(("id", IdType.INT),)), "", id="a-typed-id"),
        pytest.param(routed(WITH_ID, payload=Payload(parameters=(("id", "42"),))), "", id="an-id-that-is-given"),
    ],
)
def test_a_missing_route_names_other_ids_only_where_they_may_be_the_cause(asked: Probe, cause: str) -> None:
    found = judge(asked, NOT_FOUND, controls())
    assert (found.verdict, found.reason, found.rule) == (Verdict.DRIFT, Reason.MISSING, "missing")
    assert found.detail == f"got 404, the same as for an unknown path; expected 401: the route is missing{cause}"


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        pytest.param(WITH_ID, Reason.HANDLER_REACHED, id="looked-for-an-id"),
        pytest.param(routed(probe(promise(REFUSED)), payload=Payload(headers=(("X-Team", "1"),))), Reason.HANDLER_REACHED, id="looked-at-a-header"),
        pytest.param(probe(promise(REFUSED), content=b"{}"), Reason.HANDLER_REACHED, id="looked-at-the-body"),
        pytest.param(probe(promise(REFUSED)), Reason.MISSING, id="nothing-to-look-for"),
    ],
)  # fmt: skip
def test_another_404_than_an_unknown_paths_is_the_handlers_if_it_had_something_to_look_for(
    asked: Probe, reason: Reason
) -> None:
    found = judge(asked, OTHER_404, controls())
    assert (found.verdict, found.reason, found.rule) == (Verdict.DRIFT, reason, "not-found-by-handler")


def test_without_an_unknown_path_to_compare_with_it_may_be_missing() -> None:
    found = judge(WITH_ID, OTHER_404, Controls(services={"web": ServiceControls(service=WEB)}))
    assert (found.verdict, found.reason) == (Verdict.DRIFT, Reason.MISSING)
