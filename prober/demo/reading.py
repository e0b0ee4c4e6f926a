"""Stands before a service whose router reads some targets otherwise than its guards do, while such a door is open."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote

from starlette.datastructures import Headers

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.types import ASGIApp, Receive, Scope, Send

    from prober.demo.door import Reads

TARGET = "target"  # in the scope's state: the target as it was sent, from who still has it
_READ_BY = "read_by"


class Misreading:
    """Gives a request the path that an open door finds in its target, and says which door that was."""

    def __init__(self, app: ASGIApp, doors: Mapping[str, Reads]) -> None:
        """Stand before this application, with the doors' ways to read by their names."""
        self._app, self._doors = app, doors

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the application answer, for the path that was found."""
        await self._app(self._read(scope), receive, send)

    def _read(self, scope: Scope) -> Scope:
        target, headers = _target(scope), Headers(scope=scope)
        for name, reads in self._doors.items():
            path = reads(target, headers)
            if path is not None:
                state = {**scope.get("state", {}), _READ_BY: name}
                return {**scope, "path": unquote(path), "state": state}
        return scope


def read_by(scope: Scope) -> str | None:
    """Name the door by whose reading this request came to its path, None where it was read plainly."""
    name: str | None = scope.get("state", {}).get(_READ_BY)
    return name


def _target(scope: Scope) -> str:
    sent: str | None = scope.get("state", {}).get(TARGET)
    if sent is not None:
        return sent
    path, query = scope["raw_path"].decode("ascii"), scope["query_string"].decode("ascii")
    return f"{path}?{query}" if query else path
