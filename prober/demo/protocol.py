"""Uvicorn's protocol, which also tells the application the target as it was sent.

The scope has lost a bare '?' at its end, and careless guards compare just that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from prober.demo.reading import TARGET

if TYPE_CHECKING:
    from uvicorn import Config
    from uvicorn.server import ServerState

_MOST_HEAD = 64 * 1024  # as uvicorn has it


class Protocol(H11Protocol):
    """One connection of a demo."""

    def __init__(self, config: Config, server_state: ServerState) -> None:
        """Answer by this configuration."""
        heard: dict[str, str] = {}
        super().__init__(config, server_state, app_state=heard)  # uvicorn copies it into the scope of each request
        self.conn = _Listening(heard)


class _Listening(h11.Connection):
    def __init__(self, heard: dict[str, str]) -> None:
        super().__init__(h11.SERVER, _MOST_HEAD)
        self._heard = heard

    def next_event(self) -> h11.Event | type[h11.NEED_DATA | h11.PAUSED]:
        event = super().next_event()
        if isinstance(event, h11.Request):
            self._heard[TARGET] = event.target.decode("ascii")
        return event
