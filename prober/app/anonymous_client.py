"""Asks a deployment what it answers without a credential: plain GETs, paced and bounded. Read-only."""

from __future__ import annotations

import asyncio
import re
import secrets
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from prober import __version__
from prober.app.run import CLOCK, network_to
from prober.definitions.service import parse_service
from prober.engine.client import Client
from prober.engine.settings import RunSettings
from prober.model import Answered, Request
from prober.transport.http import Connection

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prober.app.options import SendOptions
    from prober.model import Reply, Service
    from prober.transport.network import Network

MOST_REQUESTS = 400  # of one client; a deployment with more routes is described by its own document
MOST_BODY = 64 * 1024  # bytes that are read of an answer
FEW_AT_ONCE = 4  # requests in flight: it is asked while people use it


def anonymous_client_at(url: str, sending: SendOptions) -> AnonymousClient:
    """Make a client that asks the service at this URL, in the way that the options say."""
    service = parse_service("web", url)
    return AnonymousClient(network_to(sending, {service.name: service}), service, sending)


class AnonymousClient:
    """Asks one service, without a credential, and holds what each path answered."""

    def __init__(self, network: Network, service: Service, sending: SendOptions) -> None:
        """Ask nothing yet."""
        self._network, self.service, self._attempts = network, service, sending.attempts
        self._run = secrets.token_hex(4)
        settings = RunSettings(
            run=self._run, started_at=datetime.now(UTC).isoformat(), deadline=sending.deadline,
            attempts=sending.attempts, rate=sending.rate,
            concurrency=min(sending.concurrency or FEW_AT_ONCE, FEW_AT_ONCE),
        )  # fmt: skip
        self._client = Client(network, settings, CLOCK)
        self._context = network.tls.context() if service.scheme == "https" else None
        self.replies: dict[str, Reply] = {}

    @property
    def unknown_paths(self) -> tuple[str, ...]:
        """Paths that no application has: what they answer shows what "not found" looks like here."""
        return (f"/{self.unknown_name}", f"/api/{self.unknown_name}", f"/admin/{self.unknown_name}")

    @property
    def unknown_name(self) -> str:
        """The last part of a path that nobody has."""
        return f"{self._run}-nowhere"

    async def ask(self, paths: Iterable[str], *, most_body: int = MOST_BODY) -> None:
        """Ask each path once that was not asked before, up to the most requests."""
        wanted = [path for path in dict.fromkeys(paths) if path not in self.replies]
        waiting = iter(wanted[: max(0, MOST_REQUESTS - len(self.replies))])

        async def worker() -> None:
            connection = Connection(self._network, self._context, most_body=most_body)
            try:
                for path in waiting:
                    self.replies[path] = await self._client.exchange(
                        self._request(path), connection, attempts=self._attempts
                    )
            finally:
                await connection.close()

        await asyncio.gather(*(worker() for _ in range(min(FEW_AT_ONCE, len(wanted)))))

    async def post(self, path: str, content: bytes, headers: tuple[tuple[str, str], ...]) -> Reply:
        """Send one POST, which must be known to change nothing."""
        return await self._send(replace(self._request(path, headers), method="POST", content=content))

    async def takes_post(self, path: str) -> bool:
        """Ask by OPTIONS, which acts on nothing, whether a path takes POST."""
        reply = await self._send(replace(self._request(path), method="OPTIONS"))
        return isinstance(reply, Answered) and "POST" in re.split(r"[\s,]+", reply.header("allow") or "")

    async def _send(self, request: Request) -> Reply:
        connection = Connection(self._network, self._context, most_body=MOST_BODY)
        try:
            return await self._client.exchange(request, connection, attempts=1)
        finally:
            await connection.close()

    def text(self, path: str) -> str:
        """Give the body of a path that answered with a success; empty for every other."""
        reply = self.replies.get(path)
        return reply.text if isinstance(reply, Answered) and reply.succeeded else ""

    def _request(self, path: str, headers: tuple[tuple[str, str], ...] = (("Accept", "*/*"),)) -> Request:
        return Request(
            service=self.service.name, method="GET", target=self.service.base_path + path,
            headers=(
                ("User-Agent", f"lockdown-prober/{__version__} (run {self._run}; authentication probe)"),
                *headers,
                ("Cache-Control", "no-cache"),
            ),
        )  # fmt: skip
