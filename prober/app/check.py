"""`prober check URL`: what was learned of a deployment is made a deployment of its own, and run as any other."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from prober import __version__
from prober.app.anonymous_client import anonymous_client_at
from prober.app.learn import LearnedDeployment, LearnOptions, is_askable, learn, named_route
from prober.app.learned_files import (
    MCP_SURFACES,
    MODE,
    NAME,
    LearnedFiles,
    McpService,
    chosen,
    files_of,
    mcp_service,
    require_something,
)
from prober.app.load import LoadedDeployment
from prober.app.options import ProbeOptions
from prober.definitions.builtin import load_surfaces
from prober.definitions.document import parse_plain
from prober.definitions.mcp_path import at_mcp_path
from prober.definitions.service import origins_of, parse_service
from prober.discovery.common_paths import QUESTIONS
from prober.discovery.learned import guard_of
from prober.discovery.openapi import discovered_in_openapi
from prober.errors import UsageError
from prober.model import Access, Depth, ExitStatus, Question, Report, ServiceReport, Verdict

if TYPE_CHECKING:
    from prober.app.mcp_endpoint import McpEndpoint
    from prober.app.options import SendOptions
    from prober.discovery.coverage import Discovered
    from prober.discovery.learned import Learned
    from prober.model import Service

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

    learned: LearnedDeployment
    files: LearnedFiles
    loaded: LoadedDeployment | None  # None where there is nothing but a question
    names_routes: bool  # the user said what must be refused; else what is open is a question

    @property
    def refused(self) -> int:
        """How many routes refuse strangers."""
        mcp = self.learned.mcp is not None and self.learned.mcp.access is Access.REFUSED
        return mcp + sum(entry.refuses for entry in self.learned.routes)

    @property
    def questions(self) -> tuple[Question, ...]:
        """Open routes of which nobody has said that they may be, the most harmful first; then those not asked.

        None where the user named what counts.
        """
        if self.names_routes:
            return ()
        learned = self.learned.routes
        asked = sorted((entry for entry in learned if entry.is_question), key=_weight)
        unasked = (entry for entry in learned if not is_askable(entry.route) and not entry.denied)
        spoken = self.learned.mcp
        open_mcp = spoken is not None and spoken.access is Access.OPEN
        mcp = (_mcp_question(spoken),) if spoken and open_mcp else ()
        return (*mcp, *map(_question, asked), *map(_question, unasked))

    def report_without_run(self, url: str) -> Report:
        """Report the questions where there is nothing to run: no route that a guard could be for."""
        service = parse_service("web", url)
        return Report(
            version=__version__, run=secrets.token_hex(4), started_at=f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
            elapsed_ms=0, verdict=Verdict.LOCKED, exit_status=ExitStatus.LOCKED, profile=MODE, observed_mode=None,
            depth=Depth.STANDARD, findings=(), not_served=(), untried=(), notes=(), requests=0,
            services=(ServiceReport(service=service, alive=True, blanket=False, intermediary=None, said=None),),
            questions=self.questions,
        )  # fmt: skip


async def prepare_check(options: CheckOptions, sending: SendOptions) -> Check:
    """Ask what strangers are answered, and make a deployment of it. Raises NoVerdictError where nobody answers."""
    service = parse_service("web", options.url)
    _check_path(options.mcp)
    described, notes = _described(options.openapi)
    names_routes = bool(options.deny or options.openapi or options.mcp)
    wanted = LearnOptions(
        routes=described,
        denied=tuple(named_route(text, option="--deny") for text in options.deny),
        public=tuple(named_route(text, option="--public") for text in options.public),
        looks_for_more=not names_routes,
        asks_options=True,
        notes=notes,
    )
    learned = await learn(anonymous_client_at(options.url, sending), wanted)
    path = options.mcp or (learned.mcp.path if learned.mcp and learned.mcp.access is Access.REFUSED else None)
    mcp = mcp_service(service.url, path) if path else None
    if not names_routes:
        require_something(learned, service.url)
    checked = _checked(learned)
    service = replace(service, behind=learned.behind)
    runs = mcp is not None or any(guard_of(entry) for entry in checked.routes)
    loaded = _loaded(options, files_of(checked, url=service.url, mcp=mcp), service, mcp) if runs else None
    spoken = mcp or (mcp_service(service.url, learned.mcp.path) if learned.mcp else None)
    whole = files_of(learned, url=service.url, mcp=spoken)
    return Check(learned=learned, files=whole, loaded=loaded, names_routes=names_routes)


def _checked(learned: LearnedDeployment) -> LearnedDeployment:
    """Leave out what nobody asked about and what no request shows: a route that writes, and that no one has named."""
    asked_routes = [entry for entry in learned.routes if entry.denied or entry.public or is_askable(entry.route)]
    return replace(learned, routes=tuple(asked_routes))


def _described(text: str | None) -> tuple[tuple[Discovered, ...], tuple[str, ...]]:
    if text is None:
        return (), ()
    return discovered_in_openapi(parse_plain(text, file="--openapi"), file="--openapi")


def _check_path(path: str | None) -> None:
    if path is not None and (not path.startswith("/") or not path.isascii() or set(path) & set(" ?#:*")):
        raise UsageError(f"--mcp '{path}' is not a path", fix="write it as in --mcp /mcp")


def _loaded(
    options: CheckOptions, files: LearnedFiles, service: Service, mcp: McpService | None
) -> LoadedDeployment:  # fmt: skip
    file, profile, surfaces = files.parsed()
    services = [*([service] if surfaces else []), *_origins_of(mcp, service)]
    required = tuple(f"{NAME}: {named_route(text, option='--deny').name} [anonymous]" for text in options.deny)
    shipped = at_mcp_path(load_surfaces(only=set(MCP_SURFACES)), mcp.path) if mcp else ()
    return LoadedDeployment(
        options=ProbeOptions(depth=options.depth, allow_effects=options.allow_effects, require=required),
        file=file, env=None, services={one.name: one for one in services}, profile=profile, profiles={},
        surfaces=chosen((*surfaces, *shipped)), held={}, waivers=(), source=None, notes=(),
    )  # fmt: skip


def _origins_of(mcp: McpService | None, service: Service) -> list[Service]:
    """Give where MCP is spoken, on the host of the service and so behind the same lock."""
    return [replace(one, behind=service.behind) for one in origins_of("mcp", [mcp.url])] if mcp else []


def _question(entry: Learned) -> Question:
    answers = f"{entry.answer.detail}{_kind(entry)}" if is_askable(entry.route) else None
    return Question(route=entry.route.name, answers=answers, found_in=entry.route.file)


def _mcp_question(endpoint: McpEndpoint) -> Question:
    answers = f"{endpoint.detail} to a request for its tools (--mcp {endpoint.path} if it must refuse)"
    return Question(route=f"POST {endpoint.path}", answers=answers, found_in=endpoint.found_in)


def _weight(entry: Learned) -> int:
    """Rank a route by what its path and its answer look like: an administrator's first, then data, then pages."""
    if _HEAVY.search(entry.route.path):
        return 0
    described = any(entry.route.path == known.path for known in QUESTIONS)
    return 1 if "json" in entry.answer.content_type and not described else 2


def _kind(entry: Learned) -> str:
    return f", {entry.answer.content_type}" if entry.answer.content_type else ""
