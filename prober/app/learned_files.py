"""The three files of a deployment that was learned: prober.yaml, a profile and a surface, each read back strictly."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from prober.app.learn import Lesson, NoVerdictError
from prober.definitions.builtin import load_profile, load_starter
from prober.definitions.deployment import ChosenSurfaces, DeploymentFile, parse_deployment
from prober.definitions.document import parse_document
from prober.definitions.mcp_path import USUAL
from prober.definitions.profile import parse_profile
from prober.definitions.surface import parse_surface
from prober.discovery.common_paths import HEALTH
from prober.discovery.learned import guard_of, with_guards
from prober.discovery.profile_yaml import render_profile
from prober.discovery.surface_yaml import render_surface
from prober.errors import UsageError
from prober.plan.credential_names import credential_names

if TYPE_CHECKING:
    from prober.definitions.node import Node
    from prober.model import Profile, Surface

DEPLOYMENT, PROFILE, SURFACES = Path("prober.yaml"), Path("lockdown/profile.yaml"), Path("lockdown/surfaces")
NAME = "app"
MODE = "learned"  # the name of its profile
MCP_SURFACES = ("mcp",)
_SCHEMA_FOLDER = ".lockdown"  # where docs/editors.md says that `prober schema` is written to
_BASE_OF_MCP = "oauth"  # the shipped profile whose guards the shipped surface of MCP names


@dataclass(frozen=True, slots=True, kw_only=True)
class LearnedFiles:
    """A deployment in three files, as texts and as what the strict readers make of them."""

    deployment: str
    profile: str
    surface: str | None  # None where nothing but MCP is served
    name: str

    def texts(self) -> dict[Path, str]:
        """Give each file's text by its path beside the code, with the line by which editors check it."""
        own = {} if self.surface is None else {SURFACES / f"{self.name}.yaml": self.surface}
        return {
            DEPLOYMENT: _modeline("deployment", up="") + self.deployment,
            PROFILE: _modeline("profile", up="../") + self.profile,
            **{path: _modeline("surface", up="../../") + text for path, text in own.items()},
        }

    def parsed(self) -> tuple[DeploymentFile, Profile, tuple[Surface, ...]]:
        """Read them, as a run would."""

        def base(node: Node) -> Profile:
            return load_profile(node.word(of="'extends'"), credentials=credential_names())

        def starter() -> Profile:
            return load_starter(credentials=credential_names())

        document = parse_document(self.profile, file="the learned profile")
        profile = parse_profile(document, base=base, starter=starter, credentials=credential_names())
        texts = () if self.surface is None else (self.surface,)
        surfaces = tuple(parse_surface(parse_document(text, file="the learned surface")) for text in texts)
        return parse_deployment(parse_document(self.deployment, file=str(DEPLOYMENT))), profile, surfaces

    def write(self, home: Path, *, force: bool) -> tuple[Path, ...]:
        """Write all three; none, and an error, where one is there already and may not be replaced."""
        if not force:
            check_free(home)
        for path, text in self.texts().items():
            (home / path).parent.mkdir(parents=True, exist_ok=True)
            (home / path).write_text(text, encoding="utf-8")
        return tuple(self.texts())


def check_free(home: Path) -> None:
    """Refuse to replace a file that is there."""
    taken = [path for path in (DEPLOYMENT, PROFILE, SURFACES / f"{NAME}.yaml") if (home / path).exists()]
    if taken:
        raise UsageError(f"{home / taken[0]} is there already", fix="edit it, or give --force to replace it")


@dataclass(frozen=True, slots=True, kw_only=True)
class McpService:
    """Where MCP is spoken: the URL of the service, and the path of the endpoint below it."""

    url: str
    path: str = USUAL


def mcp_service(url: str, path: str) -> McpService:
    """Give the service whose endpoint is this path of a URL: one that ends in /mcp needs no path of its own."""
    usual = path.endswith(USUAL)
    return McpService(url=url + path.removesuffix(USUAL)) if usual else McpService(url=url, path=path)


def require_something(lesson: Lesson, url: str) -> None:
    """Raise NoVerdictError where nothing but a health route was found: a green gate of it would prove nothing."""
    if lesson.mcp or any(entry.route.path not in HEALTH for entry in lesson.learned if guard_of(entry)):
        return
    raise _nothing_found(lesson, url)


def _nothing_found(lesson: Lesson, url: str) -> NoVerdictError:
    found = [f"{entry.route.name} {entry.answer.detail}" for entry in lesson.learned if guard_of(entry)]
    front = [f"its front page {entry.answer.detail}" for entry in lesson.learned if entry.route.path == "/"]
    what = f"no route was found at {url} that a guard could be for: {', '.join(found or front)}"
    return NoVerdictError(what, fix="name routes (--openapi, --routes, --deny), or start the application first")


def files_of(lesson: Lesson, *, url: str, mcp: McpService | None, mode: str = MODE) -> LearnedFiles:
    """Make the files of what was learned; an error where nothing was."""
    routes, guards = with_guards(lesson.learned)
    name = NAME
    if not routes and mcp is None:
        raise _nothing_found(lesson, url)
    services = {**({"web": url} if routes else {}), **({"mcp": mcp.url} if mcp else {})}
    wanted = [*([name] if routes else []), *(MCP_SURFACES if mcp else ())]
    lines = [
        f"profile: ./{PROFILE.as_posix()}",
        "services:",
        *(_service_line(service, origin, lesson.behind) for service, origin in services.items()),
        *([f"mcp-path: {json.dumps(mcp.path)}"] if mcp and mcp.path != USUAL else []),
        *([f"probes: [./{SURFACES.as_posix()}]"] if routes else []),
        f"surfaces: [{', '.join(wanted)}] # these must be there",
    ]
    everywhere = "/" in lesson.blanket
    is_own = lesson.blanket and not (everywhere and lesson.behind)  # else `behind` says who refuses everything
    where = "application" if everywhere else json.dumps(lesson.blanket)
    below = "" if everywhere else " below these"
    lines += [f"blanket: {where} # paths that do not exist are refused as well{below}"] if is_own else []
    lines += (
        [f"cookies: {json.dumps(lesson.cookies)} # handed out, or read by the source; garbage is sent in them"]
        if lesson.cookies
        else []
    )
    surface = render_surface(routes, name=name, about="The routes of this application; look at each guard.")
    return LearnedFiles(
        deployment="\n".join(lines) + "\n",
        profile=render_profile(mode, guards, extends=_BASE_OF_MCP if mcp else None),
        surface=surface if routes else None,
        name=name,
    )


def _service_line(service: str, origin: str, behind: str | None) -> str:
    if behind is None:
        return f"  {service}: {json.dumps(origin)}"
    what = f"{{url: {json.dumps(origin)}, behind: {json.dumps(behind)}}}"
    return f"  {service}: {what} # it refuses every path in front of the application: confirm that its lock is meant"


def chosen(surfaces: tuple[Surface, ...]) -> ChosenSurfaces:
    """Declare these surfaces: they must be there."""
    return ChosenSurfaces(surfaces=surfaces, declared=frozenset(one.name for one in surfaces), untried=())


def _modeline(kind: str, *, up: str) -> str:
    return f"# yaml-language-server: $schema={up}{_SCHEMA_FOLDER}/{kind}.json\n"
