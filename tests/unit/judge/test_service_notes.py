"""What a report says once about a whole service."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from prober.judge.service_wide import settle
from prober.model import Reason, Verdict
from tests.support.one_service import (
    CRASHED,
    EVERY,
    HEALTHY,
    HOST,
    LATE,
    NOT_FOUND,
    REFUSED,
    SILENCE,
    WALL,
    replies,
    settled,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.judge.controls import Controls
    from prober.model import Finding, Outcome, Plan

    Judged = Callable[..., tuple[tuple[Finding, ...], Controls]]
    Replies = dict[str, Outcome]


@pytest.mark.parametrize(
    ("outcome", "said"),
    [pytest.param(SILENCE, "no answer in 5 s (3 attempts)", id="nobody"), pytest.param(LATE, LATE.detail, id="not-sent")],
)  # fmt: skip
def test_a_service_that_nobody_answers_for_says_so_once(
    judged_of: Judged, plan: Plan, outcome: Outcome, said: str
) -> None:
    _, report, missing = settled(judged_of, plan, lambda _: outcome)
    assert (report.alive, report.said, report.intermediary, missing) == (False, said, None, ())


@pytest.mark.parametrize(
    ("answered", "said"),
    [
        pytest.param({"me": WALL}, LATE.detail, id="the-first-look-met-a-wall"),
        pytest.param({"me": WALL, "notes": WALL}, None, id="more-than-one-was-answered"),
    ],
)
def test_what_was_not_sent_after_a_first_look_is_said_once(
    judged_of: Judged, plan: Plan, answered: Replies, said: str | None
) -> None:
    _, report, _ = settled(judged_of, plan, replies(LATE, **answered))
    assert report.said == said


def test_a_wall_is_named(judged_of: Judged, plan: Plan) -> None:
    found, report, missing = settled(judged_of, plan, replies(WALL, WALL))
    assert found == dict.fromkeys(EVERY, (Verdict.UNPROVEN, Reason.INTERMEDIARY))
    assert (report.alive, report.intermediary, missing) == (False, "Cloudflare challenge", ())


def test_a_blanket_refusal_is_told(judged_of: Judged, plan: Plan) -> None:
    found, report, missing = settled(judged_of, plan, replies(REFUSED, REFUSED, healthz=HEALTHY))
    assert found == dict.fromkeys(EVERY, (Verdict.LOCKED, Reason.AS_PROMISED))  # in the application's own words
    assert (report.blanket, missing) == (True, ())


def test_two_services_are_seen_each_for_itself(judged_of: Judged, plan: Plan) -> None:
    (web,) = plan.services
    mcp = replace(web, name="mcp", port=3100, url=f"http://{HOST}:3100")
    moved = [
        replace(probe, id=f"mcp {probe.id}", request=replace(probe.request, service="mcp")) for probe in plan.probes
    ]
    lost = [replace(path, request=replace(path.request, service="mcp")) for path in plan.not_found_controls]
    both = replace(
        plan, services=(web, mcp), probes=(*plan.probes, *moved), not_found_controls=(*plan.not_found_controls, *lost)
    )
    reply = replies(REFUSED, healthz=HEALTHY)
    findings, controls = judged_of(both, lambda request: CRASHED if request.service == "mcp" else reply(request))
    found, reports, _ = settle(findings, controls, frozenset())
    told = [(report.service.name, report.alive, report.said is not None) for report in reports]
    assert told == [("web", True, False), ("mcp", False, True)]
    assert {(finding.probe.request.service, finding.verdict) for finding in found} == {
        ("web", Verdict.LOCKED),
        ("mcp", Verdict.UNPROVEN),
    }


def test_what_one_service_lacks_is_not_forgotten_over_the_next(judged_of: Judged, plan: Plan) -> None:
    (web,) = plan.services
    mcp = replace(web, name="mcp", url="http://mcp.test", host="mcp.test")
    moved = [
        replace(probe, id=f"mcp {probe.id}", request=replace(probe.request, service="mcp")) for probe in plan.probes
    ]
    lost = [replace(path, request=replace(path.request, service="mcp")) for path in plan.not_found_controls]
    both = replace(
        plan, services=(web, mcp), probes=(*plan.probes, *moved), not_found_controls=(*plan.not_found_controls, *lost)
    )
    here = replies(REFUSED, healthz=HEALTHY, migrate=NOT_FOUND)
    there = replies(REFUSED, healthz=HEALTHY)
    findings, controls = judged_of(both, lambda request: (there if request.service == "mcp" else here)(request))
    _, _, missing = settle(findings, controls, frozenset())
    assert missing == ("migrate",)


def test_a_service_of_one_probe_that_nobody_answers_for_says_so(judged_of: Judged, plan: Plan) -> None:
    alone = replace(plan, probes=plan.probes[:1])
    findings, controls = judged_of(alone, lambda _: SILENCE)
    _, (report,), _ = settle(findings, controls, frozenset())
    assert report.said == "no answer in 5 s (3 attempts)"
