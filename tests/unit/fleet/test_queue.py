"""The order of deployments: one at a time for each host, the pace kept between them, and a total that is never exceeded."""

from __future__ import annotations

import random

import pytest

from prober.definitions.fleet import FleetHost
from prober.fleet.hosts import Hosts
from prober.fleet.inventory import Member
from prober.fleet.queue import HostQueue, QueuedDeployment
from prober.model import Source


def member(name: str, *urls: str) -> Member:
    return Member(name=name, source=Source(file="f", line=1), urls=urls)


def queue_of(names: str, *, at_once: int = 32, rate: float | None = None, total: float | None = None) -> HostQueue:
    """Names are 'deployment@host'."""
    queue = HostQueue(at_once=at_once, total_rate=total, jitter=random.Random(1))
    for entry in names.split():
        name, _, host = entry.partition("@")
        queue.add(member(name), frozenset(host.split("+")), rate=rate)
    return queue


def taken(queue: HostQueue, now: float = 0.0) -> list[QueuedDeployment]:
    turns = iter(lambda: queue.take(now), None)
    return [turn for turn in turns if turn]


def names(turns: list[QueuedDeployment]) -> list[str]:
    return [turn.member.name for turn in turns]


def test_deployments_of_one_host_take_turns() -> None:
    queue = queue_of("a@1 b@1 c@2")
    first = taken(queue)
    assert names(first) == ["a", "c"]
    queue.release(first[0], 1.0)
    assert names(taken(queue, 1.0)) == ["b"]
    assert len(queue) == 0


def test_a_deployment_of_two_hosts_waits_for_both() -> None:
    queue = queue_of("a@1 b@1+2 c@2")
    first = taken(queue)
    assert names(first) == ["a", "c"]
    queue.release(first[0], 1.0)
    assert taken(queue, 1.0) == []
    queue.release(first[1], 1.0)
    assert names(taken(queue, 1.0)) == ["b"]


def test_no_more_than_wanted_are_probed_at_once() -> None:
    assert len(taken(queue_of("a@1 b@2 c@3", at_once=2))) == 2


def test_the_pace_is_kept_between_two_deployments_of_a_host() -> None:
    queue = queue_of("a@1 b@1", rate=2.0)
    turn = taken(queue)[0]
    assert turn.rate == 2.0
    queue.release(turn, 10.0)
    assert taken(queue, 10.49) == []
    wake = queue.next_wake(10.0)
    assert wake is not None
    assert 0.5 <= wake <= 1.0
    assert names(taken(queue, 11.01)) == ["b"]


def test_what_a_limit_has_taught_holds_for_the_next_deployment_there() -> None:
    queue = queue_of("a@1 b@1")
    queue.release(taken(queue)[0], 0.0, gap=0.5, pause=7.0)
    assert taken(queue, 6.9) == []
    (turn,) = taken(queue, 7.1)
    assert turn.rate == 2.0


@pytest.mark.parametrize(("total", "running"), [pytest.param(20.0, 4, id="enough"), pytest.param(2.5, 2, id="little")])
def test_all_deployments_together_stay_within_the_total(total: float, running: int) -> None:
    queue = queue_of("a@1 b@2 c@3 d@4 e@5", at_once=4, total=total)
    first = taken(queue)
    assert len(first) == running
    assert sum(turn.rate or 0.0 for turn in first) == pytest.approx(total)
    queue.release(first[0], 0.0)
    queue.release(first[1], 0.0)
    more = taken(queue, 99.0)
    assert more
    assert sum(turn.rate or 0.0 for turn in [*first[2:], *more]) <= total + 1e-9


def hosts(rate: float | None = None, **addresses: tuple[str, ...]) -> Hosts:
    rules = [FleetHost(match="*.preview.example", together="edge", rate=3.0), FleetHost(match="slow.*", rate=1.0)]
    return Hosts(rules, rate=rate, lookup=lambda host, _: addresses.get(host.partition(".")[0], ()))


@pytest.mark.parametrize(
    ("url", "keys"),
    [
        pytest.param("https://a.example", {"192.0.2.1", "192.0.2.2"}, id="its-addresses"),
        pytest.param("https://dead.example", {"dead.example"}, id="a-name-without-one"),
        pytest.param("https://b.preview.example", {"together edge", "b.preview.example"}, id="declared"),
        pytest.param("http://127.0.0.1:8080", {"127.0.0.1:8080"}, id="this-machine"),
        pytest.param("unix:/run/app.sock", {"/run/app.sock"}, id="a-socket"),
    ],
)
def test_a_deployment_is_known_by_what_it_shares(url: str, keys: set[str]) -> None:
    assert hosts(a=("192.0.2.1", "192.0.2.2")).keys(member("x", url)) == keys


def test_the_slowest_host_gives_the_pace_and_else_the_option() -> None:
    found = hosts(rate=9.0)
    assert found.rate(member("x", "https://b.preview.example", "https://slow.example")) == 1.0
    assert found.rate(member("x", "https://a.example")) == 9.0


def test_a_watch_is_not_felt_but_on_this_machine() -> None:
    found = Hosts([FleetHost(match="slow.*", rate=1.0)], easy_rate=10.0, lookup=lambda *_: ())
    assert [found.rate(member("x", url)) for url in ("https://a.example", "http://127.0.0.1:1", "https://slow.example")] == [10.0, None, 1.0]  # fmt: skip
    assert Hosts([], rate=50.0, easy_rate=10.0).rate(member("x", "https://a.example")) == 50.0
