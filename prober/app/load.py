"""From what the user said (flags, environment, prober.yaml, .env) to a plan: the flag wins, every gap is an error."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from prober import __version__
from prober.app.secrets import check_way_of_secrets, not_said, read_held
from prober.definitions.builtin import is_file_name, load_profile, load_surfaces, profile_names
from prober.definitions.deployment import (
    ChosenSurfaces,
    DeploymentFile,
    choose_surfaces,
    parse_deployment,
    with_limits,
)
from prober.definitions.document import load_document
from prober.definitions.service import (
    is_loopback,
    origins_of,
)
from prober.definitions.waivers import parse_waivers
from prober.engine.procedures.registry import PROCEDURES
from prober.environment.env_file import EnvFile, load_env_file
from prober.errors import UsageError, did_you_mean, listed
from prober.model import Deployment, Depth, Plan, Profile, ReleaseSource, Service, SourceCoverage, Waiver
from prober.plan.credential_values import (
    SESSION_COOKIES,
)
from prober.plan.credentials import (
    credential_names,
)
from prober.plan.globs import check_globs
from prober.plan.options import PlanOptions
from prober.plan.plan import make_plan

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT_FILE = "prober.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What the user said, before it is checked against anything."""

    deployment: str | None = None
    profile: str | None = None
    env_file: str | None = None
    base_url: str | None = None
    mcp_url: str | None = None
    service: tuple[str, ...] = ()
    surface: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    depth: str | None = None
    allow_effects: tuple[str, ...] = ()
    budget: int | None = None
    require: tuple[str, ...] = ()
    hold: tuple[str, ...] = ()
    waivers: str | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """What the wishes come to."""

    plan: Plan
    services: Mapping[str, Service]
    profiles: Mapping[str, Profile]
    require: tuple[str, ...]
    secrets: tuple[str, ...]  # what no report may repeat
    run: str
    started_at: str
    release: ReleaseSource | None
    source: SourceCoverage | None
    refusal: str | None  # why this deployment is a leak before the first request


def choose(wishes: Wishes) -> Chosen:
    """Load what is named, prober.yaml where there is one, check it against each other, and make the plan."""
    return choose_from(wishes, *load_deployment(wishes.deployment))


def choose_from(wishes: Wishes, file: DeploymentFile, folder: Path, *, held: Mapping[str, str] | None = None) -> Chosen:
    """Make the plan of these wishes and this deployment, whose own paths are relative to the folder.

    Held secrets are read from where the wishes say that they are kept, unless they are given.
    """
    return choose_of(load_from(wishes, file, folder, held=held))


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """All that a plan is made of; nothing is read from disk any more."""

    wishes: Wishes
    file: DeploymentFile
    env: EnvFile | None
    services: Mapping[str, Service]
    profile: Profile
    profiles: Mapping[str, Profile]
    surfaces: ChosenSurfaces
    held: Mapping[str, str] = field(repr=False)
    waivers: tuple[Waiver, ...]
    source: SourceCoverage | None


def load_from(wishes: Wishes, file: DeploymentFile, folder: Path, *, held: Mapping[str, str] | None = None) -> Loaded:
    """Load what these wishes and this deployment name."""
    env = load_env_file(Path(wishes.env_file)) if wishes.env_file is not None else None
    services = _services(wishes, file, env)
    profiles = {name: load_profile(name, credentials=credential_names()) for name in profile_names()}
    name = wishes.profile if wishes.profile is not None else env.mode if env else _beside(file.profile, folder)
    if name is None:
        fix = "give --profile NAME, or --env-file FILE to read the mode from"
        raise UsageError(f"no profile is named ({listed(profiles)})", fix=fix)
    profile = profiles.get(name) or load_profile(name, credentials=credential_names())
    named = wishes.surface or file.surfaces
    kinds = {service.kind for service in services.values()}
    chosen = choose_surfaces(named, load_surfaces(folder / path for path in file.probes), kinds)
    source = None
    if wishes.source is not None:
        from prober.app.source_coverage import with_source  # noqa: PLC0415 - the parser of sources costs 100 ms

        chosen, source = with_source(wishes.source, file, chosen)
    if held is None:
        held = read_held((*wishes.hold, *not_said(file.hold, wishes.hold)))
    return Loaded(
        wishes=wishes, file=file, env=env, services=services, profile=profile, profiles=profiles, surfaces=chosen,
        held=held, waivers=_waivers(wishes, file, folder), source=source,
    )  # fmt: skip


