"""The curl line that sends a probe again: the same bytes, no redirect followed, every word quoted for a POSIX shell."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from prober.model import Effect

if TYPE_CHECKING:
    from prober.model import Credential, Probe, Service

# No settings of the user's, no redirect followed, no pattern read into the URL, nothing taken for dots to resolve.
_ALWAYS = ("curl", "-qgsSi", "--path-as-is", "-m", "15")
_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})
_UNSAID = frozenset({"user-agent", "accept-encoding", "cache-control"})  # of every probe, and no lock looks at them


def curl(probe: Probe, service: Service) -> str:
    """Word the command; one that could act through an open door is a comment until somebody means it."""
    if probe.request.method == "CONNECT":
        return f"nc -vz -w 3 {shlex.quote(service.host)} {probe.route.path.removeprefix(':')}"
    words = [*_ALWAYS]
    request = probe.request
    if request.method != "GET":
        words += ["-I"] if request.method == "HEAD" else ["-X", request.method]
    own = (*probe.route.payload.headers, *probe.credential.headers, *(probe.variant.headers if probe.variant else ()))
    for name, value in request.headers:
        ordinary = name.lower() in _UNSAID or (name, value) == ("Accept", "*/*")
        if (name, value) in own or not ordinary:
            words += ["-H", f"{name}: {value}" if value else f"{name};"]
    if request.content is not None:
        if not any(name.lower() == "content-type" for name, _ in request.headers):
            words += ["-H", "Content-Type:"]  # else curl adds that of a form
        words += ["--data-raw", request.content.decode("utf-8", "replace")]
    elif request.method in _WITH_BODY:
        words += ["-H", "Content-Length: 0"]
    host = f"[{service.host}]" if ":" in service.host else service.host
    if service.socket:
        words += ["--unix-socket", service.socket]
    origin = f"{service.scheme}://{host}:{service.port}"
    if request.target.startswith("/"):
        words.append(origin + request.target)
    else:
        words += ["--request-target", request.target, f"{origin}/"]
    line = " ".join(_quoted(word, probe.credential) for word in words)
    return f"# {line}" if probe.route.effect is Effect.ACTS and not probe.route.inert else line


def _quoted(word: str, held: Credential) -> str:
    """Quote a word for a shell; a held secret is named as a variable, and stays where the user keeps it."""
    if not held.secret or held.secret not in word:
        return shlex.quote(word)
    variable = f'"${held.name.upper().replace("-", "_").replace(".", "_")}"'
    return variable.join(shlex.quote(part) if part else "" for part in word.split(held.secret))
