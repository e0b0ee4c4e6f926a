"""What an entry of the table of intermediaries holds, and which servers are no intermediary. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from prober.judge.signatures import Sign
    from prober.model import Answered
    from prober.model.intermediary_names import IntermediaryName

# Servers that applications run in and nobody puts in front of another: their name makes an answer the application's.
APPLICATION_SERVERS = re.compile(
    r"^(uvicorn|gunicorn|werkzeug|hypercorn|daphne|granian|waitress|wsgiserver|tornadoserver|aiohttp|python/|basehttp"
    r"|simplehttp|kestrel|jetty|undertow|puma|webrick|thin|cowboy|mochiweb|actix|axum|warp|next\.js)",
    re.IGNORECASE,
)
PROBE_THE_ORIGIN = "probe the origin itself, past it (its own address under --base-url)"  # advice that many share


@dataclass(frozen=True, slots=True, kw_only=True)
class Intermediary:
    """Somebody who may answer in the application's place."""

    name: IntermediaryName
    signs: tuple[Sign, ...]  # any of them tells it
    advice: str
    source: str
    limit: Sign | None = None  # what of its own says that a limit bit, and that nothing was passed on


def is_application_server(answered: Answered) -> bool:
    """Say whether the answer names a server that applications themselves run in."""
    return bool(APPLICATION_SERVERS.match(answered.header("server") or answered.header("x-powered-by") or ""))
