"""From what was loaded to one run: a plan with a name and with bogus credentials of its own."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from prober import __version__
from prober.app.load import DEFAULT_FILE
from prober.app.secrets import check_way_of_secrets
from prober.definitions.deployment import DeploymentFile, with_limits
from prober.definitions.service import is_loopback
from prober.engine.procedures.registry import PROCEDURES
from prober.errors import UsageError, did_you_mean
from prober.model import Deployment, Depth, Inventory, Plan, Profile, ReleaseSource, Service, SourceCoverage
from prober.model.session_cookies import SESSION_COOKIES
from prober.plan.globs import check_globs
from prober.plan.options import PlanOptions
from prober.plan.plan import make_plan

if TYPE_CHECKING:
    from collections.abc import Mapping

    from prober.app.load import LoadedDeployment
    from prober.environment.env_file import EnvFile


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedRun:
    """One run, of which nothing has been sent yet."""

    plan: Plan
    services: Mapping[str, Service]
    profiles: Mapping[str, Profile]
    require: tuple[str, ...]  # globs of probes that may not be skipped
    secrets: tuple[str, ...] = field(repr=False)  # what no report may repeat
    run: str
    started_at: str
    release: ReleaseSource | None
    source: SourceCoverage | None
    inventory: Inventory | None
    notes: tuple[str, ...]  # on how the deployment is reached
    refusal: str | None  # why this deployment is a leak before the first request


def prepare(loaded: LoadedDeployment) -> PreparedRun:
    """Make a plan of what was loaded: one run's, with a name and with bogus credentials of its own."""
    given, file, services, chosen = loaded.options, loaded.file, loaded.services, loaded.surfaces
    run = secrets.token_hex(4)
    options = PlanOptions(
        run=run,
        user_agent=f"lockdown-prober/{__version__} (run {run}; authentication probe)",
        identify_always=given.identify == "always",
        depth=Depth(given.depth) if given.depth else file.depth or Depth.STANDARD,
        only=given.only,
        skip=given.skip,
        allow_effects=given.allow_effects,
        budget=given.budget,
        held=loaded.held,
        waivers=loaded.waivers,
    )
    deployment = Deployment(
        services=tuple(services.values()),
        surfaces=with_limits(chosen.surfaces, file.limits),
        declared=chosen.declared,
        untried=chosen.untried,
        cookies=(*SESSION_COOKIES, *file.cookies),
        key_headers=file.key_headers,
        blanket_is_application=file.blanket_is_application,
        closed_ports=file.closed_ports,
    )
    plan = make_plan(deployment, loaded.profile, options, procedures=PROCEDURES)
    check_way_of_secrets(plan, services)
    planned = [*plan.probes, *(skip.probe for skip in plan.skips)]
    check_globs(given.require, planned, option="--require")
    if not (given.only or given.skip or given.surface):  # a run that is narrowed by hand cannot hold them all
        check_globs(file.require, planned, option=f"'require' in {given.deployment or DEFAULT_FILE}:")
    return PreparedRun(
        plan=plan,
        services=services,
        profiles=loaded.profiles,
        require=(*file.require, *given.require),
        secrets=tuple(loaded.held.values()),
        run=run,
        started_at=datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        release=_release(file, services),
        source=loaded.source,
        inventory=loaded.inventory,
        notes=loaded.notes,
        refusal=refusal(loaded.profile, plan.services, loaded.env, overruled=given.profile is not None),
    )


def refusal(profile: Profile, services: tuple[Service, ...], env: EnvFile | None, *, overruled: bool) -> str | None:
    """Say why such a deployment may not be, whatever it would answer; a profile named on purpose overrules the file."""
    wrong = env and (env.conflict or (None if overruled else env.trap))
    if env and wrong:
        return f"{env.file}: {wrong}"
    outside = next((service for service in services if not is_loopback(service.host)), None)
    if profile.loopback_only and outside is not None and not (env and env.dev_auth_in_production):
        where = f"service '{outside.name}' ({outside.host}) is not on this machine"
        return f"profile '{profile.name}' lets everybody in, and {where}"
    return None


def _release(file: DeploymentFile, services: Mapping[str, Service]) -> ReleaseSource | None:
    named = file.release.service if file.release else None
    if named is not None and named not in services:
        fix = did_you_mean(named, services, otherwise="name a service of this deployment")
        raise UsageError(f"'release' names a service '{named}' that is not there", fix=fix)
    return file.release
