"""Reads `canary:` in prober.yaml: how a deployment is watched. Strict; a flag wins over each key."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from prober.definitions.duration import parse_duration
from prober.definitions.keys.canary import CANARY, CONFIRM, EVERY, KEEP, REMIND

if TYPE_CHECKING:
    from collections.abc import Mapping

    from prober.definitions.keys.table import Range
    from prober.definitions.node import Node

HOW_TO_LISTEN = "write an address of this machine and a port, as in 127.0.0.1:9420"
HOW_TO_NAME = "write the host name that the proxy passes on, as in canary.example.com"
_PLACE = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([0-9.]+|localhost)):([0-9]{1,5})")
_NAME = re.compile(r"(?=.{1,253}\Z)[A-Za-z0-9]([A-Za-z0-9_-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9_-]*[A-Za-z0-9])?)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class CanaryBlock:
    """The values of `canary:`; what it leaves out is None or empty. Durations are in seconds."""

    every: float | None = None
    confirm: int | None = None
    remind: float | None = None
    keep: float | None = None
    listen: str | None = None
    page_token: str | None = None  # where it is stored
    behind_proxy: str | None = None
    alerts: tuple[str, ...] = ()  # where each is stored
    alert_secret: str | None = None
    ping: str | None = None


def parse_canary(node: Node) -> CanaryBlock:
    """Parse the block. A receiver's URL contains a key, so the file names only where the URL is stored."""
    fields = node.fields(CANARY)
    return CanaryBlock(
        every=_duration(fields, "every", EVERY),
        confirm=_confirm(fields["confirm"]) if "confirm" in fields else None,
        remind=_duration(fields, "remind", REMIND),
        keep=_duration(fields, "keep", KEEP),
        listen=_listen(fields["listen"]) if "listen" in fields else None,
        page_token=_secret_source(fields["page-token"], "page-token") if "page-token" in fields else None,
        behind_proxy=_host_name(fields["behind-proxy"]) if "behind-proxy" in fields else None,
        alerts=_alerts(fields["alerts"]) if "alerts" in fields else (),
        alert_secret=_secret_source(fields["alert-secret"], "alert-secret") if "alert-secret" in fields else None,
        ping=_secret_source(fields["ping"], "ping") if "ping" in fields else None,
    )


def place_of(text: str) -> tuple[str, int] | None:
    """Read ADDRESS:PORT, an address of IPv6 in brackets; None for anything else. Port 0 means any free port."""
    match = _PLACE.fullmatch(text)
    if match is None or int(match[3]) > 65_535:  # noqa: PLR2004 - a port has 16 bits
        return None
    host = match[1] or match[2]
    if host == "localhost":
        return "127.0.0.1", int(match[3])
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return None
    return host, int(match[3])


def is_name(text: str) -> bool:
    """Whether the text is a host name or an address, without a port."""
    return _NAME.fullmatch(text) is not None


def _duration(fields: Mapping[str, Node], key: str, within: Range) -> float | None:
    return parse_duration(fields[key], of=f"'{key}'", within=within) if key in fields else None


def _confirm(node: Node) -> int:
    runs = node.integer(of="'confirm'")
    if not CONFIRM.least <= runs <= CONFIRM.most:
        fix = f"write a number of runs from {CONFIRM.least:g} to {CONFIRM.most:g}"
        raise node.wrong(f"'confirm' is {runs}", fix=fix)
    return runs


def _listen(node: Node) -> str:
    listen = node.word(of="'listen'")
    if place_of(listen) is None:
        raise node.wrong(f"'listen' is '{listen}', which is not an address and port", fix=HOW_TO_LISTEN)
    return listen


def _host_name(node: Node) -> str:
    name = node.word(of="'behind-proxy'")
    if not is_name(name):
        raise node.wrong(f"'behind-proxy' is '{name}', which is not a host name", fix=HOW_TO_NAME)
    return name


def _alerts(node: Node) -> tuple[str, ...]:
    sources: list[str] = []
    for entry in node.one_or_more(of="'alerts'"):
        where = _secret_source(entry, "alerts")
        if where in sources:
            raise entry.wrong(f"'{where}' is given twice", fix="remove one of them")
        sources.append(where)
    return tuple(sources)


def _secret_source(node: Node, key: str) -> str:
    where = node.word(of=f"'{key}'")
    kind, _, rest = where.partition(":")
    if kind not in {"env", "file"} or not rest:
        raise node.wrong(
            f"'{key}' must name where the secret is stored", fix="write env:NAME or file:PATH, never the value"
        )
    return where
