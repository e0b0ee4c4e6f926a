"""`prober discover`: routes that are there and that no probe covers, as a surface that is ready to be kept."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec, TypeVar

import click

from prober.app.description import load_description
from prober.app.load import load_deployment
from prober.audit.source.audit import audit_source
from prober.definitions.builtin import load_surfaces
from prober.definitions.document import parse_plain
from prober.definitions.packs import ALL, shipped_that_count, surfaces_in
from prober.definitions.shipped import surface_names
from prober.discovery.coverage import compare, discovered_in
from prober.discovery.openapi import base_path, discovered_in_openapi
from prober.discovery.surface_yaml import render_gone, render_surface
from prober.errors import UsageError, did_you_mean, listed
from prober.model import ExitStatus
from prober.report.redact import harmless

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from prober.discovery.coverage import Discovered
    from prober.model import Route, Surface

P = ParamSpec("P")
R = TypeVar("R")

_OPTIONS = (
    click.option("--deployment", metavar="FILE", help="What is probed [default: ./prober.yaml, if there]."),
    click.option("--surface", metavar="NAME", multiple=True, help="A surface that counts as probed; 'all' for all."),
    click.option("--probes", metavar="DIR", multiple=True, help="A further folder of surfaces."),
    click.option("--service", metavar="NAME", default="web", show_default=True, help="The service that is looked at."),
    click.option("--name", metavar="NAME", default="discovered", show_default=True, help="What the surface is called."),
    click.option("--check", is_flag=True, help="Exit 1 where a route has no probe."),
)


def _shared(function: Callable[P, R]) -> Callable[P, R]:
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


@click.group("discover")
def command() -> None:
    """Print the routes that no probe covers, as a surface that is ready to be kept.

    Guarded by default: look at each guard before you keep it. Exit status: 0 printed, 1 with --check where a route has
    no probe, 2 no route was found at all.
    """


@command.command("nextjs")
@click.argument("folder", metavar="DIR")
@_shared
def nextjs(folder: str, **options: object) -> ExitStatus:
    """Look at the routes and pages of a Next.js source."""
    deployment = None if options["deployment"] is None else str(options["deployment"])
    found = audit_source(Path(folder), load_deployment(deployment)[0].source, only_handlers=True)
    return _show(discovered_in(found), (), found.base_path, f"The source in {folder}", options)


@command.command("openapi")
@click.argument("where", metavar="FILE|URL")
@click.option("--cacert", metavar="FILE", help="Trust the authorities in this file.")
@_shared
def openapi(where: str, cacert: str | None, **options: object) -> ExitStatus:
    """Look at a description by OpenAPI 3.0 or 3.1, in JSON or YAML; a URL is asked once, redirects are not followed."""
    document = parse_plain(load_description(where, cacert), file=where)
    found, notes = discovered_in_openapi(document, file=where)
    return _show(found, notes, base_path(document), f"The description {where}", options)


def _show(
    found: tuple[Discovered, ...], notes: Iterable[str], base: str, where: str, options: dict[str, object]
) -> ExitStatus:
    surfaces, declared = _surfaces(options)
    routes = [route for surface in surfaces for route in surface.routes]
    coverage = compare(found, routes, service=str(options["service"]), base_path=base)
    gone: list[Route] = [route for route in coverage.gone if route.surface in declared]
    lines = [
        f"# {where} has {len(found)} routes: {len(coverage.probed)} have a probe, {len(coverage.unprobed)} have none."
    ]
    lines += [f"# They are served below {base}: give that with the service's URL."] if base else []
    lines += [f"# note: {note}" for note in notes]
    about = "Routes that were found and that no probe covered."
    surface = render_surface(coverage.unprobed, name=str(options["name"]), about=about)
    text = "\n".join(lines) + "\n" + surface + ("\n" if surface and gone else "") + render_gone(gone)
    click.echo("\n".join(harmless(line) for line in text.split("\n")), nl=False)
    if not found:
        return ExitStatus.NO_VERDICT
    return ExitStatus.LEAK if options["check"] and coverage.unprobed else ExitStatus.LOCKED


def _surfaces(options: dict[str, object]) -> tuple[list[Surface], frozenset[str]]:
    """Give the surfaces that count as probed, and the names of those whose routes must be in the source."""
    file, home = load_deployment(None if options["deployment"] is None else str(options["deployment"]))
    named = _words(options["surface"]) or file.surfaces
    own = [home / path for path in file.probes] + [Path(path) for path in _words(options["probes"])]
    shipped = shipped_that_count(named, file.packs, has_own=True)  # of another application's, none counts unnamed
    known = {surface.name: surface for surface in load_surfaces(own, only=shipped)}
    names_there = dict.fromkeys((*surface_names(), *known))
    for name in named:
        if name not in known and name != ALL:
            fix = did_you_mean(name, names_there, otherwise="choose one of these")
            raise UsageError(f"no surface '{name}' ({listed(names_there)})", fix=fix)
    wanted = {*named, *surfaces_in(file.packs)}
    chosen = [surface for name, surface in known.items() if not named or name in wanted or ALL in named]
    return chosen, frozenset(name for name in named if name != ALL)


def _words(option: object) -> tuple[str, ...]:
    return tuple(str(word) for word in option) if isinstance(option, tuple) else ()
