"""What a wall or a dead stack is: something else that stands where a service should, and what a run must say of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.types import ASGIApp

from prober.demo.state import Mode
from prober.model import Depth

if TYPE_CHECKING:
    from asyncio import StreamReader, StreamWriter

    from prober.model import ExitStatus, Reason

Talk = Callable[["StreamReader", "StreamWriter"], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """Nobody listens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Raw:
    """Somebody accepts connections and does not speak HTTP as a server does."""

    talk: Talk


Behaviour = ASGIApp | Silence | Raw
Front = Callable[[ASGIApp], Behaviour]


def unchanged(app: ASGIApp) -> Behaviour:
    """Leave a service as it is."""
    return app


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """One wall or dead stack: what stands before each service, and what a run comes to."""

    name: str
    about: str
    web: Front
    exit_status: ExitStatus
    mcp: Front = unchanged
    reason: Reason | None = None  # of the findings, where the design says it
    mode: Mode = Mode.OAUTH
    surfaces: tuple[str, ...] = ()  # what a run looks at; all that there is where none is named
    depth: Depth = Depth.STANDARD
    release: str | None = None  # that is said to answer
    behind: str | None = None  # who is said to keep the web app's doors, as in `behind: nginx`
