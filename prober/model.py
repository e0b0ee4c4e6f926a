"""Every value that flows through a run, from the definition to the report. Frozen; decides nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum

JsonValue = None | bool | int | float | str | Sequence["JsonValue"] | Mapping[str, "JsonValue"]


class ExitStatus(IntEnum):
    """What the process says to a script. 0 to 2 are verdicts; what may never be read as one lies outside."""

    LOCKED = 0
    LEAK = 1
    NO_VERDICT = 2
    USAGE = 64
    BUG = 70
    DEFINITION = 78
    INTERRUPTED = 130


class Verdict(StrEnum):
    """What one probe, or a whole run, came to; worst first."""

    LEAK = "leak"
    DRIFT = "drift"
    UNPROVEN = "unproven"
    UNREACHABLE = "unreachable"
    SKIPPED = "skipped"
    LOCKED = "locked"


class Reason(StrEnum):
    """Why a verdict is what it is."""

    AS_PROMISED = "as-promised"
    OPENS_NOTHING = "opens-nothing"
    # leak
    GRANTED = "granted"
    DISCLOSED = "disclosed"
    # drift
    HANDLER_REACHED = "handler-reached"
    MISSING = "missing"
    OVER_LOCKED = "over-locked"
    BROKEN = "broken"  # also a whole service's, and then unproven
    SOFT_REFUSAL = "soft-refusal"
    WRONG_STATUS = "wrong-status"
    WRONG_LOCATION = "wrong-location"
    WRONG_CHALLENGE = "wrong-challenge"
    WRONG_BODY = "wrong-body"
    # unproven
    INTERMEDIARY = "intermediary"
    GATEWAY = "gateway"
    THROTTLED = "throttled"
    BLANKET = "blanket"
    WRONG_BASE = "wrong-base"
    USE_HTTPS = "use-https"
    PAUSED = "paused"
    SIGN_IN_BROKEN = "sign-in-broken"
    NO_CSRF_TOKEN = "no-csrf-token"  # noqa: S105 - a reason, not a password
    CUT_SHORT = "cut-short"
    NOT_SENT = "not-sent"
    # unreachable
    DNS = "dns"
    REFUSED = "refused"
    TLS = "tls"
    TIMEOUT = "timeout"
    PROTOCOL = "protocol"
    # skipped
    EFFECT = "effect"
    NO_HELD_SECRET = "no-held-secret"  # noqa: S105 - a reason, not a password
    NOT_IN_THIS_MODE = "not-in-this-mode"
    NOT_SERVED = "not-served"
    OPENED_ALREADY = "opened-already"
    UNKNOWN_COOKIE = "unknown-cookie"


class Effect(StrEnum):
    """What a request would do if the door were open (design, section 5)."""

    NONE = "none"
    TRACE = "trace"
    REPEATS = "repeats"
    ACTS = "acts"


class Depth(StrEnum):
    """How many requests a run may cost."""

    QUICK = "quick"
    STANDARD = "standard"


class Kind(StrEnum):
    """What sort of credential it is; a guard may answer each otherwise."""

    ANONYMOUS = "anonymous"
    BOGUS = "bogus"
    HELD = "held"


class Family(StrEnum):
    """Where a credential is carried; a guard says which families make sense for it."""

    SECRET = "secret"  # noqa: S105 - a bearer that is compared, as text, with a secret from the environment
    BEARER = "bearer"  # a bearer that is looked up or verified
    COOKIE = "cookie"
    API_KEY = "api-key"
    JOB = "job"


class Control(StrEnum):
    """What a route proves besides itself."""

    ALIVE = "alive"
    SIGN_IN = "sign-in"
    COOKIES = "cookies"


class Cause(StrEnum):
    """Why nobody answered."""

    DNS = "dns"
    REFUSED = "refused"
    TLS = "tls"
    TIMEOUT = "timeout"
    PROTOCOL = "protocol"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where something was written."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


# --- what definitions say ---------------------------------------------------------------------------------------------


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
    why: str
    fix: str
    source: Source

    @property
    def name(self) -> str:
        """The words that the route is called by, also as the head of its probes' ids."""
        named = f" {self.id}" if self.id else ""
        return f"{self.surface}: {self.method} {self.path}{named}"


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """The running thing under test, as its owner declares it."""

    services: tuple[Service, ...]
    surfaces: tuple[Surface, ...]
    declared: frozenset[str]
    cookies: tuple[str, ...] = ()
    blanket_is_application: bool = False


