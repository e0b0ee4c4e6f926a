"""What a user asks of a command, as typed values. The command line reads its options into these and no others."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeOptions:
    """What to probe, before it is checked against anything. What is not given here comes from prober.yaml."""

    deployment: str | None = None  # the path of a prober.yaml; None: the one of this folder, if there is one
    profile: str | None = None
    env_file: str | None = None
    base_url: str | None = None
    mcp_url: str | None = None
    service: tuple[str, ...] = ()  # NAME=URL
    surface: tuple[str, ...] = ()
    identify: str = "mostly"
    only: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    depth: str | None = None
    allow_effects: tuple[str, ...] = ()
    samples: int = 1
    budget: int | None = None
    require: tuple[str, ...] = ()
    hold: tuple[str, ...] = ()  # NAME=SOURCE
    hold_for: tuple[str, ...] = ()  # origins that may have them
    waivers: str | None = None
    source: str | None = None
    origins: Mapping[str, str] = field(default_factory=dict)  # where each option that was given comes from
    yielding: frozenset[str] = frozenset()  # those of a bare BASE_URL or MCP_URL: the services of prober.yaml win


@dataclass(frozen=True, slots=True, kw_only=True)
class SendOptions:
    """How to send it, and what the run is held to. Times are in seconds."""

    header: tuple[str, ...] = ()  # 'NAME: SOURCE'
    timeout: float = 10.0
    deadline: float = 300.0
    wait: float = 0.0
    attempts: int = 3
    concurrency: int | None = None  # None: as suits the plan
    rate: float | None = None
    cacert: str | None = None
    cert: str | None = None
    key: str | None = None
    proxy: str | None = None
    address: str = "all"  # of a name with several: 'all' or 'first'
    resolve: tuple[str, ...] = ()  # HOST:PORT:ADDR
    ipv4: bool = False
    ipv6: bool = False
    insecure: bool = False
    require_coverage: bool = False
    tolerate: str | None = None
    release: str | None = None
    origins: Mapping[str, str] = field(default_factory=dict)  # where each option that was given comes from


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputOptions:
    """What becomes of the report."""

    baseline: str | None = None
    fail_on: str = "any"
    format_: str = "table"
    report: tuple[str, ...] = ()  # FORMAT=PATH
    verbose: bool = False
    quiet: bool = False
    no_color: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchOptions:
    """How the canary watches, whom it alerts and where its page is. Times are in seconds."""

    history: str
    every: float = 300.0
    confirm: int = 2
    remind: float = 6 * 3_600.0
    keep: float = 90 * 86_400.0
    once: bool = False
    alert: tuple[str, ...] = field(default=(), repr=False)  # may be URLs with a key in them
    alert_secret: str | None = None
    ping: str | None = field(default=None, repr=False)
    listen: str | None = None
    page_token: str | None = None
    behind_proxy: str | None = None
    report: tuple[str, ...] = ()
    verbose: bool = False
