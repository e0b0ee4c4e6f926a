"""Asks routes that refused the form of their id with other ones, and gives the plan with those that fit.

Routers with typed parameters answer 404 to a UUID before any guard is asked. One or two requests a route, and for no
more than twenty of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.engine.spread import spread
from prober.judge.refused_ids import fits_better, probe_with_id, refused_ids, with_id
from prober.judge.served import served_surfaces
from prober.model import OTHER_IDS, Answered

if TYPE_CHECKING:
    from collections.abc import Sequence

    from prober.engine.client import Client
    from prober.judge.observations import Observations
    from prober.model import Plan, Probe
    from prober.transport.http import Connection

MOST_ROUTES = 20  # an application that takes no UUID anywhere says so in its own definitions


async def with_ids_that_fit(
    plan: Plan, observations: Observations, client: Client, connections: Sequence[Connection]
) -> Plan:
    """Give the plan with the ids that their routers take; what was answered is recorded for its probes."""
    refused = refused_ids(plan, observations)
    if not refused:
        return plan
    served = served_surfaces(plan, observations)
    asked = [probe for probe in refused if (probe.request.service, probe.route.surface) in served][:MOST_ROUTES]
    chosen: dict[str, str] = {}

    async def choose(probe: Probe, connection: Connection) -> None:
        for value in OTHER_IDS:
            other = probe_with_id(probe, value)
            outcome = await client.ask(other, connection)
            if isinstance(outcome, Answered) and fits_better(other, outcome, observations):
                observations.record(other, outcome)
                chosen[probe.route.name] = value
                return

    await spread(choose, asked, connections)
    return with_id(plan, chosen) if chosen else plan
