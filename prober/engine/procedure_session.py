"""What a procedure of one probe sends through: one connection, each request once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.transport.tcp import connected

if TYPE_CHECKING:
    from prober.engine.client import Client
    from prober.model import Reply, Request, Service, Unanswered
    from prober.transport.http import Connection
    from prober.transport.network import Network


class Session:
    """The client, the connection and the service of one procedure."""

    def __init__(self, client: Client, connection: Connection, network: Network, *, service: Service, run: str) -> None:
        """Send nothing yet."""
        self._client, self._connection, self._network = client, connection, network
        self.service, self.run = service, run

    async def send(self, request: Request) -> Reply:
        """Send a request once: how often it is sent is what a procedure is about."""
        return await self._client.once(request, self._connection)

    async def connects(self, port: int) -> bool | Unanswered:
        """Say whether a port of the service's host takes connections."""
        return await connected(self._network, self.service, port)
