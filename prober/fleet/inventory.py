"""The inventory: every deployment of a fleet by its name, with the checks that need all of them. Pure."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from prober.errors import DefinitionError, UsageError, did_you_mean
from prober.judge.secret_shapes import ALWAYS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prober.definitions.fleet import FleetHost
    from prober.model import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One deployment of a fleet, as its worker needs it; of secrets it holds where they are stored."""

    name: str
    source: Source
    labels: tuple[tuple[str, str], ...] = ()
    deployment: str | None = None  # the path of its prober.yaml
    services: tuple[str, ...] = ()  # NAME=URL, in place of those of prober.yaml
    urls: tuple[str, ...] = ()  # every origin that is probed
    profile: str | None = None
    depth: str = "quick"
    hold: tuple[str, ...] = ()  # NAME=SOURCE, by the fleet
    held_by_file: tuple[str, ...] = ()  # those that its prober.yaml names besides
    named: tuple[str, ...] = ()  # the services whose URL the fleet's own file gives
    own_hold: tuple[str, ...] = ()  # those of them that were made with its name


@dataclass(frozen=True, slots=True, kw_only=True)
class Inventory:
    """A fleet with all of its deployments; `chosen` are those that this run is for."""

    fleet: str
    members: tuple[Member, ...]
    chosen: tuple[Member, ...]
    hosts: tuple[FleetHost, ...] = ()
    at_least: int | None = None

    @property
    def sources(self) -> tuple[str, ...]:
        """Where each secret of the whole fleet is stored."""
        return tuple(
            dict.fromkeys(
                entry.partition("=")[2] for member in self.members for entry in (*member.hold, *member.held_by_file)
            )
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Shard:
    """One of several parts of a fleet, counted from 1."""

    number: int = 1
    of: int = 1

    def __contains__(self, name: object) -> bool:
        """Say whether a deployment belongs to this part: by its name alone, so that a new one moves no other."""
        return int.from_bytes(hashlib.sha256(str(name).encode()).digest()[:8]) % self.of == self.number - 1

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"


def parse_shard(text: str) -> Shard:
    """Parse I/N."""
    number, slash, of = text.partition("/")
    if not slash or not number.isdecimal() or not of.isdecimal() or not 1 <= int(number) <= int(of):
        raise UsageError(f"--shard '{text}' is not I/N", fix="write it as in --shard 1/4, from 1/4 to 4/4")
    return Shard(number=int(number), of=int(of))


def check_members(members: Iterable[Member]) -> tuple[Member, ...]:
    """Refuse a name that two deployments have, one variable that two names give, and a secret in a label."""
    by_name: dict[str, Member] = {}
    by_source: dict[str, Member] = {}
    kinds: dict[str, str | None] = {}  # of secret that a label's value is
    for member in members:
        first = by_name.setdefault(member.name, member)
        if first is not member:
            raise _twice(first, member)
        for label, value in member.labels:
            if value not in kinds:  # most deployments share most of their labels
                kinds[value] = next((shape.name for shape in ALWAYS if shape.form.search(value)), None)
            if (kind := kinds[value]) is not None:
                what = f"label '{label}' of '{member.name}' holds {kind}"
                raise DefinitionError(what, fix="remove it: every report shows the labels", source=member.source)
        for entry in member.own_hold:
            where = entry.partition("=")[2]
            other = by_source.setdefault(where, member)
            if other is not member:
                what = f"'{member.name}' and '{other.name}' give the same secret, {where}"
                raise DefinitionError(what, fix="rename one of them", source=member.source)
    return tuple(by_name.values())


def _twice(first: Member, second: Member) -> DefinitionError:
    """Say which two have one name: those of one line by their files or URLs."""
    what = f"two deployments are called '{second.name}'"
    if first.source != second.source:
        what += f" (the first at {first.source})"
        return DefinitionError(what, fix="use different names", source=second.source)
    one, other = (
        member.services[0].partition("=")[2] if member.services else member.deployment for member in (first, second)
    )
    fix = "use different names; with 'files' and 'sd', give 'name:' a label that sets them apart"
    return DefinitionError(f"{what}: {one} and {other}", fix=fix, source=second.source)


def choose(
    members: tuple[Member, ...], *, only: tuple[str, ...] = (), labels: tuple[str, ...] = (), shard: Shard | None = None
) -> tuple[Member, ...]:
    """Choose deployments by their names (globs: any of them), labels (all of them) and part."""
    wanted = [_label(text, members) for text in labels]
    for glob in only:
        if not any(fnmatchcase(member.name, glob) for member in members):
            fix = did_you_mean(glob, (member.name for member in members), otherwise="see 'prober fleet plan'")
            raise UsageError(f"--only '{glob}' matches no deployment", fix=fix)
    return tuple(
        member
        for member in members
        if (not only or any(fnmatchcase(member.name, glob) for glob in only))
        and all(pair in member.labels for pair in wanted)
        and (shard is None or member.name in shard)
    )


def _label(text: str, members: tuple[Member, ...]) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise UsageError(f"--label '{text}' is not NAME=VALUE", fix="write it as in --label env=prod")
    known = Counter(pair for member in members for pair in member.labels)
    if (name, value) not in known:
        fix = did_you_mean(text, (f"{key}={of}" for key, of in known), otherwise="see 'prober fleet plan'")
        raise UsageError(f"--label '{text}' matches no deployment", fix=fix)
    return name, value
