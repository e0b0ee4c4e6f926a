"""Pacing: a world without a network, in which sleeping is what moves the clock."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prober.model import Answered
from prober.transport.rate_limit import SHARED_LIMIT
from tests.support.rate_clock import DEADLINE, NOON, Fake, a_pace, answer, turns

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
