"""From what the user gave (options, environment, prober.yaml, .env) to all that a plan is made of."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field, replace
from os.path import lexists
from pathlib import Path
from typing import TYPE_CHECKING

from prober.app.definition_cache import DefinitionCache
from prober.app.destinations import check_sources_below
from prober.app.secrets import read_held, without_given
from prober.definitions import inventory
from prober.definitions.deployment import ChosenSurfaces, DeploymentFile, choose_surfaces, joined, parse_deployment
from prober.definitions.document import load_document
from prober.definitions.mcp_path import at_mcp_path
from prober.definitions.node import words_of
from prober.definitions.packs import shipped_that_count, surfaces_in
from prober.definitions.service import origins_of
from prober.definitions.shipped import DEFAULT_FILE, is_file_name, surface_names
from prober.definitions.waivers import parse_waivers
from prober.environment.env_file import EnvFile, load_env_file
from prober.errors import DefinitionError, Mistakes, UsageError, listed, with_mistakes_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from prober.app.options import ProbeOptions
    from prober.definitions.node import Node
    from prober.model import Inventory, Profile, Service, SourceCoverage, Surface, Waiver


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedDeployment:
    """All that a plan is made of; nothing is read from disk after it."""

    options: ProbeOptions
    file: DeploymentFile
    env: EnvFile | None
    services: Mapping[str, Service]
    profile: Profile
    profiles: Mapping[str, Profile]
    surfaces: ChosenSurfaces
    held: Mapping[str, str] = field(repr=False)
    waivers: tuple[Waiver, ...]
    source: SourceCoverage | None
    inventory: Inventory | None = None  # which routes may be missing
    notes: tuple[str, ...] = ()  # on how it is reached
    named: frozenset[str] = frozenset()  # the services whose URL an option gave
    required_by: Profile | None = None  # the profile that prober.yaml names, where the run has another one


def load(options: ProbeOptions) -> LoadedDeployment:
    """Load what is named, prober.yaml where there is one, and check it against each other; the option wins."""
    return load_from(options, *load_deployment(options.deployment))


def load_from(
    options: ProbeOptions, file: DeploymentFile, folder: Path, *, held: Mapping[str, str] | None = None,
    library: DefinitionCache | None = None,
) -> LoadedDeployment:  # fmt: skip
    """Load what these options and this deployment name, whose own paths are relative to the folder.

    Held secrets are read from where the options say that they are kept, unless they are given. Definitions come from
    the library, where there is one.
    """
    library = library or DefinitionCache()
    env = load_env_file(Path(options.env_file)) if options.env_file is not None else None
    services = _services(options, file, env)
    profiles = library.shipped_profiles()
    name = options.profile if options.profile is not None else env.mode if env else profile_path(file.profile, folder)
    if name is None:
        fix = "give --profile NAME, or --env-file FILE to read the mode from"
        raise UsageError(f"no profile given ({listed(profiles)})", fix=fix)
    chosen = options.surface or file.surfaces
    try:
        profile = profiles.get(name) or library.profile(name)
    except DefinitionError as error:
        raise with_mistakes_of(error, lambda: counting_surfaces(file, folder, library, named=chosen)) from None
    kinds = {service.kind for service in services.values()}
    packed = surfaces_in(file.packs)
    surfaces = choose_surfaces(chosen, counting_surfaces(file, folder, library, named=chosen), kinds, packed=packed)
    if options.surface and file.require:  # what must be locked may be on the others
        known = counting_surfaces(file, folder, library, named=file.surfaces)
        surfaces = joined(surfaces, choose_surfaces(file.surfaces, known, kinds, packed=packed))
    surfaces = replace(surfaces, surfaces=at_mcp_path(surfaces.surfaces, file.mcp_path))
    modes = profiles if profile.name in profiles or uses_shipped(file, surfaces.surfaces, named=chosen) else {}
    source = None
    if options.source is not None:
        from prober.app.source_coverage import with_source  # noqa: PLC0415 - the parser of sources costs 100 ms

        surfaces, source = with_source(options.source, file, surfaces)
    if held is None:
        check_sources_below(without_given(file.hold, options.hold), folder)
        held = read_held((*options.hold, *without_given(file.hold, options.hold)))
    return LoadedDeployment(
        options=options, file=file, env=env, services=services, profile=profile, profiles=modes, surfaces=surfaces,
        held=held, waivers=_waivers(options, file, folder), source=source, inventory=load_inventory(folder),
        notes=_unused(options, file), named=_named(options, file),
        required_by=_profile_of(file, folder, profile, profiles, library) if file.require else None,
    )  # fmt: skip


def load_deployment(path: str | None) -> tuple[DeploymentFile, Path]:
    """Load the named file, or prober.yaml where there is one; its own paths are relative to its folder."""
    # A dangling link is not an absent file: its 'require' would be lost in silence.
    if path is None and not lexists(DEFAULT_FILE):
        return DeploymentFile(), Path()
    chosen = Path(DEFAULT_FILE if path is None else path)
    root = load_document(chosen)
    try:
        return parse_deployment(root), chosen.parent
    except DefinitionError as error:
        raise with_mistakes_of(error, lambda: _read_what_it_names(root, chosen.parent)) from None


def _read_what_it_names(root: Node, folder: Path) -> None:
    """Read the profile and the surfaces that a file names, for their mistakes, whatever else is wrong with it."""
    library, mistakes, fields = DefinitionCache(), Mistakes(), root.merged()
    with suppress(UsageError), mistakes.of_part():
        profile = fields["profile"].word(of="'profile'") if "profile" in fields else ""
        if is_file_name(profile):
            library.profile(str(folder / profile))
    with suppress(UsageError), mistakes.of_part():
        library.surfaces((folder / path for path in words_of(fields, "probes")), only=frozenset())
    mistakes.raise_any()


def counting_surfaces(
    file: DeploymentFile, folder: Path, library: DefinitionCache, *, named: tuple[str, ...]
) -> tuple[Surface, ...]:
    """Load the deployment's own surfaces, and the shipped ones that count: those that are named, or that a pack names.

    Where nothing is named and there are none of its own, all shipped ones count.
    """
    shipped = shipped_that_count(named, file.packs, has_own=bool(file.probes))
    return library.surfaces((folder / path for path in file.probes), only=shipped)


def uses_shipped(file: DeploymentFile, surfaces: Iterable[Surface], *, named: tuple[str, ...]) -> bool:
    """Say whether one of these is a shipped surface: only then may the shipped profiles be the deployment's modes."""
    shipped = shipped_that_count(named, file.packs, has_own=bool(file.probes))
    names = surface_names() if shipped is None else shipped.intersection(surface_names())
    return any(surface.name in names for surface in surfaces)  # an own one cannot have the name of one that counts


