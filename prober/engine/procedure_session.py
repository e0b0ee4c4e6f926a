"""What a procedure of one probe sends through: one connection."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.transport.tcp import connected

if TYPE_CHECKING:
    from collections.abc import Mapping

    from prober.engine.client import Client
    from prober.engine.handed_out_cookies import HandedOutCookies
    from prober.model import Reply, Request, Service, Unanswered
    from prober.transport.http import Connection
    from prober.transport.network import Network


class Session:
    """The client, the connection and the service of one procedure."""

    def __init__(
        self, client: Client, connection: Connection, network: Network, *, service: Service, run: str,
        cookies: HandedOutCookies | None = None,
    ) -> None:  # fmt: skip
        """Send nothing yet; `cookies` are those that the services hand out."""
        self._client, self._connection, self._network, self._cookies = client, connection, network, cookies
        self.service, self.run = service, run

    async def handed_out(self, plain: Request) -> Mapping[str, str]:
        """Give the cookies that strangers were given in this run, by name."""
        return {} if self._cookies is None else await self._cookies.of(self.service, self._connection, plain)

    async def send(self, request: Request) -> Reply:
        """Send a request once: how often it is sent is what a procedure is about."""
        return await self._client.once(request, self._connection)

    async def fetch(self, request: Request) -> Reply:
        """Send a request until the application answers, as a probe is sent: a limit may refuse it for a while."""
        return await self._client.exchange(request, self._connection, attempts=self._client.attempts)

    async def connects(self, port: int) -> bool | Unanswered:
        """Say whether a port of the service's host takes connections."""
        return await connected(self._network, self.service, port)
