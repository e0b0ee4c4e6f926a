"""Lists the listening sockets of this machine with psutil (extra 'audit'). Decides nothing."""

from __future__ import annotations

import socket

import psutil

from prober.model.audit import Listener


def listeners() -> tuple[Listener, ...] | None:
    """Give every listening TCP socket; None if this user may not list them (as on macOS)."""
    try:
        found = psutil.net_connections(kind="tcp")
    except (psutil.Error, OSError):
        return None
    return tuple(
        Listener(address=made.laddr.ip, port=made.laddr.port, process=_name(made.pid))
        for made in found
        if made.status == psutil.CONN_LISTEN and made.laddr and made.type == socket.SOCK_STREAM
    )


def _name(pid: int | None) -> str | None:
    if pid is None:
        return None
    try:
        return str(psutil.Process(pid).name())
    except psutil.Error:
        return None
