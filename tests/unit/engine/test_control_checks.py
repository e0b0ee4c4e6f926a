"""The look at a control in the middle of a run: another answer is a change, and silence is none."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, cast

import pytest

from prober.engine.control_checks import EVERY_QUICK, ControlChecks
from prober.judge.observations import Observations
from prober.model import Answered, Cause, Depth, Unanswered

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from prober.engine.client import Client
    from prober.model import Plan, Probe, Reply, Request, Surface
    from prober.transport.http import Connection

LOST = Answered.of(status=404, headers=(), body=b"no such page", elapsed_ms=1)
SILENCE = Unanswered(cause=Cause.TIMEOUT, detail="no response within 15 s", arrived=True, attempts=1, elapsed_ms=15000)


class OneAnswer:
    """A client that gets the same answer to everything."""

    def __init__(self, reply: Reply) -> None:
        self.reply, self.asked = reply, 0

    async def look(self, _request: Request, _connection: Connection, *, attempts: int) -> Reply:
        assert attempts > 0
        self.asked += 1
        return self.reply


@pytest.mark.parametrize(
    ("now", "changed"),
    [
        pytest.param(LOST, False, id="as-at-first"),
        pytest.param(Answered.of(status=403, headers=(), body=b"banned", elapsed_ms=1), True, id="otherwise"),
        pytest.param(SILENCE, False, id="silent"),
    ],
)
def test_silence_of_a_control_in_the_middle_is_no_change(
    now: Reply, *, changed: bool, plan_of: Callable[..., Plan], routes_of: Callable[..., Surface]
) -> None:
    plan = plan_of([routes_of("GET /api/x")], depth=Depth.QUICK)  # no look with a credential, which is another control
    observations = Observations(plan)
    for control in plan.not_found_controls:
        observations.record(control, LOST)
    client = OneAnswer(now)
    checks = ControlChecks(plan, cast("Client", client), attempts=1, concurrency=1)

    async def main() -> None:
        for _ in range(EVERY_QUICK):
            await checks.count("web", cast("Connection", None), observations)
        await checks.close()

    asyncio.run(main())
    assert client.asked == 1
    assert bool(observations.changes.get("web")) is changed


class Read(tuple["Probe", ...]):
    """Probes that count how often all of them were gone through."""

    __slots__ = ()
    times: ClassVar = 0

    def __iter__(self) -> Iterator[Probe]:
        type(self).times += 1
        return super().__iter__()


def test_probes_of_a_plan_are_gone_through_once_however_often_a_control_is_asked_again(
    plan_of: Callable[..., Plan], routes_of: Callable[..., Surface]
) -> None:
    plan = plan_of([routes_of("GET /api/x")], depth=Depth.QUICK)
    observations = Observations(plan)
    for control in plan.not_found_controls:
        observations.record(control, LOST)
    client = OneAnswer(LOST)
    probes = Read(plan.probes)
    checks = ControlChecks(replace(plan, probes=probes), cast("Client", client), attempts=1, concurrency=1)

    async def main() -> None:
        for _ in range(5 * EVERY_QUICK):
            await checks.count("web", cast("Connection", None), observations)

    asyncio.run(main())
    assert (client.asked, probes.times) == (5, 1)
