"""The plan of everything that could be asked of a deployment: what `prober explain` explains, and TAB completes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from prober.app.definition_cache import DefinitionCache
from prober.app.load import counting_surfaces, load_deployment, load_from
from prober.app.prepare import prepare
from prober.definitions.builtin import load_profile, load_surfaces
from prober.definitions.service import parse_service
from prober.engine.procedures.registry import PROCEDURES
from prober.model import Deployment, Depth
from prober.model.session_cookies import SESSION_COOKIES
from prober.plan.credential_names import credential_names
from prober.plan.options import PlanOptions
from prober.plan.plan import make_plan

if TYPE_CHECKING:
    from collections.abc import Mapping

    from prober.app.options import ProbeOptions
    from prober.model import Plan, Profile, Surface

DEFAULT_URLS = {"web": "http://localhost:3000", "mcp": "http://localhost:3100"}


def everything(
    profile: Profile, surfaces: tuple[Surface, ...], urls: dict[str, str], behind: Mapping[str, str] | None = None
) -> Plan:
    """Plan every probe of these surfaces, in any depth; `behind` names by service who keeps its doors in front."""
    keepers = behind or {}
    services = tuple(replace(parse_service(name, url), behind=keepers.get(name)) for name, url in urls.items())
    deployment = Deployment(services=services, surfaces=surfaces, declared=frozenset(), cookies=SESSION_COOKIES)
    return make_plan(
        deployment,
        profile,
        PlanOptions(run="explain", user_agent="lockdown-prober", depth=Depth.DEEP),
        procedures=PROCEDURES,
    )


def finding_ids(profile: str, surfaces: tuple[Surface, ...]) -> tuple[str, ...]:
    """Name every finding that a run of these surfaces can have."""
    plan = everything(load_profile(profile, credentials=credential_names()), surfaces, DEFAULT_URLS)
    return tuple(probe.id for probe in (*plan.probes, *(skip.probe for skip in plan.skips)))


def check_definitions(options: ProbeOptions) -> Plan:
    """Plan the surfaces that are declared and all of the user's own; a service without a URL is given one."""
    file, folder = load_deployment(options.deployment)
    declared = options.surface or file.surfaces
    surfaces = counting_surfaces(file, folder, DefinitionCache(), named=declared)
    own = [surface.name for surface in load_surfaces((folder / path for path in file.probes), only=())]
    named = {name for name, _ in file.services}
    unnamed = sorted({name for surface in surfaces for name in surface.services} - named or {"web"} - named)
    whole = replace(
        file,
        surfaces=(*declared, *own) if declared else (),
        services=(*file.services, *((name, "http://localhost") for name in unnamed)),
        hold=(),
    )
    return prepare(load_from(replace(options, surface=()), whole, folder, held={})).plan
