"""`prober check URL`: what was learned of a deployment is made a deployment of its own, and run as any other."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from prober.app.learn import Lesson, Wanted, is_askable, learn, named_route
from prober.app.learned_files import NAME, LearnedFiles, chosen, files_of
from prober.app.load import LoadedDeployment
from prober.app.options import ProbeOptions
from prober.app.strangers import stranger_at
from prober.definitions.builtin import load_surfaces
from prober.definitions.document import parse_plain
from prober.definitions.service import origins_of, parse_service
from prober.discovery.common_paths import QUESTIONS
from prober.discovery.openapi import discovered_in_openapi
from prober.errors import UsageError
from prober.model import Standing

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prober.app.options import SendOptions
    from prober.discovery.coverage import Discovered
    from prober.discovery.learned import Learned
    from prober.model import Service

_MCP = "/mcp"
_HEAVY = re.compile(
    r"admin|user|account|customer|member|invoice|payment|order|secret|token|key|config|env|debug|internal|actuator",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckOptions:
    """What `prober check` was asked."""

    url: str
    deny: tuple[str, ...] = ()  # METHOD /path, or /path
    public: tuple[str, ...] = ()
    openapi: str | None = None  # the text of a description
    mcp: str | None = None  # the path of an endpoint that must refuse strangers
    depth: str | None = None
    allow_effects: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """What was learned, the files that all of it makes, and the deployment that is run."""

    lesson: Lesson
    files: LearnedFiles
    loaded: LoadedDeployment
    names_routes: bool  # the user said what must be refused; else what is open is a question

    @property
    def questions(self) -> tuple[Learned, ...]:
        """Open routes of which nobody has said that they may be; none where the user named what counts."""
        return () if self.names_routes else tuple(entry for entry in self.lesson.learned if entry.is_question)


async def prepare_check(options: CheckOptions, sending: SendOptions) -> Check:
    """Ask what strangers are answered, and make a deployment of it. Raises NoVerdictError where nobody answers."""
    service = parse_service("web", options.url)
    mcp_url = _mcp_url(service, options.mcp)
    described, notes = _described(options.openapi)
    names_routes = bool(options.deny or options.openapi or options.mcp)
    wanted = Wanted(
        routes=described,
        denied=tuple(named_route(text, option="--deny") for text in options.deny),
        public=tuple(named_route(text, option="--public") for text in options.public),
        looks_for_more=not names_routes,
        notes=notes,
    )
    lesson = await learn(stranger_at(options.url, sending), wanted)
    files = files_of(_checked(lesson), url=service.url, mcp_url=mcp_url)
    loaded = _loaded(options, files, service, mcp_url)
    whole = files_of(lesson, url=service.url, mcp_url=mcp_url)
    return Check(lesson=lesson, files=whole, loaded=loaded, names_routes=names_routes)


def _checked(lesson: Lesson) -> Lesson:
    """Leave out what nobody asked about and what no request shows: a route that writes, and that no one has named."""
    kept = [entry for entry in lesson.learned if entry.denied or entry.public or is_askable(entry.route)]
    return replace(lesson, learned=tuple(kept))


def _described(text: str | None) -> tuple[tuple[Discovered, ...], tuple[str, ...]]:
    if text is None:
        return (), ()
    return discovered_in_openapi(parse_plain(text, file="--openapi"), file="--openapi")


def _mcp_url(service: Service, path: str | None) -> str | None:
    if path is None:
        return None
    if not path.startswith("/") or not path.endswith(_MCP):
        raise UsageError(f"--mcp '{path}' is no path that ends in {_MCP}", fix="write it as in --mcp /mcp")
    return service.url + path.removesuffix(_MCP)


def _loaded(
    options: CheckOptions, files: LearnedFiles, service: Service, mcp_url: str | None
) -> LoadedDeployment:  # fmt: skip
    file, profile, surface = files.parsed()
    services = [service, *(origins_of("mcp", [mcp_url]) if mcp_url else [])]
    required = tuple(f"{NAME}: {named_route(text, option='--deny').name} [anonymous]" for text in options.deny)
    shipped = load_surfaces(only={"mcp"}) if mcp_url else ()
    return LoadedDeployment(
        options=ProbeOptions(depth=options.depth, allow_effects=options.allow_effects, require=required),
        file=file, env=None, services={one.name: one for one in services}, profile=profile, profiles={},
        surfaces=chosen((surface, *shipped)), held={}, waivers=(), source=None, notes=(),
    )  # fmt: skip


def questions_in_words(entries: Iterable[Learned]) -> tuple[str, ...]:
    """Word each open route as a question, those first that would do most harm."""
    ordered = sorted(entries, key=_weight)
    return tuple(f"{entry.route.name} {entry.answer.detail}{_kind(entry)} ({entry.route.file})" for entry in ordered)


def _weight(entry: Learned) -> int:
    """Rank a route by what its path and its answer look like: an administrator's first, then data, then pages."""
    if _HEAVY.search(entry.route.path):
        return 0
    described = any(entry.route.path == known.path for known in QUESTIONS)
    return 1 if "json" in entry.answer.content_type and not described else 2


def _kind(entry: Learned) -> str:
    return f", {entry.answer.content_type}" if entry.answer.content_type else ""


def refused(entries: Iterable[Learned]) -> int:
    """Count the routes that refuse strangers."""
    return sum(entry.answer.standing in {Standing.REFUSED, Standing.SIGN_IN} for entry in entries)
