"""Loads a fleet: its own file, the prober.yaml files and the targets that it names."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from prober.definitions.document import load_document
from prober.definitions.fleet import FleetFile, parse_fleet
from prober.definitions.service import parse_service
from prober.definitions.shipped import is_file_name
from prober.errors import DefinitionError, UsageError
from prober.fleet.files import files_matching
from prober.fleet.inventory import Inventory, Member, check_members, choose
from prober.fleet.names import hold_of, name_of, uses_name
from prober.fleet.targets import load_targets
from prober.model import Depth

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prober.app.definition_cache import DefinitionCache
    from prober.definitions.fleet import FleetEntry
    from prober.fleet.inventory import Shard

    Labels = dict[str, str]


def load_inventory(
    path: Path,
    library: DefinitionCache,
    *,
    only: tuple[str, ...] = (),
    labels: tuple[str, ...] = (),
    shard: Shard | None = None,
) -> Inventory:
    """Load the fleet of this file with all of its deployments, and choose those that a run is for."""
    file = parse_fleet(load_document(path))
    members = check_members(
        member for entry in file.entries for member in _Entry(entry, file, path.parent, library).members()
    )
    return Inventory(
        fleet=file.name,
        members=members,
        chosen=choose(members, only=only, labels=labels, shard=shard),
        hosts=file.hosts,
        at_least=file.at_least,
    )


class _Entry:
    """One entry of a fleet, with what its deployments take from the defaults."""

    def __init__(self, entry: FleetEntry, file: FleetFile, folder: Path, library: DefinitionCache) -> None:
        self._entry, self._defaults, self._folder, self._library = entry, file.defaults, folder, library

    def members(self) -> Iterator[Member]:
        """Give the deployments that the entry names or lists."""
        entry = self._entry
        if entry.files is not None:
            yield from self._of_files(entry.files)
        elif entry.sd is not None:
            yield from self._of_targets(entry.sd)
        else:
            services = tuple(f"{name}={url}" for name, url in entry.services)
            yield self._member(entry.name or "", dict(entry.labels), self._deployment(), services)

    def _of_files(self, pattern: str) -> Iterator[Member]:
        for path in files_matching(self._folder, pattern, source=self._entry.source):
            labels = {"folder": Path(path).resolve().parent.name, **dict(self._entry.labels)}
            name = name_of(self._entry.name or "{folder}", labels, source=self._entry.source)
            yield self._member(name, labels, path, ())

    def _of_targets(self, where: str) -> Iterator[Member]:
        for url, target_labels in load_targets(where, self._folder):
            labels = {**target_labels, **dict(self._entry.labels)}
            name = name_of(self._entry.name or "{instance}", labels, source=self._entry.source)
            yield self._member(name, labels, self._deployment(), (f"{self._entry.service}={url}",))

    def _deployment(self) -> str | None:
        named = self._entry.deployment or self._defaults.deployment
        return None if named is None else str(self._folder / named)

    def _member(self, name: str, labels: Labels, deployment: str | None, services: tuple[str, ...]) -> Member:
        entry, defaults = self._entry, self._defaults
        file = self._library.deployment(Path(deployment)) if deployment is not None else None
        own = {secret.partition("=")[0] for secret in entry.hold}
        templates = (*entry.hold, *(one for one in defaults.hold if one.partition("=")[0] not in own))
        is_listed = entry.files is not None or entry.sd is not None
        hold = hold_of(templates, name=name, labels=labels, source=entry.source, is_listed_elsewhere=is_listed)
        profile = entry.profile or defaults.profile
        depth = entry.depth or defaults.depth or (file.depth if file else None) or Depth.QUICK
        held_by_file = tuple(one for one in (file.hold if file else ()) if one.partition("=")[0] not in {
            secret.partition("=")[0] for secret in hold
        })  # fmt: skip
        return Member(
            name=name,
            source=entry.source,
            labels=tuple(sorted(labels.items())),
            deployment=deployment,
            services=services,
            urls=self._urls(services, file.services if file else ()),
            profile=str(self._folder / profile) if profile is not None and is_file_name(profile) else profile,
            depth=depth,
            hold=hold,
            held_by_file=held_by_file,
            named=() if is_listed else tuple(name for name, _ in entry.services),
            own_hold=tuple(one for one, template in zip(hold, templates, strict=True) if uses_name(template)),
        )

    def _urls(self, services: tuple[str, ...], of_file: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
        """Give every origin, as the run will have them; a URL that is none is an error at the entry's line."""
        given = [(name, url) for name, _, url in (service.partition("=") for service in services)]
        named = {name for name, _ in given}
        every = [*given, *((name, url) for name, url in of_file if name not in named)]
        if not every:
            what = "a deployment has no service"
            raise DefinitionError(what, fix="give 'services:', here or in its prober.yaml", source=self._entry.source)
        for name, url in every:
            try:
                parse_service(name, url)
            except UsageError as error:
                raise DefinitionError(error.what, fix=error.fix, source=self._entry.source) from None
        return tuple(url for _, url in every)
