"""A name may have several addresses, and a machine at each: all of them are asked, as each stranger gets another.

The first that takes a connection gets the whole plan; each further one the quick plan of a few routes of each guard.
"""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import replace
from typing import TYPE_CHECKING

from prober.model.origin import is_loopback
from prober.transport.addresses import addresses_of, reachable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prober.app.load import LoadedDeployment
    from prober.app.options import SendOptions
    from prober.model import Service


def with_every_address(loaded: LoadedDeployment, sending: SendOptions) -> LoadedDeployment:
    """Give the deployment with a further origin for each address, and a note on each name that has several.

    Not where the user chose an address (--address first, --resolve), where a proxy resolves the name, or on this
    machine, whose other addresses are other programs' as often as not.
    """
    if sending.address != "all" or sending.proxy is not None:
        return loaded
    chosen = {entry.partition(":")[0] for entry in sending.resolve}
    services = dict(loaded.services)
    notes: list[str] = []
    for service in loaded.services.values():
        if not _is_name(service) or service.host in chosen:
            continue
        every = addresses_of(service.host, service.port, family=_family(sending))
        if len(every) < 2:  # noqa: PLR2004 - one address is the name itself
            continue
        live = reachable(every, service.port)
        notes.append(_note(service, live, [address for address in every if address not in live]))
        if not live:
            continue
        services[service.name] = replace(service, address=live[0])
        names = _free_names(service.kind, services)
        services |= {
            name: replace(service, name=name, also=service.kind, address=address)
            for name, address in zip(names, live[1:], strict=False)
        }
    return replace(loaded, services=services, notes=(*loaded.notes, *notes))


def _family(sending: SendOptions) -> int:
    return socket.AF_INET if sending.ipv4 else socket.AF_INET6 if sending.ipv6 else socket.AF_UNSPEC


def _is_name(service: Service) -> bool:
    if service.socket is not None or is_loopback(service.host):
        return False
    try:
        ipaddress.ip_address(service.host)
    except ValueError:
        return True
    return False


def _free_names(kind: str, taken: Iterable[str]) -> list[str]:
    known = set(taken)
    return [name for name in (f"{kind}-{number}" for number in range(2, len(known) + 12)) if name not in known]


def _note(service: Service, live: tuple[str, ...], silent: list[str]) -> str:
    sentences = [f"{live[0]} was asked the whole plan"] if live else []
    sentences += [f"{', '.join(live[1:])} was asked the quick plan of each guard"] if live[1:] else []
    sentences += [f"{', '.join(silent)} took no connection from here and was not asked"] if silent else []
    return f"{service.name}: {service.host} has {len(live) + len(silent)} addresses: {'; '.join(sentences)}"
