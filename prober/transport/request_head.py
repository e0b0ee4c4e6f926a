"""The headers that a request is sent with: the plan's own, `Host`, and those that pass a wall. Sends nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.model.origin import host_header

if TYPE_CHECKING:
    from prober.model import Request, Service
    from prober.transport.network import Network

    Headers = tuple[tuple[str, str], ...]


def headers_of(request: Request, service: Service, network: Network) -> list[tuple[str, str]]:
    """Give the lines of the head in their order, without the length of the body; a plan's own `Host` replaces ours."""
    has_host = any(name.lower() == "host" for name, _ in request.headers)
    own_host = () if has_host else (("Host", host_header(service.scheme, service.host, service.port)),)
    return [*own_host, *_with_wall(request.headers, network.headers)]


def _with_wall(own: Headers, wall: Headers) -> list[tuple[str, str]]:
    """Add the headers that pass a wall; a cookie of it joins the probe's: servers read one header of that name."""
    passing = [value for name, value in wall if name.lower() == "cookie"]
    headers: list[tuple[str, str]] = []
    for name, value in own:
        if name.lower() == "cookie" and passing:
            headers.append((name, "; ".join([*passing, value])))
            passing = []
        else:
            headers.append((name, value))
    others = ((name, value) for name, value in wall if name.lower() != "cookie")
    return [*headers, *others, *(("Cookie", value) for value in passing)]
