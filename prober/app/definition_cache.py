"""Loads definitions from disk, each once: a fleet's many deployments share most of theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.definitions.builtin import ShippedProfiles, load_profile, load_surfaces
from prober.definitions.deployment import DeploymentFile, parse_deployment
from prober.definitions.document import load_document
from prober.plan.credential_names import credential_names

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from prober.model import Profile, Surface


class DefinitionCache:
    """Definitions as they were when they were first asked for; a new cache reads everything anew."""

    def __init__(self) -> None:
        """Read nothing yet."""
        self._deployments: dict[Path, DeploymentFile] = {}
        self._profiles: dict[str, Profile] = {}
        self._shipped = ShippedProfiles(credentials=credential_names())
        self._surfaces: dict[tuple[tuple[Path, ...], frozenset[str] | None], tuple[Surface, ...]] = {}

    def deployment(self, path: Path) -> DeploymentFile:
        """Give a prober.yaml."""
        if path not in self._deployments:
            self._deployments[path] = parse_deployment(load_document(path))
        return self._deployments[path]

    def profile(self, name: str) -> Profile:
        """Give a profile, by the name of a shipped one or by its file."""
        if name not in self._profiles:
            self._profiles[name] = load_profile(name, credentials=credential_names())
        return self._profiles[name]

    def shipped_profiles(self) -> Mapping[str, Profile]:
        """Give the shipped profiles by their names."""
        return self._shipped

    def surfaces(self, folders: Iterable[Path], *, only: frozenset[str] | None = None) -> tuple[Surface, ...]:
        """Give the shipped surfaces (of these names alone, where `only` is given) and those in these folders."""
        key = tuple(folders), only
        if key not in self._surfaces:
            self._surfaces[key] = load_surfaces(key[0], only=only)
        return self._surfaces[key]
