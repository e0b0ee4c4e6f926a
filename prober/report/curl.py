"""The curl line that sends a probe again: the same bytes, no redirect followed, every word quoted for a POSIX shell."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from prober.model import Effect

if TYPE_CHECKING:
    from prober.model import Probe, Service

_ALWAYS = ("curl", "-qsSi", "--path-as-is", "-m", "15")  # no settings of the user's, and no redirect is followed
_UNSAID = frozenset({"user-agent", "accept-encoding", "cache-control"})  # of every probe, and no lock looks at them


def curl(probe: Probe, service: Service) -> str:
    """Word the command; one that could act through an open door is a comment until somebody means it."""
    words = [*_ALWAYS]
    request = probe.request
    if request.method != "GET":
        words += ["-I"] if request.method == "HEAD" else ["-X", request.method]
    for name, value in request.headers:
        if name.lower() in _UNSAID or (name, value) == ("Accept", "*/*"):
            continue
        words += ["-H", f"{name}: {value}" if value else f"{name};"]
    if request.content is not None:
        words += ["--data-binary", request.content.decode("utf-8", "replace")]
    host = f"[{service.host}]" if ":" in service.host else service.host
    words.append(f"{service.scheme}://{host}:{service.port}{request.target}")
    line = " ".join(shlex.quote(word) for word in words)
    return f"# {line}" if probe.route.effect is Effect.ACTS and not probe.route.inert else line
