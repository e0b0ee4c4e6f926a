"""What came back, and what it means. Frozen; decides nothing."""

from __future__ import annotations

import json
import re
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from prober.model.definition import JsonValue, Service
    from prober.model.enums import Cause, Change, Depth, ExitStatus, Observed, Reason, Verdict
    from prober.model.plan import Probe
    from prober.model.waivers import BaselineReport, Waived, WaiverReport

_EVENTS = re.compile(rb"\r?\n\r?\n")
A_LINE = 160  # bytes that Python spends on a header besides its letters
_LONG = 2048  # bytes of a body from which on it is worth deflating: thousands are held until the last answer is in


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """Somebody answered. Header names are lower case; the body is capped, and its end may be missing."""

    status: int
    headers: tuple[tuple[str, str], ...]
    held: bytes  # the body, deflated where that makes it shorter
    deflated: bool
    whole: bool
    attempts: int
    elapsed_ms: int
    unread: str | None = None  # why a part of the body could not be read, None when all of it was
    aside: tuple[
        tuple[str, str], ...
    ] = ()  # headers of interim answers (1xx) and trailers: readable, and obeyed by nobody

    @classmethod
    def of(
        cls, *, status: int, headers: tuple[tuple[str, str], ...], body: bytes, whole: bool = True,
        unread: str | None = None, aside: tuple[tuple[str, str], ...] = (), attempts: int = 1, elapsed_ms: int,
    ) -> Answered:  # fmt: skip
        """Hold an answer in as little memory as its body allows."""
        short = zlib.compress(body, 1) if len(body) > _LONG else body
        deflated = len(short) < len(body)
        return cls(
            status=status, headers=headers, held=short if deflated else body, deflated=deflated, whole=whole,
            attempts=attempts, elapsed_ms=elapsed_ms, unread=unread, aside=aside,
        )  # fmt: skip

    @property
    def body(self) -> bytes:
        """The body's bytes, to the cap."""
        return zlib.decompress(self.held) if self.deflated else self.held

    @property
    def size(self) -> int:
        """About how many bytes of memory it holds."""
        return len(self.held) + sum(A_LINE + len(name) + len(value) for name, value in self.all_headers)

    @property
    def all_headers(self) -> tuple[tuple[str, str], ...]:
        """Its headers, and those beside its head."""
        return (*self.headers, *self.aside) if self.aside else self.headers

    @property
    def succeeded(self) -> bool:
        """2xx, or 101, by which a protocol is switched: the request was granted."""
        return 200 <= self.status < 300 or self.status == 101  # noqa: PLR2004 - HTTP's own classes, here and below

    @property
    def redirects(self) -> bool:
        """3xx."""
        return 300 <= self.status < 400  # noqa: PLR2004

    @property
    def refused(self) -> bool:
        """4xx, but for the throttle's."""
        return 400 <= self.status < 500 and self.status != 429  # noqa: PLR2004

    @property
    def failed(self) -> bool:
        """5xx: whoever answered could not."""
        return 500 <= self.status < 600  # noqa: PLR2004

    def header(self, name: str) -> str | None:
        """Give the first value of a header, by its lower-case name."""
        return next((value for key, value in self.headers if key == name), None)

    @property
    def json(self) -> JsonValue | None:
        """The body as JSON, or the first event of a stream that holds something; None also where it is none."""
        body = self.body
        if "text/event-stream" in (self.header("content-type") or ""):
            events = (
                b"\n".join(line[5:].strip() for line in event.splitlines() if line.startswith(b"data:"))
                for event in _EVENTS.split(body)
            )
            body = next(filter(None, events), b"")
        try:
            value: JsonValue = json.loads(body)
        except (ValueError, RecursionError):
            return None
        return value

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


Reply = Answered | Unanswered | Unsent  # what one request comes to


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcedureResult:
    """What a procedure has seen by several requests, in one word and in a sentence."""

    observed: Observed
    detail: str
    requests: int


Outcome = Reply | ProcedureResult


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A probe with its outcome, verdict and reason; every probe has one, also when locked."""

    probe: Probe
    outcome: Outcome
    verdict: Verdict
    reason: Reason
    detail: str
    rule: str | None = None  # the name of what decided it
    answered_by: str | None = None
    confirmed: Outcome | None = None
    waived: Waived | None = None
    change: Change | None = None  # beside an earlier report
    since: str | None = None  # when a run first saw it so


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceReport:
    """What is said of a whole service, once."""

    service: Service
    alive: bool
    blanket: bool
    intermediary: str | None
    said: str | None
    tls_expires: str | None = None  # when its certificate does, where one was shown and verified


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceCoverage:
    """The routes of an application's source beside those that the probes know."""

    folder: str
    known: int
    unprobed: tuple[str, ...]  # unknown to the probes, each with its place in the source
    gone: tuple[str, ...]  # unknown to the source, of the surfaces that must be there


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """What made a run narrower than prober.yaml, or sent it elsewhere."""

    option: str  # as on the command line
    value: str
    given_by: str  # the variable of the environment, or the command line


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A route of which nobody has said whether it is meant to be public."""

    route: str
    answers: str | None  # what an unauthenticated request got, in words; None where it was not asked
    found_in: str


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
    untried: tuple[str, ...]
    notes: tuple[str, ...]
    requests: int
    interrupted: bool = False
    waivers: tuple[WaiverReport, ...] = ()
    baseline: BaselineReport | None = None
    source: SourceCoverage | None = None
    release: str | None = None  # of the application, where it says so
    overrides: tuple[Override, ...] = ()
    questions: tuple[Question, ...] = ()  # of `prober check`, where nobody named what must be refused
