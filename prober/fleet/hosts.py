"""Which deployments share a host: its addresses, and what FLEET says stands in front of several. One at a time each."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from prober.definitions.service import parse_service
from prober.model.origin import is_loopback
from prober.transport.addresses import addresses_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from prober.definitions.fleet import FleetHost
    from prober.fleet.inventory import Member

    Lookup = Callable[[str, int], tuple[str, ...]]


class Hosts:
    """Finds the host keys of deployments and their pace; each name is looked up once."""

    def __init__(
        self, hosts: Iterable[FleetHost], *, rate: float | None = None, easy_rate: float | None = None,
        looks_up: bool = True, lookup: Lookup = addresses_of,
    ) -> None:  # fmt: skip
        """Look nothing up yet; rates are requests a second.

        `rate` holds for hosts for which the fleet gives none, `easy_rate` for those that are not on this machine where
        nothing else does.
        """
        self._hosts, self._rate, self._easy_rate = tuple(hosts), rate, easy_rate
        self._looks_up, self._lookup = looks_up, lookup
        self._addresses: dict[str, tuple[str, ...]] = {}

    def keys(self, member: Member) -> frozenset[str]:
        """Name what a deployment shares with others: its addresses, and what the fleet declares. Blocks for DNS.

        On this machine each port is a program of its own, so the port is a part of the key there.
        """
        found: set[str] = set()
        for url in member.urls:
            service = parse_service("web", url)
            found |= {f"together {host.together}" for host in self._matching(service.host) if host.together}
            if service.socket is not None:
                found.add(service.socket)
            elif is_loopback(service.host):
                found.add(f"{service.host}:{service.port}")
            else:
                found.update(self._addresses_of(service.host, service.port))
        return frozenset(found)

    def rate(self, member: Member) -> float | None:
        """Give the requests a second that a deployment's hosts allow; None without a limit."""
        rates = [
            host.rate
            for url in member.urls
            for host in self._matching(parse_service("web", url).host)
            if host.rate is not None
        ]
        if rates or self._rate is not None:
            return min(rates, default=self._rate)
        services = [parse_service("web", url) for url in member.urls]
        is_here = all(service.socket is not None or is_loopback(service.host) for service in services)
        return None if is_here else self._easy_rate

    def _matching(self, name: str) -> list[FleetHost]:
        return [host for host in self._hosts if fnmatchcase(name.lower(), host.match)]

    def _addresses_of(self, host: str, port: int) -> tuple[str, ...]:
        """Give the addresses of a name; the name itself where it has none, or where a proxy looks it up."""
        if host not in self._addresses:
            self._addresses[host] = (self._lookup(host, port) if self._looks_up else ()) or (host,)
        return self._addresses[host]
