"""A deployment: services, surfaces and defaults, as a user writes them beside their code. Strict; no network."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeVar

from prober.definitions.answer import HEADER_NAME
from prober.definitions.canary import CanaryBlock, parse_canary
from prober.definitions.keys.deployment import DEPLOYMENT, PORTS, RELEASE
from prober.definitions.limit import parse_limit
from prober.definitions.mcp_path import USUAL
from prober.definitions.node import words_of
from prober.definitions.packs import ALL, PACKS
from prober.definitions.service_origins import parse_behind, parse_described_services
from prober.definitions.shipped import surface_names
from prober.definitions.source import parse_guarding
from prober.errors import DefinitionError, Mistakes, UsageError, did_you_mean, listed
from prober.model import Depth, ReleaseSource, SourceGuards

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Mapping

    from prober.definitions.node import Node
    from prober.model import Limit, Source, Surface

T = TypeVar("T")
SHIPPED_SERVICES = frozenset({"web", "mcp"})  # of shipped surfaces; one may have a URL and none of its surfaces a name
APPLICATION = "application"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeploymentFile:
    """The values of prober.yaml; what it leaves out is empty or None."""

    profile: str | None = None
    services: tuple[tuple[str, str], ...] = ()
    mcp_path: str = USUAL
    behind: tuple[tuple[str, str], ...] = ()  # by service: who in front keeps its doors
    surfaces: tuple[str, ...] = ()
    packs: tuple[str, ...] = ()
    probes: tuple[str, ...] = ()
    depth: Depth | None = None
    require: tuple[str, ...] = ()
    cookies: tuple[str, ...] = ()
    key_headers: tuple[str, ...] = ()
    blanket_is_application: bool = False
    blanket_paths: tuple[str, ...] = ()
    limits: tuple[tuple[str, Limit, Source], ...] = ()  # by method and path
    hold: tuple[str, ...] = ()
    closed_ports: tuple[tuple[int, Source], ...] = ()
    waivers: str | None = None
    release: ReleaseSource | None = None
    source: SourceGuards = field(default_factory=SourceGuards)
    canary: CanaryBlock = field(default_factory=CanaryBlock)


def parse_deployment(root: Node) -> DeploymentFile:
    """Parse prober.yaml; a flag on the command line wins over each key. The mistakes of all keys are one error."""
    mistakes = Mistakes()
    fields: Mapping[str, Node] = mistakes.part(lambda: root.fields(DEPLOYMENT), otherwise=root.merged())

    def of(key: str, parse: Callable[[Node], T], default: T) -> T:
        return mistakes.part(lambda: parse(fields[key]), otherwise=default) if key in fields else default

    def words(key: str) -> tuple[str, ...]:
        return of(key, lambda _: words_of(fields, key), ())

    parsed = DeploymentFile(
        profile=of("profile", lambda node: node.word(of="'profile'"), None),
        mcp_path=of("mcp-path", _parse_mcp_path, USUAL),
        services=of("services", parse_described_services, ()),
        behind=of("services", parse_behind, ()),
        surfaces=words("surfaces"),
        packs=of("packs", _parse_packs, ()),
        probes=words("probes"),
        depth=of("depth", lambda node: Depth(node.name(list(Depth), of="'depth'", kind="a depth")), None),
        require=words("require"),
        cookies=words("cookies"),
        key_headers=of("key-headers", lambda _: _header_names(fields), ()),
        blanket_is_application="blanket" in fields and fields["blanket"].text == APPLICATION,
        blanket_paths=of("blanket", lambda _: _blanket_paths(fields), ()),
        limits=of("limits", _parse_limits, ()),
        hold=of("hold", parse_hold, ()),
        closed_ports=of("closed-ports", _parse_ports, ()),
        waivers=of("waivers", lambda node: node.word(of="'waivers'"), None),
        source=of("source", parse_guarding, SourceGuards()),
        release=of("release", _parse_release, None),
        canary=of("canary", parse_canary, CanaryBlock()),
    )
    mistakes.raise_any()
    return parsed


def _parse_packs(node: Node) -> tuple[str, ...]:
    return tuple(entry.name(PACKS, of="a pack", kind="a pack") for entry in node.one_or_more(of="'packs'"))


def _parse_ports(node: Node) -> tuple[tuple[int, Source], ...]:
    ports: dict[int, Source] = {}
    for entry in node.one_or_more(of="'closed-ports'"):
        port = entry.integer(of="a port")
        if not PORTS.least <= port <= PORTS.most:
            raise entry.wrong(f"{port} is not a port", fix=f"write a number from {PORTS.least:g} to {PORTS.most:g}")
        if port in ports:
            raise entry.wrong(f"port {port} is given twice", fix="remove one of them")
        ports[port] = entry.source
    return tuple(ports.items())


def _parse_limits(node: Node) -> tuple[tuple[str, Limit, Source], ...]:
    return tuple((route, parse_limit(limit), limit.source) for route, limit in node.pairs(of="'limits'"))


def parse_hold(node: Node) -> tuple[str, ...]:
    """Where each secret is stored, never the secret: NAME=SOURCE, as on the command line."""
    secrets: list[str] = []
    for name, source in node.pairs(of="'hold'"):
        where = source.word(of=f"'{name}'")
        if not where.startswith(("env:", "file:")):
            raise source.wrong(f"'{name}' must name where the secret is stored", fix="write env:NAME or file:PATH")
        secrets.append(f"{name}={where}")
    return tuple(secrets)


def _parse_release(node: Node) -> ReleaseSource:
    """Parse where the release is named: a header or a JSON path, one of the two."""
    fields = node.fields(RELEASE)
    if ("header" in fields) == ("json" in fields):
        what = "both a header and a JSON path" if "header" in fields else "neither a header nor a JSON path"
        raise node.wrong(f"'release' names {what}", fix="give one of 'header: x-release' and 'json: version'")
    service = fields["service"].word(of="'service'") if "service" in fields else None
    if "header" in fields:
        name = fields["header"].word(of="'header'")
        if not HEADER_NAME.fullmatch(name):
            raise fields["header"].wrong(f"'{name}' is not a header name", fix="use letters, digits and '-'")
        return ReleaseSource(header=name.lower(), service=service)
    path = fields["json"].word(of="'json'")
    keys = tuple(path.split("."))
    if not all(keys):
        fix = "join keys with single dots, as in app.version"
        raise fields["json"].wrong(f"'{path}' is not a JSON path", fix=fix)
    return ReleaseSource(path=keys, service=service)


def with_limits(surfaces: tuple[Surface, ...], limits: tuple[tuple[str, Limit, Source], ...]) -> tuple[Surface, ...]:
    """Give the routes the limits that the deployment declares."""
    declared = {route: limit for route, limit, _ in limits}
    known = {f"{route.method} {route.path}" for surface in surfaces for route in surface.routes}
    for name, _, source in limits:
        if name not in known:
            fix = did_you_mean(name, known, otherwise="name a route of the chosen surfaces, as in POST /api/login")
            raise DefinitionError(f"no chosen surface has a route '{name}'", fix=fix, source=source)
    return tuple(
        replace(surface, routes=tuple(
            replace(route, limit=declared.get(f"{route.method} {route.path}", route.limit)) for route in surface.routes
        ))
        for surface in surfaces
    )  # fmt: skip


def _blanket_paths(fields: Mapping[str, Node]) -> tuple[str, ...]:
    """Give the paths below which a refusal of everything is the application's; none where it is everywhere."""
    if "blanket" not in fields or fields["blanket"].text == APPLICATION:
        return ()
    for entry in fields["blanket"].one_or_more(of="'blanket'"):
        if not fields["blanket"].is_list and not entry.word(of="'blanket'").startswith("/"):
            entry.name([APPLICATION], of="'blanket'", kind="a value of 'blanket'")
        if not _is_path(entry):
            what = f"{entry.shown} is not a path"
            raise entry.wrong(what, fix="write the beginning of the paths, as in /api; or 'blanket: application'")
    return words_of(fields, "blanket")


