"""One HTTP exchange with a receiver, within a wall-clock limit: no redirects, no cookies, no environment variables.

The prober's own transport is for deployments, and changes requests in ways that no receiver should meet.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx

from prober import __version__
from prober.errors import UsageError
from prober.model.origin import DEFAULT_PORTS, host_header, origin_of, origin_with_port
from prober.transport.httpx_transport import cause_of
from prober.transport.network import verifying_context

if TYPE_CHECKING:
    import ssl

LIMIT = 10.0  # seconds for all of an exchange
TO_CLOSE = 1.0  # seconds: a receiver that does not close its side holds up nobody


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where to send; logs and reports name its origin alone, since its path may be a key."""

    scheme: str
    host: str
    port: int
    path: str = field(repr=False)

    @property
    def origin(self) -> str:
        """Name it without what may be secret."""
        return origin_of(self.scheme, self.host, self.port)


def target_of(url: str, *, option: str) -> Target:
    """Read a URL; no message repeats it, since it may hold a key."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    printable = url.isascii() and url.isprintable() and " " not in url
    if parts.scheme not in {"http", "https"} or not parts.hostname or not printable or port == 0:
        raise UsageError(f"{option} is not a URL", fix="write it as https://host/path")
    if parts.username is not None or parts.password is not None:
        raise UsageError(
            f"{option} holds a user or a password", fix="put the key into the path, as the receiver gave it"
        )
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(scheme=parts.scheme, host=parts.hostname, port=port or DEFAULT_PORTS[parts.scheme], path=path)


async def exchange(
    target: Target, *, method: str = "GET", headers: tuple[tuple[str, str], ...] = (), body: bytes = b"",
    limit: float = LIMIT,
) -> int | str:  # fmt: skip
    """Send one request: the status, or in a few words why there is none. The answer's body is not read."""
    own = (
        ("Host", host_header(target.scheme, target.host, target.port)),
        ("User-Agent", f"lockdown-prober/{__version__}"),
        ("Connection", "close"),
    )
    origin = origin_with_port(target.scheme, target.host, target.port)
    url = httpx.URL(f"{origin}/").copy_with(raw_path=target.path.encode("ascii"))
    request = httpx.Request(method, url, headers=[*own, *headers], content=body)
    # The transport alone, without httpx's client: no redirects, no cookies, no environment variables.
    transport = httpx.AsyncHTTPTransport(verify=_context(), trust_env=False, retries=0)
    try:
        async with asyncio.timeout(limit):
            response = await transport.handle_async_request(request)
    except TimeoutError:
        return f"no answer in {limit:g} s"
    except httpx.RemoteProtocolError:
        return "the answer is not HTTP"
    except (httpx.HTTPError, OSError, ValueError) as error:
        return cause_of(error)[1]
    else:
        return response.status_code
    finally:
        with suppress(Exception):  # nothing more is wanted of it
            await asyncio.wait_for(transport.aclose(), TO_CLOSE)


@cache
def _context() -> ssl.SSLContext:
    """Make the context once: each takes 50 ms."""
    return verifying_context()


async def asked(target: Target) -> str | None:
    """Ask a target once; give why it did not answer well, None where it did."""
    answer = await exchange(target)
    if isinstance(answer, str):
        return answer
    return None if 200 <= answer < 300 else f"answered {answer}"  # noqa: PLR2004 - HTTP's own class
