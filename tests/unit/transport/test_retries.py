"""When a request is sent again, and when a service is left alone."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from prober.model import Answered, Cause, Request, Unanswered
from prober.transport.rate_limit import MAX_PAUSES, MIN_RESPONSES_ALIVE
from tests.support.rate_clock import DEADLINE, Fake, a_pace, again, answer

if TYPE_CHECKING:
    Outcome = Answered | Unanswered | None


def silence(*, arrived: bool) -> Unanswered:
    return Unanswered(cause=Cause.TIMEOUT, detail="no answer", arrived=arrived, attempts=1, elapsed_ms=1)


def request(service: str = "web") -> Request:
    return Request(service=service, method="GET", target="/")


@dataclass
class Deployment:
    """What it answers, one after the other, the last one for ever; and when it was asked."""

    fake: Fake
    outcomes: list[Answered | Unanswered]
    takes: float = 0.0
    asked: list[float] = field(default_factory=list)

    async def exchange(self, _: Request) -> Answered | Unanswered:
        self.asked.append(self.fake.time)
        self.fake.time += self.takes
        return self.outcomes[min(len(self.asked), len(self.outcomes)) - 1]


def send(
    *outcomes: Answered | Unanswered,
    attempts: int = 3,
    repeatable: bool = True,
    takes: float = 0.0,
    deadline: float = DEADLINE,
) -> tuple[Outcome, Deployment]:
    """Send one request to such a deployment."""
    fake = Fake()
    deployment = Deployment(fake, list(outcomes), takes)
    pace = a_pace(fake, deadline=deadline)
    sending = pace.send(request(), deployment.exchange, attempts=attempts, repeatable=repeatable, classify=again)
    return asyncio.run(sending), deployment


THROTTLED = answer(429, retry_after=2)
GATEWAY = answer(502)
NEVER_LEFT = silence(arrived=False)
MAY_HAVE = silence(arrived=True)


@pytest.mark.parametrize(
    ("outcomes", "repeatable", "last", "asked"),
    [
        pytest.param([answer(401)], True, answer(401), 1, id="an-answer-is-final"),
        pytest.param([answer(500), answer(401)], True, answer(500), 1, id="an-error-of-the-application-is-final"),
        pytest.param([answer(200), answer(401)], True, answer(200), 1, id="a-door-that-is-open-once-is-open"),
        pytest.param([GATEWAY, answer(401)], True, answer(401), 2, id="a-gateway-is-asked-again"),
        pytest.param([GATEWAY], True, GATEWAY, 3, id="a-gateway-to-the-last"),
        pytest.param([NEVER_LEFT, answer(401)], True, answer(401), 2, id="silence-is-asked-again"),
        pytest.param([MAY_HAVE, answer(401)], True, answer(401), 2, id="silence-after-arrival-too-where-it-may-be"),
        pytest.param([MAY_HAVE], True, MAY_HAVE, 3, id="silence-to-the-last"),
        pytest.param([NEVER_LEFT, GATEWAY, answer(401)], True, answer(401), 3, id="one-after-the-other"),
        pytest.param([THROTTLED, answer(401)], True, answer(401), 2, id="a-throttle-is-asked-again"),
        pytest.param([THROTTLED, THROTTLED, THROTTLED, answer(401)], True, answer(401), 4, id="more-often-than-others"),
        pytest.param([THROTTLED], True, THROTTLED, MAX_PAUSES, id="and-not-for-ever"),
        pytest.param([answer(401)], False, answer(401), 1, id="dangerous-answered"),
        pytest.param([MAY_HAVE, answer(401)], False, MAY_HAVE, 1, id="dangerous-and-may-have-arrived-is-not-sent-again"),
        pytest.param([NEVER_LEFT, answer(401)], False, answer(401), 2, id="dangerous-and-cannot-have-arrived-is-sent-again"),
        pytest.param([NEVER_LEFT, MAY_HAVE, answer(401)], False, MAY_HAVE, 2, id="dangerous-until-it-may-have-arrived"),
        pytest.param([GATEWAY, answer(401)], False, GATEWAY, 1, id="dangerous-and-a-gateway-may-have-passed-it-on"),
        pytest.param([THROTTLED, answer(401)], False, answer(401), 2, id="dangerous-and-throttled-did-nothing"),
    ],
)  # fmt: skip
def test_it_is_sent_again_only_when_the_application_did_not_answer(
    outcomes: list[Answered | Unanswered], last: Answered | Unanswered, asked: int, *, repeatable: bool
) -> None:
    found, deployment = send(*outcomes, repeatable=repeatable)
    assert len(deployment.asked) == asked
    assert found is not None
    assert found.attempts == asked
    assert (type(found), getattr(found, "status", None)) == (type(last), getattr(last, "status", None))


@pytest.mark.parametrize("attempts", [1, 2, 5])
def test_attempts_bound_what_is_sent(attempts: int) -> None:
    found, deployment = send(MAY_HAVE, attempts=attempts)
    assert found is not None
    assert (found.attempts, len(deployment.asked)) == (attempts, attempts)


def test_pauses_between_attempts_grow_and_end() -> None:
    _, deployment = send(GATEWAY, attempts=8)
    gaps = [round(b - a, 3) for a, b in zip(deployment.asked, deployment.asked[1:], strict=False)]
    assert gaps == [0.2, 0.4, 0.8, 1.6, 3.2, 5, 5]


def test_a_throttle_is_rested_for_before_it_is_asked_again() -> None:
    _, deployment = send(answer(429, retry_after=30), answer(401))
    assert deployment.asked == [0, 30]


def test_a_throttle_that_asks_for_more_than_the_deadline_is_not_asked_again() -> None:
    """Five more requests in three seconds are no answer to 'come back in an hour'."""
    found, deployment = send(answer(429, retry_after=3600), answer(401))
    assert found is not None
    assert (getattr(found, "status", None), deployment.asked) == (429, [0])


def test_no_attempt_begins_after_the_deadline() -> None:
    found, deployment = send(MAY_HAVE, attempts=10, takes=4, deadline=10)
    assert found is not None
    assert found.attempts == len(deployment.asked)
    assert deployment.asked
    assert max(deployment.asked) < 10


def test_what_never_goes_out_has_no_outcome() -> None:
    found, deployment = send(answer(401), deadline=0)
    assert found is None
    assert deployment.asked == []


def test_what_came_before_the_deadline_still_holds() -> None:
    found, deployment = send(answer(429, retry_after=2), takes=9, deadline=10)
    assert found is not None
    assert (getattr(found, "status", None), found.attempts, len(deployment.asked)) == (429, 1, 1)


@pytest.mark.parametrize(
    ("status", "alive", "times"),
    [
        pytest.param(503, True, 1, id="of-whom-nobody-knows"),
        pytest.param(529, True, MAX_PAUSES, id="of-one-that-passes-nothing-on"),
        pytest.param(529, False, 1, id="of-one-behind-which-nobody-was-seen"),
        pytest.param(429, False, MAX_PAUSES, id="too-many"),
    ],
)
def test_what_must_not_come_twice_is_sent_again_only_where_it_never_came(
    status: int, times: int, *, alive: bool
) -> None:
    fake = Fake()
    pace = a_pace(fake)
    asked: list[str] = []
    for _ in range(MIN_RESPONSES_ALIVE if alive else 0):
        pace.record_application_response("web")

    async def exchange(wanted: Request) -> Answered:
        asked.append(wanted.target)
        return answer(status)

    wanted = Request(service="web", method="POST", target="/")
    asyncio.run(pace.send(wanted, exchange, attempts=3, repeatable=False, classify=again))
    assert len(asked) == times
