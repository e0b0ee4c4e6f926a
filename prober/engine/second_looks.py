"""Asks once more at the end of a run: leaks of reads, and what was locked while a control was answered otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.engine.readiness import is_read_only
from prober.engine.single_headers import name_openers
from prober.engine.spread import spread
from prober.judge.lasting_refusals import has_come, lasting_refusals
from prober.judge.passing_refusals import has_passed, passing_refusals

if TYPE_CHECKING:
    from collections.abc import Sequence

    from prober.engine.client import Client
    from prober.engine.control_checks import ControlChecks
    from prober.judge.observations import Observations
    from prober.model import NotFoundControl, Plan, Probe
    from prober.transport.http import Connection

MOST_CONFIRMATIONS = 20  # of leaks, by a second look each: a wide-open deployment needs no more
MOST_ASKED_AGAIN = 200  # probes of a service, after a ban or a failover that has ended


async def confirm_leaks(
    leaks: Sequence[Probe], observations: Observations, client: Client, connections: list[Connection]
) -> None:
    """Take a second look at leaks of reads, and name the header that opened."""
    reads = [probe for probe in leaks if is_read_only(probe)]

    async def confirm(probe: Probe, connection: Connection) -> None:
        observations.confirmations[probe] = await client.ask(probe, connection)

    await spread(confirm, reads[:MOST_CONFIRMATIONS], connections)
    await name_openers(reads, observations, client, connections[0])


async def ask_about_passing(
    observations: Observations, services: Sequence[str], client: Client, connection: Connection
) -> None:
    """Ask once more where refusals came in other words, for a while or from then on: that may have been a ban."""
    for refusal in passing_refusals(observations):
        service = refusal.probe.request.service
        if service not in services or observations.change_at(refusal.probe) is not None:
            continue
        problem = has_passed(refusal, await client.ask(refusal.probe, connection))
        if problem is not None:
            observations.record_passing(service, since=refusal.since, until=refusal.until, problem=problem)
    for lasting in lasting_refusals(observations):
        service = lasting.probe.request.service
        if service not in services or observations.change_at(lasting.probe) is not None:
            continue
        problem = has_come(lasting, await client.ask(lasting.probe, connection))
        if problem is not None:
            observations.record_passing(service, since=lasting.since, until=None, problem=problem)


async def ask_again(
    doubtful: Sequence[Probe], service: str, plan: Plan, observations: Observations, client: Client,
    checks: ControlChecks, connections: list[Connection],
) -> None:  # fmt: skip
    """Ask a service once more what was locked while a control was answered otherwise, and believe it if it lasts."""
    lost = [control for control in plan.not_found_controls if observations.change_at(control) is not None]
    entries: list[Probe | NotFoundControl] = [*lost, *doubtful]
    own = [entry for entry in entries if entry.request.service == service][:MOST_ASKED_AGAIN]
    if not own or not observations.is_steady(service):
        return
    answers = [(entry, await client.ask(entry, connections[0])) for entry in own]
    await checks.ask_all(service, connections, observations)
    if observations.is_steady(service):
        for entry, outcome in answers:
            observations.record_again(entry, outcome)
