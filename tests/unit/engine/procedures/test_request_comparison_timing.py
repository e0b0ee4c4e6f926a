"""The time of two answers: when a difference is more than chance."""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING

import pytest

from prober.engine.procedures.request_comparison import Compared, compare
from tests.support.two_accounts import MEMBER, STRANGER, World, answer, sign_in

if TYPE_CHECKING:
    from prober.model import Outcome, Request


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
    assert found.detail == found.by
    assert found.power == 1.0


@pytest.mark.parametrize("member", [0, 28])
def test_where_nothing_is_seen_the_power_to_see_it_is_told(member: int) -> None:
    found = slower(member=member)
    assert found == Compared(
        tellable=False, by=None, failed=None, requests=90, power=1.0,
        detail="3 answers to each are alike; no difference of 30 ms or more seen in 2 x 20 pairs; "
        "one of 200 ms would have been found with power over 0.99",
    )  # fmt: skip


def test_little_power_is_told_as_what_it_is() -> None:
    found = series(1, 0.0, spikes=0.9)[0]
    assert found.power is not None
    assert found.power < 0.5
    assert found.detail.endswith(f"one of 200 ms would have been found with power {found.power:.2f}")


@pytest.mark.parametrize(
    ("slow", "detail"),
    [
        pytest.param(range(50), "by 100 ms (p < 0.0001) and then 0 ms", id="the-first-time-alone"),
        pytest.param(range(50, 100), "by 0 ms (p = 1.0000) and then 100 ms", id="the-second-time-alone"),
    ],
)
def test_a_difference_that_is_seen_once_is_said_to_be_chance_perhaps(slow: range, detail: str) -> None:
    world = World(lambda *_: answer(), lambda who, _: 0.2 if who == MEMBER and len(world.sent) - 1 in slow else 0.1)
    found = asyncio.run(world.compare(20))
    assert (found.tellable, found.by) == (False, None)
    assert f"2 x 20 pairs differ {detail}, which may be chance" in found.detail


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
    assert "no difference of 30 ms or more" in found.detail
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
