"""The curl line that sends a probe again: the same bytes, no redirect followed, quoted for a POSIX shell."""

from __future__ import annotations

import base64
import shlex
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from prober.model import Credential, Probe, Service

# No .curlrc, no redirect followed, no globbing in the URL, no dot segments resolved.
_ALWAYS = ("curl", "-qgsSi", "--path-as-is", "-m", "15")
_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})
_OMITTED_HEADERS = frozenset(
    {"user-agent", "accept-encoding", "cache-control"}
)  # of every probe, and no guard depends on them


def curl(probe: Probe, service: Service) -> str:
    """Write the command; one that could change data if the route is open is commented out."""
    if probe.request.method == "CONNECT":
        return f"nc -vz -w 3 {shlex.quote(service.address or service.host)} {probe.route.path.removeprefix(':')}"
    arguments = [*_ALWAYS]
    request = probe.request
    if request.method != "GET":
        arguments += ["-I"] if request.method == "HEAD" else ["-X", request.method]
    arguments += _credentials_and_headers(probe)
    if request.content is not None:
        if not any(name.lower() == "content-type" for name, _ in request.headers):
            arguments += ["-H", "Content-Type:"]  # else curl adds that of a form
        arguments += ["--data-raw", request.content.decode("utf-8", "replace")]
    elif request.method in _WITH_BODY:
        arguments += ["-H", "Content-Length: 0"]
    origin, way = _origin(service)
    arguments += way
    if request.target.startswith("/"):
        arguments.append(origin + request.target)
    else:
        arguments += ["--request-target", request.target, f"{origin}/"]
    line = " ".join(_quoted(argument, probe.credential) for argument in arguments)
    return f"# {line}" if probe.needs_permission else line


def _credentials_and_headers(probe: Probe) -> list[str]:
    """Give the options for a user and a password, and for each header that tells."""
    request = probe.request
    probe_headers = (
        *probe.route.payload.headers,
        *probe.credential.headers,
        *(probe.variant.headers if probe.variant else ()),
    )
    arguments: list[str] = [] if request.digest is None else ["--digest", "-u", ":".join(request.digest)]
    for name, value in request.headers:
        ordinary = name.lower() in _OMITTED_HEADERS or (name, value) == ("Accept", "*/*")
        if probe.credential.secret and value.startswith("Basic "):
            arguments += ["-u", base64.b64decode(value.removeprefix("Basic ")).decode()]
        elif (name, value) in probe_headers or not ordinary:
            arguments += ["-H", f"{name}: {value}" if value else f"{name};"]
    return arguments


def _origin(service: Service) -> tuple[str, list[str]]:
    """Give the scheme, host and port, and the options that lead to the very socket or address."""
    host = f"[{service.host}]" if ":" in service.host else service.host
    way = ["--unix-socket", service.socket] if service.socket else []
    if service.address:
        way += ["--resolve", f"{host}:{service.port}:{service.address}"]
    return f"{service.scheme}://{host}:{service.port}", way


def _quoted(word: str, credential: Credential) -> str:
    """Quote an argument for a shell; a provided secret is written as a variable, never as its value."""
    if not credential.secret or credential.secret not in word:
        return shlex.quote(word)
    variable = f'"${credential.name.partition("@")[0].upper().replace("-", "_").replace(".", "_")}"'
    return variable.join(shlex.quote(part) if part else "" for part in word.split(credential.secret))
