"""Does the challenge of a protected resource lead where it says (RFC 9728)? The metadata that it names is fetched."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from prober.engine.procedures.authorization_server import MOST_REQUESTS, look_at_server
from prober.engine.procedures.mcp_session import SessionRequest, within_session
from prober.engine.procedures.mcp_session_close import closing
from prober.model import Answered, Category, Observed, PlannedProcedure, Procedure, ProcedureResult, Reply, Request
from prober.model.origin import DEFAULT_PORTS

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from prober.model import Outcome, Probe, ProcedureSession, Route, RouteRequests, Service

_METADATA = re.compile(r'resource_metadata="?([^",\s]{1,2000})', re.IGNORECASE)


async def check_challenge(
    request: Request, service: Service, send: Callable[[Request], Awaitable[Reply]]
) -> ProcedureResult | Reply:
    """Ask without a credential, and follow what the refusal announces, to the service's own origin only."""
    refusal = await send(request)
    if not isinstance(refusal, Answered):
        return refusal
    challenge = ", ".join(value for name, value in refusal.headers if name == "www-authenticate")
    found = _METADATA.search(challenge)
    if refusal.succeeded or found is None:
        detail = f"got {refusal.status} without a challenge that names its metadata (RFC 9728)"
        return ProcedureResult(observed=Observed.NO_CHALLENGE, detail=detail, requests=1)
    wrong = _why_not_ours(found.group(1), service)
    if wrong:
        return ProcedureResult(
            observed=Observed.METADATA_WRONG, detail=f"the challenge names metadata {wrong}", requests=1
        )
    parts = urlsplit(found.group(1))
    own_headers = tuple((name, value) for name, value in request.headers if name in {"User-Agent", "Cache-Control"})
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    answer = await send(Request(service=request.service, method="GET", target=target, headers=own_headers))
    if not isinstance(answer, Answered):
        return answer
    wrong = _why_wrong(answer, service, request.target)
    if wrong:
        return ProcedureResult(
            observed=Observed.METADATA_WRONG, detail=f"the metadata at {parts.path} {wrong}", requests=2
        )
    detail = f"the challenge leads to metadata that names this resource ({parts.path})"
    issuer = _first_server(answer)
    if _why_not_ours(issuer + "/", service) is not None:
        detail += f"; its authorization server {issuer} is on another origin, and was not asked"
        return ProcedureResult(observed=Observed.METADATA_VERIFIED, detail=detail, requests=2)
    plain = Request(service=request.service, method="GET", target="/", headers=own_headers)
    wrong, about, asked = await look_at_server(issuer, plain, send)
    if wrong:
        what = f"the metadata of the authorization server {issuer} {wrong}"
        return ProcedureResult(observed=Observed.METADATA_WRONG, detail=what, requests=2 + asked)
    return ProcedureResult(observed=Observed.METADATA_VERIFIED, detail=f"{detail}; {about}", requests=2 + asked)


def _first_server(answer: Answered) -> str:
    body = answer.json
    servers = body.get("authorization_servers") if isinstance(body, dict) else None
    first = servers[0] if isinstance(servers, list) and servers else ""
    return first if isinstance(first, str) else ""


def _why_not_ours(url: str, service: Service) -> str | None:
    try:
        parts = urlsplit(url)
        port = parts.port or DEFAULT_PORTS.get(parts.scheme)
    except ValueError:
        return "at an address that cannot be read"
    if not parts.path.startswith("/") or not url.isascii() or not url.isprintable():
        return "at an address that cannot be read"
    if (parts.scheme, parts.hostname, port) != (service.scheme, service.host, service.port):
        return f"on another origin ({parts.scheme}://{parts.hostname}), to which no request is sent"
    return None


def _why_wrong(answer: Answered, service: Service, target: str) -> str | None:
    body = answer.json
    if not answer.succeeded or not isinstance(body, dict):
        return f"was answered {answer.status}, and is not a JSON object"
    resource = body.get("resource")
    expected = service.url.removesuffix("/").removesuffix(service.base_path) + target
    if resource != expected:
        return f"names another resource than {expected}"
    methods = body.get("bearer_methods_supported")
    if isinstance(methods, list) and "query" in methods:
        return "lets tokens be sent in the query, where every log has them (RFC 6750, 2.3)"
    servers = body.get("authorization_servers")
    return None if isinstance(servers, list) and servers else "names no authorization server"


def _plan(route: Route, requests: RouteRequests) -> Iterable[PlannedProcedure]:
    if route.oauth_metadata:
        yield PlannedProcedure(probe=replace(requests.plain, cost=2 + MOST_REQUESTS))


async def _run(probe: Probe, session: ProcedureSession) -> Outcome:
    async def send(request: Request) -> Reply:
        """A session that an open door hands out is closed again."""
        reply = await session.send(request)
        goodbye = closing(request, reply) if isinstance(reply, Answered) else None
        if goodbye is not None:
            await session.send(goodbye)
        return reply

    within = await within_session(probe.request, session.send)
    if not isinstance(within, SessionRequest):
        return within
    result = await check_challenge(within.request, session.service, send)
    if within.goodbye is not None:
        await session.send(within.goodbye)
    return result


OAUTH_METADATA = Procedure(
    name="challenge",
    category=Category.MCP,
    about="It asks without a credential, fetches the resource metadata that the 401 names (RFC 9728), and checks that "
    "it is on the service's own origin and names this resource and an authorization server. The metadata of one on the "
    "same origin (RFC 8414) must name itself, its endpoints and PKCE by S256. At most four requests.",
    catches="a challenge that sends clients to another host's metadata",
    source="RFC 9728, 7.3",
    only_deep=False,
    run=_run,
    plan_route=_plan,
)
