"""Ports on loopback at which nobody listens."""

from __future__ import annotations

import socket


def closed_port() -> int:
    """Give a port that was free just now: a connection to it is refused."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port
