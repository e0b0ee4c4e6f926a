"""Notices a service that has stopped answering, so that it is sent nothing more."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from prober.engine.readiness import sign_of_life
from prober.model import Unanswered

if TYPE_CHECKING:
    from prober.engine.client import Client
    from prober.model import Outcome, Plan
    from prober.transport.http import Connection

MOST_SILENT = 8  # probes in a row without an answer, each with its attempts, before the service itself is tried


class Silence:
    """Counts by service the probes in a row that had no answer; each further one would wait for minutes."""

    def __init__(self, client: Client) -> None:
        """Start with no service that is silent."""
        self._client = client
        self._in_a_row: dict[str, int] = {}
        self._gone: dict[str, Unanswered] = {}
        self._looking = asyncio.Lock()

    @property
    def gone(self) -> set[str]:
        """The services that have stopped answering."""
        return set(self._gone)

    def is_suspected(self, service: str) -> bool:
        """Say whether the last probe of a service had no answer."""
        return self._in_a_row.get(service, 0) > 0

    def why_not(self, service: str) -> Unanswered | None:
        """Give the outcome of a probe that is not sent since its service has stopped answering, else None."""
        return self._gone.get(service)

    async def notice(self, plan: Plan, service: str, outcome: Outcome, connection: Connection) -> None:
        """Count an outcome; after too many without an answer, ask the service once for a sign of life."""
        if not isinstance(outcome, Unanswered):
            self._in_a_row.pop(service, None)
            return
        self._in_a_row[service] = self._in_a_row.get(service, 0) + 1
        async with self._looking:  # one look, however many workers had no answer at once
            sign = sign_of_life(plan, service)
            if sign is None or service in self._gone or self._in_a_row.get(service, 0) < MOST_SILENT:
                return
            look = await self._client.exchange(sign.request, connection, attempts=1)
            if isinstance(look, Unanswered):
                detail = f"not sent: nothing answers any more, not even {sign.request.target} ({look.detail})"
                self._gone[service] = replace(look, detail=detail)
            self._in_a_row.pop(service, None)
