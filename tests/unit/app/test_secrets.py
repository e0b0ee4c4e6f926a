"""A held secret goes nowhere where it could be read on the way, whichever request of a probe carries it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from prober.app.destinations import secret_services
from prober.app.secrets import check_way_of_secrets
from prober.definitions.service import parse_service
from prober.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.model import Plan, Probe


@pytest.fixture(scope="module")
def plan(plan_of: Callable[..., Plan]) -> Plan:
    return plan_of(only=("me: GET /api/me [anonymous]",))


def with_credential(probe: Probe) -> Probe:
    return replace(probe, credential=replace(probe.credential, secret="s3cr3t-0123456789"))


def with_others(probe: Probe) -> Probe:
    """As a procedure has it that sends one secret after the other: none of them is in the first request."""
    return replace(probe, others=(probe.request,))


@pytest.mark.parametrize("carrying", [with_credential, with_others])
@pytest.mark.parametrize(
    ("url", "is_refused"),
    [("http://app.example", True), ("https://app.example", False), ("http://127.0.0.1:3000", False)],
)
def test_a_secret_goes_over_tls_or_to_this_machine(
    carrying: Callable[[Probe], Probe], url: str, plan: Plan, *, is_refused: bool
) -> None:
    carried = replace(plan, probes=tuple(map(carrying, plan.probes)))
    services = {"web": parse_service("web", url)}
    if is_refused:
        with pytest.raises(UsageError, match="without TLS"):
            check_way_of_secrets(carried, services)
    else:
        check_way_of_secrets(carried, services)


@pytest.mark.parametrize("carrying", [with_credential, with_others])
def test_a_service_that_gets_a_secret_is_one_whose_origin_is_asked_for(
    carrying: Callable[[Probe], Probe], plan: Plan
) -> None:
    services = {"web": parse_service("web", "https://app.example"), "mcp": parse_service("mcp", "https://mcp.example")}
    carried = replace(plan, probes=tuple(map(carrying, plan.probes)))
    assert [service.name for service in secret_services(carried, services, headers=False)] == ["web"]
    assert secret_services(plan, services, headers=False) == ()
    assert len(secret_services(plan, services, headers=True)) == len(services)


def test_what_carries_no_secret_goes_anywhere(plan: Plan) -> None:
    check_way_of_secrets(plan, {"web": parse_service("web", "http://app.example")})
