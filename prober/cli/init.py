"""`prober init`: a first prober.yaml for a repository, from what it finds, and what it did not understand."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import click

from prober.app.options import SendOptions
from prober.bounded_read import read_bounded
from prober.cli import completers
from prober.cli.learn import SOURCES, GivenSources, lesson_of, lines_of
from prober.cli.options import and_these
from prober.cli.read_options import read_options
from prober.cli.saved import save
from prober.definitions.builtin import load_surfaces
from prober.definitions.deployment import parse_deployment
from prober.definitions.document import parse_document
from prober.definitions.service import parse_service
from prober.definitions.shipped import DEFAULT_FILE
from prober.definitions.surface import parse_surface
from prober.environment.env_file import load_env_file
from prober.errors import UsageError
from prober.model import ExitStatus
from prober.model.origin import is_loopback
from prober.report.redact import harmless

if TYPE_CHECKING:
    from prober.audit.source.audit import SourceAudit
    from prober.discovery.coverage import Coverage
    from prober.model import Surface

_ENV_FILES = (".env", ".env.production", ".env.local")
_PROBES = Path("lockdown") / "probes"
_GUESS = "oauth"
_MCP = ("@modelcontextprotocol/sdk", "fastmcp", "mcp-handler")
_MOST_MANIFESTS = 50
_MOST_BYTES = 1024 * 1024
_SKIPPED = frozenset({"node_modules", ".next", ".git", "dist", "build"})


@dataclass(slots=True, kw_only=True)
class RepositoryFindings:
    """What was found in a repository, and what could not be understood."""

    profile: str | None = None
    services: dict[str, str] = field(default_factory=dict)
    surfaces: list[str] = field(default_factory=list)
    discovered: str = ""
    notes: list[str] = field(default_factory=list)
    puzzles: list[str] = field(default_factory=list)


@click.command("init")
@click.argument("folder", metavar="[DIR|URL]", default=".", shell_complete=completers.files)
@click.option("--base-url", metavar="URL", help="Where the application is, once it is deployed.")
@click.option("--mcp-url", metavar="URL", help="Where its MCP server is.")
@and_these(*SOURCES)
@click.option("--force", is_flag=True, help="Replace the files that are there.")
def command(folder: str, base_url: str | None, mcp_url: str | None, *, force: bool, **given: object) -> int:
    """Write a first prober.yaml for the application at URL or the repository in DIR, and say what was not understood.

    A running application is asked once, as `prober learn` does, what each route answers without credentials. That is
    the promise until you correct it; what is open to anyone comes first. Its routes come from an OpenAPI document, a
    list of routes, a Next.js source, and what the application itself links to.
    """
    given_sources = read_options(GivenSources, given)
    url = folder if folder.startswith(("http://", "https://")) else base_url
    if folder == url or (url is not None and (given_sources.openapi or given_sources.routes)):
        return _from_running(url, Path() if folder == url else Path(folder), given_sources, mcp_url, force=force)
    if given_sources.openapi or given_sources.routes:
        raise UsageError("where the application runs is not known", fix="give its URL: prober init URL, or --base-url")
    return _from_repository(folder, base_url, mcp_url, force=force)


def _from_running(url: str, home: Path, given_sources: GivenSources, mcp_url: str | None, *, force: bool) -> ExitStatus:
    """Write what a running deployment answers."""
    from prober.app.learn import NoVerdictError  # noqa: PLC0415 - see below
    from prober.app.learned_files import McpService, check_free, files_of, mcp_service, require_something  # noqa: PLC0415 - httpx costs 150 ms

    if not force:
        check_free(home)
    lesson = lesson_of(url, home, given_sources, SendOptions())
    if lesson is None:
        return ExitStatus.NO_VERDICT
    address = parse_service("web", url).url
    try:
        if mcp_url is None:
            require_something(lesson, address)
        spoken = mcp_service(address, lesson.mcp.path) if lesson.mcp else None
        files = files_of(lesson, url=address, mcp=McpService(url=mcp_url) if mcp_url else spoken)
    except NoVerdictError as error:
        click.echo(f"NO VERDICT: {error.what}\n  fix: {error.fix}", err=True)
        return ExitStatus.NO_VERDICT
    files.parsed()
    save(files, home, force=force)
    click.echo("\n".join(harmless(line) for line in (*lines_of(lesson), "next: prober run")))
    return ExitStatus.LOCKED


def _from_repository(folder: str, base_url: str | None, mcp_url: str | None, *, force: bool) -> ExitStatus:
    """Write what the source in a repository shows."""
    home = Path(folder)
    if not home.is_dir():
        raise UsageError(f"no folder '{folder}'", fix="name the repository's folder")
    file, kept = home / DEFAULT_FILE, home / _PROBES / "discovered.yaml"
    taken = [path for path in (file, kept) if path.exists()]
    if taken and not force:
        raise UsageError(f"{taken[0]} is there already", fix="edit it, or give --force to replace it")
    found = RepositoryFindings()
    _look_at_env(home, found)
    _look_at_source(home, found)
    _look_for_mcp(home, found)
    for name, url in (("web", base_url), ("mcp", mcp_url)):
        if url is not None:
            parse_service(name, url)
            found.services[name] = url
    text = _text(found)
    parse_deployment(parse_document(text, file=str(file)))
    if found.discovered:
        parse_surface(parse_document(found.discovered, file=str(kept)))
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(found.discovered, encoding="utf-8")
    file.write_text(text, encoding="utf-8")
    _say(found, file, kept)
    return ExitStatus.LOCKED


def _look_at_env(home: Path, found: RepositoryFindings) -> None:
    """Take the mode and the ports from the first .env; without one the mode is a guess."""
    name = next((name for name in _ENV_FILES if (home / name).is_file()), None)
    ports = {"web": 3000}
    if name is None:
        found.puzzles.append(f"no .env: the profile '{_GUESS}' is a guess ('prober plan --help' says which there are)")
    else:
        env = load_env_file(home / name)
        found.profile, ports = env.mode, dict(env.ports)
        found.notes.append(f"profile {env.mode}, as {name} says")
        found.puzzles += [f"{name}: {wrong}" for wrong in (env.conflict, env.trap) if wrong]
    found.services["web"] = f"http://localhost:{ports['web']}"
    found.services["mcp"] = f"http://localhost:{ports.get('mcp', 3100)}"


def _look_at_source(home: Path, found: RepositoryFindings) -> None:
    """Choose the shipped surfaces whose routes the source has, and make one of its own of all the rest."""
    from prober.audit.source.audit import audit_source  # noqa: PLC0415 - the same
    from prober.discovery.coverage import compare, discovered_in  # noqa: PLC0415 - the parser costs 100 ms
    from prober.discovery.surface_yaml import render_surface  # noqa: PLC0415 - the same

    try:
        audit = audit_source(home, only_handlers=True)
    except UsageError as error:
        found.puzzles.append(f"the source was not read: {error}".replace("\n  fix: ", "; "))
        return
    routes = discovered_in(audit)
    if not routes:
        found.puzzles.append("no Next.js routes: name the surfaces that must be there under 'surfaces'")
        return
    shipped = [surface for surface in load_surfaces() if not surface.by_name_only]
    compared = {surface.name: compare(routes, surface.routes) for surface in shipped}
    whole = {name for name, one in compared.items() if one.probed and not (one.gone or one.caught)}
    found.surfaces = sorted(whole)
    found.notes.append(f"{len(routes)} routes in {audit.files} source files")
    parts = sorted(
        surface.name for surface in shipped if surface.name not in whole and _has_one(surface, compared[surface.name])
    )
    if parts:
        found.puzzles.append(f"only some routes of {', '.join(parts)} are in the source: not required to be there")
    chosen = [route for surface in shipped if surface.name in whole for route in surface.routes]
    left = compare(routes, chosen).unprobed
    found.discovered = render_surface(
        left, name="discovered", about="Routes of this source that no shipped probe knows."
    )
    if left:
        found.surfaces.append("discovered")
        found.notes.append(
            f"{len(left)} of them are in no shipped surface: {_PROBES / 'discovered.yaml'}, guarded by default"
        )
    _puzzles_of(audit, found)


def _has_one(surface: Surface, compared: Coverage) -> bool:
    """Say whether the source serves a route of a surface by a route of its own."""
    missing = {*compared.gone, *compared.caught}
    return any(route.service == "web" and route not in missing for route in surface.routes)


def _puzzles_of(audit: SourceAudit, found: RepositoryFindings) -> None:
    unsure = [door for door in audit.handlers if door.status == "unknown" and not door.public]
    open_ = [door for door in audit.handlers if door.status == "unguarded" and not door.public]
    if unsure:
        named = ", ".join(door.name for door in unsure[:3])
        found.puzzles.append(f"handlers whose guard is not clear: {len(unsure)} ({named}): prober audit source")
    if open_:
        named = ", ".join(door.name for door in open_[:3])
        found.puzzles.append(f"handlers that pass no guard: {len(open_)} ({named}): prober audit source")


def _look_for_mcp(home: Path, found: RepositoryFindings) -> None:
    """An MCP server is known by what its manifest depends on."""
    manifests = [
        path
        for pattern in ("package.json", "*/package.json", "*/*/package.json", "pyproject.toml", "*/pyproject.toml")
        for path in sorted(home.glob(pattern))
        if not _SKIPPED & set(path.relative_to(home).parts)
    ][:_MOST_MANIFESTS]
    texts = [read_bounded(path, _MOST_BYTES).decode("utf-8", "replace") for path in manifests]
    name = next((name for text in texts for name in _MCP if f'"{name}' in text), None)
    if name is None:
        del found.services["mcp"]
    else:
        found.notes.append(f"an MCP server (it depends on {name})")
        found.surfaces += ["mcp", "mcp-health"]


def _text(found: RepositoryFindings) -> str:
    lines = [f"profile: {found.profile or _GUESS}", "services:"]
    lines += [f"  {name}: {json.dumps(url)}" for name, url in found.services.items()]
    if found.surfaces:
        lines += ["surfaces:  # these must be there"]
        lines += [f"  - {name}" for name in found.surfaces]
    if found.discovered:
        lines += [f"probes: [./{_PROBES.as_posix()}]"]
    return "\n".join(lines) + "\n"


def _say(found: RepositoryFindings, file: Path, kept: Path) -> None:
    click.echo(f"wrote {harmless(str(file))}" + (f" and {harmless(str(kept))}" if found.discovered else ""))
    for text in found.notes:
        click.echo(f"  {harmless(text)}")
    if any(is_loopback(parse_service(name, url).host) for name, url in found.services.items()):
        found.puzzles.append("the URLs are of this machine: put the deployment's own under 'services'")
    if found.puzzles:
        click.echo("\nnot understood:")
        for text in found.puzzles:
            click.echo(f"  {harmless(text)}")
    click.echo(f"\nnext: prober plan --deployment {harmless(str(file))}")
