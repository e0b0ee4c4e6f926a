"""One connection for many requests: when it is used again, and when it is not."""

from __future__ import annotations

import asyncio
import socket
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from prober.model import Answered, Cause, Unanswered
from prober.transport.http import Connection
from prober.transport.network import Network
from tests.support.byte_server import (
    CHUNKED,
    OK,
    REFUSED,
    TIMEOUT,
    Raw,
    Visit,
    answered,
    ask,
    chunk,
    for_ever,
    get,
    raw_server,
    says,
    sent,
    serves,
    service_at,
    unanswered,
)
from tests.support.ports import closed_port

if TYPE_CHECKING:
    Outcome = Answered | Unanswered

pytestmark = pytest.mark.integration


def test_a_connection_is_used_again() -> None:
    outcomes, raw = ask(serves(OK, REFUSED, OK), get("/1"), get("/2"), get("/3"))
    assert [answered(outcome).status for outcome in outcomes] == [200, 401, 200]
    assert raw.visits == 1


def test_a_connection_of_its_own_serves_nobody_after_it() -> None:
    alone = replace(get("/2"), own_connection=True)
    outcomes, raw = ask(serves(OK, REFUSED, OK), get("/1"), alone, replace(get("/3"), own_connection=True))
    assert [answered(outcome).status for outcome in outcomes] == [200, 200, 200]
    assert raw.visits == 3
    outcomes, raw = ask(serves(OK, REFUSED, OK), alone, get("/3"))
    assert [answered(outcome).status for outcome in outcomes] == [200, 200]
    assert raw.visits == 2


def test_a_server_that_closes_after_each_answer_is_answered_by_the_next_connection() -> None:
    async def main() -> tuple[list[Outcome], Raw]:
        async with raw_server(says(OK)) as raw:
            line = Connection(Network(services={"web": service_at(raw.port)}, timeout=TIMEOUT), None)
            outcomes = []
            for number in range(3):
                outcomes.append(await line.exchange(get(f"/{number}")))
                await asyncio.sleep(0.05)  # so that its end has come
            await line.close()
            return outcomes, raw

    outcomes, raw = asyncio.run(main())
    assert [answered(outcome).status for outcome in outcomes] == [200, 200, 200]
    assert raw.visits == 3


def test_a_connection_that_ends_under_the_request_is_an_outcome_and_the_next_one_is_good() -> None:
    async def one_answer_each(visit: Visit) -> None:
        await visit.listen()
        await visit.say(OK)
        await visit.listen()

    outcomes, raw = ask(one_answer_each, get("/1"), get("/2"), get("/2"))
    assert raw.visits == 2
    assert len(raw.heard) == 3
    assert unanswered(outcomes[1]).arrived
    assert [answered(outcomes[n]).status for n in (0, 2)] == [200, 200]


@pytest.mark.parametrize(
    "left",
    [
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok and more", id="length-too-short"),
        pytest.param(b"HTTP/1.1 204 No Content\r\n\r\nbut a body", id="body-where-none-may-be"),
        pytest.param(OK + REFUSED, id="a-second-answer-that-nobody-asked-for"),
    ],
)
def test_what_is_left_over_of_one_answer_is_never_taken_for_the_next(left: bytes) -> None:
    """It would make a refusal of a door that stands open."""

    async def too_much_at_first(visit: Visit) -> None:
        await visit.listen()
        await visit.say(left if visit.number == 1 else OK)
        await visit.wait()

    outcomes, raw = ask(too_much_at_first, get("/1"), get("/2"))
    assert [raw.target(n) for n in (0, 1)] == ["GET /1 HTTP/1.1", "GET /2 HTTP/1.1"]
    assert raw.visits == 2
    assert [answered(outcome).succeeded for outcome in outcomes] == [True, True]


def test_an_answer_that_is_not_read_to_its_end_does_not_stand_in_the_way_of_the_next() -> None:
    outcomes, raw = ask(for_ever(CHUNKED, chunk(b"x" * 8000)), get("/1"), get("/2"), get("/3"))
    assert [answered(outcome).status for outcome in outcomes] == [200, 200, 200]
    assert raw.visits == 3


def test_one_line_serves_many_at_once_up_to_its_connections() -> None:
    async def main() -> tuple[list[Outcome], Raw]:
        async with raw_server(serves(OK, OK, OK)) as raw:
            line = Connection(Network(services={"web": service_at(raw.port)}, timeout=TIMEOUT), None)
            outcomes = await asyncio.gather(*(line.exchange(get(f"/{number}")) for number in range(4)))
            await line.close()
            return list(outcomes), raw

    outcomes, raw = asyncio.run(main())
    assert [answered(outcome).status for outcome in outcomes] == [200, 200, 200, 200]
    assert sorted(raw.target(n) for n in range(4)) == [f"GET /{number} HTTP/1.1" for number in range(4)]


def test_an_interruption_is_no_outcome() -> None:
    """Only its own timeout is turned into an outcome; the run's deadline and a signal pass through."""

    async def main() -> None:
        async with raw_server(says(hold=True)) as raw:
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(sent(raw.port, get()), 0.2)
            assert len(raw.heard) == 1

    asyncio.run(main())


