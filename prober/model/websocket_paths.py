"""Paths that are named for WebSockets, by what frameworks and their examples call them. Pure."""

from __future__ import annotations

_NAMES = frozenset({
    "ws", "wss", "socket", "sockets", "websocket", "websockets", "socket.io", "engine.io", "cable", "live", "realtime",
    "stream",
})  # fmt: skip


def names_websocket(path: str) -> bool:
    """Say whether a part of this path is what WebSockets are called."""
    return bool(_NAMES & set(path.partition("?")[0].lower().split("/")))
