"""A refusal that came for a while alone: which is worth a question, and what the answer to that question means."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from prober.judge.observations import Observations
from prober.judge.passing_refusals import LONGEST, PassingRefusal, by_service, has_passed, passing_refusals, shape_of
from prober.model import Answered, Cause, Effect, NotFoundControl, Probe, Unanswered, Variant
from tests.support.judging import JSON, REFUSED, answer, probe, promise, status

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
        pytest.param([OWN, BAN, OWN, OWN, OWN, BAN, BAN, OWN], (1, 7), id="half-of-the-answers-meanwhile"),
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
        pytest.param([OPEN, BAN, BAN, BAN, OWN], id="no-refusal-before-it"),
        pytest.param([OWN, BAN, BAN, BAN, OPEN], id="no-refusal-after-it"),
    ],
)
def test_all_else_is_not(answers: list[Answered], plan_of: Callable[..., Plan]) -> None:
    assert passing_refusals(observed(plan_of(), answers)) == []


def test_the_words_of_one_route_are_its_own(plan_of: Callable[..., Plan]) -> None:
    made = Observations(plan_of())
    for number, one in enumerate([OWN, BAN, BAN, BAN, OWN]):
        made.record(asked(number, path="/api/orders/x" if one is BAN else None), one)
    assert passing_refusals(made) == []


def test_the_words_of_two_routes_are_worth_a_question(plan_of: Callable[..., Plan]) -> None:
    made = Observations(plan_of())
    for number, one in enumerate([OWN, OWN, BAN, BAN, BAN, OWN]):
        made.record(replace(asked(number % 2), id=f"{number}"), one)
    assert len(passing_refusals(made)) == 1


def test_only_answers_to_plain_requests_of_guarded_routes_are_looked_at(plan_of: Callable[..., Plan]) -> None:
    made = Observations(plan_of())
    browser, other = (
        Variant(name=name, headers=(), catches="", as_client=name == "as-browser")
        for name in ("as-browser", "upper-case")
    )
    made.record(NotFoundControl(prefix="/api/", request=asked(0).request), OWN)
    made.record(asked(0), SILENCE)
    made.record(replace(asked(1), promise=promise(status(200))), OWN)
    made.record(replace(asked(2), procedure="allowance"), OWN)
    made.record(replace(asked(3), variant=other), OWN)
    made.record(replace(asked(4), variant=browser), OWN)
    made.record(asked(5), BAN)
    assert [one.probe.id for one in by_service(made)["web"]] == ["5"]
    assert [(one.probe.id, one.turn) for one in by_service(made, as_clients=True)["web"]] == [("4", 0), ("5", 1)]


def test_a_refusal_is_told_from_another_by_its_server() -> None:
    told = [answer(401, "no", ("server", name)) for name in ("one", "two")]
    assert shape_of(asked(1), told[0]) != shape_of(asked(1), told[1])


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
