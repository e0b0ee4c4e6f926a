"""Reads where a service is: a URL, or a Unix socket. Strict; no network."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import replace
from urllib.parse import urlsplit

from prober.errors import UsageError
from prober.model import Service
from prober.model.origin import DEFAULT_PORTS

_HOST = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?)*\.?")


def parse_service(name: str, url: str) -> Service:
    """Check a service's URL while planning: httpx would call a typo 'unreachable', and userinfo a credential."""
    return _parse_socket(name, url) if url.startswith("unix:") else _parse_url(name, url)


def origins_of(name: str, urls: list[str]) -> list[Service]:
    """Give the origins of one service: the first by its name, each further one by its name and a number."""
    parsed = [parse_service(name, url) for url in urls]
    places = [(service.scheme, service.host, service.port, service.base_path, service.socket) for service in parsed]
    if len(set(places)) < len(places):
        raise UsageError(f"service '{name}' has an origin twice", fix="remove one of them")
    first, *more = parsed
    return [first, *(replace(s, name=f"{name}-{n}", also=name) for n, s in enumerate(more, start=2))]


def _parse_url(name: str, url: str) -> Service:
    if not url.isascii() or not url.isprintable() or " " in url:
        shown_url = url if url.isprintable() else ascii(url)[1:-1]
        raise UsageError(
            f"service '{name}': '{shown_url}' is not a URL", fix="write it in printable ASCII (punycode for names)"
        )
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise UsageError(f"service '{name}': '{url}' is not a URL", fix="write it as https://host[:port]") from None
    if parts.scheme not in {"http", "https"}:
        fix = f"write https://{url.rsplit('://', maxsplit=1)[-1]}" if url else "write it as https://host[:port]"
        raise UsageError(f"service '{name}': '{url}' does not start with http:// or https://", fix=fix)
    if parts.username is not None or parts.password is not None:
        what = f"service '{name}': a URL with a user or password would authenticate every request"
        raise UsageError(what, fix="remove everything before the '@'")
    if not parts.hostname:
        raise UsageError(f"service '{name}': '{url}' has no host", fix="write it as https://host[:port]")
    if not _is_host(parts.hostname):
        what = f"service '{name}': '{parts.hostname}' is not a host name or address"
        raise UsageError(what, fix="use letters, digits, '-' and single dots")
    if port == 0:
        raise UsageError(f"service '{name}': 0 is not a port", fix="write a port from 1 to 65535, or omit it")
    if parts.query or parts.fragment:
        raise UsageError(f"service '{name}': '{url}' has a query or a fragment", fix="end it after the path")
    base = parts.path.rstrip("/")
    if name == "mcp" and base.endswith("/mcp"):
        base = base.removesuffix("/mcp")  # clients name an MCP server by its endpoint; the routes hold that themselves
    shown = parts._replace(path=base, query="", fragment="").geturl()
    return Service(
        name=name,
        url=shown,
        scheme=parts.scheme,
        host=parts.hostname,
        port=port or DEFAULT_PORTS[parts.scheme],
        base_path=base,
    )  # fmt: skip


def _parse_socket(name: str, url: str) -> Service:
    """Parse a Unix socket; requests to it name localhost as their host."""
    path = url.removeprefix("unix:").removeprefix("//")
    if not path.startswith("/") or not path.isprintable():
        raise UsageError(f"service '{name}': '{url}' has no socket path", fix="write it as unix:/run/app.sock")
    return Service(name=name, url=url, scheme="http", host="localhost", port=80, base_path="", socket=path)


def _is_host(host: str) -> bool:
    return _HOST.fullmatch(host) is not None or _is_address(host)  # a name is one of many, and quick to see


def _is_address(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).version > 0
    except ValueError:
        return False
