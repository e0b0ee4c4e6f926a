"""Finds an MCP endpoint of a deployment, and what it answers a stranger who asks for its tools: read-only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from prober.discovery.common_paths import MCP_ENDPOINTS, RESOURCE_METADATA
from prober.judge.anonymous_answer import anonymous_answer
from prober.model import Access, Answered

if TYPE_CHECKING:
    from prober.app.anonymous_client import AnonymousClient
    from prober.judge.fingerprint import Fingerprint

# Both media types: without them a server answers 406 before any guard. Without a session it lists no tool to anybody,
# but the transport says so, which a guard would have kept out of reach.
LIST_TOOLS = b'{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{}}'
_HEADERS = (("Accept", "application/json, text/event-stream"), ("Content-Type", "application/json"))
_TRANSPORT = frozenset({200, 202, 400, 406})  # what a transport answers that was reached without a credential


@dataclass(frozen=True, slots=True, kw_only=True)
class McpEndpoint:
    """Where MCP is spoken: its path, whether it is open to strangers, and what named it."""

    path: str
    access: Access
    detail: str
    found_in: str


async def mcp_endpoint(
    client: AnonymousClient, pages: tuple[Fingerprint, ...], *, asks_options: bool
) -> McpEndpoint | None:
    """Ask for the tools where metadata or a common path say that MCP is spoken; None where it is not.

    With `asks_options` a path where a GET finds nothing is asked for its methods: a server may serve POST alone.
    """
    await client.ask((RESOURCE_METADATA, *(RESOURCE_METADATA + path for path in MCP_ENDPOINTS), *MCP_ENDPOINTS))
    named = _named_by_metadata(client)
    for path in dict.fromkeys([*([named] if named else []), *MCP_ENDPOINTS]):
        await client.ask((path,))
        plain = anonymous_answer(path, client.replies[path], client.service, pages)
        absent = plain.access is Access.ABSENT or plain.blanket
        if absent and not (asks_options and await _serves_post_alone(client, path)):
            continue
        reply = await client.post(path, LIST_TOOLS, _HEADERS)
        answer = anonymous_answer(path, reply, client.service, pages)
        source = "the OAuth metadata" if path == named else "a common path"
        if answer.access is Access.REFUSED and (path == named or answer.challenge.lower() == "bearer"):
            return McpEndpoint(path=path, access=Access.REFUSED, detail=answer.detail, found_in=source)
        if isinstance(reply, Answered) and reply.status in _TRANSPORT and (b"jsonrpc" in reply.body or path == named):
            return McpEndpoint(path=path, access=Access.OPEN, detail=answer.detail, found_in=source)
    return None


async def _serves_post_alone(client: AnonymousClient, path: str) -> bool:
    """Say whether this path takes POST, as servers without sessions do, and a path that nobody has does not."""
    return await client.takes_post(path) and not await client.takes_post(client.unknown_paths[0])


def _named_by_metadata(client: AnonymousClient) -> str | None:
    """Give the path of the resource that OAuth metadata name (RFC 9728), on this origin and below this base path."""
    origin = client.service.url
    for path in (RESOURCE_METADATA, *(RESOURCE_METADATA + path for path in MCP_ENDPOINTS)):
        reply = client.replies.get(path)
        body = reply.json if isinstance(reply, Answered) and reply.succeeded else None
        resource = body.get("resource") if isinstance(body, dict) else None
        if isinstance(resource, str) and resource.startswith(f"{origin}/") and set(resource).isdisjoint(" ?#"):
            return resource.removeprefix(origin)
    return None