def test_what_arrives_while_nothing_is_asked_is_never_taken_for_the_next_answer() -> None:
    """It comes late, when the answer before it was read to its end."""

    async def pushes_later(visit: Visit) -> None:
        await visit.listen()
        await visit.say(OK)
        if visit.number == 1:
            await asyncio.sleep(0.05)
            await visit.say(REFUSED)
        await visit.wait()

    async def main() -> tuple[list[Outcome], Raw]:
        async with raw_server(pushes_later) as raw:
            line = Connection(Network(services={"web": service_at(raw.port)}, timeout=TIMEOUT), None)
            first = await line.exchange(get("/1"))
            await asyncio.sleep(0.2)
            second = await line.exchange(get("/2"))
            await line.close()
            return [first, second], raw

    outcomes, raw = asyncio.run(main())
    assert [raw.target(n) for n in (0, 1)] == ["GET /1 HTTP/1.1", "GET /2 HTTP/1.1"]
    assert [answered(outcome).status for outcome in outcomes] == [200, 200]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_a_request_that_must_not_come_twice_gets_a_connection_that_nothing_was_sent_on(method: str) -> None:
    outcomes, raw = ask(serves(OK, OK), get("/1"), get("/2", method=method), get("/3", method=method), get("/4"))
    assert [answered(outcome).status for outcome in outcomes] == [200] * 4
    assert len(raw.heard) == 4
    assert raw.visits == 3


def test_a_flood_of_interim_answers_on_one_connection_ends_no_other_one() -> None:
    """All that is in a process shares one loop: who floods it must not make others late."""
    interim = b"HTTP/1.1 100 Go\r\n\r\n" * 2000

    async def floods_the_first(visit: Visit) -> None:
        while b"/flood" not in await visit.listen():
            await visit.say(OK)
        while True:
            await visit.say(interim)

    async def main() -> list[Outcome]:
        async with raw_server(floods_the_first) as raw:
            network = Network(services={"web": service_at(raw.port)}, timeout=TIMEOUT)
            line, other = Connection(network, None), Connection(network, None)
            flood = asyncio.ensure_future(line.exchange(get("/flood")))
            await asyncio.sleep(0.2)
            outcomes = [await other.exchange(get(f"/{number}")) for number in range(3)]
            done = flood.done()
            flood.cancel()
            await asyncio.gather(flood, line.close(), other.close(), return_exceptions=True)
            assert not done
            return outcomes

    assert [answered(outcome).status for outcome in asyncio.run(main())] == [200] * 3


def test_a_prepared_connection_carries_the_next_request_of_either_kind() -> None:
    async def main() -> tuple[list[Outcome], list[int], Raw]:
        async with raw_server(serves(OK, OK)) as raw:
            line = Connection(Network(services={"web": service_at(raw.port)}, timeout=TIMEOUT), None)
            outcomes, visits = [], []
            for method in ("GET", "POST"):
                line.prepare("web")
                line.prepare("web")  # one at a time
                await asyncio.sleep(0.1)
                visits.append(raw.visits)
                outcomes.append(await line.exchange(get("/", method=method)))
                visits.append(raw.visits)
            await line.close()
            return outcomes, visits, raw

    outcomes, visits, raw = asyncio.run(main())
    assert [answered(outcome).status for outcome in outcomes] == [200, 200]
    assert len(raw.heard) == 2
    assert visits == [1, 1, 2, 2]


@pytest.mark.parametrize("listens", [pytest.param(True, id="stands"), pytest.param(False, id="is-refused")])
def test_who_waits_for_a_prepared_connection_goes_on_once_it_stands_or_cannot_be_made(*, listens: bool) -> None:
    async def main() -> tuple[int, Outcome]:
        async with raw_server(serves(OK)) as raw:
            port = raw.port if listens else closed_port()
            line = Connection(Network(services={"web": service_at(port)}, timeout=TIMEOUT), None)
            line.prepare("web")
            await line.ready("web")
            visits = raw.visits
            outcome = await line.exchange(get("/", method="POST"))
            await line.close()
            return visits, outcome

    visits, outcome = asyncio.run(main())
    assert visits == int(listens)
    assert isinstance(outcome, Answered) is listens


def test_a_connection_that_was_prepared_for_nothing_is_closed_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that has one connection at a time would wait for a request on it for ever."""
    monkeypatch.setattr("prober.transport.direct.NEW_FOR", 0.1)
    ended: list[bytes] = []

    async def one_at_a_time(visit: Visit) -> None:
        ended.append(await visit.reader.read(1))

    async def main() -> None:
        async with raw_server(one_at_a_time) as raw:
            line = Connection(Network(services={"web": service_at(raw.port)}, timeout=TIMEOUT), None)
            line.prepare("web")
            await asyncio.sleep(0.5)
            assert (raw.visits, ended) == (1, [b""])
            await line.close()

    asyncio.run(main())


def test_a_prepared_connection_that_was_refused_is_tried_again() -> None:
    async def main() -> Outcome:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        line = Connection(Network(services={"web": service_at(port)}, timeout=TIMEOUT), None)
        line.prepare("web")
        await asyncio.sleep(0.1)
        try:
            return await line.exchange(get())
        finally:
            await line.close()

    found = unanswered(asyncio.run(main()))
    assert (found.cause, found.arrived) == (Cause.REFUSED, False)
