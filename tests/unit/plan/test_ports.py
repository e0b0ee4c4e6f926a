"""Ports that must be closed: one probe for each port of each host, whichever services share it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from prober.errors import DefinitionError
from prober.model import Deployment, Effect, Service, Source
from prober.plan.credential_values import CredentialValues
from prober.plan.ports import PROCEDURE, SURFACE, port_probes

if TYPE_CHECKING:
    from prober.model import Probe

HERE = Source(file="prober.yaml", line=3)
THERE = Source(file="prober.yaml", line=4)
MADE = CredentialValues(nonce="0123abcd", cookies=("one",))


def service(
    name: str, host: str = "app.test", port: int = 443, *, socket: str | None = None, address: str | None = None
) -> Service:
    return Service(
        name=name, url=f"https://{host}:{port}", scheme="https", host=host, port=port, base_path="", socket=socket,
        address=address,
    )  # fmt: skip


def planned(*services: Service, ports: tuple[tuple[int, Source], ...] = ((5432, HERE),)) -> list[Probe]:
    deployment = Deployment(
        services=services, surfaces=(), declared=frozenset(), cookies=(), closed_ports=ports
    )  # fmt: skip
    return list(port_probes(deployment, MADE))


def test_a_port_is_probed_by_a_connection_alone() -> None:
    [probe] = planned(service("web"))
    assert (probe.id, probe.procedure) == (f"{SURFACE}: CONNECT :5432 @web [{PROCEDURE}]", "port")
    assert (probe.request.service, probe.request.method, probe.request.target) == ("web", "CONNECT", ":5432")
    assert (probe.request.headers, probe.request.content, probe.variant) == ((), None, None)
    assert (probe.credential.name, probe.promise.answers, probe.promise.skip) == ("anonymous", (), None)


def test_its_route_has_no_effect_and_says_where_it_is_written() -> None:
    route = planned(service("web"))[0].route
    assert (route.surface, route.service, route.method, route.path) == ("closed-ports", "web", "CONNECT", ":5432")
    assert (route.effect, route.inert, route.absent_is_locked, route.quick) == (Effect.NONE, False, False, True)
    assert (route.guard, route.origin, route.source) == ("closed", "web", HERE)
    assert route.why.startswith("The service on this port must not be reachable")
    assert route.fix.startswith("Bind it to 127.0.0.1")
    assert planned(service("web"))[0].promise.source == HERE


@pytest.mark.parametrize(
    ("services", "names"),
    [
        pytest.param([service("web"), service("mcp", port=3100)], ["web"], id="one-host"),
        pytest.param([service("web"), service("mcp", "mcp.test")], ["web", "mcp"], id="two-hosts"),
        pytest.param([service("web", address="192.0.2.1"), service("too", address="192.0.2.2")], ["web", "too"], id="two-addresses"),
        pytest.param([service("web", socket="/run/web.sock"), service("mcp")], ["mcp"], id="a-socket-has-no-ports"),
        pytest.param([service("web", socket="/run/web.sock")], [], id="nothing-but-a-socket"),
    ],
)  # fmt: skip
def test_each_host_is_probed_once(services: list[Service], names: list[str]) -> None:
    assert [probe.request.service for probe in planned(*services)] == names


def test_each_port_is_probed_at_each_host() -> None:
    found = planned(service("web"), service("mcp", "mcp.test"), ports=((5432, HERE), (6379, THERE)))
    assert [(probe.request.service, probe.request.target) for probe in found] == [
        ("web", ":5432"), ("mcp", ":5432"), ("web", ":6379"), ("mcp", ":6379"),
    ]  # fmt: skip
    assert [probe.route.source for probe in found] == [HERE, HERE, THERE, THERE]


def test_the_port_of_a_service_cannot_be_closed() -> None:
    with pytest.raises(DefinitionError) as caught:
        planned(service("web"), service("mcp", port=3100), ports=((3100, HERE),))
    assert caught.value.what == "port 3100 must be closed, and service 'mcp' is there"
    assert caught.value.fix == "remove it from 'closed-ports', or give another URL for the service"
    assert caught.value.source == HERE


def test_a_socket_that_is_a_file_keeps_no_port_open() -> None:
    assert planned(service("web", port=5432, socket="/run/web.sock")) == []