def choose_of(loaded: Loaded) -> Chosen:
    """Make a plan of what was loaded: one run's, with a name and with bogus credentials of its own."""
    wishes, file, services, chosen = loaded.wishes, loaded.file, loaded.services, loaded.surfaces
    run = secrets.token_hex(4)
    options = PlanOptions(
        run=run,
        user_agent=f"lockdown-prober/{__version__} (run {run}; authentication probe)",
        depth=Depth(wishes.depth) if wishes.depth else file.depth or Depth.STANDARD,
        only=wishes.only,
        skip=wishes.skip,
        allow_effects=wishes.allow_effects,
        budget=wishes.budget,
        held=loaded.held,
        waivers=loaded.waivers,
    )
    deployment = Deployment(
        services=tuple(services.values()),
        surfaces=with_limits(chosen.surfaces, file.limits),
        declared=chosen.declared,
        untried=chosen.untried,
        cookies=(*SESSION_COOKIES, *file.cookies),
        blanket_is_application=file.blanket_is_application,
        closed_ports=file.closed_ports,
    )
    plan = make_plan(deployment, loaded.profile, options, procedures=PROCEDURES)
    check_way_of_secrets(plan, services)
    planned = [*plan.probes, *(skip.probe for skip in plan.skips)]
    check_globs(wishes.require, planned, option="--require")
    if not (wishes.only or wishes.skip or wishes.surface):  # a run that is narrowed by hand cannot hold them all
        check_globs(file.require, planned, option=f"'require' in {wishes.deployment or DEFAULT_FILE}:")
    return Chosen(
        plan=plan,
        services=services,
        profiles=loaded.profiles,
        require=(*file.require, *wishes.require),
        secrets=tuple(loaded.held.values()),
        run=run,
        started_at=datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        release=_release(file, services),
        source=loaded.source,
        refusal=refusal(loaded.profile, plan.services, loaded.env, overruled=wishes.profile is not None),
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


def load_deployment(path: str | None) -> tuple[DeploymentFile, Path]:
    """Load the named file, or prober.yaml where there is one; its own paths are relative to its folder."""
    if path is None and not Path(DEFAULT_FILE).is_file():
        return DeploymentFile(), Path()
    chosen = Path(DEFAULT_FILE if path is None else path)
    return parse_deployment(load_document(chosen)), chosen.parent


def _release(file: DeploymentFile, services: Mapping[str, Service]) -> ReleaseSource | None:
    named = file.release.service if file.release else None
    if named is not None and named not in services:
        fix = did_you_mean(named, services, otherwise="name a service of this deployment")
        raise UsageError(f"'release' names a service '{named}' that is not there", fix=fix)
    return file.release


def _waivers(wishes: Wishes, file: DeploymentFile, folder: Path) -> tuple[Waiver, ...]:
    if wishes.waivers is not None:
        return parse_waivers(load_document(Path(wishes.waivers)))
    return () if file.waivers is None else parse_waivers(load_document(folder / file.waivers))


def _beside(profile: str | None, folder: Path) -> str | None:
    """Find a profile that prober.yaml names by its file; a shipped one is a name and stays one."""
    return str(folder / profile) if profile is not None and is_file_name(profile) else profile


def _services(wishes: Wishes, file: DeploymentFile, env: EnvFile | None) -> dict[str, Service]:
    urls: dict[str, list[str]] = {}
    for name, url in file.services:
        urls.setdefault(name, []).append(url)
    if env is not None and not urls:
        urls = {name: [f"http://localhost:{port}"] for name, port in env.ports.items()}
    said: dict[str, list[str]] = {}
    for entry in wishes.service:
        name, equals, url = entry.partition("=")
        if not equals or not name:
            raise UsageError(f"--service '{entry}' is no NAME=URL", fix="write it as in --service api=https://host")
        said.setdefault(name, []).append(url)
    urls |= said
    urls |= {name: [url] for name, url in (("web", wishes.base_url), ("mcp", wishes.mcp_url)) if url is not None}
    if not urls:
        raise UsageError("no service is named", fix="give --base-url URL or --mcp-url URL, or write prober.yaml")
    return {service.name: service for name, origins in urls.items() for service in origins_of(name, origins)}
