"""What a plan holds: every probe of a run, fixed before the first request. Frozen; decides nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from prober.model.enums import Effect

if TYPE_CHECKING:
    from prober.model.answer import Promise
    from prober.model.definition import Credential, Never, Profile, Route, Service
    from prober.model.enums import Depth, Family, Reason
    from prober.model.waivers import WaiverScope

# What a request borrows from the deployment: the sender asks for it first, and puts it in these words' place.
BUILD_ID = "{build-id}"
SIGN_IN_COOKIE = "{sign-in-cookie}"
_SESSION_REQUESTS = 3  # an MCP session is opened, made ready and closed


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """The same request dressed otherwise."""

    name: str
    headers: tuple[tuple[str, str], ...]
    catches: str
    source: str = ""  # where the bug was seen
    as_client: bool = False  # the very request, as another client sends it
    other_id: bool = False  # the same route with another id, which its guard must refuse in the same way
    own_control: bool = False  # it may lead anywhere, so that it is compared with nowhere dressed alike
    singly: bool = False  # of several headers: where it opens, each is sent alone to name the one
    is_known_by: bytes = b""  # it asks where another page may stand: what a success holds that is the route's own


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What crosses the network, byte for byte but for the headers that HTTP itself needs."""

    service: str
    method: str
    target: str
    headers: tuple[tuple[str, str], ...] = ()
    content: bytes | None = None
    csrf: str | None = None
    reads_on: bool = False  # its promise is about the whole body, so more of it is read than is usual
    own_connection: bool = False  # it may reach another replica than the request before it
    offers_http2: bool = False  # in the TLS handshake, as browsers do
    digest: tuple[str, str] | None = None  # with which the challenge that it gets is answered
    opening: Request | None = None  # what opens the MCP session that it is sent in


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """One thing to find out: route, credential, variant, and the answer that is promised."""

    id: str
    route: Route
    credential: Credential
    variant: Variant | None
    families: tuple[Family, ...]  # what the guard is presented with, its own first
    promise: Promise
    never: tuple[Never, ...]
    request: Request
    plain_target: str = ""  # of the request that a variant is compared with
    procedure: str | None = None  # the name of what sends it, where one request cannot show it
    others: tuple[Request, ...] = ()  # what a procedure sends besides
    counterpart: Request | None = None  # of a variant: an unknown path beside it, spelled in the same way
    is_beyond_inert: bool = False  # another body is sent than the inert form of a route that acts
    cost: int = 1  # how many requests it takes at most, without what the request needs first

    def __hash__(self) -> int:
        """No two probes of a plan have one id; to hash all that a probe holds, at each look-up, takes seconds."""
        return hash(self.id)

    @property
    def carries_secret(self) -> bool:
        """Whether a secret of the user's is sent: the answer may repeat it in a form that nobody can recognise."""
        return bool(self.credential.secret)

    @property
    def needs_permission(self) -> bool:
        """Whether it would do harm if the route were open, so that it is sent only where the user allows it."""
        return self.route.effect is Effect.ACTS and (not self.route.inert or self.is_beyond_inert)

    @property
    def requests(self) -> int:
        """How many requests it costs at most."""
        session = 0 if self.request.opening is None else _SESSION_REQUESTS
        return self.cost + (self.request.csrf is not None) + (self.request.digest is not None) + session

    @property
    def place(self) -> str:
        """Where the probe knocks, spelled plainly."""
        return self.plain_target or self.request.target


@dataclass(frozen=True, slots=True, kw_only=True)
class Skip:
    """A probe that is not sent, and why."""

    probe: Probe
    reason: Reason
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NotFoundControl:
    """A request for a path that does not exist, beside the guarded ones."""

    prefix: str
    request: Request
    variant: str | None = None  # dressed so, for a variant that may lead anywhere


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Every request of a run, fixed before the first one."""

    profile: Profile
    depth: Depth
    services: tuple[Service, ...]
    probes: tuple[Probe, ...]
    skips: tuple[Skip, ...]
    not_found_controls: tuple[NotFoundControl, ...]
    declared: frozenset[str]
    untried: tuple[str, ...]
    cookies: tuple[str, ...]
    blanket_is_application: bool
    blanket_paths: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()  # held values, which no answer may repeat and no report may show
    waivers: tuple[WaiverScope, ...] = ()

    @property
    def requests(self) -> int:
        """How many requests the plan costs at most, without repeats."""
        return len(self.not_found_controls) + sum(probe.requests for probe in self.probes)
