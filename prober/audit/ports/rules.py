"""What listens on this machine, against the ports that are declared closed. Pure; `listening` is who looks."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address
from typing import TYPE_CHECKING

from prober.model.audit import Breach, Listener, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from prober.model import Source

OPEN = Rule(
    id="PORT001",
    severity=Severity.LEAK,
    title="a port that is declared closed listens on an address that strangers reach",
    why="A firewall may still be in its way, and container engines publish ports past the firewall.",
    fix="Bind it to 127.0.0.1: in a compose file write '127.0.0.1:5432:5432', not '5432:5432'.",
    source="003:176",
)
INSIDE = Rule(
    id="PORT002",
    severity=Severity.DRIFT,
    title="a port that is declared closed listens on a private address",
    why="Whoever is in that network, or in a container on it, reaches it.",
    fix="Bind it to 127.0.0.1, or take it out of 'closed-ports' if that network is meant to reach it.",
    source="003:176",
)
UNSEEN = Rule(
    id="PORT003",
    severity=Severity.UNPROVEN,
    title="the system does not say what listens",
    why="What cannot be seen may be open.",
    fix="Run it as the administrator, on the machine itself and not in a container.",
    source="003:176",
)
RULES = (OPEN, INSIDE, UNSEEN)


def audit(listeners: Iterable[Listener] | None, closed: Mapping[int, Source]) -> tuple[Breach, ...]:
    """Judge what listens; None is that the system does not say."""
    if listeners is None:
        where = next(iter(closed.values()))
        return (Breach(rule=UNSEEN, what="this user may not see who listens", source=where),)
    found = [
        Breach(rule=rule, what=f"port {heard.port} listens on {reach}{_by(heard)}", source=closed[heard.port])
        for heard in sorted(set(listeners), key=lambda heard: (heard.port, heard.address))
        if heard.port in closed
        for rule, reach in _reached(heard.address)
    ]
    return tuple(sorted(found, key=lambda breach: breach.rule is not OPEN))


def _reached(address: str) -> list[tuple[Rule, str]]:
    """Say who reaches an address: nobody but this machine, its networks, or anybody."""
    try:
        ip = ip_address(address.partition("%")[0])  # fe80::1%eth0
    except ValueError:
        return [(OPEN, address)]  # whatever it is, it is not this machine alone
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
        return ", of a process that this user may not see"
    published = " (a published port of a container)" if heard.process == "docker-proxy" else ""
    return f", of {heard.process}{published}"
