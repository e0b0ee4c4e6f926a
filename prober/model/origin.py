"""How an origin is written (scheme, host and port, an IPv6 address in brackets), and whether it is this machine."""

from __future__ import annotations

import ipaddress
from types import MappingProxyType

DEFAULT_PORTS = MappingProxyType({"http": 80, "https": 443})


def host_in_url(host: str) -> str:
    """Write a host as it stands in a URL: an IPv6 address in brackets."""
    return f"[{host}]" if ":" in host else host


def host_header(scheme: str, host: str, port: int) -> str:
    """Write the host for a Host header: with its port, but for the scheme's default."""
    return host_in_url(host) if DEFAULT_PORTS[scheme] == port else f"{host_in_url(host)}:{port}"


def origin_of(scheme: str, host: str, port: int) -> str:
    """Write an origin as browsers do: without the scheme's default port."""
    return f"{scheme}://{host_header(scheme, host, port)}"


def origin_with_port(scheme: str, host: str, port: int) -> str:
    """Write an origin with its port, whatever it is."""
    return f"{scheme}://{host_in_url(host)}:{port}"


def is_loopback(host: str) -> bool:
    """Whether a host is this machine, by name or address, without DNS."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
