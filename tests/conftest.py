"""What several tests build from text: surfaces, profiles, and plans of them. No network."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING, Any

import pytest

from prober.definitions.deployment import parse_service
from prober.definitions.document import parse_document
from prober.definitions.profile import parse_profile
from prober.definitions.shipped import load_profile, load_surfaces
from prober.definitions.surface import parse_surface
from prober.model import Deployment, Plan, Profile, Service, Surface
from prober.plan.credentials import SESSION_COOKIES, credential_names
from prober.plan.plan import Choices, make_plan

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

URLS = {"web": "http://127.0.0.1:3000", "mcp": "http://127.0.0.1:3100"}


@pytest.fixture(scope="session")
def shipped_surfaces() -> tuple[Surface, ...]:
    return load_surfaces()


@pytest.fixture(scope="session")
def shipped_profile() -> Callable[[str], Profile]:
    return lambda name: load_profile(name, credentials=credential_names())


@pytest.fixture(scope="session")
def surface_of() -> Callable[[str], Surface]:
    """Parse a surface; its messages call the file probes/x.yaml."""
    return lambda text: parse_surface(parse_document(dedent(text), file="probes/x.yaml"))


@pytest.fixture(scope="session")
def routes_of(surface_of: Callable[[str], Surface]) -> Callable[..., Surface]:
    """Make a surface of routes that are given as METHOD path, all behind one guard."""

    def make(*routes: str, guard: str = "session", more: str = "") -> Surface:
        head = "surface: made\nabout: Made for a test.\nroutes:\n"
        said = [f"  - {{route: '{r}', guard: {guard}, effect: none, why: w, fix: f{more}}}\n" for r in routes]
        return surface_of(head + "".join(said))

    return make


@pytest.fixture(scope="session")
def profile_of() -> Callable[[str], Profile]:
    """Parse a profile; its messages call the file profiles/p.yaml."""
    names = credential_names()

    def parse(text: str) -> Profile:
        node = parse_document(dedent(text), file="profiles/p.yaml")
        return parse_profile(
            node, base=lambda said: load_profile(said.word(of="'extends'"), credentials=names), credentials=names
        )

    return parse


@pytest.fixture(scope="session")
def service_of() -> Callable[..., Service]:
    return lambda name="web", url=URLS["web"]: parse_service(name, url)


@pytest.fixture(scope="session")
def plan_of(shipped_surfaces: tuple[Surface, ...], shipped_profile: Callable[[str], Profile]) -> Callable[..., Plan]:
    """Plan surfaces (the shipped ones) in a profile (oauth, by name or by value), with the choices that are given."""

    def plan(
        surfaces: Iterable[Surface] | None = None,
        profile: str | Profile = "oauth",
        *,
        urls: dict[str, str] | None = None,
        **choices: Any,
    ) -> Plan:
        deployment = Deployment(
            services=tuple(parse_service(name, url) for name, url in (urls or URLS).items()),
            surfaces=shipped_surfaces if surfaces is None else tuple(surfaces),
            declared=frozenset(),
            cookies=SESSION_COOKIES,
        )
        chosen = profile if isinstance(profile, Profile) else shipped_profile(profile)
        return make_plan(deployment, chosen, Choices(**{"run": "0123abcd", "user_agent": "test", **choices}))

    return plan