def _parse_mcp_path(node: Node) -> str:
    if not _is_path(node, of="'mcp-path'"):
        raise node.wrong(f"{node.shown} is not a path", fix="write the path of the endpoint, as in /api/agents")
    return node.word(of="'mcp-path'")


def _is_path(node: Node, *, of: str = "'blanket'") -> bool:
    """Say whether it is a path without parameters and a query."""
    word = node.word(of=of)
    return word.startswith("/") and not set(word) & set("?#: ")


def _header_names(fields: Mapping[str, Node]) -> tuple[str, ...]:
    names = words_of(fields, "key-headers")
    wrong = next((name for name in names if not HEADER_NAME.fullmatch(name)), None)
    if wrong is not None:
        raise fields["key-headers"].wrong(f"'{wrong}' is not a header name", fix="use letters, digits and '-'")
    return names


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenSurfaces:
    """The surfaces to plan, the names of those that must be there, and of those that no service's URL leads to."""

    surfaces: tuple[Surface, ...]
    declared: frozenset[str]
    untried: tuple[str, ...]


def choose_surfaces(
    names: Iterable[str], surfaces: Iterable[Surface], services: Iterable[str], *, packed: Container[str] = ()
) -> ChosenSurfaces:
    """Choose surfaces by name, or all that can be probed.

    A named surface must exist, and its service must have a URL. Without names, all are probed that are on one of the
    services, except those that are probed by name only; with names, the packed ones are tried beside them.
    """
    known = {surface.name: surface for surface in surfaces}
    wanted, reachable = tuple(names), frozenset(services)
    served = {service for surface in known.values() for service in surface.services}
    served |= SHIPPED_SERVICES if wanted else frozenset()
    for service in sorted(reachable - served):
        what = f"no surface is on service '{service}' (there are surfaces on {', '.join(sorted(served))})"
        raise UsageError(what, fix=did_you_mean(service, served, otherwise="remove it, or write a surface for it"))
    optional = [s for s in known.values() if not s.by_name_only and (not wanted or s.name in packed)]
    tried = tuple(s for s in optional if s.services <= reachable and s.name not in wanted)
    untried = tuple(s.name for s in optional if not s.services <= reachable and s.name not in wanted)
    if not wanted:
        return ChosenSurfaces(surfaces=tried, declared=frozenset(), untried=untried)
    for name in wanted:
        if name not in known and name != ALL:
            names_there = dict.fromkeys((*surface_names(), *known))
            fix = did_you_mean(name, names_there, otherwise="choose one of these")
            raise UsageError(f"no surface '{name}' ({listed(names_there)})", fix=fix)
    named = tuple(
        surface for surface in known.values() if surface.name in wanted or (ALL in wanted and not surface.by_name_only)
    )
    for surface in named:
        for service in sorted(surface.services - reachable):
            option = {"web": "--base-url URL", "mcp": "--mcp-url URL"}.get(service, f"--service {service}=URL")
            what = f"surface '{surface.name}' is on service '{service}', which has no URL"
            raise UsageError(what, fix=f"give {option}, or name only the surfaces that are served")
    declared = frozenset(surface.name for surface in named)
    also = tuple(surface for surface in tried if surface.name not in declared)
    return ChosenSurfaces(surfaces=(*named, *also), declared=declared, untried=untried)


def joined(first: ChosenSurfaces, second: ChosenSurfaces) -> ChosenSurfaces:
    """Give the surfaces of both, each once; what is declared by one of them is declared."""
    surfaces = {surface.name: surface for surface in (*first.surfaces, *second.surfaces)}
    declared = first.declared | second.declared
    return ChosenSurfaces(surfaces=tuple(surfaces.values()), declared=declared, untried=first.untried)
