"""The headers that a request is sent with: the plan's own, `Host`, and those that pass a wall. Sends nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from prober.model import Cause
from prober.model.origin import host_header
from prober.transport.failures import ExchangeError

if TYPE_CHECKING:
    from prober.model import Request, Service
    from prober.transport.network import Network

    Headers = tuple[tuple[str, str], ...]

_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})  # that say their length also where there is none


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a request, byte for byte."""

    method: bytes
    target: bytes
    headers: list[tuple[bytes, bytes]]


def head_of(request: Request, service: Service, network: Network) -> Head:
    """Give the whole head; an ExchangeError where HTTP cannot carry it."""
    headers = headers_of(request, service, network)
    if not any(name.lower() in {"content-length", "transfer-encoding"} for name, _ in headers):
        if request.content:
            headers.append(("Content-Length", str(len(request.content))))
        elif request.method.upper() in _WITH_BODY:
            headers.insert(0, ("Content-Length", "0"))
    try:
        lines = [(name.encode("ascii"), value.encode("ascii")) for name, value in headers]
        return Head(request.method.upper().encode("ascii"), request.target.encode("ascii"), lines)
    except UnicodeEncodeError as error:
        raise ExchangeError(Cause.PROTOCOL, f"the request cannot be written as HTTP: {error}", arrived=False) from error


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
