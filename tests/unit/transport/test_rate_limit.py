"""Pacing: a world without a network, in which sleeping is what moves the clock."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prober.model import Answered, Cause, Request, Unanswered
from prober.transport.adaptive_rate import MAX_GAP, AdaptiveRate
from prober.transport.rate_limit import MAX_PAUSES, MIN_RESPONSES_ALIVE, SHARED_LIMIT, Clock, RateLimiter, RetryReason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    Outcome = Answered | Unanswered | None

NOON = 1_800_000_000.0  # by the calendar's clock; the other one starts at 0
DEADLINE = 100.0


@dataclass
class Fake:
    """A world whose time passes only while somebody sleeps."""

    time: float = 0.0
    slept: list[float] = field(default_factory=list)

    def clock(self) -> Clock:
        return Clock(now=lambda: self.time, wall=lambda: NOON + self.time, sleep=self.sleep)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        until = self.time + seconds
        await asyncio.sleep(0)
        self.time = max(self.time, until)


def a_pace(fake: Fake, *, deadline: float = DEADLINE, concurrency: int = 4, rate: float | None = None) -> RateLimiter:
    return RateLimiter(fake.clock(), deadline=deadline, concurrency=concurrency, rate=rate)


def answer(status: int, **headers: object) -> Answered:
    said = tuple((name.replace("_", "-"), str(value)) for name, value in headers.items())
    return Answered.of(status=status, headers=said, body=b"", whole=True, attempts=1, elapsed_ms=1)


def silence(*, arrived: bool) -> Unanswered:
    return Unanswered(cause=Cause.TIMEOUT, detail="no answer", arrived=arrived, attempts=1, elapsed_ms=1)


def again(answered: Answered) -> RetryReason | None:
    return {429: RetryReason.THROTTLE, 502: RetryReason.GATEWAY, 503: RetryReason.BUSY, 529: RetryReason.REFUSED}.get(
        answered.status
    )


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


def turns(pace: RateLimiter, fake: Fake, services: Iterable[str]) -> list[tuple[bool, float]]:
    """Take a turn for each; give whether there was leave, and when."""

    async def take() -> list[tuple[bool, float]]:
        return [(await pace.acquire(service), round(fake.time, 3)) for service in services]

    return asyncio.run(take())


# --- when a request may go out ----------------------------------------------------------------------------------------


def test_a_rate_spaces_requests_over_all_services() -> None:
    fake = Fake()
    assert turns(a_pace(fake, rate=2), fake, ["web", "mcp", "web", "mcp"]) == [(True, 0), (True, 0.5), (True, 1), (True, 1.5)]  # fmt: skip


def test_a_rate_holds_also_for_workers_at_once() -> None:
    fake = Fake()
    pace = a_pace(fake, rate=10)
    times: list[float] = []

    async def worker() -> None:
        assert await pace.acquire("web")
        times.append(round(fake.time, 3))

    async def main() -> None:
        await asyncio.gather(*(worker() for _ in range(5)))

    asyncio.run(main())
    assert sorted(times) == [0, 0.1, 0.2, 0.3, 0.4]


def test_an_idle_time_saves_up_no_burst() -> None:
    fake = Fake()
    pace = a_pace(fake, rate=2)
    assert turns(pace, fake, ["web"]) == [(True, 0)]
    fake.time = 10
    assert turns(pace, fake, ["web", "web"]) == [(True, 10), (True, 10.5)]


def test_without_a_rate_nothing_waits() -> None:
    fake = Fake()
    assert turns(a_pace(fake), fake, ["web"] * 50) == [(True, 0)] * 50
    assert fake.slept == []


def test_a_hold_is_of_one_service_only() -> None:
    fake = Fake()
    pace = a_pace(fake)
    pace.pause("web", 7)
    assert turns(pace, fake, ["mcp", "web", "web"]) == [(True, 0), (True, 7), (True, 7)]


def test_a_shorter_hold_does_not_end_a_longer_one() -> None:
    fake = Fake()
    pace = a_pace(fake)
    pace.pause("web", 7)
    pace.pause("web", 2)
    assert turns(pace, fake, ["web"]) == [(True, 7)]


def test_a_hold_past_the_deadline_is_not_taken() -> None:
    fake = Fake()
    pace = a_pace(fake)
    pace.pause("web", DEADLINE)
    assert turns(pace, fake, ["web"]) == [(True, 0)]


@pytest.mark.parametrize(
    ("time", "over"),
    [pytest.param(99.9, False, id="before"), pytest.param(100, True, id="at"), pytest.param(101, True, id="after")],
)
def test_nothing_goes_out_from_the_deadline_on(time: float, *, over: bool) -> None:
    fake = Fake(time=time)
    pace = a_pace(fake)
    assert pace.deadline_passed is over
    assert turns(pace, fake, ["web"]) == [(not over, time)]


def test_a_turn_that_the_rate_puts_past_the_deadline_is_not_waited_for() -> None:
    fake = Fake()
    pace = a_pace(fake, rate=0.01, deadline=50)
    assert turns(pace, fake, ["web", "web"]) == [(True, 0), (False, 0)]


# --- what an answer asks for ------------------------------------------------------------------------------------------


def at(seconds: float) -> str:
    return format_datetime(datetime.fromtimestamp(NOON + seconds, UTC), usegmt=True)


@pytest.mark.parametrize(
    ("throttled", "seconds"),
    [
        pytest.param(answer(429, retry_after=30), 30, id="seconds"),
        pytest.param(answer(429, retry_after=" 30 "), 30, id="seconds-among-spaces"),
        pytest.param(answer(429, retry_after=0), 0, id="at-once"),
        pytest.param(answer(429, retry_after=at(42)), 42, id="a-date"),
        pytest.param(answer(429, retry_after=at(-42)), 0, id="a-date-that-has-passed"),
        pytest.param(answer(429, retry_after=8, x_ratelimit_remaining=0, x_ratelimit_reset=60), 8, id="its-word-before-the-limit's"),
        pytest.param(answer(429, x_ratelimit_remaining=0, x_ratelimit_reset=25), 25, id="reset-in-seconds"),
        pytest.param(answer(429, x_ratelimit_remaining=0, x_ratelimit_reset=int(NOON) + 25), 25, id="reset-as-a-date"),
        pytest.param(answer(429, x_ratelimit_remaining=0, x_ratelimit_reset=int(NOON) - 25), 1, id="reset-that-has-passed"),
        pytest.param(answer(429, ratelimit_remaining=0, ratelimit_reset=25), 25, id="ietf-fields"),
        pytest.param(answer(429, ratelimit='"default";r=0;t=25'), 25, id="ietf-field"),
        pytest.param(answer(429, ratelimit="limit=100, remaining=0, reset=25"), 25, id="ietf-field-of-an-older-draft"),
        pytest.param(answer(429), 1, id="says-nothing"),
        pytest.param(answer(429, retry_after="soon"), 1, id="says-nonsense"),
        pytest.param(answer(429, retry_after="-5"), 1, id="says-less-than-nothing"),
        pytest.param(answer(429, retry_after="Mon, 01 Jan 99999999999999999999 00:00:00 GMT"), 1, id="a-date-beyond-measure"),
        pytest.param(answer(429, retry_after="9" * 400), 1, id="a-number-beyond-measure"),
        pytest.param(answer(429, retry_after=3600), 0, id="a-rest-past-the-deadline-is-not-taken"),
    ],
)  # fmt: skip
def test_a_throttled_answer_is_obeyed(throttled: Answered, seconds: float) -> None:
    fake = Fake()
    pace = a_pace(fake)
    pace.pause_after_throttling("web", throttled)
    assert turns(pace, fake, ["mcp", "web"]) == [(True, 0), (True, seconds)]


def test_rests_that_are_not_said_grow() -> None:
    fake = Fake()
    pace = a_pace(fake)
    times = []
    for _ in range(4):
        pace.pause_after_throttling("web", answer(429))
        times += turns(pace, fake, ["web"])
    assert times == [(True, 1), (True, 3), (True, 7), (True, 15)]


def test_answers_to_what_was_sent_before_a_rest_began_count_once() -> None:
    fake = Fake()
    pace = a_pace(fake)
    for _ in range(20):
        pace.pause_after_throttling("web", answer(429, retry_after=3))
    assert not pace.has_given_up("web")
    assert turns(pace, fake, ["web"]) == [(True, 3)]


@pytest.mark.parametrize(
    ("good", "seconds"),
    [
        pytest.param(answer(200), 0, id="says-nothing"),
        pytest.param(answer(200, x_ratelimit_limit=200, x_ratelimit_remaining=4, x_ratelimit_reset=9), 0, id="enough-for-those-under-way"),
        pytest.param(answer(200, x_ratelimit_limit=200, x_ratelimit_remaining=3, x_ratelimit_reset=9), 9, id="too-few"),
        pytest.param(answer(401, x_ratelimit_limit=200, x_ratelimit_remaining=0, x_ratelimit_reset=9), 9, id="none-left"),
        pytest.param(answer(200, x_ratelimit_remaining=0, x_ratelimit_reset=9), 9, id="limit-that-is-not-said"),
        pytest.param(answer(200, x_ratelimit_limit=200, x_ratelimit_remaining=0, x_ratelimit_reset=int(NOON) + 9), 9, id="reset-as-a-date"),
        pytest.param(answer(200, x_ratelimit_limit=200, x_ratelimit_remaining=0, x_ratelimit_reset=int(NOON) - 9), 0, id="reset-has-passed"),
        pytest.param(answer(200, x_ratelimit_limit=SHARED_LIMIT - 1, x_ratelimit_remaining=0, x_ratelimit_reset=9), 0, id="one-route's-own"),
        pytest.param(answer(200, x_ratelimit_limit=SHARED_LIMIT, x_ratelimit_remaining=0, x_ratelimit_reset=9), 9, id="smallest-shared-limit"),
        pytest.param(answer(200, ratelimit_limit=3, ratelimit_remaining=0, ratelimit_reset=9), 0, id="ietf-one-route's-own"),
        pytest.param(answer(200, ratelimit_limit=100, ratelimit_remaining=0, ratelimit_reset=9), 9, id="ietf-fields"),
        pytest.param(answer(200, ratelimit='"default";r=0;t=9'), 9, id="ietf-field"),
        pytest.param(answer(200, ratelimit='"a"; r=0; t=9', ratelimit_policy='"a"; q=3; w=3600'), 0, id="ietf-policy-one-route's-own"),
        pytest.param(answer(200, ratelimit="limit=100, remaining=0, reset=9", ratelimit_policy="100;w=60"), 9, id="ietf-older-draft"),
        pytest.param(answer(200, ratelimit="limit=3, remaining=0, reset=9", ratelimit_policy="3;w=60"), 0, id="ietf-older-draft-one-route's-own"),
        pytest.param(answer(200, x_ratelimit_limit=200, x_ratelimit_remaining=0, x_ratelimit_reset=3600), 0, id="reset-past-the-deadline"),
        pytest.param(answer(200, x_ratelimit_limit=200, x_ratelimit_remaining=0), 0, id="reset-that-is-not-said"),
        pytest.param(answer(200, x_ratelimit_remaining="none", x_ratelimit_reset="later"), 0, id="nonsense"),
        pytest.param(answer(200, x_ratelimit_remaining="0", x_ratelimit_reset="9" * 400), 0, id="a-number-beyond-measure"),
        pytest.param(answer(200, x_ratelimit_remaining="0, 0;w=60", x_ratelimit_reset="9, 60"), 9, id="several-windows"),
    ],
)  # fmt: skip
def test_an_allowance_that_runs_out_is_waited_for(good: Answered, seconds: float) -> None:
    fake = Fake()
    pace = a_pace(fake, concurrency=4)
    pace.record_response("web", good)
    assert turns(pace, fake, ["mcp", "web"]) == [(True, 0), (True, seconds)]


NAMES = st.sampled_from(["retry-after", "x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset", "ratelimit"])
VALUES = st.one_of(
    st.text(st.characters(max_codepoint=255), max_size=40), st.from_regex(r"[0-9]{1,400}", fullmatch=True)
)


@given(st.lists(st.tuples(NAMES, VALUES), max_size=6))
def test_no_header_of_a_limit_is_too_odd_to_read(headers: list[tuple[str, str]]) -> None:
    odd = Answered.of(status=429, headers=tuple(headers), body=b"", whole=True, attempts=1, elapsed_ms=1)
    fake = Fake()
    pace = a_pace(fake)
    pace.pause_after_throttling("web", odd)
    pace.record_response("mcp", odd)
    assert [leave for leave, _ in turns(pace, fake, ["web", "mcp"])] == [True, True]
    assert fake.time < DEADLINE


# --- when it goes out again -------------------------------------------------------------------------------------------

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
