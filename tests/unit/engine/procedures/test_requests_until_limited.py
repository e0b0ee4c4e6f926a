"""Does a limit bite, and does a forged address get past it? No more is sent than that takes."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from prober.engine.procedures.requests_until_limited import Burst, burst
from prober.model import Answered, Cause, Reason, Request, Unanswered, Unsent

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.model import Outcome

KNOCK = Request(service="web", method="POST", target="/api/login", headers=(("User-Agent", "x"),), content=b"{}")
NOBODY = Unanswered(cause=Cause.TIMEOUT, detail="no answer in 5 s", arrived=True, attempts=1, elapsed_ms=5000)
LATE = Unsent(reason=Reason.CUT_SHORT, detail="the deadline came first")


def answer(status: int, *headers: tuple[str, str]) -> Answered:
    return Answered.of(status=status, headers=headers, body=b"", elapsed_ms=1)


REFUSED, LIMITED = answer(401), answer(429)


def is_limited(answered: Answered) -> bool:
    return answered.status == 429


def address(sent: int) -> str:
    return f"198.51.100.{sent}"


def forged(request: Request) -> str | None:
    return dict(request.headers).get("X-Forwarded-For")


def fire(
    door: Callable[[Request, int], Outcome], most: int = 5, limited: Callable[[Answered], bool] = is_limited,
    request: Request = KNOCK,
) -> tuple[Burst, list[Request]]:  # fmt: skip
    """Knock at a door that knows how many came before; give what came of it and what was sent."""
    sent: list[Request] = []

    async def send(wanted: Request) -> Outcome:
        sent.append(wanted)
        return door(wanted, len(sent) - 1)

    return asyncio.run(burst(request, send, limited, most=most, spoof=address)), sent


def after(passed: int, limit: Answered = LIMITED) -> Callable[[Request, int], Outcome]:
    """A limiter that counts connections, whatever the headers say."""
    return lambda _, before: REFUSED if before < passed else limit


def gullible(passed: int) -> Callable[[Request, int], Outcome]:
    """A limiter that counts what the headers say."""
    return lambda request, before: REFUSED if before < passed or forged(request) else LIMITED


@pytest.mark.parametrize(
    ("passed", "limited_after", "requests"),
    [
        pytest.param(0, 0, 2, id="at-once"),
        pytest.param(3, 3, 5, id="early"),
        pytest.param(5, 5, 7, id="as-stated"),
        pytest.param(6, None, 6, id="one-too-late"),
        pytest.param(99, None, 6, id="never"),
    ],
)
def test_a_limit_must_bite_within_one_more_than_it_allows(
    passed: int, limited_after: int | None, requests: int
) -> None:
    found, sent = fire(after(passed))
    assert found == Burst(limited_after=limited_after, evaded=False, failed=None, until=None, requests=requests)
    assert len(sent) == requests


def test_all_but_the_last_request_are_the_one_that_was_given() -> None:
    _, sent = fire(after(5))
    assert sent[:6] == [KNOCK] * 6


def test_the_last_request_differs_by_a_forged_address_alone() -> None:
    _, sent = fire(after(5))
    last = Request(
        service="web", method="POST", target="/api/login", content=b"{}",
        headers=(("User-Agent", "x"), ("X-Forwarded-For", "198.51.100.6")),
    )  # fmt: skip
    assert sent[6:] == [last]


def test_no_address_is_forged_where_nothing_is_limited() -> None:
    found, sent = fire(gullible(99))
    assert len(sent) == 6
    assert [forged(request) for request in sent] == [None] * 6
    assert not found.evaded


def test_an_address_that_the_request_had_is_replaced() -> None:
    request = Request(service="web", method="GET", target="/", headers=(("x-forwarded-for", "192.0.2.1"),))
    _, sent = fire(after(0), request=request)
    assert [one.headers for one in sent] == [
        (("x-forwarded-for", "192.0.2.1"),),
        (("X-Forwarded-For", "198.51.100.1"),),
    ]


def test_a_limiter_that_believes_the_header_is_evaded() -> None:
    found, sent = fire(gullible(3))
    assert found == Burst(limited_after=3, evaded=True, failed=None, until=None, requests=5)
    assert len(sent) == 5


def test_a_limiter_may_have_a_word_of_its_own() -> None:
    full = answer(302, ("location", "/signin?error=voucher_rate_limited"))
    found, _ = fire(after(2, full), limited=lambda one: "rate_limited" in (one.header("location") or ""))
    assert found.limited_after == 2
    assert not found.evaded


@pytest.mark.parametrize(
    ("outcome", "requests"), [pytest.param(NOBODY, 3, id="no-answer"), pytest.param(LATE, 2, id="not-sent")]
)
def test_nobody_there_ends_it(outcome: Unanswered | Unsent, requests: int) -> None:
    found, sent = fire(lambda _, before: REFUSED if before < 2 else outcome)
    assert len(sent) == 3
    assert found == Burst(limited_after=None, evaded=False, failed=outcome, until=None, requests=requests)


@pytest.mark.parametrize(
    ("outcome", "requests"), [pytest.param(NOBODY, 4, id="no-answer"), pytest.param(LATE, 3, id="not-sent")]
)
def test_nobody_there_for_the_forged_one_is_no_evasion(outcome: Unanswered | Unsent, requests: int) -> None:
    limit = answer(429, ("retry-after", "60"))
    found, sent = fire(lambda request, before: outcome if forged(request) else after(2, limit)(request, before))
    assert len(sent) == 4
    assert found == Burst(limited_after=2, evaded=False, failed=outcome, until=60.0, requests=requests)


DATE = ("date", "Mon, 06 Jul 2026 12:00:00 GMT")  # 1783339200


@pytest.mark.parametrize(
    ("headers", "until"),
    [
        pytest.param((), None, id="unsaid"),
        pytest.param((("retry-after", "3600"),), 3600.0, id="seconds"),
        pytest.param((("retry-after", " 1.5 "),), 1.0, id="a-fraction"),
        pytest.param((("retry-after", "0"),), 0.0, id="now"),
        pytest.param((("retry-after", "Mon, 06 Jul 2026 12:01:30 GMT"), DATE), 90.0, id="a-date"),
        pytest.param((("retry-after", "Mon, 06 Jul 2026 11:00:00 GMT"), DATE), 0.0, id="a-date-gone-by"),
        pytest.param((("retry-after", "Mon, 06 Jul 2026 12:01:30 GMT"),), None, id="a-date-and-no-clock"),
        pytest.param((("retry-after", "soon"), ("x-ratelimit-reset", "12")), 12.0, id="nonsense-then-reset"),
        pytest.param((("retry-after", "7"), ("x-ratelimit-reset", "12")), 7.0, id="both"),
        pytest.param((("x-ratelimit-reset", "1783339260"), DATE), 60.0, id="reset-is-a-time"),
        pytest.param((("x-ratelimit-reset", "1783339260"),), None, id="a-time-and-no-clock"),
        pytest.param((("x-ratelimit-reset", "1783339260500"), DATE), 60.5, id="reset-in-milliseconds"),
        pytest.param((("ratelimit-reset", "30"),), 30.0, id="ietf-of-old"),
        pytest.param((("ratelimit", "limit=10, remaining=0, reset=45"),), 45.0, id="ietf-in-one"),
        pytest.param((("ratelimit", '"login";r=0;t=50'),), 50.0, id="ietf-of-late"),
        pytest.param((("ratelimit", '"login";r=0'),), None, id="ietf-without-a-time"),
        pytest.param((("x-ratelimit-reset", "9" * 400),), None, id="no-number-at-all"),
        pytest.param((("retry-after", "Mon, 99 Jul 99999999999 12:00:00 GMT"), DATE), None, id="no-date-at-all"),
    ],
)
def test_the_limited_answer_says_when_the_allowance_is_back(
    headers: tuple[tuple[str, str], ...], until: float | None
) -> None:
    found, _ = fire(after(1, answer(429, *headers)))
    assert found.limited_after == 1
    assert found.until == until


def test_what_other_answers_say_of_the_allowance_does_not_count() -> None:
    found, _ = fire(lambda _, before: LIMITED if before == 2 else answer(401, ("x-ratelimit-reset", "9")))
    assert found.limited_after == 2
    assert found.until is None
