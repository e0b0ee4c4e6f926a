"""Which unit a worker takes next: reads at once, writes once what tells a grant from a refusal is known."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from prober.engine.sending_order import Units, only_to
from prober.engine.waiting_units import WaitingUnits
from prober.model import NotFoundControl, Request

if TYPE_CHECKING:
    from collections.abc import Iterable


def entry(name: str, service: str = "web") -> NotFoundControl:
    return NotFoundControl(request=Request(service=service, method="GET", target=f"/{name}"), prefix="/")


UNKNOWN, OPEN, READ, WRITE = (entry(name) for name in ("unknown", "open", "read", "write"))
UNITS = Units(reads=((UNKNOWN,), (OPEN,), (READ,)), writes=((WRITE,),), telling=frozenset({UNKNOWN, OPEN}))


async def taken(waiting: WaitingUnits, count: int, *, writes_first: bool) -> list[str]:
    units = [await asyncio.wait_for(waiting.next(writes_first=writes_first), 0.5) for _ in range(count)]
    return [unit[0].request.target[1:] if unit else "end" for unit in units]


@pytest.mark.parametrize(
    ("answered", "writes_first", "wanted"),
    [
        pytest.param([UNKNOWN, OPEN], True, ["write", "unknown", "open", "read", "end"], id="told-a-writer"),
        pytest.param([UNKNOWN, OPEN], False, ["unknown", "open", "read", "write", "end"], id="told-a-reader"),
        pytest.param([UNKNOWN], True, ["unknown", "open", "read"], id="the-open-route-is-missing"),
        pytest.param([OPEN], True, ["unknown", "open", "read"], id="the-unknown-path-is-missing"),
    ],
)
def test_a_write_is_taken_once_all_is_told(
    answered: Iterable[NotFoundControl],
    writes_first: bool,  # noqa: FBT001 - a parameter of the test
    wanted: list[str],
) -> None:
    waiting = WaitingUnits(UNITS, known=())
    for one in answered:
        waiting.notice(one)
    assert asyncio.run(taken(waiting, len(wanted), writes_first=writes_first)) == wanted


def test_where_only_writes_are_left_a_worker_waits_for_what_others_are_asking() -> None:
    async def ask() -> tuple[bool, list[str]]:
        waiting = WaitingUnits(UNITS, known={OPEN})
        await taken(waiting, 3, writes_first=False)
        following = asyncio.ensure_future(taken(waiting, 2, writes_first=False))
        await asyncio.sleep(0.01)
        had_to_wait = not following.done()
        waiting.notice(UNKNOWN)
        return had_to_wait, await following

    assert asyncio.run(ask()) == (True, ["write", "end"])


def test_a_service_that_is_not_there_is_neither_asked_nor_waited_for() -> None:
    gone = entry("unknown", service="gone")
    units = Units(reads=((gone,), (READ,)), writes=((WRITE,),), telling=frozenset({gone}))
    waiting = WaitingUnits(only_to({"web"}, units), known=())
    assert asyncio.run(taken(waiting, 3, writes_first=True)) == ["write", "read", "end"]
