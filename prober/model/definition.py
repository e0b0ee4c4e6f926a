"""The values that definitions are read into, and the credentials that they expect answers to. Frozen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from prober.model.enums import Effect
from prober.model.weight import weight_of

if TYPE_CHECKING:
    from prober.model.answer import Answer, Promise
    from prober.model.carrier import Carrier
    from prober.model.enums import Control, Family, IdType, Kind, Weight
    from prober.model.source import Source

JsonValue = None | bool | int | float | str | Sequence["JsonValue"] | Mapping[str, "JsonValue"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Payload:
    """The part of a request that a route defines: the body, its headers, the values of the path's parameters."""

    content: bytes | None = None
    headers: tuple[tuple[str, str], ...] = ()
    parameters: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Never:
    """What no answer may contain, whatever its status."""

    keys: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """A rate limit: how many requests a route answers in a time, and the answer beyond that."""

    most: int
    seconds: float
    signal: Answer | None  # None: the limit is respected and not tested


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A route: service, method, path and body as served, and the guard that protects it."""

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
    indistinguishable: Payload | None = None  # a second request that must get the same answer
    well_formed: Payload | None = None  # a body that validates, with a made-up token
    admits: tuple[str, ...] = ()
    session_bound: tuple[str, ...] = ()  # two secrets, of which neither may use the other's session
    oauth_metadata: bool = False  # its challenge must lead to metadata of the same origin
    websocket: bool = False  # it also takes the upgrade to a WebSocket
    mcp_session: bool = False  # it is sent in an MCP session that a stranger opens
    id_types: tuple[tuple[str, IdType], ...] = ()  # of the path's parameters, where the route says them
    effect_is_stated: bool = True  # False: the default of its method
    origin: str | None = None  # a further origin of its service, where it is probed too
    declared_weight: Weight | None = None
    why: str
    fix: str
    source: Source

    @property
    def name(self) -> str:
        """The route's name, with which the ids of its probes begin."""
        suffix = f" {self.id}" if self.id else ""
        origin = f" @{self.origin}" if self.origin else ""
        return f"{self.surface}: {self.method} {self.path}{suffix}{origin}"

    @property
    def has_acting_probes(self) -> bool:
        """Whether something may be sent here that acts where the route is open, and so needs the user's permission."""
        beyond = self.well_formed is not None or self.indistinguishable is not None
        return self.effect is Effect.ACTS and (not self.inert or beyond)

    @property
    def weight(self) -> Weight:
        """How much it gives away if it is open: as its surface says, else told from its method and path."""
        return self.declared_weight or weight_of(self.method, self.path)


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
class Credential:
    """What a probe presents, as it is sent."""

    name: str
    kind: Kind
    family: Family | None
    headers: tuple[tuple[str, str], ...]
    query: str
    catches: str
    signing_key: str | None = None  # with which the body of each request is signed
    source: str = ""  # where the bug was seen
    odd: bool = False  # malformed in HTTP's terms, so a proxy in front may refuse it
    secret: str = ""  # the part to redact, where it is a secret of the operator
    digest: tuple[str, str] | None = None  # the user and the password that answer a challenge of Digest
    live: str | None = None  # where the deployment shows whether this is its secret, without receiving it


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What one auth mode expects: how each guard answers each credential."""

    name: str
    about: str
    guards: Mapping[str, Mapping[str, Promise]]  # guard -> credential name, kind, or '' for all others
    presents: Mapping[str, tuple[Family, ...]]
    loopback_only: bool
    never: tuple[Never, ...]
    source: Source
    carriers: Mapping[str, tuple[Carrier, ...]] = field(default_factory=dict)  # guard -> its own places

    def promise(self, guard: str, credential: Credential) -> Promise | None:
        """Find the answers expected of the guard to this credential: by its name, by its kind, or for all.

        The name of a value in a carrier of one's own is that of the value: `own-none`, wherever it is carried.
        """
        promises = self.guards.get(guard, {})
        return promises.get(credential.name.partition("@")[0]) or promises.get(credential.kind) or promises.get("")


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A named origin of the deployment; its base path, if any, goes before each route's."""

    name: str
    url: str
    scheme: str
    host: str
    port: int
    base_path: str
    socket: str | None = None  # a Unix socket, in place of host and port
    also: str | None = None  # the service of which this is a further origin
    address: str | None = None  # the one of the host's addresses to connect to; None: any
    behind: str | None = None  # who in front keeps its doors: an intermediary's name, or `gateway`

    @property
    def is_further_address(self) -> bool:
        """Whether it is the same origin at another address, of which a few routes tell enough."""
        return self.also is not None and self.address is not None

    @property
    def place(self) -> str:
        """Where it is, as a person tells it from other origins of the same service."""
        return f"{self.url} at {self.address}" if self.is_further_address else self.url

    @property
    def kind(self) -> str:
        """The name in routes: that of the service, also for its further origins."""
        return self.also or self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseSource:
    """Where an open route names its release: a header by its lower-case name, or a path into a JSON body."""

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
    key_headers: tuple[str, ...] = ()
    cookies_named: bool = True  # by prober.yaml, or by a shipped profile that fits: else only guessed
    blanket_is_application: bool = False
    blanket_paths: tuple[str, ...] = ()  # below which it is, where it is not everywhere
    closed_ports: tuple[tuple[int, Source], ...] = ()
