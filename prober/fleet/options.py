"""What a user asks of `prober fleet`, as typed values."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceOptions:
    """Which deployments of which fleet."""

    fleet: str  # the path of its file
    only: tuple[str, ...] = ()
    label: tuple[str, ...] = ()  # NAME=VALUE
    shard: str | None = None  # I/N
    hold_for: tuple[str, ...] = ()  # origins that may have secrets


@dataclass(frozen=True, slots=True, kw_only=True)
class PaceOptions:
    """How many at a time, where, and how fast. Rates are requests a second."""

    at_once: int = 32
    processes: int | None = None  # None: one a core
    host_rate: float | None = None
    total_rate: float | None = None
    cluster: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepOptions:
    """What is kept of a run, and what it goes on with."""

    journal: str | None = None
    resume: bool = False
    again: tuple[str, ...] = ()
    records: str | None = None
    report: tuple[str, ...] = ()  # FORMAT=PATH
    format_: str = "table"
    quiet: bool = False
    no_color: bool = False
