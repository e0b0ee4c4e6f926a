"""`canary:` in prober.yaml: how a deployment is watched. Strict; the command line overrules every word of it."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from prober.definitions.duration import DAY, parse_duration

if TYPE_CHECKING:
    from collections.abc import Mapping

    from prober.definitions.node import Node

MOST_CONFIRM = 100
LEAST_EVERY, MOST_EVERY = 1.0, DAY
LEAST_REMIND, MOST_REMIND = 1.0, 365 * DAY
LEAST_KEEP, MOST_KEEP = 3_600.0, 3_650 * DAY
HOW_TO_LISTEN = "write an address of this machine and a port, as in 127.0.0.1:9420"
HOW_TO_NAME = "write the name that the proxy passes on as the host, as in canary.example.com"
_KEYS = (
    "every",
    "confirm",
    "remind",
    "keep",
    "listen",
    "page-token",
    "behind-proxy",
    "alerts",
    "alert-secret",
    "ping",
)
_PLACE = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([0-9.]+|localhost)):([0-9]{1,5})")
_NAME = re.compile(r"(?=.{1,253}\Z)[A-Za-z0-9]([A-Za-z0-9_-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9_-]*[A-Za-z0-9])?)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class CanaryBlock:
    """What it says; what it leaves out is None or empty. Lengths of time are in seconds."""

    every: float | None = None
    confirm: int | None = None
    remind: float | None = None
    keep: float | None = None
    listen: str | None = None
    page_token: str | None = None  # where it is kept
    behind_proxy: str | None = None
    alerts: tuple[str, ...] = ()  # where each is kept
    alert_secret: str | None = None
    ping: str | None = None


def parse_canary(node: Node) -> CanaryBlock:
    """Parse the block; a URL of a receiver has a key in it, so that only its place is written here."""
    fields = node.fields(_KEYS, of="'canary'")
    return CanaryBlock(
        every=_duration(fields, "every", least=LEAST_EVERY, most=MOST_EVERY),
        confirm=_confirm(fields["confirm"]) if "confirm" in fields else None,
        remind=_duration(fields, "remind", least=LEAST_REMIND, most=MOST_REMIND, none_too=True),
        keep=_duration(fields, "keep", least=LEAST_KEEP, most=MOST_KEEP),
        listen=_listen(fields["listen"]) if "listen" in fields else None,
        page_token=_kept(fields["page-token"], "page-token") if "page-token" in fields else None,
        behind_proxy=_named(fields["behind-proxy"]) if "behind-proxy" in fields else None,
        alerts=_alerts(fields["alerts"]) if "alerts" in fields else (),
        alert_secret=_kept(fields["alert-secret"], "alert-secret") if "alert-secret" in fields else None,
        ping=_kept(fields["ping"], "ping") if "ping" in fields else None,
    )


def place_of(said: str) -> tuple[str, int] | None:
    """Read ADDRESS:PORT, an address of IPv6 in brackets; None where it is none. Port 0 is any that is free."""
    found = _PLACE.fullmatch(said)
    if found is None or int(found[3]) > 65_535:  # noqa: PLR2004 - a port has 16 bits
        return None
    host = found[1] or found[2]
    if host == "localhost":
        return "127.0.0.1", int(found[3])
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return None
    return host, int(found[3])


def is_name(said: str) -> bool:
    """Say whether it is a host's name or address, without a port."""
    return _NAME.fullmatch(said) is not None


def _duration(
    fields: Mapping[str, Node], key: str, *, least: float, most: float, none_too: bool = False
) -> float | None:
    if key not in fields:
        return None
    return parse_duration(fields[key], of=f"'{key}'", least=least, most=most, none_too=none_too)


def _confirm(node: Node) -> int:
    runs = node.integer(of="'confirm'")
    if not 1 <= runs <= MOST_CONFIRM:
        raise node.wrong(f"'confirm' is {runs}", fix=f"write a number of runs from 1 to {MOST_CONFIRM}")
    return runs


def _listen(node: Node) -> str:
    said = node.word(of="'listen'")
    if place_of(said) is None:
        raise node.wrong(f"'listen' is '{said}', which is no address and port", fix=HOW_TO_LISTEN)
    return said


def _named(node: Node) -> str:
    said = node.word(of="'behind-proxy'")
    if not is_name(said):
        raise node.wrong(f"'behind-proxy' is '{said}', which is no host's name", fix=HOW_TO_NAME)
    return said


def _alerts(node: Node) -> tuple[str, ...]:
    said: list[str] = []
    for entry in node.one_or_more(of="'alerts'"):
        where = _kept(entry, "alerts")
        if where in said:
            raise entry.wrong(f"'{where}' is given twice", fix="remove one of them")
        said.append(where)
    return tuple(said)


def _kept(node: Node, key: str) -> str:
    where = node.word(of=f"'{key}'")
    kind, _, rest = where.partition(":")
    if kind not in {"env", "file"} or not rest:
        raise node.wrong(f"'{key}' does not say where it is kept", fix="write env:NAME or file:PATH, never the value")
    return where
