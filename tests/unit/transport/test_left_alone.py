"""When a service that only refuses or rests is left alone."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from prober.model import Answered, Request, Unanswered
from prober.transport.adaptive_rate import MAX_GAP, AdaptiveRate
from prober.transport.rate_limit import MAX_PAUSES
from tests.support.rate_clock import DEADLINE, Fake, a_pace, again, answer, turns

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    Outcome = Answered | Unanswered | None


def send_all(
    outcome_of: Callable[[Request], Answered], targets: Iterable[str], *, workers: int, fake: Fake | None = None
) -> tuple[dict[str, Outcome], list[str], Fake]:
    """Let so many workers send these over one pace; give what came back, what was asked, and the world after it."""
    fake = fake or Fake()
    pace = a_pace(fake, concurrency=workers)
    asked: list[str] = []
    found: dict[str, Outcome] = {}
    waiting = list(targets)

    async def exchange(wanted: Request) -> Answered:
        asked.append(wanted.target)
        await fake.sleep(0.01)
        outcome = outcome_of(wanted)
        if again(outcome) is None:
            pace.record_application_response(wanted.service)
        return outcome

    async def work() -> None:
        while waiting:
            target = waiting.pop(0)
            wanted = Request(service="web", method="GET", target=target)
            found[target] = await pace.send(wanted, exchange, attempts=3, repeatable=True, classify=again)

    async def main() -> None:
        await asyncio.gather(*(work() for _ in range(workers)))

    asyncio.run(main())
    return found, asked, fake


def test_a_service_that_only_throttles_is_left_alone() -> None:
    found, asked, _ = send_all(lambda _: answer(429), [f"/{n}" for n in range(200)], workers=4)
    assert 4 <= len(asked) <= 4 * MAX_PAUSES
    assert list(found.values()).count(None) >= 200 - 4 * MAX_PAUSES


def test_one_throttled_route_among_good_answers_does_not_loop_for_ever() -> None:
    targets = ["/limited", *(f"/{n}" for n in range(400))]
    found, asked, fake = send_all(lambda wanted: answer(429 if wanted.target == "/limited" else 401), targets, workers=4)  # fmt: skip
    assert asked.count("/limited") == MAX_PAUSES
    assert getattr(found["/limited"], "status", None) == 429
    assert {getattr(found[f"/{n}"], "status", None) for n in range(400)} == {401}
    assert fake.time < DEADLINE


class Bucket:
    """A limit that says nothing of itself, as nginx's `limit_req rate=…r/s burst=… nodelay`."""

    def __init__(self, fake: Fake, *, rate: float, burst: float, refusal: int) -> None:
        self._fake, self._rate, self._burst, self._refusal = fake, rate, burst, refusal
        self._left, self._at = burst, 0.0

    def answer(self, _: Request) -> Answered:
        self._left = min(self._burst, self._left + (self._fake.time - self._at) * self._rate)
        self._at = self._fake.time
        if self._left < 1:
            return answer(self._refusal)
        self._left -= 1
        return answer(401)


@pytest.mark.parametrize("refusal", [429, 503, 529])
@pytest.mark.parametrize(("rate", "burst"), [(20, 5), (2, 5), (50, 20)])
def test_a_limit_that_says_nothing_is_kept_once_it_has_bitten(rate: float, burst: float, refusal: int) -> None:
    fake = Fake()
    bucket = Bucket(fake, rate=rate, burst=burst, refusal=refusal)
    found, asked, _ = send_all(bucket.answer, [f"/{n}" for n in range(150)], workers=8, fake=fake)
    assert {getattr(outcome, "status", None) for outcome in found.values()} == {401}
    assert len(asked) <= 1.5 * len(found)
    assert fake.time <= 1.5 * len(found) / rate + 10


def test_a_limit_that_bites_for_ever_spaces_no_more_than_so_much() -> None:
    """A limit of some routes, which now and then lets one through, must not take the time of all the others."""
    limit = AdaptiveRate()
    for second in range(200):
        limit.record_throttled(float(second))
        limit.record_response(was_refused=True)
    assert 0.5 < limit.gap <= MAX_GAP
    for _ in range(200):
        limit.record_response(was_refused=False)
    assert limit.gap < 0.05


def test_a_limit_that_no_rest_has_helped_with_spaces_nothing() -> None:
    limit = AdaptiveRate()
    for second in range(9):
        limit.record_throttled(float(second))
        limit.record_response(was_refused=False)
    assert limit.gap == 0


def test_a_proxy_s_503_is_no_limit_of_a_service_that_never_answered() -> None:
    found, asked, fake = send_all(lambda _: answer(503), [f"/{n}" for n in range(40)], workers=4)
    assert {getattr(outcome, "status", None) for outcome in found.values()} == {503}
    assert (len(asked), fake.time < 10) == (120, True)


def test_a_service_that_goes_away_is_left_alone_after_some_rests() -> None:
    went = [answer(401)] * 20

    def outcome_of(_: Request) -> Answered:
        return went.pop() if went else answer(503)

    found, asked, fake = send_all(outcome_of, [f"/{n}" for n in range(200)], workers=4)
    assert [getattr(found[f"/{n}"], "status", None) for n in range(15)] == [401] * 15
    assert len(asked) <= 20 + 4 * MAX_PAUSES
    assert fake.time < 40


def test_a_good_answer_ends_the_count_of_rests() -> None:
    fake = Fake()
    pace = a_pace(fake)
    for _ in range(MAX_PAUSES * 2):
        pace.pause_after_throttling("web", answer(429, retry_after=1))
        turns(pace, fake, ["web"])
        pace.record_response("web", answer(401))
    assert not pace.has_given_up("web")


def test_giving_up_is_of_one_service_only() -> None:
    fake = Fake()
    pace = a_pace(fake)
    for _ in range(MAX_PAUSES):
        pace.pause_after_throttling("web", answer(429, retry_after=1))
        turns(pace, fake, ["web"])
    assert (pace.has_given_up("web"), pace.has_given_up("mcp")) == (True, False)
    assert [leave for leave, _ in turns(pace, fake, ["web", "mcp"])] == [False, True]


def most_in_flight(first: Answered, *, workers: int) -> int:
    """Send one request that gets `first`, then many at once; give how many of those were under way together."""
    fake = Fake()
    pace = a_pace(fake, concurrency=workers)
    under_way = most = 0
    firsts = [first]

    async def exchange(_: Request) -> Answered:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        for _turn in range(20):  # turns of the loop, in which the others may begin
            await asyncio.sleep(0)
        under_way -= 1
        return firsts.pop() if firsts else answer(401)

    async def ask(target: str) -> None:
        wanted = Request(service="web", method="GET", target=target)
        await pace.send(wanted, exchange, attempts=1, repeatable=True, classify=again)

    async def main() -> None:
        await ask("/first")
        await asyncio.gather(*(ask(f"/{number}") for number in range(workers)))

    asyncio.run(main())
    return most


@pytest.mark.parametrize(
    ("first", "most"),
    [
        pytest.param(answer(401), 24, id="no-limit"),
        pytest.param(answer(200, x_ratelimit_limit=200, x_ratelimit_remaining=150, x_ratelimit_reset=60), 8, id="an-allowance"),
        pytest.param(answer(429, retry_after=0), 8, id="a-throttle"),
    ],
)  # fmt: skip
def test_few_requests_are_in_flight_at_a_service_that_limits_them(first: Answered, most: int) -> None:
    assert most_in_flight(first, workers=24) == most
