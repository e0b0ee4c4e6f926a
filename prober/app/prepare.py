"""From what was loaded to one run: a plan with a name and with bogus credentials of its own."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from prober import __version__
from prober.app.destinations import check_destinations, is_here, secret_services
from prober.app.options import SendOptions
from prober.app.overrides import overrides_of_plan
from prober.app.secrets import check_way_of_secrets
from prober.definitions.deployment import DeploymentFile, with_limits
from prober.definitions.packs import ALL
from prober.definitions.shipped import DEFAULT_FILE
from prober.engine.procedures.registry import PROCEDURES
from prober.errors import UsageError, did_you_mean
from prober.model import Deployment, Depth, Inventory, Override, Plan, Profile, ReleaseSource, Service, SourceCoverage
from prober.model.session_cookies import SESSION_COOKIES
from prober.plan.globs import check_globs
from prober.plan.options import PlanOptions
from prober.plan.plan import make_plan

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from prober.app.load import LoadedDeployment
    from prober.app.options import ProbeOptions
    from prober.environment.env_file import EnvFile

_CLOCKS_DIFFER = 300  # seconds: what is signed in the future is refused


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
    overrides: tuple[Override, ...]  # what made it narrower than prober.yaml, or sent it elsewhere
    notes: tuple[str, ...]  # on how the deployment is reached
    refusal: str | None  # why this deployment is a leak before the first request


def prepare(loaded: LoadedDeployment, sending: SendOptions | None = None) -> PreparedRun:
    """Make a plan of what was loaded: one run's, with a name and with bogus credentials of its own.

    `sending` says how the deployment is reached; without it nothing is meant to be sent.
    """
    given, file, services = loaded.options, loaded.file, loaded.services
    run = secrets.token_hex(4)
    plan = make_plan(_deployment(loaded), loaded.profile, _plan_options(loaded, run), procedures=PROCEDURES)
    here = partial(is_here, sending=sending or SendOptions())
    check_way_of_secrets(plan, services, is_here=here)
    if sending is not None:
        _check_destinations(plan, loaded, sending)
    _check_required(plan, loaded)
    return PreparedRun(
        plan=plan,
        services=services,
        profiles=loaded.profiles,
        require=(*file.require, *given.require),
        secrets=tuple(dict.fromkeys((*loaded.held.values(), *plan.secrets))),
        run=run,
        started_at=datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        release=_release(file, services),
        source=loaded.source,
        inventory=loaded.inventory,
        overrides=overrides_of_plan(given, file, profile=loaded.profile.name),
        notes=loaded.notes,
        refusal=refusal(loaded.profile, plan.services, loaded.env, overruled=given.profile is not None, is_here=here),
    )


def _plan_options(loaded: LoadedDeployment, run: str) -> PlanOptions:
    given, file = loaded.options, loaded.file
    return PlanOptions(
        run=run,
        user_agent=f"lockdown-prober/{__version__} (run {run}; authentication probe)",
        identify_always=given.identify == "always",
        depth=Depth(given.depth) if given.depth else file.depth or Depth.STANDARD,
        only=given.only,
        skip=given.skip,
        allow_effects=given.allow_effects,
        samples=given.samples,
        budget=given.budget,
        held=loaded.held,
        waivers=loaded.waivers,
        signed_at=int(datetime.now(UTC).timestamp()) - _CLOCKS_DIFFER,
        surfaces=_narrowed_to(given, file),
        required=file.require,
        required_by=loaded.required_by,
    )


def _deployment(loaded: LoadedDeployment) -> Deployment:
    file, chosen = loaded.file, loaded.surfaces
    return Deployment(
        services=tuple(loaded.services.values()),
        surfaces=with_limits(chosen.surfaces, file.limits),
        declared=chosen.declared,
        untried=chosen.untried,
        cookies=(*SESSION_COOKIES, *file.cookies),
        key_headers=file.key_headers,
        cookies_named=bool(file.cookies or loaded.profiles),
        blanket_is_application=file.blanket_is_application,
        blanket_paths=file.blanket_paths,
        closed_ports=file.closed_ports,
    )


def _check_destinations(plan: Plan, loaded: LoadedDeployment, sending: SendOptions) -> None:
    """Refuse to send a secret to an origin that nobody named for it."""
    given = loaded.options
    receiving = secret_services(plan, loaded.services, headers=bool(sending.header))
    folder = Path(given.deployment or DEFAULT_FILE).parent
    check_destinations(receiving, sending, named=loaded.named, allowed=given.hold_for, folder=folder)


def _check_required(plan: Plan, loaded: LoadedDeployment) -> None:
    """Refuse a glob of required probes that matches none of the plan: a typo in it would require nothing."""
    given, file = loaded.options, loaded.file
    planned = [*plan.probes, *(skip.probe for skip in plan.skips)]
    check_globs(given.require, planned, option="--require")
    check_globs(file.require, planned, option=f"'require' in {given.deployment or DEFAULT_FILE}:")


def _narrowed_to(given: ProbeOptions, file: DeploymentFile) -> frozenset[str]:
    """Name the surfaces that an option narrows the run to, where the required ones are planned beside them."""
    return frozenset(given.surface) if file.require and ALL not in given.surface else frozenset()


def refusal(
    profile: Profile,
    services: tuple[Service, ...],
    env: EnvFile | None,
    *,
    overruled: bool,
    is_here: Callable[[Service], bool],
) -> str | None:
    """Say why such a deployment may not be, whatever it would answer; a profile named on purpose overrules the file."""
    wrong = env and (env.conflict or (None if overruled else env.trap))
    if env and wrong:
        return f"{env.file}: {wrong}"
    outside = next((service for service in services if not is_here(service)), None)
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
