"""Ports that must be closed from here: one probe for each port of each host. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.errors import DefinitionError
from prober.model import Effect, Payload, Probe, Promise, Request, Route
from prober.plan.credentials import LADDER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prober.model import Deployment, Service, Source
    from prober.plan.credential_values import CredentialValues

SURFACE = "closed-ports"
PROCEDURE = "port"  # the name of the procedure that tries a port (prober/engine/procedures/closed_port.py)
_WHY = "The service on this port must not be reachable: a database, an application without its proxy, a debugger."
_FIX = "Bind it to 127.0.0.1, or close it in the firewall; in a compose file, publish 127.0.0.1:PORT:PORT."


def port_probes(deployment: Deployment, made: CredentialValues) -> Iterator[Probe]:
    """Give a probe for each closed port of each host, once."""
    hosts: dict[tuple[str, str | None], Service] = {}
    for service in deployment.services:
        if service.socket is None:
            hosts.setdefault((service.host, service.address), service)
    for port, source in deployment.closed_ports:
        open_service = next(
            (service for service in deployment.services if service.port == port and not service.socket), None
        )
        if open_service is not None:
            what = f"port {port} must be closed, and service '{open_service.name}' is there"
            fix = "remove it from 'closed-ports', or give another URL for the service"
            raise DefinitionError(what, fix=fix, source=source)
        for service in hosts.values():
            yield _probe(service, port, source, made)


def _probe(service: Service, port: int, source: Source, made: CredentialValues) -> Probe:
    route = Route(
        surface=SURFACE, service=service.name, id=None, method="CONNECT", path=f":{port}", guard="closed",
        effect=Effect.NONE, payload=Payload(), inert=False, absent_is_locked=False, refuse=(), never=(), quick=True,
        csrf=None, control=None, origin=service.name, why=_WHY, fix=_FIX, source=source,
    )  # fmt: skip
    return Probe(
        id=f"{route.name} [{PROCEDURE}]", route=route, credential=LADDER[0].make(made), variant=None, families=(),
        promise=Promise(answers=(), skip=None, source=source), never=(), procedure=PROCEDURE,
        request=Request(service=service.name, method="CONNECT", target=f":{port}"),
    )  # fmt: skip
