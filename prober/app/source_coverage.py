"""What a source has besides the probes: `--source` plans it too, guarded by default, and counts what had no probe."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from prober.audit.source.audit import audit_source
from prober.definitions.document import parse_document
from prober.definitions.surface import parse_surface
from prober.discovery.coverage import compare, discovered_in
from prober.discovery.surface_yaml import render_surface
from prober.errors import UsageError
from prober.model import SourceCoverage

if TYPE_CHECKING:
    from prober.definitions.deployment import ChosenSurfaces, DeploymentFile

SERVICE = "web"
NAME = "discovered"


def with_source(
    folder: str, file: DeploymentFile, chosen: ChosenSurfaces
) -> tuple[ChosenSurfaces, SourceCoverage]:  # fmt: skip
    """Add a surface of the routes that the source has and that no chosen surface knows; it must be there."""
    audit = audit_source(Path(folder), file.source, only_handlers=True)
    found = discovered_in(audit)
    if not found:
        raise UsageError(f"no route was found in {folder}", fix="name the folder of the application's source")
    coverage = compare(
        found, [route for surface in chosen.surfaces for route in surface.routes], base_path=audit.base_path
    )
    text = render_surface(coverage.unprobed, name=_free_name(chosen), about=f"Routes of {folder} that no probe knew.")
    coverage_of_source = SourceCoverage(
        folder=folder,
        known=len(coverage.known),
        unprobed=tuple(f"{one.name} ({one.file}:{one.line})" for one in coverage.unprobed),
        gone=tuple(route.name for route in coverage.gone if route.surface in chosen.declared),
    )
    if not text:
        return chosen, coverage_of_source
    surface = parse_surface(parse_document(text, file=f"{folder} (discovered)"))
    added = replace(
        chosen, surfaces=(*chosen.surfaces, surface), declared=chosen.declared | {surface.name}
    )  # fmt: skip
    return added, coverage_of_source


def _free_name(chosen: ChosenSurfaces) -> str:
    """A surface that was kept from an earlier discovery has the usual name."""
    taken = {surface.name for surface in chosen.surfaces}
    return next(name for name in (NAME, *(f"{NAME}-{n}" for n in range(2, len(taken) + 3))) if name not in taken)
