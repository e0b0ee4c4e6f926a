"""The cookies that a service hands out: those of the run so far, of its front page and of its pages to sign in."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from prober.judge.handed_out import cookies_set_by, handed_out, sign_in_pages
from prober.model import Answered

if TYPE_CHECKING:
    from collections.abc import Mapping

    from prober.engine.client import Client
    from prober.judge.observations import Observations
    from prober.model import Request, Service
    from prober.transport.http import Connection


class HandedOutCookies:
    """What a browser that has looked around would hold, by service."""

    def __init__(self, client: Client, observations: Observations) -> None:
        """Ask nothing yet."""
        self._client, self._observations = client, observations
        self._of: dict[str, dict[str, str]] = {}
        self._asking = asyncio.Lock()

    async def of(self, service: Service, connection: Connection, plain: Request) -> Mapping[str, str]:
        """Give them by name; these pages are asked for at the first call, as the `plain` request of a route is."""
        async with self._asking:
            if service.name not in self._of:
                self._of[service.name] = await self._asked(service, connection, plain)
        return self._of[service.name]

    async def _asked(self, service: Service, connection: Connection, plain: Request) -> dict[str, str]:
        found = handed_out(service.name, self._observations)
        for path in (f"{service.base_path}/", *sign_in_pages(service, self._observations)):
            page = replace(plain, method="GET", target=path, content=None)
            reply = await self._client.exchange(page, connection, attempts=1)
            found |= cookies_set_by(reply) if isinstance(reply, Answered) else {}
        return found
