"""The routes that a repository tells of: an OpenAPI document, a framework's list of routes, a Next.js source."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from prober.app.description import load_description
from prober.audit.source.audit import audit_source
from prober.definitions.document import parse_plain
from prober.discovery.coverage import Discovered, discovered_in
from prober.discovery.listings import discovered_in_listing
from prober.discovery.openapi import discovered_in_openapi
from prober.discovery.surface_yaml import paths_of
from prober.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

_DOCUMENTS = (
    "openapi.json", "openapi.yaml", "openapi.yml", "docs/openapi.json", "docs/openapi.yaml", "api/openapi.yaml",
    "swagger.json",
)  # fmt: skip


def routes_of(
    home: Path, *, openapi: str | None, listing: str | None, cacert: str | None = None
) -> tuple[tuple[Discovered, ...], tuple[str, ...]]:
    """Give the routes of what is named, or of a document in the folder, and those of its Next.js source; and notes.

    `openapi` is a file or a URL, `listing` a file; `-` is standard input.
    """
    found: list[Discovered] = []
    notes: list[str] = []
    document = openapi or next((str(home / name) for name in _DOCUMENTS if (home / name).is_file()), None)
    if document is not None:
        text = parse_plain(load_description(document, cacert), file=document)
        routes, new_notes = discovered_in_openapi(text, file=document)
        found += routes
        notes += [f"{document}: {note}" for note in new_notes]
    if listing is not None:
        name = "the list of routes" if listing == "-" else listing
        routes, new_notes = discovered_in_listing(load_description(listing), file=name)
        if not routes:
            raise UsageError(f"{name} has no route", fix="give what a framework's command prints, such as flask routes")
        found += routes
        notes += new_notes
    return (*found, *_of_source(home, notes)), tuple(notes)


def _of_source(home: Path, notes: list[str]) -> list[Discovered]:
    if not (home / "package.json").is_file():
        return []
    try:
        routes = discovered_in(audit_source(home, only_handlers=True))
    except UsageError as error:
        notes.append(f"the source was not read: {error.what} ({error.fix})")
        return []
    return [replace(route, path=path) for route in routes for path in paths_of(route.path)]
