"""What a report holds, as plain values with their keys: the shape of its JSON (design, section 8)."""

from __future__ import annotations

from typing import TypedDict


class FindingRecord(TypedDict):
    """One finding: what was sent, what came back, and what it means."""

    id: str
    route: str
    surface: str
    service: str
    method: str
    path: str
    sent: str
    guard: str
    credential: str
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
    """What is said of a service."""

    url: str
    alive: bool
    blanket: bool
    intermediary: str | None
    said: str | None
    tls_expires: str | None


class ToolRecord(TypedDict):
    """Who made the report."""

    name: str
    version: str


class SourceRecord(TypedDict):
    """The application's source beside the probes: what it has, what no kept probe knows, and what it has no more."""

    folder: str
    known: int
    unknown_to_probes: list[str]
    unknown_to_source: list[str]


class CoverageRecord(TypedDict):
    """How many routes were planned, looked at, and not looked at."""

    routes: int
    probed: int
    skipped: int
    source: SourceRecord | None


class WaiverRecord(TypedDict):
    """A waiver of this run, and what became of it: either `finding` or `surface` says what it is for."""

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
    """The earlier report that this one was compared with, and how many findings differ in which way."""

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
    services: dict[str, ServiceRecord]
    not_served: list[str]
    untried: list[str]
    counts: dict[str, int]
    coverage: CoverageRecord
    waivers: list[WaiverRecord]
    baseline: BaselineRecord | None
    findings: list[FindingRecord]
