"""One HTTP exchange with a receiver, within a wall-clock limit: nothing followed, kept, or read from the environment.

The prober's own transport is for deployments, and bends requests in ways that no receiver should meet.
"""

from __future__ import annotations

import asyncio
import os
import re
import socket
import ssl
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from urllib.parse import urlsplit

from prober import __version__
from prober.errors import UsageError

LIMIT = 10.0  # seconds for all of an exchange
_STATUS = re.compile(rb"HTTP/1\.[01] ([0-9]{3})(?: |\r|$)")
_MOST_HEAD = 64 * 1024  # asyncio's own limit for a line, and ours for a head
_MOST_LINES = 200
_INTERIM = range(100, 200)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where to send; what is said of it in public is its origin alone, since its path may be the key to it."""

    scheme: str
    host: str
    port: int
    path: str = field(repr=False)

    @property
    def origin(self) -> str:
        """Name it without what may be secret."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        standard = {"http": 80, "https": 443}[self.scheme] == self.port
        return f"{self.scheme}://{host}" + ("" if standard else f":{self.port}")


def target_of(url: str, *, option: str) -> Target:
    """Read a URL; no message repeats it, since it may hold a key."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    printable = url.isascii() and url.isprintable() and " " not in url
    if parts.scheme not in {"http", "https"} or not parts.hostname or not printable or port == 0:
        raise UsageError(f"{option} is no URL", fix="write it as https://host/path")
    if parts.username is not None or parts.password is not None:
        raise UsageError(
            f"{option} holds a user or a password", fix="put the key into the path, as the receiver gave it"
        )
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(
        scheme=parts.scheme, host=parts.hostname, port=port or {"http": 80, "https": 443}[parts.scheme], path=path
    )


async def exchange(
    target: Target, *, method: str = "GET", headers: tuple[tuple[str, str], ...] = (), body: bytes = b"",
    limit: float = LIMIT,
) -> int | str:  # fmt: skip
    """Send one request: the status, or in a few words why there is none."""
    try:
        async with asyncio.timeout(limit):
            return await _exchange(target, _request(target, method, headers, body))
    except TimeoutError:
        return f"no answer in {limit:g} s"
    except ssl.SSLError as error:
        return f"TLS failed: {getattr(error, 'verify_message', None) or error.reason or 'no handshake'}"
    except socket.gaierror as error:
        return f"the name does not resolve ({error.strerror})"
    except OSError as error:
        return os.strerror(error.errno).lower() if error.errno else "no connection"
    except ValueError:  # asyncio raises it for a line without an end, and we for what is no head
        return "the answer is not HTTP"


def _request(target: Target, method: str, headers: tuple[tuple[str, str], ...], body: bytes) -> bytes:
    own = (
        ("Host", target.origin.partition("://")[2]),
        ("User-Agent", f"lockdown-prober/{__version__}"),
        ("Connection", "close"),
        *((("Content-Length", str(len(body))),) if body or method == "POST" else ()),
    )
    lines = [f"{method} {target.path} HTTP/1.1", *(f"{name}: {value}" for name, value in (*own, *headers)), "", ""]
    return "\r\n".join(lines).encode("ascii") + body


@cache
def _context() -> ssl.SSLContext:
    """Make the context once: each takes 50 ms."""
    return ssl.create_default_context()


async def _exchange(target: Target, request: bytes) -> int:
    context = _context() if target.scheme == "https" else None
    reader, writer = await asyncio.open_connection(target.host, target.port, ssl=context, limit=_MOST_HEAD)
    try:
        writer.write(request)
        with suppress(ConnectionError):  # it may have answered before it has read all
            await writer.drain()
        while (status := await _head(reader)) in _INTERIM:
            pass
        return status
    finally:
        writer.transport.abort()  # nothing more is wanted, and a close would wait for the other side


async def _head(reader: asyncio.StreamReader) -> int:
    """Read one head to its end, as far as any honest one goes."""
    found = _STATUS.match(await reader.readline())
    if found is None:
        raise ValueError
    for _ in range(_MOST_LINES):
        if not (await reader.readline()).strip():
            return int(found.group(1))
    raise ValueError
