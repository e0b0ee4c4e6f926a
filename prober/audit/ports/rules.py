"""Compares the listening sockets of this machine with the ports that are declared closed. Pure."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address
from typing import TYPE_CHECKING

from prober.model.audit import AuditFinding, Listener, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from prober.model import Source

OPEN = Rule(
    id="PORT001",
    severity=Severity.LEAK,
    title="a port that is declared closed listens on a public address",
    why="A firewall may still block it, but container engines publish ports past the firewall.",
    fix="Bind it to 127.0.0.1: in a compose file write '127.0.0.1:5432:5432', not '5432:5432'.",
    source="003:176",
)
INSIDE = Rule(
    id="PORT002",
    severity=Severity.DRIFT,
    title="a port that is declared closed listens on a private address",
    why="Every client in that network, or in a container on it, can connect.",
    fix="Bind it to 127.0.0.1, or remove it from 'closed-ports' if that network may connect.",
    source="003:176",
)
UNSEEN = Rule(
    id="PORT003",
    severity=Severity.UNPROVEN,
    title="the system does not show the listening sockets",
    why="A port that cannot be seen may be open.",
    fix="Run this as the administrator, on the machine itself and not in a container.",
    source="003:176",
)
RULES = (OPEN, INSIDE, UNSEEN)


def audit(listeners: Iterable[Listener] | None, closed: Mapping[int, Source]) -> tuple[AuditFinding, ...]:
    """Check the listening sockets; None means that the system does not show them."""
    if listeners is None:
        where = next(iter(closed.values()))
        return (AuditFinding(rule=UNSEEN, what="this user may not list the listening sockets", source=where),)
    found = [
        AuditFinding(rule=rule, what=f"port {heard.port} listens on {reach}{_by(heard)}", source=closed[heard.port])
        for heard in sorted(set(listeners), key=lambda heard: (heard.port, heard.address))
        if heard.port in closed
        for rule, reach in _reached(heard.address)
    ]
    return tuple(sorted(found, key=lambda breach: breach.rule is not OPEN))


def _reached(address: str) -> list[tuple[Rule, str]]:
    """Give the rule that an address breaks, with its description: none for loopback."""
    try:
        ip = ip_address(address.partition("%")[0])  # fe80::1%eth0
    except ValueError:
        return [(OPEN, address)]  # unknown, and so not proven to be loopback
    if isinstance(ip, IPv6Address) and ip.ipv4_mapped is not None:
        ip = ip.ipv4_mapped
    if ip.is_loopback:
        return []
    if ip.is_unspecified:
        return [(OPEN, f"every address ({address})")]
    if ip.is_private or ip.is_link_local:
        return [(INSIDE, f"the private address {address}")]
    return [(OPEN, f"the public address {address}")]


def _by(heard: Listener) -> str:
    if heard.process is None:
        return ", by a process that this user may not see"
    published = " (a published port of a container)" if heard.process == "docker-proxy" else ""
    return f", by {heard.process}{published}"
