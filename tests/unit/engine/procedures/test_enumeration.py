"""Can two requests be told apart? By a steady difference in the answers, else by the time, and seldom by chance.

The simulated times: a round trip of 80 ms with log-normal jitter, 3 % of
spikes, a cold start, and a server that grows slower all the while.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import random
import uuid
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from prober.engine.procedures.enumeration import Compared, compare
from prober.model import Answered, Cause, Reason, Request, Unanswered, Unsent

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.model import Outcome

    Door = Callable[[str, int], Outcome]

STRANGER, MEMBER = "nobody-17@probe.invalid", "fixture.user@example.org"
NOBODY = Unanswered(cause=Cause.TIMEOUT, detail="no answer in 5 s", arrived=True, attempts=1, elapsed_ms=5000)
LATE = Unsent(reason=Reason.CUT_SHORT, detail="the deadline came first")
JSON = ("content-type", "application/json")


def sign_in(email: str) -> Request:
    content = json.dumps({"email": email, "password": "wrong"}).encode()
    return Request(service="web", method="POST", target="/api/login", headers=(("User-Agent", "x"),), content=content)


def answer(body: str = '{"error":"invalid"}', *headers: tuple[str, str], status: int = 401, ms: int = 1) -> Answered:
    return Answered.of(status=status, headers=(JSON, *headers), body=body.encode(), elapsed_ms=ms)


class World:
    """A deployment on a clock of its own: what it answers to whom, and how long that takes it."""

    def __init__(self, door: Door, latency: Callable[[str, float], float] = lambda *_: 0.0) -> None:
        self.now = 1000.0
        self.sent: list[str] = []
        self._door, self._latency = door, latency

    async def send(self, request: Request) -> Outcome:
        who = STRANGER if STRANGER.encode() in (request.content or b"") else MEMBER
        before = self.sent.count(who)
        self.sent.append(who)
        took = self._latency(who, self.now)
        self.now += took
        outcome = self._door(who, before)
        return replace(outcome, elapsed_ms=int(took * 1000)) if isinstance(outcome, Answered) else outcome

    async def compare(self, pairs: int, seed: int = 1) -> Compared:
        chance = random.Random(10**6 + seed)  # not the numbers that the latencies are made of
        return await compare(
            sign_in(STRANGER), sign_in(MEMBER), self.send, pairs=pairs, shuffle=chance, clock=lambda: self.now
        )  # fmt: skip


def look(door: Door) -> Compared:
    """Compare the answers alone."""
    return asyncio.run(World(door).compare(0))


def either(stranger: Outcome, member: Outcome) -> Door:
    return lambda who, _: stranger if who == STRANGER else member


# --- what is answered ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stranger", "member", "by"),
    [
        pytest.param(answer(status=404), answer(status=401), "status 404 against 401", id="status"),
        pytest.param(
            answer("", ("location", "/signin?error=CredentialsSignin"), status=302),
            answer("", ("location", "/signin?error=OAuthAccountNotLinked"), status=302),
            "the Location",
            id="a-word-in-the-location",
        ),
        pytest.param(
            answer("", ("location", "/signin?error=x"), status=302),
            answer("", ("location", "/signin?error=x&next=1"), status=302),
            "the Location",
            id="one-more-key-in-the-location",
        ),
        pytest.param(
            answer(), answer('{"error":"invalid"}', ("x-user", "1"), ("via", "1")), "the header names (via, x-user)", id="names"
        ),
        pytest.param(
            answer("", ("set-cookie", "a=1; Path=/")),
            answer("", ("set-cookie", "a=1; Path=/"), ("set-cookie", "remember=; Path=/")),
            "the cookies (remember)",
            id="cookies",
        ),
        pytest.param(
            answer(), Answered.of(status=401, headers=(("content-type", "text/html"),), body=b'{"error":"invalid"}', elapsed_ms=1),
            "the content type", id="content-type",
        ),
        pytest.param(answer("no such user"), answer("wrong password"), "the body", id="body"),
        pytest.param(
            answer('{"error":"user_does_not_exist"}'), answer('{"error":"invalid_credentials"}'), "the body", id="long-words"
        ),
        pytest.param(answer('{"exists":0}'), answer('{"exists":1}'), "the body", id="a-number-that-is-steady"),
        pytest.param(answer("no"), answer("no, but"), "the body", id="one-more-word"),
        pytest.param(answer(""), answer("{}x"), "the body", id="nothing"),
    ],
)  # fmt: skip
def test_a_steady_difference_tells_the_two_apart(stranger: Answered, member: Answered, by: str) -> None:
    found = look(either(stranger, member))
    assert found == Compared(tellable=True, by=by, said=f"{by}, in 3 answers to each", failed=None, requests=6)


def varied(text: str, *headers: tuple[str, str]) -> Door:
    """Answer so, with what changes from one answer to the next, or follows from the e-mail, put in its places."""

    def door(who: str, before: int) -> Outcome:
        token = uuid.uuid5(uuid.NAMESPACE_DNS, f"{who}{before}")
        said = {
            "who": who, "loud": who.upper(), "quoted": quote(who, safe=""), "html": who.replace("@", "&#64;"), "n": before,
            "uuid": token, "nonce": base64.b64encode(token.bytes).decode(), "hash": hashlib.sha256(who.encode()).hexdigest(),
        }  # fmt: skip
        return answer(text.format(**said), *((name, value.format(**said)) for name, value in headers), status=302)

    return door


@pytest.mark.parametrize(
    "door",
    [
        pytest.param(varied("no"), id="all-the-same"),
        pytest.param(varied("try {n}, {uuid}, nonce='{nonce}'"), id="a-counter-an-id-and-a-nonce"),
        pytest.param(varied("no user {who}"), id="the-account-repeated"),
        pytest.param(varied("no user {loud}, <a href='/reset?for={quoted}'>{html}</a>"), id="the-account-dressed"),
        pytest.param(varied("no, {hash}"), id="a-hash-of-the-account"),
        pytest.param(varied("", ("location", "/signin?error=x&state={uuid}&for={quoted}")), id="a-state-in-the-location"),
        pytest.param(varied("", ("set-cookie", "state-{uuid}=1")), id="a-cookie-of-a-random-name"),
        pytest.param(varied("", ("set-cookie", "state-{hash}=1")), id="a-cookie-named-by-a-hash-of-the-account"),
        pytest.param(varied("", ("set-cookie", "state={uuid}; Path=/")), id="a-cookie-of-a-random-value"),
        pytest.param(varied("", ("x-request-id", "{uuid}")), id="a-header-of-a-random-value"),
    ],
)  # fmt: skip
def test_what_varies_or_follows_from_the_request_tells_nothing(door: Door) -> None:
    found = look(door)
    assert found == Compared(
        tellable=False, by=None, said="3 answers to each are alike; the time was not compared", failed=None, requests=6
    )


@pytest.mark.parametrize(
    ("door", "but"),
    [
        pytest.param(lambda _, n: answer(status=401 + n), "the status", id="status"),
        pytest.param(lambda who, n: answer("x " * n if who == MEMBER else "x"), "the body", id="number-of-words"),
        pytest.param(lambda who, n: answer(str(n) if who == MEMBER else "5"), "the body", id="all-that-it-says"),
    ],
)
def test_what_could_not_be_compared_is_said(door: Door, but: str) -> None:
    found = look(door)
    assert not found.tellable
    assert found.said == f"3 answers to each are alike (not compared, as it varies: {but}); the time was not compared"


WITH_COUNTER = answer('{"error":"invalid"}', ("x-ratelimit-remaining", "3"))


@pytest.mark.parametrize(
    "door",
    [
        pytest.param(lambda who, n: WITH_COUNTER if (who, n) == (MEMBER, 1) else answer(), id="once"),
        pytest.param(lambda who, n: answer() if (who, n) == (MEMBER, 1) else WITH_COUNTER, id="all-but-once"),
        pytest.param(
            lambda who, n: answer() if (who, n) == (STRANGER, 1) else WITH_COUNTER, id="all-but-once-of-the-other"
        ),
    ],
)
def test_a_header_that_comes_and_goes_is_not_compared(door: Door) -> None:
    """As a counter of the limits that only some replicas send."""
    assert not look(door).tellable


def test_a_header_that_only_one_of_the_two_has_each_time_is_compared() -> None:
    found = look(lambda who, _: WITH_COUNTER if who == MEMBER else answer())
    assert found.by == "the header names (x-ratelimit-remaining)"


def test_no_more_than_five_names_are_told() -> None:
    many = answer('{"error":"invalid"}', *((f"x-{letter}", "1") for letter in "abcdefg"))
    assert look(either(answer(), many)).by == "the header names (x-a, x-b, x-c, x-d, x-e)"


def test_how_a_content_type_spells_its_charset_is_not_compared() -> None:
    pages = [
        Answered.of(status=401, headers=(("content-type", said),), body=b"", elapsed_ms=1)
        for said in ("text/html; charset=utf-8", "Text/HTML;charset=UTF-8")
    ]
    assert not look(either(pages[0], pages[1])).tellable


def form(path: str, email: str) -> Request:
    content = f"email={quote(email, safe='')}".encode()
    return Request(service="web", method="POST", target=path, content=content)


def compare_origins(one: Request, two: Request, bodies: tuple[str, str]) -> bool:
    async def send(request: Request) -> Outcome:
        return answer(bodies[0] if request is one else bodies[1])

    asked = compare(one, two, send, pairs=0, shuffle=random.Random(1), clock=lambda: 0.0)
    return asyncio.run(asked).tellable


ANN, BOB = form("/users/ann", "ann@x.org"), form("/users/bob", "bob@y.z.org")


@pytest.mark.parametrize(
    ("one", "two", "bodies", "told"),
    [
        pytest.param(form("/x", "a+1@x.org"), form("/x", "b@y.org"), ("for a+1@x.org", "for b@y.org"), False, id="decoded"),
        pytest.param(form("/users/ann", ""), form("/users/bob", ""), ("no ann", "no bob"), False, id="of-the-path"),
        pytest.param(form("/x?for=ann", ""), form("/x?for=bob", ""), ("no ann", "no bob"), False, id="of-the-query"),
        pytest.param(ANN, BOB, ("no ann@x.org", "no bob@y.z.org"), False, id="one-within-the-other"),
        pytest.param(form("/x", "no"), form("/x", "yes"), ("nothing", "yesthing"), True, id="only-the-start-of-a-word"),
        pytest.param(form("/x", "no"), form("/x", "yes"), ("thingno", "thingyes"), True, id="only-the-end-of-a-word"),
        pytest.param(ANN, replace(ANN), ("ann", "bob"), True, id="what-both-requests-say"),
    ],
)  # fmt: skip
def test_only_the_words_of_one_request_alone_are_masked(
    one: Request, two: Request, bodies: tuple[str, str], *, told: bool
) -> None:
    assert compare_origins(one, two, bodies) is told


def test_two_replicas_that_take_turns_are_not_taken_for_the_two_accounts() -> None:
    world = World(lambda _, __: answer("replica a", ("x-a", "1")) if len(world.sent) % 2 else answer("replica b"))
    found = asyncio.run(world.compare(0))
    assert found.requests == 6
    assert not found.tellable


def test_each_is_asked_three_times_and_the_time_is_not_taken_where_the_answers_tell() -> None:
    world = World(either(answer("no such user"), answer("wrong password")))
    found = asyncio.run(world.compare(20))
    assert world.sent == [STRANGER, MEMBER, MEMBER, STRANGER, MEMBER, STRANGER]
    assert found.requests == 6


@pytest.mark.timeout(10)
@pytest.mark.parametrize(
    "body", [pytest.param("a" * 65_536, id="one-word"), pytest.param(f"&#{'9' * 60_000};", id="no-character"),
             pytest.param("\x00\xff" * 30_000, id="no-text"), pytest.param("-_" * 32_768, id="no-token")],
)  # fmt: skip
def test_a_hostile_body_costs_no_more_than_another(body: str) -> None:
    assert not look(lambda *_: answer(body)).tellable


# --- what ends it -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("end", "sent"),
    [
        pytest.param(NOBODY, 1, id="no-answer"),
        pytest.param(LATE, 0, id="not-sent"),
        pytest.param(answer(status=429), 1, id="throttled"),
    ],
)
@pytest.mark.parametrize("before", [0, 3, 7, 30], ids=["at-once", "while-looking", "while-warming-up", "while-timing"])
def test_without_an_answer_nothing_is_said(end: Outcome, sent: int, before: int) -> None:
    world = World(lambda *_: end if len(world.sent) > before else answer())
    found = asyncio.run(world.compare(20))
    assert len(world.sent) == before + 1
    assert (found.tellable, found.by, found.said, found.power) == (False, None, "", None)
    assert found.failed is not None
    assert found.requests == before + sent


SENT_AWAY = answer("", ("location", "/signin?error=invalid"), status=302)


@pytest.mark.parametrize(
    ("usual", "later"),
    [
        pytest.param(answer(), answer(status=423), id="locked"),
        pytest.param(answer(), answer(status=502), id="a-gateway"),
        pytest.param(SENT_AWAY, answer("", ("location", "/signin?error=rate_limited"), status=302), id="a-word-of-its-own"),
        pytest.param(answer("no"), answer("no more"), id="another-body"),
    ],
)  # fmt: skip
def test_an_answer_unlike_the_first_ones_ends_the_series(usual: Answered, later: Answered) -> None:
    world = World(lambda who, before: later if who == MEMBER and before == 12 else usual)
    found = asyncio.run(world.compare(20))
    assert len(world.sent) in {25, 26}
    assert found.failed is not None
    assert found.failed == replace(later, elapsed_ms=0)
    assert found.said == f"the answer to one of the two changed after {len(world.sent) - 1} requests"
    assert (found.tellable, found.by) == (False, None)


def test_the_turn_of_a_minute_does_not_end_the_series() -> None:
    world = World(lambda *_: answer(f"it is 12:{len(world.sent) // 20:02}"))
    assert asyncio.run(world.compare(20)).failed is None


@pytest.mark.parametrize("pairs", [1, 7])
def test_too_few_pairs_are_not_sent_at_all(pairs: int) -> None:
    found = asyncio.run(World(lambda *_: answer()).compare(pairs))
    assert found.requests == 6
    few = f"the time was not compared: {pairs} pairs are too few to tell"
    assert found.said == f"3 answers to each are alike; {few}"


# --- the time -----------------------------------------------------------------------------------------------------


class Latency:
    """How long the simulated server takes, in seconds; `slower` is by how much it is for the member."""

    def __init__(self, seed: int, slower: float = 0.0, *, spikes: float = 0.03, drift: float = 0.004) -> None:
        self._chance, self._slower, self._spikes, self._drift = random.Random(seed), slower, spikes, drift
        self._first = True

    def __call__(self, who: str, now: float) -> float:
        took = 0.08 + self._chance.lognormvariate(-4.0, 0.8) + self._drift * (now - 1000.0)
        took += self._chance.expovariate(1 / 0.25) if self._chance.random() < self._spikes else 0.0
        took += 0.8 if self._first else 0.0
        self._first = False
        return took + (self._slower if who == MEMBER else 0.0)


def series(runs: int, slower: float, **world: float) -> list[Compared]:
    """Compare so many times, in worlds that differ by chance alone."""

    async def all_of_them() -> list[Compared]:
        return [
            await World(lambda *_: answer(), Latency(seed, slower, **world)).compare(20, seed) for seed in range(runs)
        ]  # fmt: skip

    return asyncio.run(all_of_them())


@pytest.mark.slow
@pytest.mark.parametrize(
    "world",
    [
        pytest.param({}, id="as-simulated"),
        pytest.param({"spikes": 0.3, "drift": 0.02}, id="ten-times-the-spikes"),
    ],
)
def test_chance_alone_is_hardly_ever_called_a_difference(world: dict[str, float]) -> None:
    found = series(300, 0.0, **world)
    assert {one.requests for one in found} == {6 + 4 + 80}
    assert sum(one.tellable for one in found) < 0.01 * 300


@pytest.mark.slow
def test_the_time_of_a_bcrypt_is_nearly_always_found() -> None:
    found = series(150, 0.2)
    assert sum(one.tellable for one in found) > 0.9 * 150
    assert [one.by for one in found if one.by and not one.by.startswith("time: the median difference is ")] == []


@pytest.mark.slow
def test_the_power_that_is_told_is_about_the_share_that_is_found() -> None:
    restless = {"spikes": 0.5}
    told = [one.power or 0.0 for one in series(60, 0.0, **restless)]
    share = sum(one.tellable for one in series(200, 0.2, **restless)) / 200
    assert 0.3 < share < 0.99
    assert sum(told) / 60 == pytest.approx(share, abs=0.12)


def slower(*, stranger: int = 0, member: int = 0) -> Compared:
    """Compare on a deployment that takes so many milliseconds each time, and 100 besides."""
    taken = {STRANGER: (100 + stranger) / 1000, MEMBER: (100 + member) / 1000}
    return asyncio.run(World(lambda *_: answer(), lambda who, _: taken[who]).compare(20))


@pytest.mark.parametrize(
    ("found", "by"),
    [
        pytest.param(slower(member=180), "180 ms (p < 0.0001, 20 pairs, twice the same sign)", id="slower"),
        pytest.param(slower(stranger=180), "-180 ms (p < 0.0001, 20 pairs, twice the same sign)", id="faster"),
    ],
)
def test_a_difference_in_time_is_told_with_its_chance(found: Compared, by: str) -> None:
    assert found.tellable
    assert found.by == f"time: the median difference is {by}"
    assert found.said == found.by
    assert found.power == 1.0


@pytest.mark.parametrize("member", [0, 28])
def test_where_nothing_is_seen_the_power_to_see_it_is_told(member: int) -> None:
    found = slower(member=member)
    assert found == Compared(
        tellable=False, by=None, failed=None, requests=90, power=1.0,
        said="3 answers to each are alike; no difference of 30 ms or more seen in 2 x 20 pairs; "
        "one of 200 ms would have been found with power over 0.99",
    )  # fmt: skip


def test_little_power_is_told_as_what_it_is() -> None:
    found = series(1, 0.0, spikes=0.9)[0]
    assert found.power is not None
    assert found.power < 0.5
    assert found.said.endswith(f"one of 200 ms would have been found with power {found.power:.2f}")


@pytest.mark.parametrize(
    ("slow", "said"),
    [
        pytest.param(range(50), "by 100 ms (p < 0.0001) and then 0 ms", id="the-first-time-alone"),
        pytest.param(range(50, 100), "by 0 ms (p = 1.0000) and then 100 ms", id="the-second-time-alone"),
    ],
)
def test_a_difference_that_is_seen_once_is_said_to_be_chance_perhaps(slow: range, said: str) -> None:
    world = World(lambda *_: answer(), lambda who, _: 0.2 if who == MEMBER and len(world.sent) - 1 in slow else 0.1)
    found = asyncio.run(world.compare(20))
    assert (found.tellable, found.by) == (False, None)
    assert f"2 x 20 pairs differ {said}, which may be chance" in found.said


def test_power_is_that_of_the_spread_in_both_blocks() -> None:
    chance = random.Random(1)
    world = World(lambda *_: answer(), lambda *_: chance.expovariate(1.0) if len(world.sent) > 50 else 0.1)
    found = asyncio.run(world.compare(20))
    assert found.power is not None
    assert found.power < 0.95


def test_what_is_slow_at_first_is_discarded() -> None:
    """Two pairs, after the three repeats: the tenth request is the last that is not timed."""
    world = World(lambda *_: answer(), lambda who, _: 3.0 if who == MEMBER and len(world.sent) <= 10 else 0.1)
    found = asyncio.run(world.compare(8))
    assert found.requests == 6 + 4 + 32
    assert "no difference of 30 ms or more" in found.said
    assert found.power == 1.0


def test_each_pair_is_one_of_both_in_an_order_that_chance_gives() -> None:
    world = World(lambda *_: answer())
    asyncio.run(world.compare(20))
    pairs = list(zip(world.sent[6::2], world.sent[7::2], strict=True))
    assert len(pairs) == 42
    assert {frozenset(pair) for pair in pairs} == {frozenset({STRANGER, MEMBER})}
    assert 10 < sum(first == MEMBER for first, _ in pairs) < 32


def test_the_same_chance_gives_the_same_result() -> None:
    assert series(3, 0.05) == series(3, 0.05)


def test_two_requests_are_never_under_way_at_once() -> None:
    under_way, most = 0, 0

    async def send(_: Request) -> Outcome:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0)
        under_way -= 1
        return answer()

    asyncio.run(
        compare(sign_in("a"), sign_in("b"), send, pairs=8, shuffle=random.Random(1), clock=lambda: 0.0)
    )  # fmt: skip
    assert most == 1


def test_a_request_that_was_held_back_is_not_a_slow_one() -> None:
    """A pace that rests for a second before the member's requests, say: the answer's own time counts."""
    world = World(lambda *_: answer(), lambda _, __: 0.1)

    async def send(request: Request) -> Outcome:
        world.now += 1.0 if MEMBER.encode() in (request.content or b"") else 0.0
        return await world.send(request)

    asked = compare(
        sign_in(STRANGER), sign_in(MEMBER), send, pairs=8, shuffle=random.Random(1), clock=lambda: world.now
    )  # fmt: skip
    assert not asyncio.run(asked).tellable
    assert world.now > 1016.0
