"""Which one of several headers opened? Each is sent alone, at routes that only read, until one opens too.

Its name is for the reader of a finding; no verdict depends on it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from prober.engine.readiness import is_read_only
from prober.engine.sending_order import is_granted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from prober.engine.client import Client
    from prober.judge.observations import Observations
    from prober.model import Probe, Request
    from prober.transport.http import Connection


async def name_openers(
    leaks: Sequence[Probe], observations: Observations, client: Client, connection: Connection
) -> None:
    """Note for each variant of several headers that opened which of them does so alone; once a service and variant."""
    done: set[tuple[str, str]] = set()
    for probe in leaks:
        variant = probe.variant
        if variant is None or not variant.singly or not is_read_only(probe):
            continue
        key = (probe.request.service, variant.name)
        if key in done:
            continue
        done.add(key)
        for header in variant.headers:
            alone = replace(probe, request=with_one(probe.request, variant.headers, header))
            outcome = await client.ask(alone, connection)
            if is_granted(alone, outcome, observations):
                observations.openers[probe.id] = header[0]
                break


def with_one(request: Request, headers: tuple[tuple[str, str], ...], kept: tuple[str, str]) -> Request:
    """Give the request with one of these headers, and without the others."""
    return replace(request, headers=tuple(pair for pair in request.headers if pair == kept or pair not in headers))
