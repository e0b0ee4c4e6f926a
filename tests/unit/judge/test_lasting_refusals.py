"""Refusals in words that came in the middle of a run and stayed: which are worth a question, and what its answer means."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from prober.judge.lasting_refusals import LastingRefusal, has_come, lasting_refusals
from prober.judge.observations import Observations
from prober.judge.passing_refusals import shape_of
from prober.model import Answered, Effect, Probe, Variant
from tests.support.judging import JSON, REFUSED, answer, probe, promise

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from prober.model import Plan

OWN = answer(401, '{"error":"not_signed_in"}', JSON)
BAN = answer(401, '{"error":"you_are_out"}', JSON)
OPEN = answer(200, '{"orders":[]}', JSON)
LIMIT = answer(429, '{"error":"slow_down"}', JSON)
BROWSER = Variant(name="as-browser", headers=(), catches="", as_client=True)
OTHER = Variant(name="upper-case", headers=(), catches="")


def asked(number: int, **more: object) -> Probe:
    return replace(probe(promise(REFUSED), path=f"/api/{number}/x"), id=f"{number}", **more)  # type: ignore[arg-type]


def observed(plan: Plan, answers: Sequence[Answered], first: Probe | None = None) -> Observations:
    made = Observations(plan)
    for number, one in enumerate(answers):
        made.record(first if first is not None and not number else asked(number), one)
    return made


@pytest.mark.parametrize(
    ("answers", "since"),
    [
        pytest.param([OWN] * 3 + [BAN] * 3, 3, id="to-the-end"),
        pytest.param([OWN] * 3 + [BAN, OWN, OWN, BAN, BAN], 3, id="with-answers-that-were-under-way"),
        pytest.param([OWN] + [BAN] * 200, 1, id="for-the-whole-run"),
    ],
)
def test_words_that_came_late_and_stayed_are_worth_a_question(
    answers: list[Answered], since: int, plan_of: Callable[..., Plan]
) -> None:
    [refusal] = lasting_refusals(observed(plan_of(), answers))
    assert (refusal.since, refusal.words) == (since, shape_of(refusal.probe, BAN))
    assert refusal.probe.id == f"{since - 1}"  # the last that was refused in other words


@pytest.mark.parametrize(
    "answers",
    [
        pytest.param([OWN] * 9, id="one-refusal"),
        pytest.param([OWN] * 3 + [BAN] * 2, id="twice"),
        pytest.param([OWN] * 3 + [OPEN] * 3, id="no-refusal"),
        pytest.param([BAN] * 9, id="nothing-before"),
        pytest.param([OWN] * 3 + [BAN] * 3 + [OWN], id="not-to-the-end"),
        pytest.param([OWN, BAN] + [OWN] * 10 + [BAN] * 3, id="now-and-then"),
    ],
)
def test_all_else_is_not(answers: list[Answered], plan_of: Callable[..., Plan]) -> None:
    assert lasting_refusals(observed(plan_of(), answers)) == []


def test_what_another_client_got_before_counts_too(plan_of: Callable[..., Plan]) -> None:
    answers = [OWN, BAN, BAN, BAN]
    assert len(lasting_refusals(observed(plan_of(), answers, asked(0, variant=BROWSER)))) == 1
    assert lasting_refusals(observed(plan_of(), answers, asked(0, variant=OTHER))) == []


def test_what_other_clients_get_begins_nothing(plan_of: Callable[..., Plan]) -> None:
    made = Observations(plan_of())
    for number, one in enumerate([OWN, BAN, BAN, BAN]):
        made.record(asked(number, variant=BROWSER if number else None), one)
    assert lasting_refusals(made) == []


@pytest.mark.parametrize("other", ["a-client", "a-credential"])
def test_what_others_get_later_takes_nothing_back(other: str, plan_of: Callable[..., Plan]) -> None:
    made = observed(plan_of(), [OWN, BAN, BAN, BAN])
    credential = replace(asked(0).credential, name="bogus-cookie")
    made.record(asked(9, **({"variant": BROWSER} if other == "a-client" else {"credential": credential})), OWN)
    assert len(lasting_refusals(made)) == 1


@pytest.mark.parametrize(("routes", "count"), [(1, 0), (2, 1)])
def test_the_words_of_one_route_are_its_own(routes: int, count: int, plan_of: Callable[..., Plan]) -> None:
    made = Observations(plan_of())
    made.record(asked(9), OWN)
    for number in range(4):
        made.record(replace(asked(number % routes), id=f"again-{number}"), BAN)
    assert len(lasting_refusals(made)) == count


def test_a_limit_is_no_ban() -> None:
    refusal = LastingRefusal(probe=asked(1), words=shape_of(asked(1), LIMIT), status=429, since=3)
    assert has_come(refusal, LIMIT) is None


def test_what_may_act_is_not_asked_again(plan_of: Callable[..., Plan]) -> None:
    route = replace(asked(0).route, effect=Effect.ACTS)
    assert lasting_refusals(observed(plan_of(), [OWN, BAN, BAN, BAN], asked(0, route=route))) == []


def test_the_words_of_another_guard_are_its_own(plan_of: Callable[..., Plan]) -> None:
    route = replace(asked(0).route, guard="admin")
    assert lasting_refusals(observed(plan_of(), [OWN, BAN, BAN, BAN], asked(0, route=route))) == []


@pytest.mark.parametrize(("now", "has"), [(BAN, True), (OWN, False), (answer(200, "[]", JSON), False), (None, False)])
def test_it_has_come_where_a_route_gets_those_words_that_had_others(now: Answered | None, *, has: bool) -> None:
    refusal = LastingRefusal(probe=asked(1), words=shape_of(asked(1), BAN), status=401, since=3)
    assert (has_come(refusal, now) is not None) is has
