"""The values of an audit: rules, what broke them, and an environment as its readers see it. Frozen; decides nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from prober.model.source import Source


class Severity(StrEnum):
    """What a broken rule means for a release; worst first."""

    LEAK = "leak"  # it must not go out
    DRIFT = "drift"  # it is wrong, and not open by that alone
    UNPROVEN = "unproven"  # it cannot be told from here
    NOTE = "note"  # somebody should know; the exit status stays


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Something that must not be; `facts` are the numbers of the source documents' facts, as in docs/coverage.md."""

    id: str
    severity: Severity
    title: str
    why: str
    fix: str
    source: str
    facts: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFinding:
    """A rule that is broken, and where. `what` never holds a value."""

    rule: Rule
    what: str
    source: Source
    flow: tuple[tuple[str, Source], ...] = ()  # of a handler: its guards, what is reached, and how it ends


class Reader(StrEnum):
    """Who reads an environment file, each by a grammar of its own."""

    BASH = "bash"
    COMPOSE = "docker compose"
    NEXT = "@next/env"


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One NAME=VALUE, as its first reader reads it.

    A value of None comes from elsewhere. `plain` is what `prober run --env-file` takes it for. In `readings` None is:
    this reader does not set it. `fallback` is what the file itself gives where nobody else does.
    """

    name: str
    value: str | None
    source: Source
    plain: str | None = None
    readings: Mapping[Reader, str | None] = field(default_factory=dict)
    fallback: str | None = None
    literal: bool = True  # the value stands in this very file


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFacts:
    """What the file system says of a file; a link is looked through, and its own folder is told beside.

    `mode` is None where the system has no such thing; `tracked` where git could not be asked.
    """

    file: str
    private: bool = True  # it holds the environment of one deployment, and nobody else's business
    mode: int | None = None
    owner: int | None = None
    owners: frozenset[int] = frozenset()  # who may own it
    open_folders: tuple[str, ...] = ()  # those of its folders that somebody else may write to
    leads_to: str | None = None  # where a link out of its folder leads
    tracked: bool | None = False
    rclone_plain: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """What an environment does not say of itself, and so nobody can judge from here."""

    what: str
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """What one deployment, or one of its services, is given; later settings win over earlier ones."""

    name: str
    settings: tuple[Setting, ...] = ()
    paths: tuple[str, ...] = ()  # of the files that are this deployment's own
    shared: tuple[str, ...] = ()  # of those that may be anybody's to read
    files: tuple[FileFacts, ...] = ()
    gaps: tuple[Gap, ...] = ()
    production: str | None = None  # why it is held to be one, when somebody said so
    replicas: tuple[int, Source] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """A socket that takes connections, and the name of its process where this user may see it."""

    address: str
    port: int
    process: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditReport:
    """The record of an audit of an environment, or of the ports."""

    audit: str
    rules: int
    breaches: tuple[AuditFinding, ...]
    looked_at: tuple[tuple[str, str], ...]  # what, and what it is seen to be
    verdict: str
    exit_status: int