# --- what a plan holds ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """What a probe presents, as it goes over the wire."""

    name: str
    kind: Kind
    family: Family | None
    headers: tuple[tuple[str, str], ...]
    query: str
    catches: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """The same request dressed otherwise."""

    name: str
    headers: tuple[tuple[str, str], ...]
    catches: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What crosses the network, byte for byte but for the headers that HTTP itself needs."""

    service: str
    method: str
    target: str
    headers: tuple[tuple[str, str], ...] = ()
    content: bytes | None = None
    csrf: str | None = None


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Skip:
    """A probe that is not sent, and why."""

    probe: Probe
    reason: Reason
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Nowhere:
    """A request for a path that does not exist, beside the guarded ones."""

    prefix: str
    request: Request


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Every request of a run, fixed before the first one."""

    profile: Profile
    depth: Depth
    services: tuple[Service, ...]
    probes: tuple[Probe, ...]
    skips: tuple[Skip, ...]
    nowhere: tuple[Nowhere, ...]
    declared: frozenset[str]
    left_out: tuple[str, ...]
    cookies: tuple[str, ...]
    blanket_is_application: bool

    @property
    def requests(self) -> int:
        """How many requests the plan costs, without repeats."""
        return len(self.probes) + len(self.nowhere) + sum(1 for probe in self.probes if probe.request.csrf)


# --- what came back ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """Somebody answered. Header names are lower case; the body is capped, and its end may be missing."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    whole: bool
    attempts: int
    elapsed_ms: int

    @property
    def succeeded(self) -> bool:
        """2xx: the request was granted."""
        return 200 <= self.status < 300  # noqa: PLR2004 - HTTP's own classes, here and below

    @property
    def redirects(self) -> bool:
        """3xx."""
        return 300 <= self.status < 400  # noqa: PLR2004

    @property
    def failed(self) -> bool:
        """5xx: whoever answered could not."""
        return self.status >= 500  # noqa: PLR2004

    def header(self, name: str) -> str | None:
        """Give the first value of a header, by its lower-case name."""
        return next((value for key, value in self.headers if key == name), None)

    @property
    def text(self) -> str:
        """The body as text, whatever its bytes."""
        return self.body.decode("utf-8", "replace")


@dataclass(frozen=True, slots=True, kw_only=True)
class Unanswered:
    """Nobody answered: there is no status here to compare by mistake."""

    cause: Cause
    detail: str
    arrived: bool  # the request may have reached the deployment, so that sending it again may do a thing twice
    attempts: int
    elapsed_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsent:
    """The request did not go out, and this is why."""

    reason: Reason
    detail: str


Outcome = Answered | Unanswered | Unsent


# --- what it means ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A probe with its outcome, verdict and reason; every probe has one, also when locked."""

    probe: Probe
    outcome: Outcome
    verdict: Verdict
    reason: Reason
    detail: str
    answered_by: str | None = None
    confirmed: Outcome | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceReport:
    """What is said of a whole service, once."""

    service: Service
    alive: bool
    blanket: bool
    intermediary: str | None
    said: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The record of a run."""

    version: str
    run: str
    started_at: str
    elapsed_ms: int
    verdict: Verdict
    exit_status: ExitStatus
    profile: str
    observed_mode: str | None
    depth: Depth
    services: tuple[ServiceReport, ...]
    findings: tuple[Finding, ...]
    not_served: tuple[str, ...]
    notes: tuple[str, ...]
    requests: int
    interrupted: bool = False
