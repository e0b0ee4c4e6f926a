"""The shape of the JSON report, as typed dictionaries."""

from __future__ import annotations

from typing import NotRequired, TypedDict


class FindingRecord(TypedDict):
    """One finding: what was sent, what was expected, and what came back."""

    id: str
    route: str
    surface: str
    service: str
    method: str
    path: str
    sent: str
    guard: str
    weight: NotRequired[str]  # a report of an earlier version has none
    credential: str
    held: NotRequired[bool]  # the same
    variant: str | None
    promised: str | None
    verdict: str
    reason: str
    rule: str | None
    detail: str
    status: int | None
    location: str | None
    answered_by: str | None
    attempts: int
    elapsed_ms: int | None
    confirmed: str | None
    change: str | None
    since: str | None
    waiver: str | None
    waived: str | None
    source: str
    promise_source: str
    why: str
    fix: str
    curl: str


class ServiceRecord(TypedDict):
    """One service; `said` is the sentence of a service that failed as a whole."""

    url: str
    alive: bool
    blanket: bool
    intermediary: str | None
    said: str | None
    tls_expires: str | None


class ToolRecord(TypedDict):
    """The tool that wrote the report."""

    name: str
    version: str


class SourceRecord(TypedDict):
    """The routes of the application's source, compared with those of the probes."""

    folder: str
    known: int
    unknown_to_probes: list[str]
    unknown_to_source: list[str]


class CoverageRecord(TypedDict):
    """How many routes were planned, probed, and skipped."""

    routes: int
    probed: int
    skipped: int
    source: SourceRecord | None


class WaiverRecord(TypedDict):
    """A waiver of this run, and its state: either `finding` or `surface` names what it waives."""

    finding: str | None
    surface: str | None
    reason: str
    owner: str
    expires: str
    state: str
    probes: int
    waived: int
    source: str


class BaselineRecord(TypedDict):
    """The earlier report that this one was compared with, and the number of findings by kind of change."""

    run: str
    started_at: str
    profile: str
    depth: str
    fail_on: str
    known: int
    opened: int
    closed: int
    changed: int
    new: int
    gone: int


class OverrideRecord(TypedDict):
    """What made the run narrower than prober.yaml, or sent it elsewhere: an option, and where it was given."""

    option: str
    value: str
    given_by: str


class QuestionRecord(TypedDict):
    """A route of which nobody has said whether it is meant to be public; `answers` is null where it was not asked."""

    route: str
    answers: str | None
    found_in: str


class Record(TypedDict):
    """The whole report."""

    schema: int
    tool: ToolRecord
    run: str
    started_at: str
    elapsed_ms: int
    verdict: str
    exit_status: int
    interrupted: bool
    profile: str
    observed_mode: str | None
    release: str | None
    depth: str
    requests: int
    notes: list[str]
    overrides: list[OverrideRecord]
    services: dict[str, ServiceRecord]
    not_served: list[str]
    untried: list[str]
    counts: dict[str, int]
    coverage: CoverageRecord
    waivers: list[WaiverRecord]
    baseline: BaselineRecord | None
    questions: list[QuestionRecord]
    findings: list[FindingRecord]
