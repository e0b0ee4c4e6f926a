"""How is an unknown path answered in the same spelling? Asked where that tells who gave an answer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from prober.judge.handler_reached import may_be_the_handlers
from prober.judge.page_of_every_path import Unknown, is_of_every_path, is_read, may_be_of_every_path
from prober.model import Answered, Probe

if TYPE_CHECKING:
    from prober.engine.client import Client
    from prober.judge.observations import Observations
    from prober.model import NotFoundControl, Outcome
    from prober.transport.http import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class Counterpart:
    """What an unknown path in the same spelling has shown of an answer."""

    is_page_of_every_path: bool  # it got the very page: the probe's own route was not reached
    took_a_write: bool  # a path that does not exist let a request in that may change data


NOTHING_SHOWN = Counterpart(is_page_of_every_path=False, took_a_write=False)


async def ask_counterpart(
    entry: Probe | NotFoundControl, outcome: Outcome, connection: Connection, client: Client, observations: Observations
) -> Counterpart:
    """Ask for the unknown path of a probe, if its answer calls for that; the answers go to the observations."""
    if not isinstance(entry, Probe) or entry.counterpart is None:
        return NOTHING_SHOWN
    may_be_page = may_be_of_every_path(entry, outcome)
    if not may_be_page and not may_be_the_handlers(entry, outcome):
        return NOTHING_SHOWN
    request = entry.counterpart
    same = await client.exchange(request, connection, attempts=1)
    observations.counterparts[entry.id] = same
    read = None
    if may_be_page and not is_read(request):
        plain = replace(request, method="GET", content=None)
        read = observations.counterpart_reads[entry.id] = await client.exchange(plain, connection, attempts=1)
    if is_of_every_path(entry, outcome, Unknown(same=same, read=read)):
        return Counterpart(is_page_of_every_path=True, took_a_write=False)
    took = isinstance(same, Answered) and same.succeeded and not is_read(request)
    return Counterpart(is_page_of_every_path=False, took_a_write=took)
