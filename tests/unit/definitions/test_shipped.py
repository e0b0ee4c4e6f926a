"""The shipped surfaces and profiles: each is planned, and named as its file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from prober.cli.verify_lockdown import SURFACES, VOUCHERS
from prober.definitions.document import load_document
from prober.definitions.shipped import profile_names, shipped_folder
from prober.model import Control, Depth

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.model import Plan, Profile, Surface

PROFILES = ("credentials", "credentials+oauth", "dev-shim", "oauth", "unconfigured")

EXAMPLES = sorted(Path(__file__).parents[3].glob("docs/examples/*/prober.yaml"))


def test_the_shipped_profiles_are_the_modes_of_the_facts() -> None:
    assert profile_names() == PROFILES


@pytest.mark.parametrize("depth", list(Depth))
@pytest.mark.parametrize("name", PROFILES)
def test_every_shipped_surface_is_planned_in_every_profile(
    name: str, depth: Depth, plan_of: Callable[..., Plan], shipped_surfaces: tuple[Surface, ...]
) -> None:
    plan = plan_of(profile=name, depth=depth)
    seen = [*plan.probes, *(skip.probe for skip in plan.skips)]
    assert {probe.route for probe in seen} == {route for surface in shipped_surfaces for route in surface.routes}
    assert plan.profile.name == name


@pytest.mark.parametrize("name", PROFILES)
def test_a_profile_is_called_as_its_file(name: str, shipped_profile: Callable[[str], Profile]) -> None:
    assert shipped_profile(name).name == name


def test_a_surface_is_called_as_its_file(shipped_surfaces: tuple[Surface, ...]) -> None:
    names = [surface.name for surface in shipped_surfaces]
    assert names == [path.stem for path in sorted(shipped_folder("probes").iterdir())]
    assert len(names) > 25


@pytest.mark.parametrize("name", PROFILES)
def test_every_guard_of_a_shipped_route_is_named_in_the_profile(
    name: str, shipped_surfaces: tuple[Surface, ...], shipped_profile: Callable[[str], Profile]
) -> None:
    used = {route.guard for surface in shipped_surfaces for route in surface.routes}
    assert used <= set(shipped_profile(name).guards)


def test_only_the_dev_shim_is_for_this_machine_alone(shipped_profile: Callable[[str], Profile]) -> None:
    assert [name for name in PROFILES if shipped_profile(name).loopback_only] == ["dev-shim"]


def test_these_are_for_a_name_alone(shipped_surfaces: tuple[Surface, ...]) -> None:
    assert [surface.name for surface in shipped_surfaces if surface.by_name_only] == ["mcp-tools", "voucher-gate"]


def test_only_the_migration_endpoint_and_other_ways_to_the_mcp_transport_may_be_gone(
    shipped_surfaces: tuple[Surface, ...],
) -> None:
    routes = [route for surface in shipped_surfaces for route in surface.routes]
    gone = {route.name for route in routes if route.absent_is_locked and route.guard != "mcp-sibling"}
    assert gone == {"migrate: POST /api/migrate"}
    assert all(route.absent_is_locked for route in routes if route.guard == "mcp-sibling")


def test_each_service_of_the_platform_has_one_route_that_shows_it_alive(
    shipped_surfaces: tuple[Surface, ...],
) -> None:
    routes = [route for surface in shipped_surfaces for route in surface.routes]
    alive = [(route.service, route.path) for route in routes if route.control is Control.ALIVE]
    assert alive == [("web", "/api/healthz"), ("mcp", "/health")]


def test_what_verify_lockdown_declares_is_shipped(shipped_surfaces: tuple[Surface, ...]) -> None:
    assert {*SURFACES, VOUCHERS} <= {surface.name for surface in shipped_surfaces}
    assert len(set(SURFACES)) == len(SURFACES)


@pytest.mark.parametrize("example", EXAMPLES, ids=[path.parent.name for path in EXAMPLES])
def test_example_deployment_names_surfaces_that_are_shipped_or_beside_it(
    example: Path, shipped_surfaces: tuple[Surface, ...]
) -> None:
    node = dict(load_document(example).pairs(of="a deployment"))["surfaces"]
    named = {entry.word(of="a surface") for entry in node.items(of="surfaces")}
    assert named
    own = {path.stem for path in example.parent.glob("lockdown/surfaces/*.yaml")}
    assert named <= {surface.name for surface in shipped_surfaces} | own


def test_no_example_is_lost() -> None:
    assert len(EXAMPLES) == 7