def load_inventory(folder: Path) -> Inventory | None:
    """Load the inventory beside a prober.yaml, if there is one."""
    path = folder / inventory.FILE
    return inventory.parse_inventory(load_document(path)) if lexists(path) else None


def _waivers(options: ProbeOptions, file: DeploymentFile, folder: Path) -> tuple[Waiver, ...]:
    if options.waivers is not None:
        return parse_waivers(load_document(Path(options.waivers)))
    return () if file.waivers is None else parse_waivers(load_document(folder / file.waivers))


def profile_path(profile: str | None, folder: Path) -> str | None:
    """Find a profile that prober.yaml names by its file; a shipped one is a name and stays one."""
    return str(folder / profile) if profile is not None and is_file_name(profile) else profile


def _profile_of(
    file: DeploymentFile, folder: Path, profile: Profile, profiles: Mapping[str, Profile], library: DefinitionCache
) -> Profile | None:
    """Give the profile that prober.yaml names; None where the run has that one, or it names none."""
    name = profile_path(file.profile, folder)
    if name is None or name == profile.name:
        return None
    return profiles.get(name) or library.profile(name)


def _unused(options: ProbeOptions, file: DeploymentFile) -> tuple[str, ...]:
    """Say which bare variables name a service in vain."""
    names = sorted(options.origins[option] for option in options.yielding if file.services)
    if not names:
        return ()
    are = "is" if len(names) == 1 else "are"
    instead = " and ".join(f"PROBER_{name}" for name in names)
    return (
        f"{' and '.join(names)} in the environment {are} not used: prober.yaml names the services ({instead} wins)",
    )


def _named(options: ProbeOptions, file: DeploymentFile) -> frozenset[str]:
    """Name the services that are where an option says."""
    unused = options.yielding if file.services else frozenset()
    single = (("web", "base_url", options.base_url), ("mcp", "mcp_url", options.mcp_url))
    names = {name for name, option, url in single if url is not None and option not in unused}
    return frozenset(names | {entry.partition("=")[0] for entry in options.service})


def _services(options: ProbeOptions, file: DeploymentFile, env: EnvFile | None) -> dict[str, Service]:
    urls: dict[str, list[str]] = {}
    for name, url in file.services:
        urls.setdefault(name, []).append(url)
    if env is not None and not urls:
        urls = {name: [f"http://localhost:{port}"] for name, port in env.ports.items()}
    urls_by_service: dict[str, list[str]] = {}
    for entry in options.service:
        name, equals, url = entry.partition("=")
        if not equals or not name:
            raise UsageError(f"--service '{entry}' is not NAME=URL", fix="write it as in --service api=https://host")
        urls_by_service.setdefault(name, []).append(url)
    urls |= urls_by_service
    single = (("web", "base_url", options.base_url), ("mcp", "mcp_url", options.mcp_url))
    unused = options.yielding if file.services else frozenset()
    urls |= {name: [url] for name, option, url in single if url is not None and option not in unused}
    if not urls:
        raise UsageError("no service is named", fix="give --base-url URL or --mcp-url URL, or write prober.yaml")
    behind = dict(file.behind)
    return {
        service.name: replace(service, behind=behind.get(name))
        for name, origins in urls.items()
        for service in origins_of(name, origins)
    }
