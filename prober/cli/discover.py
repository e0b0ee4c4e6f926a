"""`prober discover`: routes that are there and that no probe covers, as a surface that is ready to be kept."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec, TypeVar
from urllib.parse import urlsplit

import click

from prober.app.load import load_deployment
from prober.audit.source.audit import audit_source
from prober.definitions.builtin import load_surfaces, surface_names
from prober.definitions.document import parse_plain
from prober.definitions.packs import ALL, shipped_that_count, surfaces_in
from prober.definitions.service import parse_service
from prober.discovery.coverage import compare, discovered_in
from prober.discovery.openapi import base_path, discovered_in_openapi
from prober.discovery.surface_yaml import render_gone, render_surface
from prober.errors import UsageError, did_you_mean, listed
from prober.model import Answered, ExitStatus, Request
from prober.report.redact import harmless
from prober.transport.network import Network, TlsSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from prober.discovery.coverage import Discovered
    from prober.model import Route, Surface

P = ParamSpec("P")
R = TypeVar("R")
MOST_BYTES = 8 * 1024 * 1024
_TIMEOUT = 10.0
_OK = 200

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
    found = audit_source(Path(folder), load_deployment(deployment)[0].source)
    return _show(discovered_in(found), (), found.base_path, f"The source in {folder}", options)


@command.command("openapi")
@click.argument("where", metavar="FILE|URL")
@click.option("--cacert", metavar="FILE", help="Trust the authorities in this file.")
@_shared
def openapi(where: str, cacert: str | None, **options: object) -> ExitStatus:
    """Look at a description by OpenAPI 3.0 or 3.1, in JSON or YAML; a URL is asked once, redirects are not followed."""
    text = _fetch(where, cacert) if where.startswith(("http://", "https://")) else _load(where)
    document = parse_plain(text, file=where)
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
    known = {surface.name: surface for surface in load_surfaces(own, shipped_names=shipped)}
    names_there = dict.fromkeys((*surface_names(), *known))
    for name in named:
        if name not in known and name != ALL:
            fix = did_you_mean(name, names_there, otherwise="name one of them")
            raise UsageError(f"no surface '{name}' ({listed(names_there)})", fix=fix)
    wanted = {*named, *surfaces_in(file.packs)}
    chosen = [surface for name, surface in known.items() if not named or name in wanted or ALL in named]
    return chosen, frozenset(name for name in named if name != ALL)


def _words(option: object) -> tuple[str, ...]:
    return tuple(str(word) for word in option) if isinstance(option, tuple) else ()


def _load(path: str) -> str:
    try:
        with Path(path).open("rb") as stream:
            raw = stream.read(MOST_BYTES + 1)
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}", fix="check the path and its permissions") from None
    return _text(raw, path)


def _text(raw: bytes, where: str) -> str:
    if len(raw) > MOST_BYTES:
        raise UsageError(f"{where} is larger than 8 MiB", fix="give a smaller description")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"{where}: byte 0x{raw[error.start]:02x} is not UTF-8", fix="save it as UTF-8") from None


def _fetch(url: str, cacert: str | None) -> str:
    """Ask once for a description, under the limits of every other request; no redirect is followed."""
    from prober.transport.daemon_threads import DaemonThreadPool  # noqa: PLC0415 - httpx costs 200 ms, which a file must not pay
    from prober.transport.http import Connection  # noqa: PLC0415 - the same

    parts = urlsplit(url)
    service = parse_service("openapi", f"{parts.scheme}://{parts.netloc}")
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if not target.isascii() or not target.isprintable() or " " in target:
        raise UsageError(f"'{url}' is no URL", fix="write it in printable ASCII")
    network = Network(services={service.name: service}, timeout=_TIMEOUT, tls=TlsSettings(cacert=cacert))
    context = network.tls.context() if service.scheme == "https" else None
    request = Request(
        service=service.name, method="GET", target=target,
        headers=(("User-Agent", "lockdown-prober (discovery)"), ("Accept", "application/json, application/yaml, */*")),
    )  # fmt: skip

    async def ask() -> str:
        asyncio.get_running_loop().set_default_executor(
            DaemonThreadPool()
        )  # a name that is looked up for ever must not hold us
        line = Connection(network, context, most_body=MOST_BYTES + 1)
        try:
            outcome = await line.exchange(request)
        finally:
            await line.close()
        if not isinstance(outcome, Answered):
            raise UsageError(f"no answer from {url}: {outcome.detail}", fix="check the URL, or give a file")
        if outcome.status != _OK:
            raise UsageError(
                f"{url} answered {outcome.status}", fix="give the URL of the description itself, or a file"
            )
        if not outcome.whole:
            raise UsageError(f"{url} is larger than 8 MiB, or was cut short", fix="give a file")
        return _text(outcome.body, url)

    return asyncio.run(ask())
