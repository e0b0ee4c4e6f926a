"""A refusal that came for a while alone: which is worth a question, and what the answer to that question means."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from prober.judge.observations import Observations
from prober.judge.passing_refusals import LONGEST, PassingRefusal, has_passed, passing_refusals
from prober.model import Answered, Cause, Effect, Probe, Unanswered
from tests.support.judging import JSON, REFUSED, answer, probe, promise

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from prober.model import Plan

OWN = answer(401, '{"error":"not_signed_in"}', JSON)
BAN = answer(401, '{"message":"slow down"}', JSON)
OPEN = answer(200, '{"orders":[]}', JSON)
SILENCE = Unanswered(cause=Cause.TIMEOUT, detail="no answer in 5 s", arrived=True, attempts=1, elapsed_ms=1)


def asked(number: int, *, path: str | None = None) -> Probe:
    made = probe(promise(REFUSED), path=path or f"/api/{number}/x")
    return replace(made, id=f"{number}")


def observed(plan: Plan, answers: Sequence[Answered], *, path: str | None = None) -> Observations:
    made = Observations(plan)
    for number, one in enumerate(answers):
        made.record(asked(number, path=path), one)
    return made


@pytest.mark.parametrize(
    ("answers", "found"),
    [
        pytest.param([OWN] * 3 + [BAN] * 3 + [OWN] * 3, (3, 6), id="a-ban"),
        pytest.param([OWN] * 3 + [BAN, OWN, BAN, BAN] + [OWN] * 3, (3, 7), id="with-an-answer-from-before-it"),
        pytest.param([OWN, *[BAN] * LONGEST, OWN], (1, 1 + LONGEST), id="as-long-as-no-control-sees"),
    ],
)
def test_what_came_for_a_while_alone_is_worth_a_question(
    answers: list[Answered], found: tuple[int, int], plan_of: Callable[..., Plan]
) -> None:
    [refusal] = passing_refusals(observed(plan_of(), answers))
    assert (refusal.since, refusal.until) == found
    assert refusal.answered is BAN


@pytest.mark.parametrize(
    "answers",
    [
        pytest.param([OWN] * 9, id="one-refusal"),
        pytest.param([OWN] * 3 + [BAN] * 2 + [OWN] * 3, id="twice-is-a-routes-own-words"),
        pytest.param([BAN] * 3 + [OWN] * 3, id="nothing-before-it"),
        pytest.param([OWN] * 3 + [BAN] * 3, id="nothing-after-it-which-the-last-look-sees"),
        pytest.param([OWN, *[BAN] * (LONGEST + 1), OWN], id="longer-which-the-controls-see"),
        pytest.param([OWN, BAN, OWN, OWN, OWN, BAN, OWN, OWN, BAN, OWN], id="now-and-then"),
        pytest.param([OWN, *[OPEN] * 4, OWN], id="no-refusal"),
    ],
)
def test_all_else_is_not(answers: list[Answered], plan_of: Callable[..., Plan]) -> None:
    assert passing_refusals(observed(plan_of(), answers)) == []


def test_the_words_of_one_route_are_its_own(plan_of: Callable[..., Plan]) -> None:
    made = Observations(plan_of())
    for number, one in enumerate([OWN, BAN, BAN, BAN, OWN]):
        made.record(asked(number, path="/api/orders/x" if one is BAN else None), one)
    assert passing_refusals(made) == []


def test_the_words_of_one_guard_are_its_own(plan_of: Callable[..., Plan]) -> None:
    made = Observations(plan_of())
    for number, one in enumerate([OWN, BAN, BAN, BAN, OWN]):
        plain = asked(number)
        guard = "admin" if one is BAN else "session"
        made.record(replace(plain, route=replace(plain.route, guard=guard)), one)
    assert passing_refusals(made) == []


def test_what_may_act_is_not_asked_again(plan_of: Callable[..., Plan]) -> None:
    made = Observations(plan_of())
    for number, one in enumerate([OWN, BAN, BAN, BAN, OWN]):
        plain = asked(number)
        made.record(replace(plain, route=replace(plain.route, effect=Effect.ACTS)), one)
    assert passing_refusals(made) == []


def test_few_requests_are_spent_on_it(plan_of: Callable[..., Plan]) -> None:
    bans = [answer(401, f'{{"message":"{word}"}}', JSON) for word in ("one", "two", "three")]
    answers = [OWN, *(ban for ban in bans for _ in range(3)), OWN]
    assert len(passing_refusals(observed(plan_of(), answers))) == 1


@pytest.mark.parametrize(
    ("now", "words"),
    [
        pytest.param(BAN, None, id="the-same"),
        pytest.param(OWN, "/api/1/x got 401 for a while, and 401 in other words before and later", id="other-words"),
        pytest.param(OPEN, "/api/1/x got 401 for a while, and 200 in other words before and later", id="it-is-open"),
        pytest.param(answer(429), None, id="too-many-requests"),
        pytest.param(SILENCE, None, id="silence"),
    ],
)
def test_it_has_passed_where_another_answer_comes_now(now: Answered | Unanswered, words: str | None) -> None:
    refusal = PassingRefusal(probe=asked(1), answered=BAN, since=0, until=3, length=3)
    assert has_passed(refusal, now) == words
