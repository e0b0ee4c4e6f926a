"""Reads a fleet: the deployments that are listed in it, and where more of them are listed. Strict; no network."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from prober.definitions.deployment import parse_hold
from prober.definitions.keys.fleet import AT_LEAST, FLEET, FLEET_DEFAULTS, FLEET_ENTRY, FLEET_EXPECT, FLEET_HOST, RATE
from prober.definitions.service_origins import parse_services
from prober.model import Depth

if TYPE_CHECKING:
    from collections.abc import Mapping

    from prober.definitions.node import Node
    from prober.model import Source

LONGEST_NAME = 200  # letters: a file of that name, `NAME.json.gz`, must be possible everywhere
NAME = re.compile(rf"(?=.{{1,{LONGEST_NAME}}}\Z)[a-z0-9]+([.-][a-z0-9]+)*")
HOW_TO_NAME = f"use small letters, digits, '-' and '.', as in shop-prod, at most {LONGEST_NAME}"
_LABEL = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetDefaults:
    """What holds for each deployment that does not say otherwise."""

    deployment: str | None = None
    profile: str | None = None
    depth: Depth | None = None
    hold: tuple[str, ...] = ()  # NAME=SOURCE


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetHost:
    """What hosts with such a name have in common; `rate` is requests a second."""

    match: str
    together: str | None = None
    rate: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetEntry:
    """One entry: a deployment, or where several are listed (`files` or `sd`)."""

    source: Source
    name: str | None = None
    services: tuple[tuple[str, str], ...] = ()
    deployment: str | None = None
    profile: str | None = None
    depth: Depth | None = None
    hold: tuple[str, ...] = ()
    labels: tuple[tuple[str, str], ...] = ()
    files: str | None = None
    sd: str | None = None
    service: str = "web"


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetFile:
    """The values of a fleet; what it leaves out is empty or None."""

    name: str
    entries: tuple[FleetEntry, ...]
    defaults: FleetDefaults
    hosts: tuple[FleetHost, ...] = ()
    at_least: int | None = None


def parse_fleet(root: Node) -> FleetFile:
    """Parse a fleet; what `files` and `sd` name is not read here."""
    fields = root.fields(FLEET)
    return FleetFile(
        name=_name(fields["fleet"], of="'fleet'"),
        entries=tuple(_entry(node) for node in fields["deployments"].items(of="'deployments'")),
        defaults=_defaults(fields["defaults"]) if "defaults" in fields else FleetDefaults(),
        hosts=tuple(_host(node) for node in fields["hosts"].items(of="'hosts'")) if "hosts" in fields else (),
        at_least=_at_least(fields["expect"]) if "expect" in fields else None,
    )


def _name(node: Node, *, of: str) -> str:
    name = node.word(of=of)
    if not NAME.fullmatch(name):
        raise node.wrong(f"{of}: '{name}' is not a name", fix=HOW_TO_NAME)
    return name


def _defaults(node: Node) -> FleetDefaults:
    fields = node.fields(FLEET_DEFAULTS)
    return FleetDefaults(
        deployment=_text(fields, "deployment"), profile=_text(fields, "profile"), depth=_depth(fields),
        hold=parse_hold(fields["hold"]) if "hold" in fields else (),
    )  # fmt: skip


def _host(node: Node) -> FleetHost:
    fields = node.fields(FLEET_HOST)
    if "together" not in fields and "rate" not in fields:
        raise node.wrong("an entry of 'hosts' has neither 'together' nor 'rate'", fix="add one of them")
    rate = fields["rate"].json() if "rate" in fields else None
    number = float(rate) if isinstance(rate, (int, float)) and not isinstance(rate, bool) else None
    if "rate" in fields and (number is None or not RATE.least <= number <= RATE.most):
        shown, fix = fields["rate"].shown, f"write requests a second, from {RATE.least:g} to {RATE.most:,.0f}"
        raise fields["rate"].wrong(f"'rate' is {shown}", fix=fix)
    return FleetHost(
        match=fields["match"].word(of="'match'").lower(),
        together=_name(fields["together"], of="'together'") if "together" in fields else None,
        rate=number,
    )


def _entry(node: Node) -> FleetEntry:
    fields = node.fields(FLEET_ENTRY)
    _check_kind(node, fields)
    return FleetEntry(
        source=node.source,
        name=_entry_name(fields),
        services=parse_services(fields["services"]) if "services" in fields else (),
        deployment=_text(fields, "deployment"),
        profile=_text(fields, "profile"),
        depth=_depth(fields),
        hold=parse_hold(fields["hold"]) if "hold" in fields else (),
        labels=_labels(fields["labels"]) if "labels" in fields else (),
        files=_text(fields, "files"),
        sd=_text(fields, "sd"),
        service=_name(fields["service"], of="'service'") if "service" in fields else "web",
    )


def _check_kind(node: Node, fields: Mapping[str, Node]) -> None:
    """Refuse an entry that is none of the three kinds, or two of them at once."""
    kind = "sd" if "sd" in fields else "files" if "files" in fields else None
    excluded = {"sd": ("files", "services"), "files": ("services", "deployment", "service"), None: ("service",)}[kind]
    for key in excluded:
        if key in fields:
            beside = f"with '{kind}'" if kind else "without 'sd'"
            raise fields[key].wrong(f"'{key}' has no meaning {beside}", fix=f"remove '{key}', or make it another entry")
    if kind is None and "name" not in fields:
        raise node.wrong("a deployment has no 'name'", fix="add 'name:', or list deployments by 'files:' or 'sd:'")
    if kind is None and "services" not in fields and "deployment" not in fields:
        raise node.wrong("a deployment has neither 'services' nor 'deployment'", fix="add one of them")


def _entry_name(fields: Mapping[str, Node]) -> str | None:
    if "name" not in fields:
        return None
    is_template = "files" in fields or "sd" in fields
    return fields["name"].word(of="'name'") if is_template else _name(fields["name"], of="'name'")


def _labels(node: Node) -> tuple[tuple[str, str], ...]:
    labels: list[tuple[str, str]] = []
    for name, value in node.pairs(of="'labels'"):
        if not _LABEL.fullmatch(name):
            raise value.wrong(f"'{name}' is not a label name", fix="use letters, digits and '_', as in env")
        labels.append((name, value.word(of=f"label '{name}'")))
    return tuple(labels)


def _at_least(node: Node) -> int:
    value = node.fields(FLEET_EXPECT)["at-least"]
    number = value.integer(of="'at-least'")
    if not AT_LEAST.least <= number <= AT_LEAST.most:
        raise value.wrong(
            f"'at-least' is {number}", fix=f"write a number from {AT_LEAST.least:g} to {AT_LEAST.most:,.0f}"
        )
    return number


def _depth(fields: Mapping[str, Node]) -> Depth | None:
    return Depth(fields["depth"].name(list(Depth), of="'depth'", kind="a depth")) if "depth" in fields else None


def _text(fields: Mapping[str, Node], key: str) -> str | None:
    return fields[key].word(of=f"'{key}'") if key in fields else None
