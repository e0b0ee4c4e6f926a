"""What definitions say, and the credentials that their promises are about. Frozen; decides nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from prober.model.enums import Control, Effect, Family, Kind

JsonValue = None | bool | int | float | str | Sequence["JsonValue"] | Mapping[str, "JsonValue"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where something was written."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Payload:
    """The part of a request that a route says itself: the body, its headers, the values of the path's parameters."""

    content: bytes | None = None
    headers: tuple[tuple[str, str], ...] = ()
    parameters: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Never:
    """What must be in no answer at all, whatever its status."""

    keys: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """How often a route may be asked before it refuses, and how it says so."""

    most: int
    seconds: float
    signal: Answer | None  # None: it refuses without a word, so that it can be respected, and not tried out


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A door: service, method, path and body as served, and the guard that it promises."""

    surface: str
    service: str
    id: str | None
    method: str
    path: str
    guard: str
    effect: Effect
    payload: Payload
    inert: bool
    absent_is_locked: bool
    refuse: tuple[str, ...]
    never: tuple[Never, ...]
    quick: bool
    csrf: str | None
    control: Control | None
    limit: Limit | None = None
    indistinguishable: Payload | None = None  # what must not be tellable from what is sent
    admits: tuple[str, ...] = ()
    session_bound: tuple[str, ...] = ()  # two held tokens, of which neither may use the other's session
    oauth_metadata: bool = False
    origin: str | None = None  # a further origin of its service, where it is asked for too
    why: str
    fix: str
    source: Source

    @property
    def name(self) -> str:
        """The words that the route is called by, also as the head of its probes' ids."""
        named = f" {self.id}" if self.id else ""
        where = f" @{self.origin}" if self.origin else ""
        return f"{self.surface}: {self.method} {self.path}{named}{where}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Surface:
    """A named group of routes: one file."""

    name: str
    about: str
    by_name_only: bool
    routes: tuple[Route, ...]
    source: Source

    @property
    def services(self) -> frozenset[str]:
        """The services that its routes are on."""
        return frozenset(route.service for route in self.routes)


@dataclass(frozen=True, slots=True, kw_only=True)
class LocationFact:
    """Where a redirect must lead: a path, and those query keys that are given (None: any value)."""

    path: str
    query: tuple[tuple[str, str | None], ...] = ()

    def __str__(self) -> str:
        pairs = "&".join(f"{key}={'' if value is None else value}" for key, value in self.query)
        return f"{self.path}?{pairs}" if pairs else self.path


@dataclass(frozen=True, slots=True, kw_only=True)
class JsonFact:
    """A value that the JSON body must hold at a path; the value is kept as canonical JSON, None means any."""

    path: tuple[str, ...]
    value: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer that a profile promises."""

    statuses: tuple[range, ...]
    location: LocationFact | None = None
    headers: tuple[tuple[str, str], ...] = ()
    body: tuple[str, ...] = ()
    not_body: tuple[str, ...] = ()
    json: tuple[JsonFact, ...] = ()
    source: Source

    def allows(self, status: int) -> bool:
        """Say whether this status is one of the promised ones."""
        return any(status in span for span in self.statuses)

    @property
    def refuses(self) -> bool:
        """Say whether this answer lets nobody in: no success among its statuses."""
        return not any(span.start < 300 and span.stop > 200 for span in self.statuses)  # noqa: PLR2004 - 2xx

    def __str__(self) -> str:
        said = " or ".join(_span(span) for span in self.statuses)
        facts = [f"to {self.location}"] if self.location else []
        facts += [f"with {name}: {text}".rstrip(": ") for name, text in self.headers]
        facts += [f"with '{text}' in its body" for text in self.body]
        facts += [f"without '{text}' in its body" for text in self.not_body]
        facts += [f"with json {'.'.join(fact.path) or '$'}{'' if fact.value is None else '=' + fact.value}"
                  for fact in self.json]  # fmt: skip
        return " ".join((said, *facts))


def _span(span: range) -> str:
    return str(span.start) if len(span) == 1 else f"{span.start // 100}xx"


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """What one guard answers one credential: any of these answers; or nothing, when the mode has no such door."""

    answers: tuple[Answer, ...]
    skip: str | None
    source: Source

    @property
    def refuses(self) -> bool:
        """Say whether nothing but refusals is promised."""
        return all(answer.refuses for answer in self.answers)

    def __str__(self) -> str:
        return ", or ".join(str(answer) for answer in self.answers)


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """What a probe presents, as it goes over the wire."""

    name: str
    kind: Kind
    family: Family | None
    headers: tuple[tuple[str, str], ...]
    query: str
    catches: str
    source: str = ""  # where the bug was seen
    odd: bool = False  # HTTP has no room for it, so that whoever stands in front may refuse it
    secret: str = ""  # what of it nobody may read, where it is the operator's own
    live: str | None = None  # where the deployment shows, without being told it, whether this is its secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What one auth mode promises: how each guard answers each credential."""

    name: str
    about: str
    guards: Mapping[str, Mapping[str, Promise]]  # guard -> credential name, kind, or '' for all others
    presents: Mapping[str, tuple[Family, ...]]
    loopback_only: bool
    never: tuple[Never, ...]
    source: Source

    def promise(self, guard: str, credential: Credential) -> Promise | None:
        """Find what the guard answers this credential: said of its name, of its kind, or of all."""
        said = self.guards.get(guard, {})
        return said.get(credential.name) or said.get(credential.kind) or said.get("")


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A named origin of the deployment; its base path, if any, goes before each route's."""

    name: str
    url: str
    scheme: str
    host: str
    port: int
    base_path: str
    socket: str | None = None  # a file of this machine, in place of host and port
    also: str | None = None  # the service whose further origin this is

    @property
    def kind(self) -> str:
        """What routes call it: further origins of a service go by its name."""
        return self.also or self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseSource:
    """Where an open route says which release answers: a header by its lower-case name, or a path into a JSON body."""

    header: str | None = None
    path: tuple[str, ...] = ()
    service: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """The running thing under test, as its owner declares it."""

    services: tuple[Service, ...]
    surfaces: tuple[Surface, ...]
    declared: frozenset[str]
    untried: tuple[str, ...] = ()
    cookies: tuple[str, ...] = ()
    blanket_is_application: bool = False
    closed_ports: tuple[tuple[int, Source], ...] = ()
