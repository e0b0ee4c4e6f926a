"""A control that is answered otherwise later takes back the locks after it, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from prober.judge.control_changes import change_of, unproven_by_change
from prober.judge.observations import Observations
from prober.model import Answered, Cause, Finding, Reason, Unanswered, Verdict
from tests.support.reports import make_finding

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.model import Plan

JSON = ("content-type", "application/json")
SILENCE = Unanswered(cause=Cause.TIMEOUT, detail="no answer in 5 s", arrived=True, attempts=3, elapsed_ms=1)


def answer(status: int, body: str = '{"error":"not_found"}', *headers: tuple[str, str]) -> Answered:
    return Answered.of(status=status, headers=(JSON, *headers), body=body.encode(), elapsed_ms=1)


@pytest.mark.parametrize(
    ("first", "now", "change"),
    [
        pytest.param(answer(404), answer(404), None, id="the-same"),
        pytest.param(answer(404), answer(404, '{"error":"not_found","id":7}'), None, id="another-body"),
        pytest.param(answer(404), answer(403), "/x got 404 at first, and 403 later", id="another-status"),
        pytest.param(answer(404), SILENCE, "/x is not answered any more (no answer in 5 s)", id="silence"),
        pytest.param(
            answer(403),
            answer(403, "", ("cf-mitigated", "challenge")),
            "/x was answered by application at first, and by Cloudflare challenge later",
            id="a-wall",
        ),
        pytest.param(
            answer(200, "{}", ("x-release", "r1")),
            answer(200, "{}", ("x-release", "r2")),
            "/x told of release r1 at first, and of r2 later",
            id="another-release",
        ),
        pytest.param(
            answer(200, "{}", ("x-release", "r1")), answer(200, "{}", ("x-release", "r1")), None, id="that-release"
        ),
    ],
)
def test_a_change_is_of_status_author_or_release(
    first: Answered, now: Answered | Unanswered, change: str | None
) -> None:
    assert change_of("/x", first, now) == change


# --- what it takes back -----------------------------------------------------------------------------------------------


def lock(path: str, *, service: str = "web") -> Finding:
    return make_finding(
        Verdict.LOCKED, Reason.AS_PROMISED, "got 401, as expected", path=path, service=service, outcome=answer(401)
    )


@pytest.fixture
def observations(plan_of: Callable[..., Plan]) -> Observations:
    """Record /a, then a good look at the controls of both services, then /b; then the controls of the web have changed."""
    made = Observations(plan_of())
    made.record(lock("/a").probe, answer(401))
    for service in ("web", "mcp"):
        made.record_check(service, "alive", first=0, counted=1, problem=None, under_way=0)
    made.record(lock("/b").probe, answer(401))
    made.record(lock("/b", service="mcp").probe, answer(401))
    made.record_check("web", "alive", first=0, counted=3, problem="/x got 404 at first, and 403 later", under_way=0)
    return made


def test_only_a_lock_after_the_last_good_look_is_taken_back(observations: Observations) -> None:
    before, after, of_another = lock("/a"), lock("/b"), lock("/b", service="mcp")
    leak = replace(after, verdict=Verdict.LEAK, reason=Reason.GRANTED)
    unproven = replace(
        after, verdict=Verdict.UNPROVEN, reason=Reason.CHANGED_MIDWAY, rule="controls-changed",
        detail="got 401, as expected; but /x got 404 at first, and 403 later, so that whoever refused may not be the guard",
    )  # fmt: skip
    found = unproven_by_change((before, after, leak, of_another), observations)
    assert found == (before, unproven, leak, of_another)


def test_without_a_good_look_every_recorded_lock_is_taken_back(plan_of: Callable[..., Plan]) -> None:
    made = Observations(plan_of())
    made.record(lock("/a").probe, answer(401))
    made.record_check("web", "alive", first=0, counted=1, problem="changed", under_way=0)
    recorded, never = unproven_by_change((lock("/a"), lock("/never-recorded")), made)
    assert (recorded.verdict, never.verdict) == (Verdict.UNPROVEN, Verdict.LOCKED)
